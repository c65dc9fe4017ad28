"""Parts of recordings as a mix takes them: at its sample rate, mono or stereo, re-pitched.

A sound is the part of its recording from its onset on; recordings of more than two channels are
mixed down to mono. Files are read by part, so that memory is bounded by the cache and one
excerpt, whatever their length.

Deviation from the paper (section 3.4.3): a sound with no change of pitch is left as it is,
where a phase vocoder would smear it.
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

# MP3 and AAC files are a few frames shorter than they say, songs lose that much in silence.
_SOUND_SHORTAGE_S = 0.02
_SONG_SHORTAGE_S = 0.5


# Below the working directory of the workflow.
_SHARED_FOLDER = "results/cache"
_LIBRARIES = ("av", "numpy", "soundfile", "soxr")


def open_store(cache_gb: float) -> Store:
    """Open the store that all jobs of a workflow share.

    Parameters
    ----------
    cache_gb : float
        Gigabytes that it may take, as `mixes.cache_gb` in the configuration; 0 keeps nothing.

    Returns
    -------
    store : Store
        Of the version of this module's code, of all that it imports, and of the libraries that
        decode and resample.

    Examples
    --------
    >>> store = open_store(cache_gb=0)  # keeps nothing
    """
    code = code_version(__name__.partition(".")[2])
    versions = " ".join([code, *map(metadata.version, _LIBRARIES)])
    version = hashlib.sha256(versions.encode()).hexdigest()[:VERSION_DIGITS]
    return Store(_SHARED_FOLDER, version=version, limit_bytes=cache_gb * 1e9)


class Cache:
    """Recently used arrays, up to a number of bytes.

    Parameters
    ----------
    limit : int
        Bytes. An array that is larger is not kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._arrays: OrderedDict[tuple[str, int, float, int], Float32Array] = OrderedDict()

    def get(self, key: tuple[str, int, float, int]) -> Float32Array | None:
        """Return the array under a key, if it is still there.

        Parameters
        ----------
        key : tuple
            What `put` took.

        Returns
        -------
        array : ndarray or None
        """
        if key in self._arrays:
            self._arrays.move_to_end(key)
        return self._arrays.get(key)

    def put(self, key: tuple[str, int, float, int], array: Float32Array) -> None:
        """Add an array; the least recently used ones make room.

        Parameters
        ----------
        key : tuple
            Name of the source, semitones, start in seconds, number of frames.
        array : ndarray of float32
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
        detail = f"ends {missing} of {length} samples too early for what is planned"
        raise AudioError(f"{shown(path)}: truncated: {detail}", reason="truncated")
    if missing > 0:
        part = np.concatenate([part, np.zeros((missing, part.shape[1]), np.float32)])
    return part[:length]


def read_part(
    store: Store, source: Sound | Song, start: int, stop: int, rate: float
) -> Float32Array:
    """Read a part of a recording as mono or stereo, at another rate.

    Parameters
    ----------
    store : Store
        Keeps what was decoded.
    source : Sound or Song
    start, stop : int
        First frame, and the frame after the last; less is given where the recording ends.
    rate : float
        Hz, of the result.

    Returns
    -------
    part : ndarray of float32, shape (frames, 1 or 2)

    Raises
    ------
    AudioError
        If the file is missing, cannot be decoded, or has another rate than when it was listed.

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
    """Gives the audio of events.

    Parameters
    ----------
    sounds, songs : iterable
        What events draw from, in any order.
    spec : MixSpec
        How the mixes were planned.
    cache_bytes : int
        Memory for re-pitched sounds that may be heard again. It changes no audio.
    store : Store
        Keeps decoded and re-pitched audio on disk. It changes no audio.
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
            Its source must be among the sounds or songs.
        length : int
            Samples of the mix that it fills.

        Returns
        -------
        part : ndarray of float32, shape (length, 1 or 2)
            Not to be written to.

        Raises
        ------
        AudioError
            If the file is missing, cannot be decoded, or is not as it was when it was listed.
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
        # As much as any event may use of the sound, so that what is cached serves them all.
        longest = math.ceil(max(spec.long_sound_s, spec.long_sound_cut_s[1]) * rate)
        whole = min(sounding_samples(sound, event.semitones, spec), longest)
        frames = max(whole, length)
        key = (event.source, event.semitones, event.source_start_s, frames)
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        what = (event.semitones, event.source_start_s, frames, rate, spec.pitch_method)
        part = self._store.made(sound.path, what, lambda: self._make(event, frames))
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
            # Played back faster: the same samples, taken as if of another rate.
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
        """Read a part of a recording as mono or stereo and resample it to `rate`."""
        start = round(start_s * source.rate)
        stop = start + math.ceil(seconds * source.rate)
        return read_part(self._store, source, start, stop, rate)
