"""Find the onset and the offset of a recorded sound.

Times are seconds from the beginning of the recording. Two methods:

``flip``
    The paper's method (section 3.2): `librosa.onset.onset_detect` finds the onset, and finds the
    offset as the onset of the reversed sound. A reversed fading tail rises too slowly to have an
    onset. So the offset is found where the sound is still loud (the fault that the paper reports),
    or in the noise after the tail.
``decay``
    The default here. At the onset the energy first rises to 40 dB below its peak. At the offset it
    last is 60 dB below its peak, the decay that defines reverberation times (ISO 3382), or sinks
    into the noise of the recording if that is louder.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import numpy.typing as npt

from deep_plunder.corpus.flip import first_onsets
from deep_plunder.corpus.spec import LibrarySpec, OffsetMethod
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.settings import default

__all__ = ["find_offset", "find_onset", "find_region", "level", "mono"]


# Levels in dB below the peak of the energy.
_ONSET_DB = 40.0
_OFFSET_DB = 60.0
# A level above this is sound and not noise, even if it is constant.
_NOISE_DB = 25.0
# Energy is averaged over 10 steps of 1 ms.
_STEPS_A_SECOND = 1000
_WINDOW = 10
# Noise at the end of a recording changes its level by less than the first of these. It begins after
# the last step that is louder than the very end by the second.
_FLAT_DB = 1.5
_MARGIN_DB = 3.0
# Single frames of noise hardly ever exceed their mean energy by this: four standard deviations.
_CREST_DB = 12.0
# The very end: a share of the recording, but no less than this many steps.
_END_SHARE = 0.05
_END_STEPS = 30


def _power(audio: Float32Array, rate: int) -> npt.NDArray[np.float64]:
    """Average the squares over the channels, after removing a constant offset."""
    channels = np.asarray(audio, np.float32).reshape(len(audio), -1)
    power = np.zeros(len(channels))
    count = max(_END_STEPS * rate // _STEPS_A_SECOND, round(_END_SHARE * len(channels)))
    for channel in channels.T:
        end = channel[-count:]
        mean = end.mean()
        # Only where the constant offset outweighs the sound; the mean of a louder sound is no
        # offset. The mean square tells most sounds from it more quickly than the deviation.
        if end @ end < 2.1 * len(end) * mean**2 and abs(mean) > end.std():
            channel = channel - mean
        power += np.square(channel, dtype=np.float64)
    return power / channels.shape[1]


def _steps(power: npt.NDArray[np.float64], rate: int) -> tuple[npt.NDArray[np.float64], int]:
    """Average over 10 ms around every millisecond; return this and the frames per step."""
    step = max(1, rate // _STEPS_A_SECOND)
    sums = np.add.reduceat(power, np.arange(0, len(power), step)) / step
    window = np.full(_WINDOW, 1 / _WINDOW)
    return np.convolve(sums, window)[_WINDOW // 2 :][: len(sums)], step


def level(audio: Float32Array, rate: int) -> float:
    """Compute the level of a sound at its loudest place.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels)
        A sound, full scale 1.0.
    rate : int
        Frames per second.

    Returns
    -------
    level : float
        Energy of the loudest 10 ms in dB, averaged over the channels; a full-scale square wave
        has 0 dB and silence minus infinity.

    Examples
    --------
    >>> square = np.where(np.arange(44100) % 100 < 50, 1, -1).astype(np.float32)
    >>> round(abs(level(square, 44100)), 1)
    0.0
    """
    peak = float(_steps(_power(audio, rate), rate)[0].max()) if len(audio) else 0.0
    return 10 * float(np.log10(peak)) if peak > 0 else -np.inf


def _noise(energy: npt.NDArray[np.float64], peak: float) -> float:
    """Find the energy of the noise before and after a sound, or 0 if there is none."""
    count = max(_END_STEPS, round(_END_SHARE * len(energy)))
    if len(energy) < 2 * count:
        return 0.0
    decibels = 10 * np.log10(np.maximum(energy, peak * 1e-20) / peak)
    # The last steps are averages that reach beyond the end.
    sides = [side[: -_WINDOW // 2] for side in (decibels, decibels[::-1])]
    ends = np.median([side[-count:] for side in sides], axis=1).tolist()
    return max(_noise_at(*each, peak, count) for each in zip(sides, ends, strict=True))


def _noise_at(decibels: npt.NDArray[np.float64], end: float, peak: float, count: int) -> float:
    """Find the energy of the noise at the end of a course whose last steps have a level."""
    above = np.flatnonzero(decibels > end + _MARGIN_DB)
    if end > -_NOISE_DB or not len(above):
        return 0.0
    span = decibels[above[-1] + 1 :]
    # A decay, however slow, changes by the margin over such a span; noise does not. The first
    # fifth is where a decay and noise add up.
    span = span[len(span) // 5 :]
    if len(span) < count // 2:
        return 0.0
    times = np.linspace(-0.5, 0.5, len(span))
    slope = float(times @ (span - span.mean()) / (times @ times))
    if abs(slope) > _FLAT_DB:
        return 0.0
    return peak * 10 ** ((max(end, float(np.percentile(span, 95))) + _MARGIN_DB) / 10)


class _Course:
    """The course of a sound's energy, whose peak must be above 0.

    Parameters
    ----------
    power : ndarray, shape (n,)
        From `_power`.
    energy : ndarray
        From `_steps`.
    step : int
        Frames per step.
    """

    def __init__(
        self, power: npt.NDArray[np.float64], energy: npt.NDArray[np.float64], step: int
    ) -> None:
        self._power, self._energy, self._step = power, energy, step
        self._peak = float(energy.max())
        self._noise = _noise(energy, self._peak)

    def _loud(self, below_db: float) -> npt.NDArray[np.int64]:
        """Return the steps above a level relative to the peak, and above the noise."""
        threshold = self._peak * 10 ** (-below_db / 10)
        return np.flatnonzero(self._energy >= max(threshold, self._noise))

    def _frames(self, index: int, below_db: float) -> npt.NDArray[np.int64]:
        """Return the frames around a step that are as loud themselves."""
        crest = self._noise * 10 ** ((_CREST_DB - _MARGIN_DB) / 10)
        threshold = max(self._peak * 10 ** (-below_db / 10), crest)
        # Averages reach half a window beyond an abrupt edge, but single frames do not.
        low = max(0, (index - _WINDOW // 2) * self._step)
        high = (index + _WINDOW // 2 + 1) * self._step
        loud: npt.NDArray[np.int64] = low + np.flatnonzero(self._power[low:high] >= threshold)
        return loud

    def onset(self) -> int:
        """Return the first frame of the sound."""
        first = int(self._loud(_ONSET_DB)[0])
        loud = self._frames(first, _ONSET_DB)
        return int(loud[0]) if len(loud) else first * self._step

    def offset(self) -> int:
        """Return the frame after the last of the sound."""
        last = int(self._loud(_OFFSET_DB)[-1])
        loud = self._frames(last, _OFFSET_DB)
        end = int(loud[-1]) + 1 if len(loud) else (last + 1) * self._step
        return min(len(self._power), end)


def _course(audio: Float32Array, rate: int) -> _Course | None:
    """Return the course of a sound's energy; None for silence."""
    power = _power(audio, rate)
    energy, step = _steps(power, rate)
    return _Course(power, energy, step) if energy.max(initial=0.0) > 0 else None


