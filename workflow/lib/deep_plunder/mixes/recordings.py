"""Read parts of recordings for a mix: resampled, in mono or stereo, re-pitched.

A sound plays from its onset on. Recordings with more than two channels are mixed down to mono.
Files are read in parts, so that memory is bounded by the cache and one excerpt, whatever the
length of the files.

Deviation from the paper (section 3.4.3): a sound whose pitch does not change bypasses the phase
vocoder, which would smear it.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Iterable
from importlib import metadata

import numpy as np

from deep_plunder.audio import resampling
from deep_plunder.audio.pitch import shift_pitch
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import AudioError
from deep_plunder.mixes.events import SONG, Event, sounding_samples
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.store import VERSION_DIGITS, Store
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.code_version import code_version
from deep_plunder.util.names import shown

__all__ = ["Cache", "Recordings", "open_store", "read_part"]

# MP3 and AAC files are a few frames shorter than their headers say. Songs may end this much early.
_SOUND_SHORTAGE_S = 0.02
_SONG_SHORTAGE_S = 0.5

# Relative to the working directory of the workflow.
_SHARED_FOLDER = "results/cache"
_LIBRARIES = ("av", "numpy", "soundfile", "soxr")


def open_store(cache_gb: float) -> Store:
    """Open the store that all jobs of a workflow share.

    Parameters
    ----------
    cache_gb : float
        Greatest size in GB (`mixes.cache_gb` of the configuration). 0 stores nothing.

    Returns
    -------
    store : Store
        The store. Its version covers the code of this module, all modules that it imports, and
        the libraries that decode and resample.

    Examples
    --------
    >>> store = open_store(cache_gb=0)  # stores nothing
    """
    code = code_version(__name__.partition(".")[2])
    versions = " ".join([code, *map(metadata.version, _LIBRARIES)])
    version = hashlib.sha256(versions.encode()).hexdigest()[:VERSION_DIGITS]
    return Store(_SHARED_FOLDER, version=version, limit_bytes=cache_gb * 1e9)


class Cache:
    """The most recently used arrays in memory, up to a total size.

    Parameters
    ----------
    limit : int
        Greatest total size, in bytes. A larger array is not cached.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._arrays: OrderedDict[tuple[str, int, float, int], Float32Array] = OrderedDict()

    def get(self, key: tuple[str, int, float, int]) -> Float32Array | None:
        """Return the array of a key, or None if it is no longer cached.

        Parameters
        ----------
        key : tuple
            The key that was passed to `put`.

        Returns
        -------
        array : ndarray or None
            The cached array.
        """
        if key in self._arrays:
            self._arrays.move_to_end(key)
        return self._arrays.get(key)

    def put(self, key: tuple[str, int, float, int], array: Float32Array) -> None:
        """Add an array, and drop the least recently used ones to make room.

        Parameters
        ----------
        key : tuple
            Name of the source, semitones, start in seconds, number of frames.
        array : ndarray of float32
            The array to cache.
        """
        if array.nbytes > self._limit:
            return
        self._arrays[key] = array
        self._size += array.nbytes
        while self._size > self._limit:
            _, dropped = self._arrays.popitem(last=False)
            self._size -= dropped.nbytes


def _fitted(part: Float32Array, length: int, *, shortage: float, path: str) -> Float32Array:
    missing = length - len(part)
    if missing > shortage:
        detail = f"the planned part has {length} samples, the last {missing} are missing"
        raise AudioError(f"{shown(path)}: truncated: {detail}", reason="truncated")
    if missing > 0:
        part = np.concatenate([part, np.zeros((missing, part.shape[1]), np.float32)])
    return part[:length]


