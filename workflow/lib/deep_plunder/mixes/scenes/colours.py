"""Sustain the sound of an instrument by a loop, and apply the colours of old samplers to it.

Sounds are float32, shape (channels, samples).
"""

from __future__ import annotations

import numpy as np

from deep_plunder.mixes.scenes.settings import Colours, Loop
from deep_plunder.util.arrays import Float32Array

__all__ = ["coloured", "low_passed", "sustained"]


def low_passed(wave: Float32Array, hz: float, rate: int, order: int = 2) -> Float32Array:
    """Apply a causal Butterworth low-pass filter.

    Parameters
    ----------
    wave : ndarray of float32, shape (..., samples)
        The audio.
    hz : float
        Cut-off frequency (-3 dB), in Hz. At 0.475 times `rate` or above, the filter does nothing.
    rate : int
        Sample rate, in Hz.
    order : int
        Order of the filter; its slope is `order` times 6 dB per octave.

    Returns
    -------
    wave : ndarray of float32, shape (..., samples)
        The filtered audio.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(size=(1, 16000)).astype(np.float32)
    >>> bool(low_passed(noise, 500, 16000).std() < noise.std() / 2)
    True
    """
    from scipy.signal import butter, sosfilt

    if hz >= 0.475 * rate:
        return wave
    sections = butter(order, hz / (rate / 2), output="sos")
    return np.asarray(sosfilt(sections, wave), np.float32)


def _peaked(wave: Float32Array, hz: float, db: float, q: float, rate: int) -> Float32Array:
    """Boost or cut a band with the peaking filter of R. Bristow-Johnson's Audio EQ Cookbook."""
    from scipy.signal import lfilter

    turn = 2 * np.pi * min(hz, 0.45 * rate) / rate
    gain, width = 10 ** (db / 40), np.sin(turn) / (2 * q)
    middle = -2 * np.cos(turn)
    rises = [1 + width * gain, middle, 1 - width * gain]
    falls = [1 + width / gain, middle, 1 - width / gain]
    return np.asarray(lfilter(rises, falls, wave), np.float32)


def sustained(wave: Float32Array, loop: Loop, rate: int) -> Float32Array:
    """Sustain a sound by looping some of its periods, like a sampler.

    Parameters
    ----------
    wave : ndarray of float32, shape (channels, samples)
        The sound.
    loop : Loop
        Settings of the loop.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    wave : ndarray of float32, shape (channels, samples)
        The sustained sound, or `wave` unchanged if it is too short for a loop.

    Examples
    --------
    >>> tone = np.sin(np.arange(8000) * 0.1).astype(np.float32)[np.newaxis]
    >>> loop = Loop(loop_s=0.1, periods=8, seam=32, sustain_s=2.0)
    >>> sustained(tone, loop, 16000).shape
    (1, 32344)
    """
    from scipy.fft import irfft, rfft

    total = wave.shape[1]
    start = int(min(total * 0.6, loop.loop_s * rate))
    part = wave[0, start : start + 2048]
    if total < 1600 or len(part) < 800:
        return wave
    spectrum = rfft(part - part.mean(), 8192)
    similarity = irfft(spectrum * spectrum.conj())[:800]
    period = 20 + int(np.argmax(similarity[20:]))
    length = min(max(period * loop.periods, 40), total - start - 1)
    seam = min(length // 2, loop.seam)
    body = wave[:, start : start + length].copy()
    if 1 < seam <= start:
        fade = np.linspace(0, 1, seam, dtype=np.float32)
        body[:, -seam:] = body[:, -seam:] * (1 - fade) + wave[:, start - seam : start] * fade
    wanted = round(loop.sustain_s * rate)
    turns = max(1, -(-(wanted - start) // length))
    return np.concatenate([wave[:, :start], np.tile(body, (1, turns))], axis=1)


def coloured(wave: Float32Array, colours: Colours, rate: int) -> Float32Array:
    """Apply the colours of old samplers to a sound.

    Parameters
    ----------
    wave : ndarray of float32, shape (channels, samples)
        The sound.
    colours : Colours
        The effects to apply.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    wave : ndarray of float32, shape (channels, samples)
        The coloured sound with a peak of 1. It has two channels if `colours.width` is set.

    Examples
    --------
    >>> tone = np.sin(np.arange(8000) * 0.1).astype(np.float32)[np.newaxis]
    >>> coloured(tone, Colours(bits=8, seed=1), 16000).shape
    (1, 8000)
    """
    from scipy.signal import fftconvolve, resample_poly

    length = wave.shape[1]
    if low_rate := colours.low_rate:
        factor = low_rate.divide
        low = resample_poly(wave, 1, factor, axis=1) if low_rate.filter else wave[:, ::factor]
        if low_rate.hold:
            wave = np.repeat(low, factor, axis=1)[:, :length]
        else:
            places = np.arange(length) / factor
            rows = [np.interp(places, np.arange(low.shape[1]), row) for row in low]
            wave = np.stack(rows).astype(np.float32)
        wave = wave.astype(np.float32, copy=False)
    for peak in colours.peaks:
        wave = _peaked(wave, peak.hz, peak.db, peak.q, rate)
    if dulling := colours.dulling:
        wave = low_passed(wave, dulling.dull_hz, rate, dulling.dull_order)
    if colours.decay_s is not None:
        time = np.arange(wave.shape[1], dtype=np.float32) / rate
        wave = wave * np.exp(-time / np.float32(colours.decay_s))
    if reverb := colours.wet:
        noise = np.random.default_rng(colours.seed).standard_normal(int(reverb.wet_s * rate))
        noise = noise * np.exp(-6.9 * np.arange(len(noise)) / len(noise))
        tail = low_passed(noise.astype(np.float32), reverb.wet_hz, rate)
        wet = fftconvolve(wave[:, : 2 * rate], tail[None], axes=1).astype(np.float32)
        wet *= 10 ** (reverb.wet_db / 20) / max(1e-9, float(np.abs(wet).max()))
        size = max(wave.shape[1], wet.shape[1])
        wave = np.pad(wave, ((0, 0), (0, size - wave.shape[1])))
        wave[:, : wet.shape[1]] += wet
    if width := colours.width:
        late = min(round(width.wide_ms / 1000 * rate), wave.shape[1] - 1)
        other = np.pad(wave[-1], (late, 0))[: wave.shape[1]]
        other = other * np.float32(10 ** (width.wide_db / 20))
        wave = np.asarray(np.stack([wave[0], other]), np.float32)
    loudest = float(np.abs(wave).max(initial=0))
    if loudest < 1e-6:
        return wave
    wave = np.asarray(wave / np.float32(loudest), np.float32)
    if colours.bits is not None:
        steps = np.float32(2 ** (float(colours.bits) - 1) - 1)
        wave = np.asarray(np.round(wave * steps) / steps, np.float32)
    return wave