def _decay(audio: Float32Array, rate: int) -> tuple[float, float]:
    course = _course(audio, rate)
    if course is None:
        return 0.0, len(audio) / rate
    onset = course.onset()
    return onset / rate, max(onset + 1, course.offset()) / rate


def mono(audio: Float32Array) -> Float32Array:
    """Mix a sound down to one channel, or return its loudest channel if they would cancel out.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels)
        A sound.

    Returns
    -------
    mono : ndarray, shape (n,), float32
        The mean of the channels, or the loudest channel.

    Examples
    --------
    >>> mono(np.array([[0.5, 0.0], [0.25, 0.25]], np.float32)).tolist()
    [0.25, 0.25]
    """
    audio = np.asarray(audio, np.float32)
    if audio.ndim == 1 or audio.shape[1] == 1:
        return audio.reshape(-1)
    # Adding whole channels is many times faster than adding the channels of each sample.
    channels = audio.T
    if channels.strides[1] != channels.itemsize:
        channels = np.ascontiguousarray(channels)
    mixed: Float32Array = np.add.reduce(channels, axis=0)
    mixed /= np.float32(len(channels))
    # Channels in opposite phase would cancel out.
    loudest: Float32Array = max(channels, key=lambda channel: channel @ channel)
    return loudest if mixed @ mixed < 1e-3 * (loudest @ loudest) else mixed


