"""Write the songs of the demonstration: scores played in a room, in five formats.

A song depends only on the seed and its number. Each different note is synthesized once and added
wherever it occurs. Memory is bounded by one song per thread.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.encoding import encode
from deep_plunder.demo.score import KIT, Note, Score, compose
from deep_plunder.synths.makers import MAKERS
from deep_plunder.synths.playing import Player
from deep_plunder.synths.shaping import reverberate, room
from deep_plunder.synths.sources import Signal
from deep_plunder.util.rng import generator

__all__ = ["DemoSong", "render_song", "write_songs"]

_log = logging.getLogger(__name__)

# Suffix, sample format or codec, rate, channels. The first five songs have all formats.
_FORMS = (
    ("wav", "PCM_16", 44100, 2),
    ("mp3", "", 44100, 2),
    ("m4a", "AAC", 44100, 2),
    ("flac", "PCM_16", 44100, 2),
    ("ogg", "", 44100, 2),
    ("mp3", "", 48000, 2),
    ("m4a", "AAC", 48000, 2),
    ("flac", "PCM_24", 48000, 2),
    ("ogg", "", 48000, 2),
    ("wav", "PCM_24", 44100, 1),
    ("m4a", "ALAC", 44100, 2),
    ("mp3", "", 44100, 2),
    ("flac", "PCM_16", 44100, 2),
    ("ogg", "", 44100, 2),
)
_KINDS = {
    "wav": "WAV audio file",
    "mp3": "MPEG audio file",
    "AAC": "Purchased AAC audio file",
    "ALAC": "Apple Lossless audio file",
    "flac": "FLAC audio file",
    "ogg": "Ogg Vorbis file",
}
# Titles and names as awkward as those of real collections.
_TITLES = (
    "Harbour Lights",
    "Señorita Sónica",
    '12" Dub',
    "Rock/Roll",
    "Night Bus (Live)",
    "Für Zoë",
    "What's Left?",
    "100% Cotton",
    "Paper & Glass",
    "Slow Tide",
    "Intro: Machines",
    "Copper #2",
    "夜の電車",
    "Second Hand",
)
_ARTISTS = ("The Placeholders", "Ólafur Testsson", "AC & DC Motors", "DJ Sine", "Trio Decay")
_VOICES = {
    "bass": ("bass",),
    "chords": ("epiano", "pad", "organ", "guitar", "strings"),
    "melody": ("synth", "flute", "mallet", "guitar", "voice", "epiano", "bell"),
    "counter": ("synth", "harp", "mallet", "guitar"),
}


@dataclass(frozen=True, slots=True)
class DemoSong:
    """A song of the demonstration, as described by a playlist.

    Parameters
    ----------
    file : str
        Name of the file.
    title, artist, kind : str
        Title, artist and kind of file, as shown by iTunes.
    seconds : float
        Length, in seconds.
    rate : int
        Sample rate, in Hz.
    size : int
        Size of the file, in bytes.
    """

    file: str
    title: str
    artist: str
    kind: str
    seconds: float
    rate: int
    size: int

    @property
    def bit_rate_kbps(self) -> float:
        """Mean bit rate of the whole file, in kbit/s."""
        return self.size * 8 / self.seconds / 1000


def render_song(number: int, *, seed: int, rate: int) -> NDArray[np.float32]:
    """Render one song.

    Parameters
    ----------
    number : int
        Number of the song, from 0.
    seed : int
        The seed of the corpus.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    audio : ndarray of shape (n, 2), float32
        The song. Its peak of -3 to -1.5 dBFS leaves headroom for the lossy encoders.
    """
    rng = generator(seed, "demo", "band", number)
    score = compose(number, seed=seed)
    wet = float(rng.choice([0.0, 1.0], p=[0.3, 0.7]))
    t60 = float(rng.uniform(0.4, 2.2))
    sends = {part: wet * float(rng.uniform(0.05, 0.35)) for part in (*_VOICES, "drums")}
    sends["bass"] = 0.0
    sides = {part: float(rng.uniform(-0.35, 0.35)) for part in ("melody", "counter", "chords")}
    echo = float(rng.choice([0.0, 0.35]))
    players = _draw_band(rng, rate)
    length = round((score.seconds + 0.8 + t60) * rate)
    dry, send = np.zeros((length, 2), np.float32), np.zeros(length, np.float32)
    for note, audio in _played(score, players, rng, rate):
        part = "drums" if note.instrument in KIT else note.instrument
        side = sides.get(part, 0.0)
        audio = audio * np.array([1.0 - side, 1.0 + side], np.float32) * np.float32(note.gain)
        for repeat in range(4 if echo and part == "melody" else 1):
            start = round((note.start_s + repeat * 45.0 / score.tempo) * rate)
            end = min(start + len(audio), length)
            if start < end:
                heard = audio[: end - start] * np.float32(echo**repeat if repeat else 1.0)
                dry[start:end] += heard
                send[start:end] += heard.mean(axis=1) * np.float32(sends[part])
    if wet:
        response = room(rng, rate, t60=t60, damping=float(rng.uniform(0.25, 0.7)))
        for side in (0, 1):
            dry[:, side] += reverberate(send, response[:, side])
    # In place, since the song is the largest array in memory.
    dry *= np.float32(rng.uniform(0.4, 1.4)) / np.abs(dry).max()
    np.tanh(dry, out=dry)
    fade = round(0.5 * rate)
    dry[-fade:] *= np.cos(0.5 * np.pi * np.arange(1, fade + 1) / fade)[:, None] ** 2
    dry *= np.float32(10.0 ** (rng.uniform(-3.0, -1.5) / 20.0)) / np.abs(dry).max()
    return dry


def _draw_band(rng: np.random.Generator, rate: int) -> dict[str, Player]:
    players = {}
    for part, classes in _VOICES.items():
        players[part] = MAKERS[str(rng.choice(classes))](rng, rate)
    for piece in KIT:
        players[piece] = MAKERS[piece.removeprefix("open ")](rng, rate)
    return players


def _played(
    score: Score, players: dict[str, Player], rng: np.random.Generator, rate: int
) -> Iterator[tuple[Note, Signal]]:
    """Synthesize each different note once, and cut notes where the score cuts them."""
    cache: dict[tuple[str, int, float], Signal] = {}
    for note in score.notes:
        key = (note.instrument, note.note, note.held_s)
        if key not in cache:
            cache[key] = players[note.instrument](rng, note.note, note.held_s)
        audio = cache[key]
        stop = note.stop_s - note.start_s
        if stop * rate < len(audio):
            audio = audio[: round(stop * rate)].copy()
            fade = min(round(0.008 * rate), len(audio))
            audio[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
        yield note, audio


def _write_song(folder: Path, number: int, *, seed: int) -> DemoSong:
    suffix, subtype, rate, channels = _FORMS[number % len(_FORMS)]
    title = _TITLES[number % len(_TITLES)]
    if number >= len(_TITLES):
        title += f" {number // len(_TITLES) + 1}"
    # iTunes writes an underscore for a character that a file name cannot contain.
    plain = "".join("_" if character in '/:"?' else character for character in title)
    path = folder / f"{number + 1:02d} {plain}.{suffix}"
    audio = render_song(number, seed=seed, rate=rate)
    if channels == 1:
        audio = audio.mean(axis=1, keepdims=True)
    encode(path, audio, rate, subtype=subtype)
    return DemoSong(
        file=path.name,
        title=title,
        artist=_ARTISTS[number % len(_ARTISTS)],
        kind=_KINDS.get(subtype) or _KINDS[suffix],
        seconds=len(audio) / rate,
        rate=rate,
        size=path.stat().st_size,
    )


def write_songs(folder: Path, *, seed: int, songs: int, workers: int = 1) -> list[DemoSong]:
    """Write the songs.

    Parameters
    ----------
    folder : pathlib.Path
        An empty folder.
    seed : int
        The seed of the corpus.
    songs : int
        Number of songs. With five or more, every format occurs.
    workers : int
        Number of threads, which does not affect the bytes. Each needs about 150 MB.

    Returns
    -------
    songs : list of DemoSong
        The songs in order of number.
    """
    with ThreadPoolExecutor(workers) as pool:
        written = list(
            pool.map(lambda number: _write_song(folder, number, seed=seed), range(songs))
        )
    _log.info("%d songs in %s", songs, folder)
    return written
