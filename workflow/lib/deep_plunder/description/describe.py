"""Describe the sounds of clips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.audio import reading
from deep_plunder.corpus.loops import count_attacks
from deep_plunder.corpus.onsets import find_onset
from deep_plunder.description.beginning import beginning
from deep_plunder.description.classes import ClassForest, load_classes
from deep_plunder.description.groups import choose_best, find_groups, waveforms
from deep_plunder.description.loudness import loudnesses
from deep_plunder.description.pitch import SURE, Pitch, find_pitches
from deep_plunder.description.record import Description, note_name
from deep_plunder.description.spool import WaveformSpool
from deep_plunder.description.traits import all_traits
from deep_plunder.util.arrays import Float32Array

__all__ = ["LONGEST_S", "DescribedClip", "describe", "describe_clips"]

LONGEST_S = 20.0
"""Longest part of a clip that is described, in seconds."""

# Greatest numbers of clips, and of their samples in all channels, that are measured together.
_TOGETHER, _TOGETHER_SAMPLES = 64, 1 << 22


@dataclass(frozen=True, slots=True)
class DescribedClip:
    """A clip of a song with its description.

    Attributes
    ----------
    row : int
        Row of the clip's region, from 0 on.
    group : int
        Number of its group, from 1 on in order of the rows.
    kept : bool
        Whether it is the best of its group.
    description : Description
        Properties of its sound.
    """

    row: int
    group: int
    kept: bool
    description: Description


def describe(
    samples: Float32Array, rate: int, *, classifier: ClassForest | None = None
) -> Description:
    """Describe a sound.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        The sound, full scale 1.0. Only its first `LONGEST_S` seconds count. Its onset is found
        within the first second.
    rate : int
        Samples per second.
    classifier : ClassForest, optional
        The forest that recognises the class, by default the one that ships.

    Returns
    -------
    description : Description

    Examples
    --------
    >>> import numpy as np
    >>> second = np.arange(44100) / 44100
    >>> tone = (np.exp(-5 * second) * np.sin(2 * np.pi * 440 * second)).astype(np.float32)
    >>> described = describe(tone[:, np.newaxis], 44100)
    >>> described.attacks, described.note
    (1, 'A4')
    """
    part = samples[: round(LONGEST_S * rate)]
    [description] = _described(_measure([part], rate, [find_onset(part[:rate], rate)]), classifier)
    return description


@dataclass(frozen=True, slots=True)
class _Measured:
    """The properties of a sound, with its traits in place of its class."""

    pitch: Pitch | None
    traits: Float32Array
    loudness_lufs: float
    attacks: int


def _pitched(samples: Float32Array, rate: int, onset_s: float, heard: Float32Array) -> Float32Array:
    """Return the second of a sound in which its pitch is measured."""
    # The whole of a longer sound may have another onset than its first second: onsets are found
    # relative to the peak and to the noise.
    if len(samples) <= rate or (whole_s := find_onset(samples, rate)) == onset_s:
        return heard
    return beginning(samples, rate, whole_s)


def _measure(
    sounds: Sequence[Float32Array], rate: int, onsets_s: Sequence[float]
) -> list[_Measured]:
    """Measure sounds; many at once cost less than one by one."""
    beginnings = [
        beginning(samples, rate, onset_s) for samples, onset_s in zip(sounds, onsets_s, strict=True)
    ]
    pitches = find_pitches(
        [
            _pitched(samples, rate, onset_s, heard)
            for samples, onset_s, heard in zip(sounds, onsets_s, beginnings, strict=True)
        ]
    )
    columns = (
        pitches,
        all_traits(sounds, rate, pitches=pitches, onsets_s=onsets_s, beginnings=beginnings),
        loudnesses(sounds, rate),
        count_attacks(sounds, rate),
    )
    return [_Measured(*each) for each in zip(*columns, strict=True)]


def _described(
    sounds: Sequence[_Measured], classifier: ClassForest | None
) -> Iterator[Description]:
    """Yield the description of each sound."""
    if not sounds:
        return
    forest = load_classes() if classifier is None else classifier
    classes = forest.classes_of(np.stack([sound.traits for sound in sounds]))
    for sound, sound_class in zip(sounds, classes, strict=True):
        pitch = sound.pitch
        sure = pitch is not None and pitch.confidence >= SURE
        yield Description(
            sound_class=sound_class,
            note=note_name(pitch.note) if pitch and sure else "",
            cents=round(pitch.cents, 1) if pitch and sure else math.nan,
            note_confidence=round(pitch.confidence, 3) if pitch else 0.0,
            loudness_lufs=round(sound.loudness_lufs, 2),
            attacks=sound.attacks,
        )


def describe_clips(
    recording: reading.Reader,
    regions: ArrayLike,
    *,
    scores: Sequence[float],
    classifier: ClassForest | None = None,
) -> list[DescribedClip]:
    """Describe the clips of a song.

    Parameters
    ----------
    recording : Reader
        The song.
    regions : array_like, shape (k, 2)
        Onset and offset of each clip, in seconds.
    scores : sequence of float
        Score of each clip, 0..1.
    classifier : ClassForest, optional
        See `describe`.

    Returns
    -------
    clips : list of DescribedClip
        In the order of `regions`. Regions that hold no sample are left out.

    Raises
    ------
    AudioError
        If the recording cannot be read.
    OSError
        If the song has many clips and their temporary file cannot be written.
    """
    rate = recording.info.rate
    rows: list[int] = []
    lengths_s: list[float] = []
    measured: list[_Measured] = []
    waiting: list[Float32Array] = []
    with WaveformSpool() as prepared:

        def measure() -> None:
            onsets_s = [find_onset(samples[:rate], rate) for samples in waiting]
            prepared.extend(waveforms(waiting, rate, onsets_s=onsets_s))
            measured.extend(_measure(waiting, rate, onsets_s))
            waiting.clear()

        for row, (onset_s, offset_s) in enumerate(np.reshape(regions, (-1, 2)).tolist()):
            start, end = round(onset_s * rate), min(round(offset_s * rate), recording.info.frames)
            stop = min(end, start + round(LONGEST_S * rate))
            samples = recording.read(start, stop) if start < stop else recording.read(0, 0)
            if len(samples):
                rows.append(row)
                lengths_s.append((end - start) / rate)
                # Channel by channel: they are filtered and added that way again and again.
                waiting.append(np.asfortranarray(samples))
                held = sum(each.size for each in waiting)
                if len(waiting) == _TOGETHER or held > _TOGETHER_SAMPLES:
                    measure()
        if waiting:
            measure()
        groups = find_groups(prepared)
    best = choose_best(
        groups,
        scores=[scores[row] for row in rows],
        lengths_s=lengths_s,
        levels_db=[round(sound.loudness_lufs, 2) for sound in measured],
    )
    described = _described(measured, classifier)
    return [DescribedClip(*each) for each in zip(rows, groups, best, described, strict=True)]