def read_part(
    store: Store, source: Sound | Song, start: int, stop: int, rate: float
) -> Float32Array:
    """Read a part of a recording in mono or stereo, and resample it.

    Parameters
    ----------
    store : Store
        Store of decoded audio.
    source : Sound or Song
        The recording.
    start, stop : int
        First frame, and the frame after the last. The part is shorter where the recording ends
        before `stop`.
    rate : float
        Sample rate of the result, in Hz.

    Returns
    -------
    part : ndarray of float32, shape (frames, 1 or 2)
        The resampled audio.

    Raises
    ------
    AudioError
        If the file is missing, cannot be decoded, or has a different rate than when it was listed.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> writing.write("kick.wav", np.zeros((44100, 2), np.float32), 44100)
    >>> kick = Sound("kick.wav", "kick", "kick.wav", 1.0, 44100, 2, 0.0, 1.0)
    >>> read_part(open_store(cache_gb=0), kick, 0, 22050, rate=16000).shape
    (8000, 2)
    """
    part, found = store.read(source.path, start=start, stop=stop, rate=source.rate)
    if found != source.rate:
        detail = f"has {found} Hz, had {source.rate} Hz when it was listed"
        raise AudioError(f"{shown(source.path)}: changed: {detail}", reason="changed")
    if part.shape[1] > 2:
        part = part.mean(axis=1, keepdims=True, dtype=np.float32)
    return resampling.resample(part, source.rate, rate)


class Recordings:
    """Reader of the audio of events.

    Parameters
    ----------
    sounds, songs : iterable
        The sounds and songs that events name, in any order.
    spec : MixSpec
        Settings with which the mixes were planned.
    cache_bytes : int
        Memory for re-pitched sounds, in bytes. It does not affect the audio.
    store : Store
        Store of decoded and re-pitched audio on disk. It does not affect the audio.
    """

    def __init__(
        self,
        sounds: Iterable[Sound],
        songs: Iterable[Song],
        spec: MixSpec,
        *,
        cache_bytes: int,
        store: Store,
    ) -> None:
        self._sounds = {sound.sound: sound for sound in sounds}
        self._songs = {song.song: song for song in songs}
        self._spec = spec
        self._cache = Cache(cache_bytes)
        self._store = store

    def part(self, event: Event, length: int) -> Float32Array:
        """Return the audio of an event, without its gain and fades.

        Parameters
        ----------
        event : Event
            The event; its source must be among the sounds or songs.
        length : int
            Length in samples of the mix.

        Returns
        -------
        part : ndarray of float32, shape (length, 1 or 2)
            The audio. It may be shared with the cache, so the caller must not write to it.

        Raises
        ------
        AudioError
            If the file is missing, cannot be decoded, or has changed since it was listed.
        """
        rate = self._spec.sample_rate
        if event.kind == SONG:
            song = self._songs[event.source]
            part = self._read(song, event.source_start_s, length / rate, rate)
            return _fitted(part, length, shortage=_SONG_SHORTAGE_S * rate, path=song.path)
        return self._repitched(event, length)[:length]

    def _repitched(self, event: Event, length: int) -> Float32Array:
        spec = self._spec
        rate = spec.sample_rate
        sound = self._sounds[event.source]
        # The longest part that any event may use, so that one cached array serves them all.
        longest = math.ceil(max(spec.long_sound_s, spec.long_sound_cut_s[1]) * rate)
        whole = min(sounding_samples(sound, event.semitones, spec), longest)
        frames = max(whole, length)
        key = (event.source, event.semitones, event.source_start_s, frames)
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        parameters = (event.semitones, event.source_start_s, frames, rate, spec.pitch_method)
        part = self._store.made(sound.path, parameters, lambda: self._make(event, frames))
        part.flags.writeable = False
        self._cache.put(key, part)
        return part

    def _make(self, event: Event, frames: int) -> Float32Array:
        """Read and re-pitch a sound."""
        spec = self._spec
        rate = spec.sample_rate
        sound = self._sounds[event.source]
        ratio = 2 ** (event.semitones / 12)
        if spec.pitch_method == "resample":
            # Played back faster: the same samples, read as if they had another rate.
            part = self._read(sound, event.source_start_s, frames / rate * ratio, rate / ratio)
        else:
            part = self._read(sound, event.source_start_s, frames / rate, rate)
        part = _fitted(part, frames, shortage=_SOUND_SHORTAGE_S * rate, path=sound.path)
        if event.semitones and spec.pitch_method == "phase_vocoder":
            part = shift_pitch(part, rate, event.semitones)
        return part

    def _read(
        self, source: Sound | Song, start_s: float, seconds: float, rate: float
    ) -> Float32Array:
        """Read a part of a recording, in seconds, and resample it to `rate`."""
        start = round(start_s * source.rate)
        stop = start + math.ceil(seconds * source.rate)
        return read_part(self._store, source, start, stop, rate)
