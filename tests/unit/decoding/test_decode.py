"""A model's own decoder is used where it brings one, the paper's walk elsewhere."""

import dataclasses
import itertools
import json

import numpy as np
import pytest
import soundfile

from deep_plunder.decoding import calibration
from deep_plunder.decoding.decode import EVERYTHING, Overrides, decode
from deep_plunder.decoding.paper import walk_clips
from deep_plunder.decoding.settings import Calibration, Decoder, DetectionSpec
from deep_plunder.errors import InputError
from deep_plunder.extraction.song import extract_song
from deep_plunder.models.detect import detect_song
from deep_plunder.models.inference import predict_song
from deep_plunder.util.rng import generator
from tests.unit.extraction.test_song import BURSTS, LoudIsSound, write_song

HOP = 0.016
DECODER = Decoder(
    spec=DetectionSpec(),
    calibration=Calibration((0.05, 0.3), (0.2, 0.7)),
    min_score=0.4,
    fitted_on="bench: 3 songs",
)


def noisy(frames=2000, columns=4):
    random = generator(11, "outputs")
    outputs = random.random((frames, columns)) ** 3
    smooth = np.convolve(random.random(frames), np.ones(8) / 8, "same")
    outputs[:, 2] = np.clip(3 * (smooth - 0.4), 0, 1)
    return outputs.astype(np.float32)


def test_without_a_decoder_the_papers_walk_is_taken():
    outputs = noisy()
    expected = walk_clips(outputs[:, :3], hop_s=HOP)
    assert len(expected) > 10
    assert decode(outputs, decoder=None, hop_s=HOP) == expected
    asked = Overrides(onset_threshold=0.5, frame_threshold=0.3, min_duration_s=0.1, min_score=0.6)
    found = decode(outputs, decoder=None, hop_s=HOP, settings=asked)
    assert found == [
        clip
        for clip in walk_clips(
            outputs[:, :3], hop_s=HOP, onset_threshold=0.5, frame_threshold=0.3, min_duration_s=0.1
        )
        if clip.score >= 0.6
    ]


def test_with_a_decoder_scores_are_probabilities_and_the_likely_are_kept():
    outputs = noisy()
    everything = decode(outputs, decoder=DECODER, hop_s=HOP, settings=EVERYTHING)
    likely = decode(outputs, decoder=DECODER, hop_s=HOP)
    assert 0 < len(likely) < len(everything)
    assert likely == [clip for clip in everything if clip.score >= 0.4]
    assert all(0 <= clip.score < 1 for clip in everything)
    for before, after in itertools.pairwise(everything):
        assert before.offset_s <= after.onset_s + 1e-9


@pytest.mark.parametrize("columns", [3, 4])
def test_what_a_user_asks_for_is_laid_over_the_model(columns):
    outputs = noisy(columns=columns)
    few = Overrides(onset_threshold=0.6, min_score=0)
    assert len(decode(outputs, decoder=DECODER, hop_s=HOP, settings=few)) < len(
        decode(outputs, decoder=DECODER, hop_s=HOP, settings=EVERYTHING)
    )
    for threshold in (0.0, 0.5, 1.0):
        asked = Overrides(frame_threshold=threshold, min_duration_s=0.2, min_score=0)
        for clip in decode(outputs, decoder=DECODER, hop_s=HOP, settings=asked):
            span = outputs[round(clip.onset_s / HOP) : int(clip.offset_s / HOP), 2]
            assert span[4:].min() >= threshold
            assert clip.offset_s - clip.onset_s >= 0.2 - 1e-6


def test_a_song_is_found_with_its_edges_on_the_recording(tmp_path):
    path = write_song(tmp_path / "song.wav")
    model = LoudIsSound(decoder=DECODER)
    clips = detect_song(model, path, settings=EVERYTHING)
    rough = detect_song(dataclasses.replace(model, decoder=None), path)
    assert len(clips) == len(rough) == len(BURSTS)
    for clip, (onset, _) in zip(clips, BURSTS, strict=True):
        # The paper's frames are 32 ms and hear 128 ms from their beginning on.
        assert onset - 0.13 <= clip.onset_s <= onset + 0.05
    regions = extract_song(model, path, tmp_path / "out", min_score=0, picture=True)
    assert [region.score for region in regions] == [clip.score for clip in clips]
    assert extract_song(model, path, tmp_path / "out", min_score=1, picture=False) == []


def test_what_a_model_does_not_hear_is_no_clip(tmp_path):
    path = write_song(tmp_path / "song.wav")
    samples, rate = soundfile.read(path, always_2d=True)
    # 9 Hz, louder than all else in the second half.
    half = len(samples) // 2
    rumble = 0.8 * np.sin(2 * np.pi * 9 * np.arange(len(samples)) / rate)
    rumble[:half] = 0
    soundfile.write(path, 0.2 * samples + rumble[:, None], rate)
    model = LoudIsSound(decoder=DECODER)
    outputs = predict_song(model, path)

    def late(clips):
        return sum(clip.onset_s * rate >= half for clip in clips)

    heard = decode(
        outputs,
        decoder=DECODER,
        hop_s=model.spec.hop_s,
        settings=EVERYTHING,
        recording=path,
    )
    left = detect_song(model, path, settings=EVERYTHING)
    assert late(heard) > 0
    assert late(left) == 0
    assert len(left) == len(heard) - late(heard) > 0
    assert len(extract_song(model, path, tmp_path / "out", min_score=0, picture=False)) == len(left)


def test_a_decoder_survives_its_card():
    card = json.loads(json.dumps(DECODER.to_card()))
    assert Decoder.from_card(card) == DECODER
    raw = [0.0, 0.1, 0.2, 5.0]
    np.testing.assert_array_equal(
        calibration.apply(Decoder.from_card(card).calibration, raw),
        calibration.apply(DECODER.calibration, raw),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spec": {"onset": 2}}, r"onset: must be a number in 0\.\.1, got 2"),
        ({"spec": {"onsets": 0.2}}, "unexpected keyword argument 'onsets'"),
        ({"spec": None}, "mapping"),
        ({"calibration": {}}, "lacks 'scores'"),
        ({"calibration": {"scores": [1], "probabilities": ["x"]}}, "probabilities: must be"),
        ({"calibration": {"scores": 1, "probabilities": [0.5]}}, "not iterable"),
        ({"min_score": 1.5}, r"min_score: must be a number in 0\.\.1, got 1\.5"),
        ({"min_score": "x"}, "not supported"),
    ],
)
def test_a_card_that_says_something_else_is_refused(change, message):
    with pytest.raises(InputError, match=message) as caught:
        Decoder.from_card(DECODER.to_card() | change)
    assert "\n" not in str(caught.value)
    for card in (None, [], "text", {}):
        with pytest.raises(InputError):
            Decoder.from_card(card)


@pytest.mark.parametrize("name", ["onset_threshold", "frame_threshold", "min_score"])
def test_settings_out_of_bounds_are_refused(name):
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match=rf"{name}: must be a number in 0\.\.1, got"):
            Overrides(**{name: value})
    with pytest.raises(InputError, match="min_duration_s: must be a number of at least 0, got"):
        Overrides(min_duration_s=float("inf"))
