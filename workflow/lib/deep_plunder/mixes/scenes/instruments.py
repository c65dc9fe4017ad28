"""Build the sound of an instrument: read or synthesize it, then sustain and colour it.

The sound is float32 of shape (channels, samples), has one or two channels and a peak of 1, and is
at the sample rate of the scene.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from deep_plunder.audio import resampling
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import AudioError
from deep_plunder.mixes.recordings import Cache, read_part
from deep_plunder.mixes.scenes.colours import coloured, sustained
from deep_plunder.mixes.scenes.rows import SceneRow, read_settings, row_fault
from deep_plunder.mixes.scenes.settings import (
    WAVE_NEEDS,
    WAVES,
    InstrumentSettings,
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

__all__ = ["Instruments"]

# Synthesizers always play at this rate, since another rate would draw other random numbers.
_SYNTH_RATE = 44100


def _named(row: SceneRow, prefix: str, known: Collection[str]) -> str:
    """Return the part of a source after its prefix, which must be one of the known names."""
    kind = row.source.removeprefix(f"{prefix}:")
    if kind not in known:
        rule = f"source must be {prefix}: and one of {', '.join(known)}"
        raise row_fault(row, f"{rule}, got {row.source[:80]!r}")
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
                raise row_fault(row, f"{kind} needs {needed}")
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
            rule = "source must be in the tables of sounds and songs"
            raise row_fault(row, f"{rule}, got {row.source[:80]!r}")
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
