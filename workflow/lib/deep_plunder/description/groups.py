"""Find the clips of a song that hold the same sound.

Music repeats its samples. A clip is the same sound as another if it is the same recording, struck
again: at another level, cut at another length, or panned elsewhere. Another note of the same
instrument is another sound.

Two clips are compared by their waveforms, from their onsets on. One is shifted against the other by
up to 30 ms, since an attack may be cut off. At the best shift, their normalised correlation over
the part that both have is their similarity. It is 1 for the same samples at any level; what else
can be heard lowers it. For that, 300 ms at 11 kHz suffice: a recording is told from any other
by its attack, and low frequencies survive lossy codecs and the interpolation of samplers.

Clips whose similarity reaches `SAME` are linked, and linked clips form a group. To compare a clip
with all others would cost too much: each is compared with those whose spectra are most like its
own. ``experiments/description`` measures precision and recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.resampling import resample
from deep_plunder.corpus.onsets import find_onset, mono
from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["SAME", "Waveform", "choose_best", "find_groups", "similarity", "waveform"]

SAME = 0.9
"""Least similarity of two clips of the same sound."""

_RATE = 11025
_LONGEST_S = 0.3
# Clips may begin with silence or noise up to here.
_LATEST_S = 1.0
_SHIFT = round(0.03 * _RATE)
# Fractions of a sample by which clips are shifted, and those around a whole shift.
_FINE = 4
_OFFSETS = np.arange(-(_FINE // 2), _FINE // 2 + 1)
# Shorter parts in common say nothing.
_LEAST = round(0.03 * _RATE)
# The prefilter: magnitudes of the first 46 ms in bands of 86 Hz.
_SPECTRUM = 512
# Greatest number of clips with which one is compared.
_COMPARED = 48
# Linked groups merge only if their first clips are nearly as similar, so that a chain of small
# differences, as in a slow glide, does not end in one group.
_LOOSER = 0.15
# Scores that differ by less count as equal when the best clip of a group is chosen.
_SCORE_STEP = 0.1
# Clips whose spectra are less alike are not compared.
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Waveform:
    """The beginning of a clip, in the form in which clips are compared.

    Attributes
    ----------
    samples : ndarray, shape (n,), float32
        Up to 300 ms, mono, at 11,025 Hz.
    spectrum : ndarray, shape (bands,), float32
        Magnitudes of the attack, with a norm of 1, or 0 for silence.
    """

    samples: Float32Array
    spectrum: Float32Array


def waveform(samples: Float32Array, rate: int, *, onset_s: float | None = None) -> Waveform:
    """Prepare a clip for comparison.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        The clip.
    rate : int
        Samples per second.
    onset_s : float, optional
        The onset within the first second, in seconds. By default it is found.

    Returns
    -------
    waveform : Waveform

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(44100, 2)).astype(np.float32)
    >>> len(waveform(noise, 44100).samples)
    3308
    """
    if onset_s is None:
        onset_s = find_onset(samples[: round(_LATEST_S * rate)], rate)
    start = round(onset_s * rate)
    # Resampling needs some more to end like the longer clip.
    part = mono(samples[start : start + round((_LONGEST_S + 0.05) * rate)])
    low = resample(part[:, np.newaxis], rate, _RATE)[: round(_LONGEST_S * _RATE), 0]
    # A fixed length beyond the allowed shift: a late beginning changes magnitudes only slightly.
    attack = low[: _SPECTRUM + _SHIFT]
    spectrum = np.abs(np.fft.rfft(attack, 2 * (_SPECTRUM + _SHIFT))).astype(np.float32)
    bands: Float32Array = np.sqrt(
        np.add.reduceat(np.square(spectrum), np.arange(0, len(spectrum), 8))
    )
    return Waveform(low, bands / max(np.float32(1e-20), np.linalg.norm(bands)))


def similarity(one: Waveform, other: Waveform) -> float:
    """Compute how alike two clips are.

    Parameters
    ----------
    one, other : Waveform
        From `waveform`.

    Returns
    -------
    similarity : float
        Greatest normalised correlation over all shifts, -1..1; 0 if the clips have less than 30 ms
        in common, or one is silent.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(44100, 1)).astype(np.float32)
    >>> whole, late, other = (waveform(part, 44100) for part in (noise, noise[441:], noise[9999:]))
    >>> similarity(whole, late) > 0.95, similarity(whole, other) < 0.2
    (True, True)
    """
    a, b = one.samples.astype(np.float64), other.samples.astype(np.float64)
    size = 1 << (len(a) + len(b)).bit_length()
    shifts = np.arange(-_SHIFT, _SHIFT + 1)
    begin_a, begin_b = np.maximum(shifts, 0), np.maximum(-shifts, 0)
    common = np.minimum(len(a) - begin_a, len(b) - begin_b)
    enough = common >= _LEAST
    if not enough.any():
        return 0.0
    shifts, begin_a, begin_b, common = (each[enough] for each in (shifts, begin_a, begin_b, common))
    spectra = np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size))
    # Quarters of a sample: high frequencies would not agree at whole ones.
    products = _FINE * np.fft.irfft(spectra, _FINE * size)
    nearest = products[_FINE * shifts[:, np.newaxis] + _OFFSETS].max(axis=1)
    power = _energy(a, begin_a, common) * _energy(b, begin_b, common)
    return float((nearest / np.sqrt(np.maximum(power, 1e-20))).max())


def _energy(
    samples: Float64Array, begin: NDArray[np.int64], length: NDArray[np.int64]
) -> Float64Array:
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples))])
    # Differences of sums: at worst slightly below zero.
    energy: Float64Array = np.maximum(sums[begin + length] - sums[begin], 0.0)
    return energy


def find_groups(waveforms: Sequence[Waveform], *, same: float = SAME) -> list[int]:
    """Find the groups of clips that hold the same sound.

    Parameters
    ----------
    waveforms : sequence of Waveform
        The clips of a song, in any order.
    same : float
        Least similarity of two clips of the same sound.

    Returns
    -------
    groups : list of int
        Group of each clip, numbered from 1 on in order of the first clip of each.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(44100, 1)).astype(np.float32)
    >>> parts = [noise, noise[9999:], 0.1 * noise[:9999]]
    >>> find_groups([waveform(part, 44100) for part in parts])
    [1, 2, 1]
    """
    count = len(waveforms)
    first = list(range(count))

    def root(clip: int) -> int:
        while first[clip] != clip:
            clip = first[clip]
        return clip

    spectra = np.array([each.spectrum for each in waveforms])
    for clip in range(count):
        alike = spectra[:clip] @ spectra[clip]
        nearest = np.argsort(-alike, kind="stable")[:_COMPARED]
        for other in nearest[alike[nearest] >= _ALIKE].tolist():
            one, two = root(clip), root(other)
            if (
                one != two
                and similarity(waveforms[clip], waveforms[other]) >= same
                and similarity(waveforms[one], waveforms[two]) >= same - _LOOSER
            ):
                first[max(one, two)] = min(one, two)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(clip), len(numbers) + 1) for clip in range(count)]


def choose_best(
    groups: Sequence[int],
    *,
    scores: Sequence[float],
    lengths_s: Sequence[float],
    levels_db: Sequence[float],
) -> list[bool]:
    """Choose the best clip of each group.

    Among the clips whose score is at most 0.1 below the best of the group, the longest is chosen,
    since it is cut off least. Of equally long ones it is the loudest, which has the least noise,
    and then the first.

    Parameters
    ----------
    groups : sequence of int
        Group of each clip.
    scores : sequence of float
        Score of each clip, 0..1.
    lengths_s : sequence of float
        Length of each clip, in seconds.
    levels_db : sequence of float
        Loudness of each clip, in dB.

    Returns
    -------
    best : list of bool
        Whether each clip is the best of its group.

    Examples
    --------
    >>> scores, lengths_s, levels_db = [0.6, 0.9, 0.85], [2.0, 0.5, 0.75], [-20.0, -20.0, -20.0]
    >>> choose_best([1, 1, 1], scores=scores, lengths_s=lengths_s, levels_db=levels_db)
    [False, False, True]
    """
    members: dict[int, list[int]] = {}
    for clip, group in enumerate(groups):
        members.setdefault(group, []).append(clip)
    chosen = set()
    for clips in members.values():
        least = max(scores[clip] for clip in clips) - _SCORE_STEP
        good = [clip for clip in clips if scores[clip] >= least]
        # Lengths that differ by less than 10 ms are equal to the ear.
        chosen.add(max(good, key=lambda i: (round(lengths_s[i], 2), levels_db[i], -i)))
    return [clip in chosen for clip in range(len(groups))]
