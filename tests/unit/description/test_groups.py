"""The same sound, struck again, joins its group; another sound does not."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio.resampling import resample
from deep_plunder.description.groups import SAME, Waveform, choose_best, find_groups, waveform
from deep_plunder.description.similarity import similarity
from deep_plunder.util.rng import generator

RATE = 44100


def drum(seed: int, *, seconds: float = 0.4) -> np.ndarray:
    """Return a struck sound: two falling tones and a burst of noise, all drawn."""
    random = generator(seed, "drum")
    times = np.arange(round(seconds * RATE)) / RATE
    sound = random.uniform(0.1, 0.5) * random.normal(size=len(times)) * np.exp(-40 * times)
    for _ in range(2):
        low, high = sorted(random.uniform(60, 1500, 2))
        phase = 2 * np.pi * (low * times - (high - low) / 30 * np.exp(-30 * times))
        sound += np.exp(-random.uniform(4, 20) * times) * np.sin(phase)
    return (0.2 * sound / np.abs(sound).max()).astype(np.float32)[:, np.newaxis]


def alike(one: Waveform, other: Waveform) -> float:
    return similarity(one.samples, other.samples)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 500),
    gain_db=st.floats(-30, 12),
    seconds=st.floats(0.08, 0.4),
    late_s=st.floats(0, 0.01),
    pan=st.floats(0.1, 1),
    rate=st.sampled_from([22050, 44100, 48000]),
)
def test_level_length_start_pan_and_rate_do_not_matter(
    seed: int, gain_db: float, seconds: float, late_s: float, pan: float, rate: int
) -> None:
    whole = drum(seed)
    cut = whole[round(late_s * RATE) : round((late_s + seconds) * RATE)] * 10 ** (gain_db / 20)
    other = resample(np.hstack([cut, pan * cut]).astype(np.float32), RATE, rate)
    clips = [waveform(whole, RATE), waveform(other, rate), waveform(drum(seed + 1000), RATE)]
    assert alike(clips[0], clips[1]) == pytest.approx(alike(clips[1], clips[0]), abs=1e-6)
    assert find_groups(clips) == [1, 1, 2]


def test_another_note_and_another_sound_are_other_groups() -> None:
    sounds = [drum(seed) for seed in range(40)]
    notes = [resample(sound, RATE, RATE / 2 ** (1 / 12)) for sound in sounds]
    groups = find_groups([waveform(sound, RATE) for sound in [*sounds, *notes]])
    assert groups == list(range(1, 81))


def test_groups_do_not_depend_on_the_order() -> None:
    random = generator(3, "order")
    kinds = [number % 12 for number in range(60)]
    clips = [
        waveform(
            random.uniform(0.1, 1) * drum(kind)[: random.integers(5000, 17000)]
            + random.normal(0, 1e-4, (1, 1)),
            RATE,
        )
        for kind in kinds
    ]
    order = random.permutation(60).tolist()
    groups = find_groups([clips[place] for place in order])
    same = {(kinds[one], group) for one, group in zip(order, groups, strict=True)}
    assert len(same) == len(set(groups)) == 12
    firsts = [groups.index(group) for group in range(1, 13)]
    assert firsts == sorted(firsts)


def test_a_chain_of_small_steps_is_not_one_group() -> None:
    times = np.arange(round(0.3 * RATE)) / RATE
    tones = [np.sin(2 * np.pi * hertz * times) for hertz in np.arange(400, 460, 0.5)]
    clips = [waveform(tone.astype(np.float32)[:, np.newaxis], RATE) for tone in tones]
    assert all(alike(one, two) > SAME for one, two in pairwise(clips))
    assert alike(clips[0], clips[-1]) < 0.5
    assert len(set(find_groups(clips))) > 5


def test_silence_and_fragments_have_no_equal() -> None:
    parts = [np.zeros((4410, 2)), np.zeros((4410, 2)), np.zeros((1, 1)), drum(1)[:400], drum(1)]
    groups = find_groups([waveform(part.astype(np.float32), RATE) for part in parts])
    assert groups == [1, 2, 3, 4, 5]
    assert find_groups([]) == []


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 1), st.floats(0.01, 3)), max_size=20))
def test_one_clip_of_each_group_is_best(rows: list[tuple[int, float, float]]) -> None:
    groups, scores, lengths = ([row[place] for row in rows] for place in range(3))
    levels = [-20.0] * len(rows)
    best = choose_best(groups, scores=scores, lengths_s=lengths, levels_db=levels)
    chosen = [row for row, is_best in zip(rows, best, strict=True) if is_best]
    assert sorted(row[0] for row in chosen) == sorted(set(groups))
    for group, score, length in chosen:
        rivals = [row for row in rows if row[0] == group and row[1] >= score]
        assert score >= max(row[1] for row in rows if row[0] == group) - 0.1
        assert length >= max(row[2] for row in rivals) - 0.01
