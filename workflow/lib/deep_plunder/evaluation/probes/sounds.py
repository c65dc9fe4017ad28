"""Prepare the sounds of probes: trimmed, cut, stereo, with a peak of 1."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from deep_plunder.audio.fades import fade
from deep_plunder.audio.reading import reader
from deep_plunder.audio.resampling import resample, stereo
from deep_plunder.corpus.library import Sound
from deep_plunder.errors import AudioError
from deep_plunder.truth.isolation import STEP_S
from deep_plunder.util.arrays import Float32Array

__all__ = ["LONGEST_S", "RATE", "blended", "prepared", "usable"]

_log = logging.getLogger(__name__)

RATE = 44100
"""Sample rate of probes, in Hz."""

LONGEST_S = 1.5
"""Length at which sounds are cut."""

_FADE_S = 0.01
_FLOOR = 1e-5  # -50 dBFS
_WITHIN = 10 ** (-15 / 10)
_START_S = 0.1
_SHARE = 0.6


@lru_cache(maxsize=256)
def prepared(sound: Sound) -> Float32Array:
    """Read a sound from its onset to its offset, at most `LONGEST_S`.

    Parameters
    ----------
    sound : Sound

    Returns
    -------
    audio : ndarray of float32, shape (n, 2)
        At `RATE`, with a peak of 1. Not to be changed.

    Raises
    ------
    AudioError
        If the file cannot be decoded or is silent there.
    """
    end_s = min(sound.offset_s, sound.onset_s + LONGEST_S)
    with reader(sound.path) as file:
        rate = file.info.rate
        part = file.read(round(sound.onset_s * rate), round(end_s * rate))
    audio = resample(stereo(part), rate, RATE)
    peak = float(np.abs(audio).max(initial=0))
    if not peak:
        raise AudioError(f"{sound.path}: silent between {sound.onset_s} and {end_s:.3f} s")
    return fade(audio / np.float32(peak), RATE, fade_in_s=0, fade_out_s=_FADE_S)


def usable(sounds: Iterable[Sound]) -> list[Sound]:
    """Return the sounds that can be read, and log the others.

    Parameters
    ----------
    sounds : iterable of Sound

    Returns
    -------
    sounds : list of Sound
    """
    kept = []
    for sound in sounds:
        try:
            prepared(sound)
        except AudioError as error:
            _log.warning("rejected: %s", error)
            continue
        kept.append(sound)
    return kept


def blended(parts: Iterable[tuple[Float32Array, float, float]]) -> bool:
    """Return whether sounds are heard together at the start of an event.

    They are if, in at least 60 % of the steps of 4 ms of the first 100 ms in which anything is
    above -50 dBFS, the second loudest is within 15 dB of the loudest.

    Parameters
    ----------
    parts : iterable of (ndarray, float, float)
        Samples, gain and delay in seconds of each sound.

    Returns
    -------
    heard : bool

    Examples
    --------
    >>> tone = np.ones((RATE, 2), np.float32)
    >>> blended([(tone, 0.5, 0.0), (tone, 0.5, 0.02)])
    True
    >>> blended([(tone, 0.5, 0.0), (tone, 0.05, 0.0)])
    False
    """
    step, length = round(STEP_S * RATE), round(_START_S * RATE)
    length -= length % step
    powers = []
    for samples, gain, delay_s in parts:
        late = np.zeros((length, 2), np.float32)
        first = round(delay_s * RATE)
        start = samples[: length - first] * np.float32(gain)
        late[first : first + len(start)] = start
        powers.append((late**2).reshape(-1, 2 * step).mean(axis=1))
    loudest = np.sort(powers, axis=0)
    heard = loudest[-1] > _FLOOR
    close = loudest[-2] >= _WITHIN * loudest[-1]
    return bool(heard.any() and close[heard].mean() >= _SHARE)
