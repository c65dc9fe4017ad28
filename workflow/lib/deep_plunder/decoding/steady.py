"""Find clips during which a steady sound goes on above the frequencies that a network hears.

A network that hears up to 8 kHz takes a sound under a loud hiss for a sound alone, and a clip of it
holds the hiss too. A sound goes on through a clip if it is there just before the clip, all the time
during it, and just after the attack that may follow it, at much the same level: the lowest level
above the network's highest frequency is measured in steps of 5 ms in each of the three. A cymbal
that another sound cuts off has no such level after it; one that is struck again and again is much
louder after an attack than before it.

A bright tone also goes on like this when a melody moves from note to note, and its notes are sounds
alone. So the sound around the clip must be a noise: above that frequency it must not repeat itself
within 2 to 25 ms.

The level counts from 30 dB below the loudest of the clip, the limit at which a sound is alone
(docs/explanation/labels.md).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from deep_plunder.audio.reading import Reader
from deep_plunder.util.arrays import Float32Array

__all__ = ["is_under_steady"]

_STEP_S = 0.005
# The stretches before a clip's onset and after its offset, seconds from either. The attack of a
# following sound lies 12 ms behind the offset.
_BEFORE_S, _AFTER_S = (-0.035, -0.005), (0.020, 0.050)
_ALONE_DB = 30.0
# Greatest difference of the lowest levels before, during and after.
_EQUAL_DB = 6.0
# Seconds beside a clip in which a tone repeats itself, bounds of its period, and the least
# correlation of a tone with itself one period later. That of a noise of 6 kHz stays below 0.3.
_TONE_S, _PERIODS_S, _REPEATED = 0.055, (0.002, 0.025), 0.5
# Least power of a steady sound around a clip. Most clips are judged by this alone.
_SOFTEST = 1e-7
# Bins between the highest frequency and the first that counts: a window leaks into two.
_LEAK = 2
# Seconds of a clip that are read at a time.
_BLOCK_S = 1.0


@lru_cache(maxsize=8)
def _window(length: int) -> Float32Array:
    """Return a window that leaves the power of noise as it is."""
    window = np.hanning(length + 2)[1:-1]
    return np.asarray(window / np.sqrt(np.mean(window**2)), np.float32)


def _levels(
    recording: Reader, begin_s: float, end_s: float, above_hz: float
) -> tuple[float, float]:
    """Return the lowest power above a frequency, and the highest of all, over steps of 5 ms.

    Without a step the lowest power is infinite.
    """
    from scipy.fft import rfft

    rate = recording.info.rate
    length = round(_STEP_S * rate)
    first_bin = math.ceil(above_hz * length / rate) + _LEAK
    lowest, highest = math.inf, 0.0
    first, stop = max(0, round(begin_s * rate)), min(round(end_s * rate), recording.info.frames)
    size = round(_BLOCK_S / _STEP_S) * length
    for begin in range(first, stop - length + 1, size):
        heard = recording.read(begin, min(begin + size, stop))
        count = len(heard) // length
        if not count:
            break
        steps = np.ascontiguousarray(heard[: count * length].T).reshape(-1, count, length)
        spectrum = rfft(steps * _window(length), axis=2)[:, :, first_bin:]
        # Parseval's theorem for the one-sided spectrum.
        scale = 2 / (length * length * len(steps))
        above = np.square(np.abs(spectrum)).sum(axis=(0, 2)) * scale
        whole = np.einsum("cij,cij->i", steps, steps) / (length * len(steps))
        lowest, highest = min(lowest, float(above.min())), max(highest, float(whole.max()))
    return lowest, highest


def _repeats(recording: Reader, begin_s: float, end_s: float, above_hz: float) -> bool:
    """Return whether the part above a frequency is periodic, as a tone is."""
    from scipy.fft import irfft, next_fast_len, rfft

    rate = recording.info.rate
    heard = recording.read(max(0, round(begin_s * rate)), max(0, round(end_s * rate)))
    shortest, longest = (round(period * rate) for period in _PERIODS_S)
    length = len(heard)
    longest = min(longest, length // 2)
    if longest <= shortest:
        return False
    # Filtered before windowing, which would spread the lower frequencies.
    size = next_fast_len(length, real=True)
    spectrum = rfft(heard, size, axis=0)
    spectrum[: math.ceil(above_hz * size / rate)] = 0
    above = irfft(spectrum, size, axis=0)[:length]
    padded = next_fast_len(2 * length, real=True)
    power = np.square(np.abs(rfft(above, padded, axis=0))).sum(axis=1)
    correlation = irfft(power, padded)
    # As if each lag had as many products as lag 0.
    lags = np.arange(shortest, longest)
    unbiased = correlation[lags] * length / (length - lags)
    return bool(unbiased.max() > _REPEATED * correlation[0])


def is_under_steady(recording: Reader, onset_s: float, offset_s: float, *, above_hz: float) -> bool:
    """Return whether a steady sound above a frequency goes on through a clip.

    Parameters
    ----------
    recording : Reader
        The recording, at its own sample rate.
    onset_s, offset_s : float
        Beginning and end of the clip, in seconds.
    above_hz : float
        Frequency above which to look. Recordings that hold nothing above it have no such sound.

    Returns
    -------
    is_under : bool

    Raises
    ------
    AudioError
        If the recording cannot be read.

    Examples
    --------
    >>> from deep_plunder.audio import reading, writing
    >>> rng = np.random.default_rng(1)
    >>> noise = np.diff(rng.normal(size=(44101, 1)), axis=0).astype(np.float32) / 50
    >>> tone = np.sin(np.arange(44100) * 0.1)[:, np.newaxis].astype(np.float32) / 2
    >>> tone[:22050] = 0
    >>> for name, samples in (("tone.wav", tone), ("hissed.wav", tone + noise)):
    ...     writing.write(name, samples, 44100)
    >>> for name in ("tone.wav", "hissed.wav"):
    ...     with reading.reader(name) as recording:
    ...         is_under_steady(recording, 0.5, 0.9, above_hz=8000)
    False
    True
    """
    rate = recording.info.rate
    length = round(_STEP_S * rate)
    if math.isinf(above_hz) or math.ceil(above_hz * length / rate) + _LEAK > length // 2:
        return False
    around = [
        _levels(recording, at_s + first_s, at_s + last_s, above_hz)[0]
        for at_s, (first_s, last_s) in ((onset_s, _BEFORE_S), (offset_s, _AFTER_S))
    ]
    around = [level for level in around if level < math.inf]
    equal = 10 ** (_EQUAL_DB / 10)
    if not around or min(around) < _SOFTEST or max(around) >= min(around) * equal:
        return False
    during, loudest = _levels(recording, onset_s, offset_s, above_hz)
    lowest = min(during, *around)
    if lowest <= loudest * 10 ** (-_ALONE_DB / 10) or max(during, *around) >= lowest * equal:
        return False
    stretches = (
        (onset_s - _TONE_S, onset_s - _STEP_S),
        (offset_s + _AFTER_S[0], offset_s + _TONE_S),
    )
    return not any(_repeats(recording, *stretch, above_hz) for stretch in stretches)
