"""Compute the log-mel spectrograms that the networks take.

Mixes and songs take one path from samples to features: `to_mono` (mean of the channels, then
resampling), then `log_mel`. For long recordings, `stream_log_mel` yields the same bytes block by
block in bounded memory.

Conventions (paper, section 3.1): mono at 16 kHz; Hann windows of 2,048 samples every 512 samples,
not centred. Frame ``i`` covers the samples ``[512 i, 512 i + 2048)``, with zeros past the end, so
a minute has 1,875 frames. Features are the natural logarithm of the sum of magnitudes (not
powers) in a band plus 1e-6, in 229 triangular bands of peak 1 on the HTK mel scale, in float32.

The result equals that of `tf.signal` to within 1e-5 for any signal: the window and the mel
weights are rounded as TensorFlow rounds them (`features.tf_rounding`), and SciPy's transform of
float32 input gives the same bits as TensorFlow's. Double precision would be more exact, but up to
3 (in the logarithm) away from `tf.signal` in bins far below the loudest of their frame.

Detailed features (`features.detailed`), for networks beyond the paper, are computed where
``short_bands`` is above 0. They use both channels, and a frame lies in the middle of its windows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.resampling import Resampler, downmix, resample
from deep_plunder.features.filters import hann_window, mel_weights
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.spectra import magnitudes_by_bin

__all__ = [
    "LOG_FLOOR",
    "features_from_audio",
    "log_mel",
    "mel_levels",
    "silence",
    "stream_log_mel",
    "to_mono",
]

LOG_FLOOR = 1e-6
"""Added before the logarithm (paper, section 3.1): silence is ``log(1e-6)``, -13.8."""

# Frames per transform: windows and spectra, 2 MB each, fit a core's caches, and the overhead of
# a step is shared by many frames.
_CHUNK = 256


@lru_cache(maxsize=8)
def _tables(spec: FeatureSpec) -> tuple[Float32Array, Any]:
    """Return the window, and the mel weights as a sparse matrix of shape (bands, bins)."""
    from scipy.sparse import csr_array

    # At most two bands share a bin, so 99 % of a dense product would be zeros. A sparse product
    # sums in the order of bins for any number of frames and threads.
    return hann_window(spec.n_fft), csr_array(mel_weights(spec).T)


def _chunk(spec: FeatureSpec, rate: int, long_step: int) -> int:
    """Return the number of frames per transform: whole steps of whole samples, at least one."""
    step = long_step
    if spec.is_fine:
        from deep_plunder.features.fine import whole_frames

        step = math.lcm(long_step, whole_frames(spec, rate))
    return max(1, _CHUNK // step) * step


def _analyse(
    samples: Float32Array, frames: int, spec: FeatureSpec, *, rate: int, long_step: int = 1
) -> NDArray[Any]:
    """Compute so many frames of `samples`, the first at sample 0, with zeros past the end."""
    from scipy.fft import rfft

    if spec.is_fine:
        from deep_plunder.features import fine

        return fine.analyse(samples, frames, spec, rate=rate, long_step=long_step)
    if spec.short_bands:
        from deep_plunder.features.detailed import analyse

        return analyse(
            samples, frames, spec, chunk=_chunk(spec, rate, long_step), long_step=long_step
        )

    window, bands = _tables(spec)
    features = np.empty((frames, spec.mel_bands), np.float32)
    windowed = np.empty((_CHUNK, spec.n_fft), np.float32)
    for first in range(0, frames, _CHUNK):
        count = min(_CHUNK, frames - first)
        start, length = first * spec.hop, (count - 1) * spec.hop + spec.n_fft
        part = samples[start : start + length]
        if len(part) < length:
            part = np.pad(part, (0, length - len(part)))
        views = np.lib.stride_tricks.sliding_window_view(part, spec.n_fft)[:: spec.hop]
        np.multiply(views, window, out=windowed[:count])
        magnitudes = magnitudes_by_bin(rfft(windowed[:count], axis=1))
        features[first : first + count] = (bands @ magnitudes).T
    features += np.float32(LOG_FLOOR)
    return np.log(features, out=features)


def log_mel(audio: NDArray[Any], spec: FeatureSpec) -> Float32Array:
    """Compute the log-mel spectrogram of a mono signal.

    Parameters
    ----------
    audio : ndarray, shape (n,)
        Samples at ``spec.sample_rate``, full scale 1.0, of any length; taken as float32.
    spec : FeatureSpec

    Returns
    -------
    features : ndarray of float32, shape (spec.frames(n), mel_bands)

    References
    ----------
    Braun, "Deep Plunder", 2020, section 3.1. Equals ``tf.math.log(tf.abs(tf.signal.stft(audio,
    2048, 512, pad_end=True)) @ tf.signal.linear_to_mel_weight_matrix(229, 1025, 16000, 30.0,
    8000.0) + 1e-6)`` to within 1e-5. (For an `n_fft` that is no power of two, `tf.signal.stft`
    must be told ``fft_length=n_fft``.)

    Examples
    --------
    >>> log_mel(np.zeros(16000), FeatureSpec()).shape
    (32, 229)
    """
    samples = np.asarray(audio, np.float32)
    if samples.ndim != 1 or spec.channels != 1:
        rule = "audio must be mono, of shape (n,), and the features the paper's"
        raise ValueError(f"{rule}, got {samples.shape} and {spec.channels} channels")
    return _analyse(samples, spec.frames(len(samples)), spec, rate=spec.sample_rate)


def silence(spec: FeatureSpec) -> NDArray[Any]:
    """Return the features of a silent frame.

    Parameters
    ----------
    spec : FeatureSpec

    Returns
    -------
    features : ndarray of `spec.dtype`, shape (bands,)

    Examples
    --------
    >>> silence(FeatureSpec())[:2].round(1)
    array([-13.8, -13.8], dtype=float32)
    """
    nothing = np.zeros((spec.n_fft, spec.channels), np.float32).squeeze()
    return np.asarray(_analyse(nothing, 1, spec, rate=spec.sample_rate)[0])


def _heard(audio: NDArray[Any], spec: FeatureSpec) -> Float32Array:
    """Mix audio down to (n,), or for detailed features to (n, 2), or (n, 1) if it is not stereo."""
    if spec.channels == 1:
        return downmix(audio)
    if audio.ndim == 2 and audio.shape[1] == 2:
        if audio.dtype.kind == "f":
            return audio.astype(np.float32, copy=False)
        return np.stack([downmix(audio[:, 0]), downmix(audio[:, 1])], axis=1)
    return downmix(audio)[:, None]


def _sides(heard: Float32Array, spec: FeatureSpec) -> Float32Array:
    """Return a resampled signal with as many channels as the features need."""
    # Resampling two equal channels would cost twice as much.
    return heard if spec.channels == 1 or heard.shape[1] == 2 else np.repeat(heard, 2, axis=1)


def _led(samples: Float32Array, spec: FeatureSpec, rate: int) -> Float32Array:
    """Pad a signal in front for its first window."""
    lead = spec.lead(rate)
    return np.pad(samples, ((lead, 0), (0, 0))) if lead else samples


def to_mono(audio: NDArray[Any], rate: int, spec: FeatureSpec) -> Float32Array:
    """Convert audio of any rate and channels to the mono signal that `log_mel` takes.

    Parameters
    ----------
    audio : ndarray of int16 or float, shape (n, channels) or (n,)
        Full scale is 32,768 for int16 and 1.0 for floating point.
    rate : int
        Samples per second.
    spec : FeatureSpec

    Returns
    -------
    mono : ndarray of float32, shape (about n * spec.sample_rate / rate,)
        The mean of the channels, resampled (soxr HQ).

    Examples
    --------
    >>> to_mono(np.full((4, 2), 16384, np.int16), 16000, FeatureSpec()).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    return resample(downmix(audio), rate, spec.sample_rate)


