"""Clips of a song are described from the song's samples."""

from pathlib import Path

import numpy as np
import soundfile

from deep_plunder.audio import reading
from deep_plunder.description.describe import LONGEST_S, describe, describe_clips
from deep_plunder.util.rng import generator

RATE = 22050


def struck(times: list[float], seconds: float) -> np.ndarray:
    """Return bursts of decaying noise that begin at some times."""
    sound = np.zeros(round(seconds * RATE))
    noise = generator(1, "struck").normal(size=len(sound))
    for time in times:
        start = round(time * RATE)
        fall = np.exp(-np.arange(len(sound) - start) / (0.03 * RATE))
        sound[start:] += fall * noise[: len(fall)]
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)[:, np.newaxis]


def test_attacks_are_counted() -> None:
    for times in ([0.0], [0.0, 0.4], [0.0, 0.3, 0.6, 0.9]):
        assert describe(struck(times, 1.5), RATE).attacks == len(times)


def test_each_region_is_described_from_its_own_samples(tmp_path: Path) -> None:
    song = np.concatenate([struck([0.0], 1), 0.1 * struck([0.0], 1), struck([0.0, 0.5], 1)])
    soundfile.write(tmp_path / "song.wav", song, RATE, subtype="FLOAT")
    regions = [(0, 1), (1, 2), (2, 3), (2.5, 2.5), (3, 3), (2.9, 99), (50, 60)]
    with reading.reader(tmp_path / "song.wav") as recording:
        clips = describe_clips(recording, regions, scores=[0.9, 0.8, 0.9, 0.5, 0.5, 0.5, 0.5])
    assert [clip.row for clip in clips] == [0, 1, 2, 5]
    # The third begins as the first does; the second is the first at another level.
    assert [clip.group for clip in clips[:3]] == [1, 1, 1]
    assert [clip.kept for clip in clips[:3]] == [True, False, False]
    first, second, third, _ = (clip.description for clip in clips)
    assert abs(first.loudness_lufs - second.loudness_lufs - 20) < 0.02
    assert (first.attacks, second.attacks, third.attacks) == (1, 1, 2)
    assert first == describe(song[:RATE], RATE)


def test_clips_are_described_together_as_they_are_alone(tmp_path: Path) -> None:
    random = generator(2, "clips")
    song = np.hstack([struck(np.arange(0, 8, 0.37).tolist(), 8)] * 2)
    song[:, 1] *= np.sin(np.arange(len(song)) / 20)
    soundfile.write(tmp_path / "song.wav", song, RATE, subtype="FLOAT")
    onsets_s = random.uniform(0, 8, 70)
    regions = np.stack([onsets_s, onsets_s + random.choice([0.001, 0.02, 0.1, 0.4, 2], 70)], axis=1)
    with reading.reader(tmp_path / "song.wav") as recording:
        clips = describe_clips(recording, regions, scores=[0.5] * 70)
    assert [clip.row for clip in clips] == list(range(70))
    for clip, (onset_s, offset_s) in zip(clips, regions, strict=True):
        alone = describe(song[round(onset_s * RATE) : round(offset_s * RATE)], RATE)
        assert repr(clip.description) == repr(alone)


def test_the_end_of_a_long_clip_is_ignored() -> None:
    noise = struck([0.0], LONGEST_S)
    assert repr(describe(noise, RATE)) == repr(describe(np.pad(noise, [(0, 99), (0, 0)]), RATE))
