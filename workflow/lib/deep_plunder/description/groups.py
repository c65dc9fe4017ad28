"""Find the clips of a song that hold the same sound.

Music repeats its samples. A clip is the same sound as another if it is the same recording, struck
again: at another level, cut at another length, or panned elsewhere. Another note of the same
instrument is another sound.

Two clips are compared by their waveforms, from their onsets on (`description.similarity`). For
that, 300 ms at 11 kHz suffice: a recording is told from any other by its attack, and low
frequencies survive lossy codecs and the interpolation of samplers.

Clips whose similarity reaches `SAME` are linked, and linked clips form a group. To compare a clip
with all others would cost too much: each is compared with those whose spectra are most like its
own. ``experiments/description`` measures precision and recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from deep_plunder.audio.resampling import resample
from deep_plunder.corpus.onsets import find_onset, mono
from deep_plunder.description.similarity import RATE, SHIFT, Similarities
from deep_plunder.util.arrays import Float32Array

__all__ = ["SAME", "Waveform", "choose_best", "find_groups", "waveform", "waveforms"]

SAME = 0.9
"""Least similarity of two clips of the same sound."""

_LONGEST_S = 0.3
# Clips may begin with silence or noise up to here.
_LATEST_S = 1.0
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
# Comparisons whose answers are held.
_ANSWERS = 1 << 14


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


def waveform(samples: Float32Array, rate: int) -> Waveform:
    """Prepare a clip for comparison.

    Parameters
    ----------
    samples : ndarray, shape (n, channels)
        The clip. Its onset is found within the first second.
    rate : int
        Samples per second.

    Returns
    -------
    waveform : Waveform

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(44100, 2)).astype(np.float32)
    >>> len(waveform(noise, 44100).samples)
    3308
    """
    onset_s = find_onset(samples[: round(_LATEST_S * rate)], rate)
    [found] = waveforms([samples], rate, onsets_s=[onset_s])
    return found


def waveforms(
    clips: Sequence[Float32Array], rate: int, *, onsets_s: Sequence[float]
) -> list[Waveform]:
    """Prepare clips for comparison; many at once cost less than one by one.

    Parameters
    ----------
    clips : sequence of ndarray, shape (n, channels)
    rate : int
        Samples per second.
    onsets_s : sequence of float
        The onset of each clip, in seconds.

    Returns
    -------
    waveforms : list of Waveform

    Examples
    --------
    >>> [each] = waveforms([np.zeros((4410, 2), np.float32)], 44100, onsets_s=[0.05])
    >>> len(each.samples)
    551
    """
    from scipy.fft import rfft

    found = []
    # A fixed length beyond the allowed shift: a late beginning changes magnitudes only slightly.
    attacks = np.zeros((len(clips), _SPECTRUM + SHIFT), np.float32)
    for samples, onset_s, attack in zip(clips, onsets_s, attacks, strict=True):
        start = round(onset_s * rate)
        # Resampling needs some more to end like the longer clip.
        part = mono(samples[start : start + round((_LONGEST_S + 0.05) * rate)])
        found.append(resample(part, rate, RATE)[: round(_LONGEST_S * RATE)])
        beginning = found[-1][: attacks.shape[1]]
        attack[: len(beginning)] = beginning
    spectra = rfft(attacks, 2 * attacks.shape[1], axis=1)
    power = np.square(spectra.real) + np.square(spectra.imag)
    bands = np.sqrt(np.add.reduceat(power, np.arange(0, power.shape[1], 8), axis=1))
    bands /= np.maximum(np.float32(1e-20), np.linalg.norm(bands, axis=1, keepdims=True))
    return [Waveform(*each) for each in zip(found, bands, strict=True)]


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
    known = [(len(each.samples), each.spectrum) for each in waveforms]
    lengths, spectra = [length for length, _ in known], np.array([each for _, each in known])
    similarities = Similarities(lengths, lambda clip: waveforms[clip].samples)
    reach = lru_cache(maxsize=_ANSWERS)(similarities.reach)

    def root(clip: int) -> int:
        while first[clip] != clip:
            clip = first[clip]
        return clip

    for clip in range(count):
        alike = spectra[:clip] @ spectra[clip]
        others = np.flatnonzero(alike >= _ALIKE)
        nearest = others[np.argsort(-alike[others], kind="stable")[:_COMPARED]]
        for other in nearest.tolist():
            one, two = root(clip), root(other)
            # The first clips come first: their answer holds for all clips of the two groups.
            if one != two and reach(one, two, same - _LOOSER) and reach(clip, other, same):
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
