"""Choices as training examples: where they are labelled, and how often they come up."""

import numpy as np
import pytest

from deep_plunder.audio import writing
from deep_plunder.corpus.chosen import Choice
from deep_plunder.dataset.choices import choice_labels, choice_parts, write_choices
from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import write_shard
from deep_plunder.dataset.with_choices import WithChoices
from deep_plunder.errors import InputError
from deep_plunder.features.log_mel import features_from_audio
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.truth.labels import FRAME, IGNORED, ISOLATION, ISOLATION_UNKNOWN, ONSET
from deep_plunder.util.rng import generator

SPEC = FeatureSpec(mel_bands=16)
DETAILED = FeatureSpec(hop=256, short_bands=80)
RATE = 16000


def choice(onset_s, offset_s, accepted, path="tide.wav"):
    return Choice(path, onset_s, offset_s, accepted, "choices.json")


def test_only_judged_frames_have_labels():
    spans = [choice(1.0, 1.5, 1), choice(2.0, 2.5, 0)]
    labels = choice_labels(spans, start_s=0.5, frames=200, spec=DETAILED)
    rate = DETAILED.frame_rate
    accepted = slice(round(0.5 * rate), round(1.0 * rate))
    rejected = slice(round(1.5 * rate), round(2.0 * rate))
    assert (labels[accepted, FRAME] == 1).all() and (labels[rejected, FRAME] == 0).all()
    assert np.flatnonzero(labels[:, ONSET] == 1).tolist() == [accepted.start]
    assert (labels[rejected.start - 3 : rejected.stop, ONSET] == 0).all()
    judged = accepted.stop - accepted.start + rejected.stop - rejected.start
    assert (labels[:, FRAME] == IGNORED).sum() == 200 - judged
    assert (labels[:, ISOLATION] == ISOLATION_UNKNOWN).all()


def test_an_accepted_region_counts_within_a_rejected_one():
    labels = choice_labels([choice(0, 2, 0), choice(0.5, 1, 1)], start_s=0, frames=62, spec=SPEC)
    assert labels[[5, 20, 40], FRAME].tolist() == [0, 1, 0]
    assert labels.shape == (62, 3)


def test_every_choice_is_in_one_part_that_holds_its_region():
    random = generator(1, "choices")
    spans = sorted(
        (float(onset), float(onset + random.uniform(0.1, 3)), path)
        for path in ("a.wav", "b.wav")
        for onset in random.uniform(0, 300, 40)
    )
    rows = sorted((choice(on, off, 1, path) for on, off, path in spans), key=lambda c: c.path)
    parts = choice_parts(rows, duration_s=20)
    assert [row for _, held in parts for row in held] == rows
    for start_s, held in parts:
        assert len({row.path for row in held}) == 1
        assert all(start_s <= row.onset_s and row.offset_s <= start_s + 20 for row in held)


@pytest.mark.parametrize("spec", [SPEC, DETAILED])
def test_the_features_are_those_of_the_song(tmp_path, spec):
    song = generator(1, "song").normal(0, 0.1, (9 * RATE, 2)).astype(np.float32)
    path = tmp_path / "tide.wav"
    writing.write(path, song, RATE, subtype="FLOAT")
    rows = [choice(3.0, 3.5, 0, str(path)), choice(8.0, 8.5, 1, str(path))]
    write_choices(tmp_path / "c.npy", rows, duration_s=4, spec=spec)
    shard = ShardSet([tmp_path / "c.npy"])
    features, labels = shard.batch([0, 1])
    whole = features_from_audio(song[2 * RATE : 6 * RATE], RATE, spec)
    assert np.array_equal(features[0], whole[: shard.frames])
    # The second part begins at 7 s and reaches beyond the song, where nothing is judged.
    assert (labels[1, round(2 * spec.frame_rate) :, FRAME] == IGNORED).all()
    assert (labels[1, :, ONSET] == 1).sum() == 1 and (labels[0, :, ONSET] == 1).sum() == 0


def shard(path, count, *, judged=None):
    def items():
        for number in range(count):
            labels = np.full((300, 3), 0 if judged is None else IGNORED, np.uint8)
            if judged is not None:
                labels[judged[number] : judged[number] + 5, :] = 0
                labels[judged[number], ONSET] = 1
            yield np.full((300, 16), number, np.float32), labels

    write_shard(path, items(), count=count, frames=300, spec=SPEC)
    return ShardSet([path])


def test_parts_come_up_by_their_share_and_hold_a_choice(tmp_path):
    mixes = shard(tmp_path / "mixes.npy", 90)
    parts = shard(tmp_path / "parts.npy", 2, judged=[10, 280])
    items = WithChoices(mixes, parts, share=0.1)
    assert len(items) == 100
    every = np.arange(len(items))[::-1]
    features, labels = items.batch(every, starts=np.full(100, 100), frames=50)
    is_part = (labels[:, :, FRAME] == IGNORED).any(axis=1)
    assert is_part.tolist() == [index >= 90 for index in every]
    assert (labels[is_part][:, :, FRAME] != IGNORED).any(axis=1).all()
    assert features[::-1][:90, 0, 0].tolist() == list(range(90))
    assert features[is_part][:, 0, 0].tolist() == [1, 0] * 5
    assert items.onsets(0).tolist() == [] and items.onsets(99).tolist() == [280]
    # Parts that hold a choice stay where they were drawn.
    _, kept = items.batch([90], starts=[0], frames=50)
    assert kept[0, 10, ONSET] == 1


def test_choices_of_another_length_are_refused(tmp_path):
    mixes = shard(tmp_path / "mixes.npy", 2)
    write_shard(
        tmp_path / "parts.npy",
        [(np.zeros((7, 16), np.float32), np.zeros((7, 3), np.uint8))],
        count=1, frames=7, spec=SPEC,
    )  # fmt: skip
    with pytest.raises(InputError, match="300 frames"):
        WithChoices(mixes, ShardSet([tmp_path / "parts.npy"]), share=0.5)
