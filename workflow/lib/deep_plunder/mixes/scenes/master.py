"""Apply the master chain, the effects on a whole scene.

Audio is float32 of shape (2, samples). The order of the effects is fixed: tilt, high-pass filter,
compression, saturation, low-pass filter, degradation, noise floor, mono, limiter, codec.
"""

from __future__ import annotations

import io

import numpy as np

from deep_plunder.mixes.scenes.colours import low_passed
from deep_plunder.mixes.scenes.settings import Compression, Degradation, MasterSettings
from deep_plunder.util.arrays import Float32Array

__all__ = ["mastered", "reverberated"]

_TILT_HZ = 800.0
_KNEE = np.float32(0.8)
_STEP_S = 0.004
# The Vorbis coder holds 4 bytes on the stack for each sample that it is given at once.
_MOST_CODED = 2**20


def _limited(sides: Float32Array) -> Float32Array:
    """Compress levels above 0.8 smoothly towards full scale."""
    over = np.abs(sides) > _KNEE
    if over.any():
        loud = sides[over]
        rest = np.float32(1) - _KNEE
        sides[over] = np.sign(loud) * (_KNEE + rest * np.tanh((np.abs(loud) - _KNEE) / rest))
    return sides


def reverberated(send: Float32Array, settings: MasterSettings, rate: int) -> Float32Array:
    """Compute the reverberation of a send by convolution with decaying noise.

    Parameters
    ----------
    send : ndarray of float32, shape (2, samples)
        The sum of all notes, weighted by their sends.
    settings : MasterSettings
        The noise decays by 60 dB in `reverb_s` and passes through a low-pass filter at `reverb_hz`.
        Left and right have different noise.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    wet : ndarray of float32, shape (2, samples)
        The reverberation, cut at the end of `send`.

    Examples
    --------
    >>> send = np.zeros((2, 16000), np.float32)
    >>> send[:, 0] = 1
    >>> settings = MasterSettings(level_db=-6, reverb_s=0.5, reverb_hz=4000, seed=1, mono=False)
    >>> wet = reverberated(send, settings, 16000)
    >>> bool(abs(wet[:, :4000]).max() > abs(wet[:, -4000:]).max())
    True
    """
    from scipy.signal import oaconvolve

    rng = np.random.default_rng((settings.seed, 1))
    count = max(16, int(settings.reverb_s * rate))
    decay = np.exp(-6.9 * np.arange(count) / count)
    noise = (rng.standard_normal((2, count)) * decay).astype(np.float32)
    tail = low_passed(noise, settings.reverb_hz, rate)
    tail /= np.sqrt((tail**2).sum(axis=1, keepdims=True) + 1e-12)
    return np.asarray(oaconvolve(send, tail, axes=1)[:, : send.shape[1]], np.float32)


