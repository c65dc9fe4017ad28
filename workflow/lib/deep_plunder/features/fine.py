"""Fine features: several short windows per frame, up to 20 kHz, without low frequencies.

They are computed at the recording's own rate of 44.1 or 48 kHz. Other rates are resampled to one of
the two (`FeatureSpec.analysis_rate`). A frame lies in the middle of its long window, and each of
its ``short_steps`` equal parts lies in the middle of a short one. A frame begins at the sample
nearest to its time, so 16 ms at 44.1 kHz take 705 or 706 samples. It holds, in this order:

- ``mel_bands`` bands of the long window of the middle, the mean of the channels. They show which
  notes sound.
- ``short_bands`` bands of the middle for each short window.
- ``short_bands`` bands of the side, half of the difference of the channels, for one short window in
  the middle of the frame. A sound from one place has the same ratio of side to middle in all
  bands; two sounds from different places have not. A mono recording has no side.

The features hold nothing below 60 Hz, so a constant offset, rumble and mains hum do not change
them. Kicks and basses are heard by their partials. The long window's bins are attenuated as by a
high-pass of order 10 at 90 Hz. The first bins of the short window hold the leakage of the Hann
window from these frequencies, and belong to no band.

A level is half of the natural logarithm of a band's power, with full scale and floor such that
`features.detailed.levels` applies: a sine of full scale has the level 1.15, silence -9.2. The
floor is 90 dB below full scale.

The bands of the long window lie on the HTK mel scale. Those of the short window lie on the same
scale with its bend at 1,600 Hz in place of 700, so that no band is narrower than a bin.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.features.detailed import LOG_FLOOR, LOWEST, STEPS
from deep_plunder.util.arrays import Float32Array, Float64Array

if TYPE_CHECKING:
    from deep_plunder.features.spec import FeatureSpec

__all__ = ["analyse", "short_centres", "whole_frames"]

_FLOOR_DB = -90
_HIGH_PASS_HZ, _ORDER = 90.0, 10
_MEL_BEND_HZ, _SHORT_BEND_HZ = 700.0, 1600.0
# A Hann window leaks into the bins up to two beside a tone's; hum lies below bin 1.5.
_FIRST_BIN = 3
# Windows per transform, at least, and samples per transform, at most, if these are more windows:
# many share the overhead of a step, and its arrays still fit a core's caches.
_WINDOWS, _SAMPLES = 48, 192 * 1024


def _window_length(length: int, rate: int, spec: FeatureSpec) -> int:
    """Return the even length of a fast transform that is nearest above a window's at `rate`."""
    from scipy.fft import next_fast_len

    half = -(-length * rate // (2 * spec.sample_rate))
    return 2 * int(next_fast_len(half, real=True))


def _edges(count: int, low_hz: float, high_hz: float, bend_hz: float) -> Float64Array:
    """Return the lower edge of the first band, the centres, and the upper edge of the last."""
    first, last = np.log1p(low_hz / bend_hz), np.log1p(high_hz / bend_hz)
    edges: Float64Array = bend_hz * np.expm1(np.linspace(first, last, count + 2))
    return edges


def _short_edges(spec: FeatureSpec, rate: int) -> Float64Array:
    first = _FIRST_BIN * rate / _window_length(spec.short_n_fft, rate, spec)
    return _edges(spec.short_bands, first, spec.fmax, _SHORT_BEND_HZ)


def short_centres(spec: FeatureSpec) -> Float64Array:
    """Return the centres of the bands of the short window at `FeatureSpec.sample_rate`.

    Parameters
    ----------
    spec : FeatureSpec

    Returns
    -------
    hertz : ndarray of float64, shape (spec.short_bands,)

    Examples
    --------
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> spec = FeatureSpec(sample_rate=48000, n_fft=6144, short_n_fft=1024, hop=768, fmax=20000,
    ...                    short_bands=96, short_steps=3)
    >>> short_centres(spec).round()[[0, -1]].tolist()
    [186.0, 19446.0]
    """
    return _short_edges(spec, spec.sample_rate)[1:-1]


def _bands(edges: Float64Array, n_fft: int, rate: int) -> Float64Array:
    """Return triangular bands on powers, shape (bands, bins), for a window of full-scale sines."""
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    hertz = np.arange(n_fft // 2 + 1) * (rate / n_fft)
    rise, fall = (hertz - low) / (centre - low), (high - hertz) / (high - centre)
    # A periodic Hann window has the sum n_fft / 2, and a real sine half of its amplitude.
    scale = LOG_FLOOR / 10 ** (_FLOOR_DB / 20) / (n_fft / 4)
    bands: Float64Array = np.clip(np.minimum(rise, fall), 0, None) * scale**2
    return bands


@lru_cache(maxsize=8)
def _tables(spec: FeatureSpec, rate: int) -> tuple[Float32Array, Any, Float32Array, Any]:
    """Return half of the long window and its bands, and those of the short one."""
    from scipy.sparse import csr_array

    from deep_plunder.features.filters import hann_window

    long, short = (_window_length(n, rate, spec) for n in (spec.n_fft, spec.short_n_fft))
    low = _bands(_edges(spec.mel_bands, spec.fmin, spec.fmax, _MEL_BEND_HZ), long, rate)
    hertz = np.maximum(np.arange(low.shape[1]), 0.5) * (rate / long)
    low /= 1 + (_HIGH_PASS_HZ / hertz) ** (2 * _ORDER)
    high = _bands(_short_edges(spec, rate), short, rate)
    tables = (csr_array(bands.astype(np.float32)) for bands in (low, high))
    half = np.float32(0.5)
    return half * hann_window(long), next(tables), half * hann_window(short), next(tables)


def whole_frames(spec: FeatureSpec, rate: int) -> int:
    """Return the least number of frames that takes a whole number of samples.

    Parameters
    ----------
    spec : FeatureSpec
    rate : int
        44,100 or 48,000.

    Returns
    -------
    frames : int

    Examples
    --------
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> spec = FeatureSpec(sample_rate=48000, n_fft=6144, short_n_fft=1024, hop=768,
    ...                    short_bands=96, short_steps=3)
    >>> whole_frames(spec, 44100), whole_frames(spec, 48000)
    (5, 1)
    """
    return spec.sample_rate // int(np.gcd(spec.hop * rate, spec.sample_rate))


def _bytes(power: Float32Array) -> NDArray[np.uint8]:
    power += np.float32(LOG_FLOOR**2)
    level = np.log(power, out=power)
    level *= np.float32(STEPS / 2)
    level -= np.float32(LOWEST * STEPS)
    np.rint(level, out=level)
    return np.clip(level, 0, 255, out=level).astype(np.uint8)


def _fill(
    rows: NDArray[np.uint8],
    signal: Float32Array,
    starts: NDArray[np.int64],
    window: Float32Array,
    bands: Any,
) -> None:
    """Compute the levels of the bands of the windows that begin at `starts`."""
    from scipy.fft import rfft

    views = np.lib.stride_tricks.sliding_window_view(signal, len(window))
    size = max(_WINDOWS, _SAMPLES // len(window))
    windowed = np.empty((size, len(window)), np.float32)
    squares = np.empty((2, size, len(window) // 2 + 1), np.float32)
    for first in range(0, len(starts), size):
        part = slice(first, first + size)
        count = len(starts[part])
        spectra = rfft(np.multiply(views[starts[part]], window, out=windowed[:count]), axis=1)
        power = np.square(spectra.real, out=squares[0, :count])
        power += np.square(spectra.imag, out=squares[1, :count])
        rows[part] = _bytes(bands @ power.T).T


def analyse(
    samples: Float32Array,
    frames: int,
    spec: FeatureSpec,
    *,
    rate: int,
    long_step: int = 1,
) -> NDArray[np.uint8]:
    """Compute fine features.

    Parameters
    ----------
    samples : ndarray of float32, shape (n, 2)
        The signal behind `FeatureSpec.lead` zeros; past the end are zeros.
    frames : int
        Number of frames.
    spec : FeatureSpec
    rate : int
        Samples per second, 44,100 or 48,000.
    long_step : int
        Frames between two long windows that are transformed; the frames between repeat the first.

    Returns
    -------
    features : ndarray of uint8, shape (frames, spec.bands)

    Examples
    --------
    >>> from deep_plunder.features.spec import FeatureSpec
    >>> spec = FeatureSpec(sample_rate=48000, n_fft=6144, short_n_fft=1024, hop=768,
    ...                    short_bands=96, short_steps=3)
    >>> analyse(np.zeros((16000, 2), np.float32), 10, spec, rate=44100).shape
    (10, 613)
    """
    long_window, long_bands, short_window, short_bands = _tables(spec, rate)
    steps = spec.short_steps
    hop = spec.hop * rate / spec.sample_rate
    starts = np.rint(np.arange(frames * steps) * (hop / steps)).astype(np.int64)
    # The first sample of a window in the middle of a frame, or of its part, behind their first.
    lead = spec.lead(rate)
    long_inset = lead + round((hop - len(long_window)) / 2)
    short_inset = lead + round((hop - len(short_window)) / 2)
    part_inset = lead + round((hop / steps - len(short_window)) / 2)
    length = int(starts[-1]) + 2 * lead + len(long_window)
    sides = np.zeros((2, length), np.float32)
    heard = samples[:length].T
    np.add(heard[0], heard[1], out=sides[0, : heard.shape[1]])
    np.subtract(heard[0], heard[1], out=sides[1, : heard.shape[1]])
    # Middle and side are the halves of these: the windows hold the factor.
    middle, side = sides
    features = np.empty((frames, spec.bands), np.uint8)
    looked_at = starts[:: steps * long_step] + long_inset
    long = np.empty((len(looked_at), spec.mel_bands), np.uint8)
    _fill(long, middle, looked_at, long_window, long_bands)
    features[:, : spec.mel_bands] = np.repeat(long, long_step, axis=0)[:frames]
    parts = np.empty((frames * steps, spec.short_bands), np.uint8)
    _fill(parts, middle, starts + part_inset, short_window, short_bands)
    features[:, spec.mel_bands : -spec.short_bands] = parts.reshape(frames, -1)
    rest = features[:, -spec.short_bands :]
    if side.any():
        _fill(rest, side, starts[::steps] + short_inset, short_window, short_bands)
    else:
        rest[:] = _bytes(np.zeros(1, np.float32))
    return features