def features_from_audio(audio: NDArray[Any], rate: int, spec: FeatureSpec) -> NDArray[Any]:
    """Compute the features of audio of any rate and channels.

    Parameters
    ----------
    audio : ndarray of int16 or float, shape (n, channels) or (n,)
        See `to_mono`.
    rate : int
        Samples per second.
    spec : FeatureSpec

    Returns
    -------
    features : ndarray of `spec.dtype`, shape (frames, bands)
        A minute has 1,875 frames with the default `spec`, at any rate.

    Examples
    --------
    >>> minute = np.zeros((60 * 44100, 2), np.int16)
    >>> features_from_audio(minute, 44100, FeatureSpec()).shape
    (1875, 229)
    """
    heard = spec.analysis_rate(rate)
    samples = _sides(resample(_heard(audio, spec), rate, heard), spec)
    return _analyse(_led(samples, spec, heard), spec.frames(len(samples), heard), spec, rate=heard)


def stream_log_mel(
    blocks: Iterable[NDArray[Any]],
    rate: int,
    spec: FeatureSpec,
    *,
    block_frames: int = 1024,
    long_step: int = 1,
) -> Iterator[NDArray[Any]]:
    """Compute the features of audio that comes in blocks, in bounded memory.

    Parameters
    ----------
    blocks : iterable of ndarray of int16 or float, shape (n, channels) or (n,)
        Consecutive parts of one recording, of any lengths.
    rate : int
        Samples per second.
    spec : FeatureSpec
    block_frames : int
        Frames per yielded array, rounded up to a multiple of about 256. Memory holds about one
        such array, its samples and one block.
    long_step : int
        Frames between two long windows that are computed, of detailed features. The frames
        between repeat the first. For networks that use no other long windows.

    Yields
    ------
    features : ndarray of `spec.dtype`, shape (k, bands)
        ``k`` is `block_frames` except in the last array. Joined, the arrays equal
        `features_from_audio` of the joined blocks to the byte, except for skipped long windows.

    Examples
    --------
    >>> song = np.random.default_rng(1).normal(size=(30000, 2)) / 10
    >>> blocks = [song[:10000], song[10000:]]
    >>> parts = list(stream_log_mel(blocks, 22050, FeatureSpec(), block_frames=256))
    >>> whole = features_from_audio(song, 22050, FeatureSpec())
    >>> bool(np.array_equal(np.concatenate(parts), whole))
    True
    """
    # Whole chunks: each frame is computed together with the same frames as in `log_mel`.
    heard = spec.analysis_rate(rate)
    chunk = _chunk(spec, heard, long_step)
    size = -(-block_frames // chunk) * chunk
    # Whole, since chunks are.
    step = size * spec.hop * heard // spec.sample_rate
    needed = step - spec.hop + spec.n_fft
    if spec.is_fine:
        needed = step + 3 * spec.lead(heard)
    resampler: Resampler | None = None
    nothing = np.empty((0, spec.channels)[: spec.channels], np.float32)
    lead = spec.lead(heard)
    parts: list[Float32Array] = [_led(nothing, spec, heard)]
    waiting = len(parts[0])
    for block in blocks:
        mixed = _heard(block, spec)
        if resampler is None:
            resampler = Resampler(rate, heard, 1 if mixed.ndim == 1 else mixed.shape[1])
            nothing = mixed[:0]
        parts.append(_sides(resampler.process(mixed), spec))
        waiting += len(parts[-1])
        if waiting >= needed:
            samples = np.concatenate(parts)
            while len(samples) >= needed:
                yield _analyse(samples, size, spec, rate=heard, long_step=long_step)
                samples = samples[step:]
            parts, waiting = [samples], len(samples)
    if resampler is not None:
        parts.append(_sides(resampler.process(nothing, last=True), spec))
    samples = np.concatenate(parts)
    while len(samples) > lead:
        count = min(size, spec.frames(len(samples) - lead, heard))
        yield _analyse(samples, count, spec, rate=heard, long_step=long_step)
        samples = samples[step:]


def mel_levels(features: NDArray[Any], spec: FeatureSpec) -> NDArray[np.float32]:
    """Return the log-mel levels of either kind of features, for plotting.

    Parameters
    ----------
    features : ndarray, shape (n, bands)
        Features that `spec` describes.
    spec : FeatureSpec

    Returns
    -------
    levels : ndarray of float32, shape (n, mel_bands)
        Natural logarithms of the magnitudes in the long window's mel bands.

    Examples
    --------
    >>> spec = FeatureSpec(hop=256, short_bands=80)
    >>> detailed = features_from_audio(np.zeros((16000, 2)), 16000, spec)
    >>> detailed.shape, mel_levels(detailed, spec).shape
    ((63, 390), (63, 229))
    """
    if not spec.short_bands:
        return features
    from deep_plunder.features.detailed import levels

    return levels(features[:, : spec.mel_bands])
