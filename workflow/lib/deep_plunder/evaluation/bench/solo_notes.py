"""Mark the notes of a solo phrase, on the phrase alone.

A phrase is one instrument that plays one note at a time. librosa finds where notes may begin. A
beginning is certain if the level rises by at least 15 dB there. So whatever rang before it is
covered, and a change of loudness or vibrato within a note is no beginning. A certain note lasts
until the next possible beginning, or until it is 40 dB below its peak. All else that sounds is
unknown: it may be part of a note.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from deep_plunder.evaluation.baselines.slices import HOP, RATE, mono, onset_frames
from deep_plunder.truth.isolation import STEP_S
from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["PhraseNotes", "mark_notes"]

_RISE_DB = 15.0
_BEGINS_DB = 6.0
_DECAY_DB = 40.0
_SILENT_DB = 50.0
_LEAST_DB = -90.0
_LEAST_S = 0.06
# In steps: the peak of a note lies within _AFTER of a possible beginning, and the least level
# before the note no more than _BEFORE ahead of it.
_BEFORE, _AFTER = 10, 25


@dataclasses.dataclass(frozen=True, slots=True)
class PhraseNotes:
    """The notes of a solo phrase.

    Attributes
    ----------
    notes : list of (onset_s, offset_s)
        Notes whose beginning is certain, in seconds from the beginning of the phrase.
    sounds : ndarray of bool, shape (steps,)
        Whether the phrase is heard in each step of 4 ms: less than 50 dB below its peak.
    """

    notes: list[tuple[float, float]]
    sounds: NDArray[np.bool_]


def _levels(signal: Float32Array) -> Float64Array:
    """Compute the level of each step of 4 ms in dB, averaged over 12 ms."""
    count = round(len(signal) / RATE / STEP_S)
    edges = np.minimum(np.rint(np.arange(count + 1) * STEP_S * RATE), len(signal)).astype(np.int64)
    sums = np.concatenate([[0.0], np.cumsum(np.square(signal, dtype=np.float64))])
    power = np.diff(sums[edges]) / (STEP_S * RATE)
    smooth = np.convolve(np.pad(power, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    levels: Float64Array = 10 * np.log10(smooth + 1e-12)
    return levels


def _beginning(levels: Float64Array, step: int) -> tuple[int, int] | None:
    """Return the steps at which a note begins and has its peak, or None if none is certain."""
    peak = step + int(levels[step : step + _AFTER].argmax())
    first = max(0, step - _BEFORE)
    before = levels[first : peak + 1]
    least = peak - int(before[::-1].argmin())
    if levels[peak] - levels[least] < _RISE_DB:
        return None
    rising = levels[least : peak + 1] > levels[least] + _BEGINS_DB
    return least + int(rising.argmax()), peak


def mark_notes(audio: Float32Array, rate: int) -> PhraseNotes:
    """Find the notes of a phrase.

    Parameters
    ----------
    audio : ndarray of float32, shape (n, channels)
    rate : int
        Samples per second.

    Returns
    -------
    notes : PhraseNotes

    Examples
    --------
    >>> hit = np.exp(-np.arange(22050) / 2000) * np.sin(np.arange(22050) * 0.1)
    >>> phrase = np.tile(hit, 3).astype(np.float32)[:, None]
    >>> [round(onset, 1) for onset, _ in mark_notes(phrase, 44100).notes]
    [0.0, 0.5, 1.0]
    """
    # Silence in front, so that a phrase that begins at once begins with a rise.
    signal = np.pad(mono(audio, rate), (round(_BEFORE * STEP_S * RATE), 0))
    levels = _levels(signal)
    silent = max(float(levels.max()) - _SILENT_DB, _LEAST_DB)
    sounds = levels > silent
    levels = np.maximum(levels, silent)
    frames, _ = onset_frames(signal)
    steps = np.unique(np.rint(frames * HOP / RATE / STEP_S).astype(np.int64)).tolist()
    found = [_beginning(levels, step) for step in steps if step < len(levels)]
    starts = [step if at is None else at[0] for step, at in zip(steps, found, strict=False)]
    notes: list[tuple[float, float]] = []
    for start, peak in sorted({at for at in found if at is not None}):
        end = min((other for other in starts if other > start), default=len(levels))
        decayed = np.flatnonzero(levels[peak:end] < levels[peak] - _DECAY_DB)
        end = peak + int(decayed[0]) if len(decayed) else end
        if (end - start) * STEP_S >= _LEAST_S and peak < end:
            onset, offset = ((step - _BEFORE) * STEP_S for step in (start, end))
            notes.append((round(max(0.0, onset), 3), round(offset, 3)))
    return PhraseNotes(notes, sounds[_BEFORE:])