def _compressed(sides: Float32Array, settings: Compression, rate: int) -> Float32Array:
    from scipy.signal import lfilter

    step = round(_STEP_S * rate)
    blocks = sides[:, : sides.shape[1] // step * step].reshape(2, -1, step)
    power = np.square(blocks).mean(axis=(0, 2)) + 1e-10
    # The larger of the power and its smoothed copy rises at once and falls within 100 ms.
    smooth = lfilter([1 - np.exp(-_STEP_S / 0.1)], [1, -np.exp(-_STEP_S / 0.1)], power)
    level_db = 10 * np.log10(np.maximum(power, smooth))
    over = np.maximum(0, level_db - settings.threshold_db)
    gain = 10 ** (-over * (1 - 1 / settings.ratio) / 20)
    places = np.arange(sides.shape[1])
    curve = np.interp(places, np.arange(len(gain)) * step + step / 2, gain)
    return np.asarray(sides * curve.astype(np.float32))


def _degraded(sides: Float32Array, settings: Degradation) -> Float32Array:
    factor = settings.divide
    if factor > 1:
        sides = np.repeat(sides[:, ::factor], factor, axis=1)[:, : sides.shape[1]]
    steps = np.float32(2 ** (float(settings.bits) - 1) - 1)
    return np.asarray(np.round(sides * steps) / steps, np.float32)


def _coded(sides: Float32Array, rate: int, quality: float) -> Float32Array:
    """Encode and decode as Vorbis, whose decoder returns as many samples as were encoded."""
    import soundfile

    with io.BytesIO() as file:
        with soundfile.SoundFile(
            file, "w", rate, len(sides), format="OGG", subtype="VORBIS", compression_level=quality
        ) as coder:
            for start in range(0, sides.shape[1], _MOST_CODED):
                coder.write(sides[:, start : start + _MOST_CODED].T)
        file.seek(0)
        decoded, _ = soundfile.read(file, dtype="float32", always_2d=True)
    coded = np.zeros_like(sides)
    count = min(len(decoded), sides.shape[1])
    coded[:, :count] = decoded[:count].T
    return coded


def _floor(shape: tuple[int, int], settings: MasterSettings, rate: int) -> Float32Array:
    rng = np.random.default_rng((settings.seed, 2))
    floor = np.zeros(shape, np.float32)
    if settings.noise_db is not None:
        noise = rng.standard_normal(shape, np.float32)
        floor += noise * np.float32(10 ** (settings.noise_db / 20))
    if crackle := settings.crackle:
        count = rng.poisson(crackle.clicks_hz * shape[1] / rate)
        places = rng.integers(0, shape[1], count)
        clicks = np.zeros(shape[1], np.float32)
        level = 10 ** (crackle.vinyl_db / 20)
        clicks[places] = level * rng.standard_normal(count) * rng.random(count) ** 2
        floor += low_passed(clicks, 5000, rate, 1)
    return floor


def mastered(sides: Float32Array, settings: MasterSettings, rate: int) -> Float32Array:
    """Apply the master chain to a scene.

    Parameters
    ----------
    sides : ndarray of float32, shape (2, samples)
        The scene. The function may overwrite it.
    settings : MasterSettings
        Settings of the effects. An effect whose setting is None is skipped.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    sides : ndarray of float32, shape (2, samples)
        The finished scene, within -1..1.

    Examples
    --------
    >>> sides = np.full((2, 16000), 3.0, np.float32)
    >>> settings = MasterSettings(level_db=-6, reverb_s=0.5, reverb_hz=4000, seed=1, mono=False)
    >>> bool(abs(mastered(sides, settings, 16000)).max() <= 1)
    True
    """
    if settings.tilt_db is not None:
        tilt_db = settings.tilt_db
        low = low_passed(sides, _TILT_HZ, rate, 1)
        sides = low * np.float32(10 ** (-tilt_db / 20)) + (sides - low) * np.float32(
            10 ** (tilt_db / 20)
        )
    if settings.high_pass_hz is not None:
        sides = sides - low_passed(sides, settings.high_pass_hz, rate, 1)
    if settings.compression is not None:
        sides = _compressed(sides, settings.compression, rate)
    if settings.drive is not None:
        drive = np.float32(settings.drive)
        sides = np.tanh(sides * drive) / np.tanh(drive)
    if settings.low_pass_hz is not None:
        sides = low_passed(sides, settings.low_pass_hz, rate)
    if settings.degradation is not None:
        sides = _degraded(sides, settings.degradation)
    if settings.noise_db is not None or settings.crackle is not None:
        sides = sides + _floor((2, sides.shape[1]), settings, rate)
    if settings.mono:
        sides = np.repeat(sides.mean(axis=0, keepdims=True, dtype=np.float32), 2, axis=0)
    sides = _limited(np.ascontiguousarray(sides, np.float32))
    if settings.quality is not None:
        sides = np.clip(_coded(sides, rate, settings.quality), -1, 1)
    return sides
