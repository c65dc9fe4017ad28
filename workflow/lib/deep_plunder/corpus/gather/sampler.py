"""Play single notes of a soundfont, dry.

The sampler plays tuning, loops, the volume envelope, the low-pass filter with its envelope, pan and
layers (SoundFont 2.04, sections 8 and 9). It leaves out vibrato, tremolo, pitch envelopes,
modulators, chorus and reverb, since a one-shot should be a plain sound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import soxr
from numpy.typing import NDArray

from deep_plunder.corpus.gather.soundfont import Generator, Preset, SoundFont, Zone
from deep_plunder.util.arrays import Float32Array

__all__ = ["play"]

_SILENT_DB = 100.0
# Share of a soundfont's attenuation that E-mu's sound cards applied, and synthesizers since.
_ATTENUATION = 0.4
_BLOCK = 64
_OPEN = 0.45
_SHORTEST_LOOP = 8


def play(
    font: SoundFont,
    preset: Preset,
    *,
    key: int,
    velocity: int,
    held_s: float,
    after_s: float,
    rate: int,
) -> Float32Array:
    """Play one note.

    Parameters
    ----------
    font : SoundFont
    preset : Preset
        A preset of the font.
    key, velocity : int
        MIDI note and velocity, 0 to 127.
    held_s, after_s : float
        Seconds for which the key is held, and for which the sound goes on after that.
    rate : int
        Sampling rate in Hz.

    Returns
    -------
    samples : numpy.ndarray
        Shape (frames, 2); silent if the preset has no recording for the note.
    """
    frames = round((held_s + after_s) * rate)
    mix = np.zeros((frames, 2), np.float32)
    loudness = (velocity / 127) ** 2
    for zone in font.zones(preset, key=key, velocity=velocity):
        signal = _pitched(zone, font.recording(zone.sample), key, frames, rate)
        signal = _filtered(signal, zone, held_s, rate)
        level = _volume(zone, key, held_s, frames, rate)
        level *= loudness * 10 ** (-_ATTENUATION * max(0, zone[Generator.ATTENUATION]) / 200)
        angle = (np.clip(zone[Generator.PAN] / 500, -1, 1) + 1) * math.pi / 4
        mix += (signal * level)[:, None] * np.array([math.cos(angle), math.sin(angle)], np.float32)
    return mix


def _pitched(zone: Zone, recording: Float32Array, key: int, frames: int, rate: int) -> Float32Array:
    """Play the recording at the pitch of the key, prolonged by its loop."""
    sample = zone.sample

    def at(frame: int, fine: Generator, coarse: Generator) -> int:
        return min(max(0, frame + zone[fine] + 32768 * zone[coarse]), len(recording))

    first = at(0, Generator.START, Generator.START_COARSE)
    stop = at(len(recording), Generator.END, Generator.END_COARSE)
    loop_first = at(sample.loop_start, Generator.LOOP_START, Generator.LOOP_START_COARSE)
    loop_stop = at(sample.loop_end, Generator.LOOP_END, Generator.LOOP_END_COARSE)
    root = zone[Generator.ROOT_KEY]
    root = root if 0 <= root <= 127 else sample.key if sample.key <= 127 else 60
    cents = (key - root) * zone[Generator.SCALE_TUNING] + sample.correction
    cents += 100 * zone[Generator.COARSE_TUNE] + zone[Generator.FINE_TUNE]
    played_rate = (sample.rate or rate) * 2 ** (cents / 1200)
    # A few more, so that the end of the resampled sound lies behind the last frame.
    needed = math.ceil(frames * played_rate / rate) + 256
    if zone[Generator.LOOP_MODE] in (1, 3) and loop_stop - loop_first > _SHORTEST_LOOP:
        loop = recording[loop_first:loop_stop]
        head = recording[first:loop_stop]
        times = max(0, -(-(needed - len(head)) // len(loop)))
        source = np.concatenate([head, np.tile(loop, times)])
    else:
        source = recording[first:stop]
    played: Float32Array = soxr.resample(source[:needed], played_rate, rate)[:frames]
    return np.concatenate([played, np.zeros(frames - len(played), np.float32)])


def _seconds(timecents: float) -> float:
    return float(2 ** (min(timecents, 8000) / 1200))


def _volume(zone: Zone, key: int, held_s: float, frames: int, rate: int) -> Float32Array:
    """Compute the volume envelope: a linear attack, then linear in decibels."""
    times = np.arange(frames) / rate
    above = 60 - key
    delay, attack = _seconds(zone[Generator.DELAY]), _seconds(zone[Generator.ATTACK])
    hold = _seconds(zone[Generator.HOLD] + above * zone[Generator.KEY_TO_HOLD])
    decay = _seconds(zone[Generator.DECAY] + above * zone[Generator.KEY_TO_DECAY])
    sustain_db = float(np.clip(zone[Generator.SUSTAIN] / 10, 0, _SILENT_DB))

    def level(at: NDArray[np.float64]) -> NDArray[np.float64]:
        rise = np.clip((at - delay) / attack, 0, 1)
        fall_db = np.clip((at - delay - attack - hold) * _SILENT_DB / decay, 0, sustain_db)
        result: NDArray[np.float64] = rise * 10 ** (-fall_db / 20)
        return result

    release_db = np.maximum(0, times - held_s) * _SILENT_DB / _seconds(zone[Generator.RELEASE])
    envelope = level(np.minimum(times, held_s)) * 10 ** (-release_db / 20)
    envelope[release_db >= _SILENT_DB] = 0
    return envelope.astype(np.float32)


def _modulation(zone: Zone, times: NDArray[np.float64], held_s: float) -> NDArray[np.float64]:
    """Compute the envelope of the filter, which is linear, 0 to 1."""
    start = _seconds(zone[Generator.MODULATION_DELAY])
    attack = _seconds(zone[Generator.MODULATION_ATTACK])
    hold = _seconds(zone[Generator.MODULATION_HOLD])
    decay = _seconds(zone[Generator.MODULATION_DECAY])
    sustain = 1 - float(np.clip(zone[Generator.MODULATION_SUSTAIN] / 1000, 0, 1))
    at = np.minimum(times, held_s)
    rise = np.clip((at - start) / attack, 0, 1)
    fall = np.clip((at - start - attack - hold) / decay, 0, 1 - sustain)
    released = np.maximum(0, times - held_s) / _seconds(zone[Generator.MODULATION_RELEASE])
    result: NDArray[np.float64] = np.maximum(0, rise * (1 - fall) - released)
    return result


def _filtered(signal: Float32Array, zone: Zone, held_s: float, rate: int) -> Float32Array:
    """Return the sound after the zone's resonant low-pass filter."""
    base, depth = zone[Generator.FILTER_CUTOFF], zone[Generator.MODULATION_TO_FILTER]
    resonance = 10 ** (np.clip(zone[Generator.FILTER_RESONANCE] / 10, 0, 96) / 20)
    times = np.arange(0, len(signal), _BLOCK) / rate
    cents: Iterable[float] = [base]
    if depth:
        cents = np.clip(base + depth * _modulation(zone, times, held_s), 1500, 13500)
    cutoffs = [8.176 * 2 ** (value / 1200) for value in cents]
    if min(cutoffs) >= _OPEN * rate or (min(cutoffs) > 19000 and resonance <= 1):
        return signal
    from scipy.signal import lfilter

    size = _BLOCK if depth else len(signal)
    state = np.zeros(2)
    pieces = []
    for start, cutoff in zip(range(0, len(signal), size), cutoffs, strict=True):
        forward, back = _low_pass(min(cutoff, _OPEN * rate), resonance, rate)
        piece, state = lfilter(forward, back, signal[start : start + size], zi=state)
        pieces.append(piece)
    return np.concatenate(pieces).astype(np.float32)


def _low_pass(cutoff: float, resonance: float, rate: int) -> tuple[list[float], list[float]]:
    """Compute a resonant low-pass filter of two poles, by the bilinear transform."""
    # Without resonance the response is that of a Butterworth filter.
    q = max(resonance, 1) / math.sqrt(2)
    angle = 2 * math.pi * cutoff / rate
    alpha, cosine = math.sin(angle) / (2 * q), math.cos(angle)
    first = 1 + alpha
    edge = (1 - cosine) / 2 / first
    return [edge, 2 * edge, edge], [1.0, -2 * cosine / first, (1 - alpha) / first]
