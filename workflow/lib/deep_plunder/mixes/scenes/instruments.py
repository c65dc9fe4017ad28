"""Build the sound of an instrument: read or synthesize, sustain and colour it.

The sound is float32 of shape (channels, samples), has one or two channels and a peak of 1, and is
at the sample rate of the scene.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from deep_plunder.audio import resampling
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import AudioError, InputError
from deep_plunder.mixes.recordings import Cache, read_part
from deep_plunder.mixes.scenes.rows import SceneRow, read_settings
from deep_plunder.mixes.scenes.settings import (
    WAVE_NEEDS,
    WAVES,
    Colours,
    InstrumentSettings,
    Loop,
    OneShot,
    SynthNote,
    Wave,
)
from deep_plunder.mixes.scenes.waves import synthesize
from deep_plunder.mixes.store import Store
from deep_plunder.synths.makers import MAKERS
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import shown
from deep_plunder.util.rng import generator

__all__ = ["Instruments", "coloured", "low_passed", "sustained"]

# Synthesizers always play at this rate, since another rate would draw other random numbers.
_SYNTH_RATE = 44100


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


def _named(row: SceneRow, prefix: str, known: Collection[str]) -> str:
    """Return the part of a source after its prefix, which must be one of the known names."""
    kind = row.source.removeprefix(f"{prefix}:")
    if kind not in known:
        raise InputError(
            f"plan: mix {row.mix}, row {row.row}: source must be {prefix}: and one of "
            f"{', '.join(known)}, got {row.source[:80]!r}"
        )
    return kind


class Instruments:
    """Builder of the sounds of instruments, and reader of excerpts.

    Parameters
    ----------
    sounds, songs : iterable
        The sounds and songs that plans name, in any order.
    rate : int
        Sample rate of the scenes, in Hz.
    cache_bytes : int
        Memory for decoded sounds, in bytes. It does not affect the audio.
    store : Store
        Store of decoded audio on disk. It does not affect the audio.
    """

    def __init__(
        self,
        sounds: Iterable[Sound],
        songs: Iterable[Song],
        *,
        rate: int,
        cache_bytes: int,
        store: Store,
    ) -> None:
        self._sounds = {sound.sound: sound for sound in sounds}
        self._songs = {song.song: song for song in songs}
        self._rate = rate
        self._cache = Cache(cache_bytes)
        self._store = store

    def path(self, name: str) -> str:
        """Return the file of a sound or song.

        Parameters
        ----------
        name : str
            The source of a row.

        Returns
        -------
        path : str
            The path, or an empty string for a synthesized source.
        """
        source = self._sounds.get(name) or self._songs.get(name)
        return "" if source is None else source.path

    def sound_class(self, name: str) -> str:
        """Return the class of a sound.

        Parameters
        ----------
        name : str
            The source of a row.

        Returns
        -------
        sound_class : str
            The class, or an empty string for a song or a synthesized source.
        """
        return self._sounds[name].sound_class if name in self._sounds else ""

    def is_song(self, name: str) -> bool:
        """Return whether a source is a song.

        Parameters
        ----------
        name : str
            The source of a row.

        Returns
        -------
        song : bool
            True if the table of songs has this name.
        """
        return name in self._songs

    def wave(self, row: SceneRow) -> Float32Array:
        """Build the sound of an instrument.

        Parameters
        ----------
        row : SceneRow
            A row of kind ``"instrument"``.

        Returns
        -------
        wave : ndarray of float32, shape (1 or 2, samples)
            The sound with a peak of 1, or silence.

        Raises
        ------
        AudioError
            If the file is missing or cannot be decoded.
        InputError
            If the source is not a known sound, song, wave or synthesizer.
        """
        settings: InstrumentSettings
        if row.source.startswith("wave:"):
            kind = _named(row, "wave", WAVES)
            settings = read_settings(row, Wave)
            needed = WAVE_NEEDS.get(kind)
            if needed and f"{needed}=" not in row.settings:
                raise InputError(f"plan: mix {row.mix}, row {row.row}: {kind} needs {needed}")
            return coloured(synthesize(kind, settings, self._rate)[None], settings, self._rate)
        if row.source.startswith("synth:"):
            kind = _named(row, "synth", MAKERS)
            settings = read_settings(row, SynthNote)
            wave = self._synthesized(kind, settings)
        else:
            settings = read_settings(row, OneShot)
            wave = self.read(row, settings.length_s)
        if settings.loop is not None:
            wave = sustained(wave, settings.loop, self._rate)
        return coloured(wave, settings, self._rate)

    def _synthesized(self, kind: str, settings: SynthNote) -> Float32Array:
        rng = generator(settings.seed, "synth", kind)
        player = MAKERS[kind](rng, _SYNTH_RATE)
        sides = player(rng, settings.note, settings.held_s).astype(np.float32)
        if not settings.stereo:
            sides = sides.mean(axis=1, keepdims=True)
        return np.ascontiguousarray(resampling.resample(sides, _SYNTH_RATE, self._rate).T)

    def read(self, row: SceneRow, seconds: float) -> Float32Array:
        """Read a part of a sound or a song.

        Parameters
        ----------
        row : SceneRow
            The row with the source and the start of the part.
        seconds : float
            Length of the part, in seconds. The part is shorter where the recording ends.

        Returns
        -------
        wave : ndarray of float32, shape (1 or 2, samples)
            The audio at the sample rate of the scene.

        Raises
        ------
        AudioError
            If the file is missing or cannot be decoded.
        InputError
            If the source is not in the tables.
        """
        source = self._sounds.get(row.source) or self._songs.get(row.source)
        if source is None:
            raise InputError(
                f"plan: mix {row.mix}, row {row.row}: source must be in the tables of sounds and "
                f"songs, got {row.source[:80]!r}"
            )
        key = (row.source, 0, row.source_start_s, round(seconds * self._rate))
        found = self._cache.get(key)
        if found is None:
            start = round(row.source_start_s * source.rate)
            stop = start + round(seconds * source.rate)
            part = read_part(self._store, source, start, stop, self._rate)
            if not len(part):
                raise AudioError(
                    f"{shown(source.path)}: truncated: ends before the planned part",
                    reason="truncated",
                )
            found = np.ascontiguousarray(part.T)
            found.flags.writeable = False
            self._cache.put(key, found)
        return found