def _check(method: str) -> None:
    if method not in get_args(OffsetMethod):
        raise ValueError(f"method must be one of {get_args(OffsetMethod)}, got {method!r}")


def find_onset(
    audio: Float32Array, rate: int, *, method: OffsetMethod = default(LibrarySpec, "offset_method")
) -> float:
    """Find the onset of a sound.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels), float32
        A recording of one sound.
    rate : int
        Frames per second.
    method : {"decay", "flip"}
        See the module. With ``flip``, the first onset that librosa finds with its defaults.

    Returns
    -------
    onset : float
        Seconds; 0 if nothing is found.

    Examples
    --------
    >>> sound = np.zeros(44100, np.float32)
    >>> sound[11025:33075] = np.sin(np.arange(22050) * 0.1) / 2
    >>> round(find_onset(sound, 44100), 2)
    0.25
    """
    _check(method)
    if method == "decay":
        course = _course(audio, rate)
        return course.onset() / rate if course is not None else 0.0
    (onset,) = first_onsets([mono(audio)], rate)
    return onset or 0.0


def find_offset(
    audio: Float32Array, rate: int, *, method: OffsetMethod = default(LibrarySpec, "offset_method")
) -> float:
    """Find the offset of a sound.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels), float32
        A recording of one sound.
    rate : int
        Frames per second.
    method : {"decay", "flip"}
        See the module.

    Returns
    -------
    offset : float
        Seconds; the length of the recording if nothing is found.

    Examples
    --------
    >>> sound = np.zeros(44100, np.float32)
    >>> sound[11025:33075] = np.sin(np.arange(22050) * 0.1) / 2
    >>> round(find_offset(sound, 44100), 2)
    0.75
    """
    _check(method)
    if method == "decay":
        return _decay(audio, rate)[1]
    (onset,) = first_onsets([mono(audio)[::-1]], rate)
    return len(audio) / rate - (onset or 0.0)


def find_region(
    audio: Float32Array, rate: int, *, method: OffsetMethod = default(LibrarySpec, "offset_method")
) -> tuple[float, float]:
    """Find the onset and the offset of a sound.

    Parameters
    ----------
    audio : ndarray, shape (n,) or (n, channels), float32
        A recording of one sound.
    rate : int
        Frames per second.
    method : {"decay", "flip"}
        See the module.

    Returns
    -------
    onset, offset : float
        Seconds, ``0 <= onset < offset <= n / rate``. If ``flip`` finds an offset before the onset,
        as happens with short sounds, the offset is the end of the recording.

    Examples
    --------
    >>> sound = np.zeros(44100, np.float32)
    >>> sound[11025:33075] = np.sin(np.arange(22050) * 0.1) / 2
    >>> [round(edge, 2) for edge in find_region(sound, 44100)]
    [0.25, 0.75]
    """
    _check(method)
    if method == "decay":
        return _decay(audio, rate)
    mixed, length = mono(audio), len(audio) / rate
    onset, reverse = (found or 0.0 for found in first_onsets([mixed, mixed[::-1]], rate))
    if onset >= length:
        onset = 0.0
    offset = length - reverse
    return onset, offset if offset > onset else length
