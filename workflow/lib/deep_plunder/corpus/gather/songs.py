"""Write the songs, unchanged music of free games, with a playlist in the format of iTunes."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import soundfile

from deep_plunder.audio.reading import probe
from deep_plunder.corpus.gather.packages import Package
from deep_plunder.corpus.gather.parts import write_part
from deep_plunder.corpus.playlists.itunes_text import HFS_FOLDER, TextTrack, itunes_text
from deep_plunder.errors import AudioError, InputError
from deep_plunder.util.files import atomic_path
from deep_plunder.util.names import SafeNames

__all__ = ["GatheredSong", "write_songs"]

_log = logging.getLogger(__name__)

MIN_S, MAX_S = 60.0, 360.0
"""The paper's bounds (section 3.3)."""

MIN_KBPS = 90.0
"""Least bit rate. Free games have little music above the paper's 200 kbit/s. Below this rate, Ogg
Vorbis and MP3 cut off frequencies above about 16 kHz."""

_KINDS = {
    ".ogg": "Ogg Vorbis file",
    ".oga": "Ogg Vorbis file",
    ".opus": "Opus file",
    ".mp3": "MPEG audio file",
    ".flac": "FLAC audio file",
}


@dataclass(frozen=True, slots=True)
class GatheredSong:
    """A song of the corpus.

    Attributes
    ----------
    file : str
        Name in the folder of songs.
    title, artist : str
        From its tags; without a tag the title is the name of the file.
    package : str
    seconds, kbps : float
        Length, and bit rate in kbit/s.
    rate, size : int
        Sampling rate in Hz, and size in bytes.
    """

    file: str
    title: str
    artist: str
    package: str
    seconds: float
    kbps: float
    rate: int
    size: int


def _is_song(name: PurePosixPath) -> bool:
    return name.suffix.lower() in _KINDS


def _tags(path: Path) -> tuple[str, str]:
    """Read title and artist, as one line each."""
    try:
        with soundfile.SoundFile(path) as file:
            tags = file.copy_metadata()
    except soundfile.LibsndfileError:
        return "", ""
    title, artist = (re.sub(r"\s+", " ", tags.get(key, "")).strip() for key in ("title", "artist"))
    return title, artist


def write_songs(
    folder: Path,
    licences: Path,
    playlist: Path,
    *,
    packages: Sequence[Package],
    debs: Sequence[Path],
) -> list[GatheredSong]:
    """Copy the songs of packages that last 1 to 6 minutes, and write a playlist of them.

    Parameters
    ----------
    folder : Path
        The folder to write: ``PACKAGE__NAME.SUFFIX``, byte for byte. Copies, and files below
        `MIN_KBPS`, are left out.
    licences : Path
        The folder of their licences.
    playlist : Path
        The playlist to write, as exported by iTunes on a Mac. It places the songs in `HFS_FOLDER`.
    packages : sequence of Package
    debs : sequence of Path
        The .deb file of each.

    Returns
    -------
    songs : list of GatheredSong

    Raises
    ------
    InputError
        If a package cannot be unpacked or holds no song.
    """
    songs: list[GatheredSong] = []
    digests: set[bytes] = set()
    with write_part(folder, licences, packages=packages, debs=debs) as part:
        for package, root in part.unpacked(_is_song):
            names, count = SafeNames(), 0
            for path in sorted(root.rglob("*"), key=Path.as_posix):
                song = _song(path, package) if path.is_file() else None
                if song is None:
                    continue
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").digest()
                if digest in digests:
                    continue
                digests.add(digest)
                name = names.new(f"{package.package}__{path.stem}")
                song = replace(song, file=name + path.suffix.lower())
                shutil.copyfile(path, part.folder / song.file)
                count += 1
                part.add(song.file, package)
                songs.append(song)
            if not count:
                raise InputError(f"{package.package} {package.version}: holds no song")
            _log.info("%s: %d songs", package.package, count)
    minutes = sum(song.seconds for song in songs) / 60
    _log.info("%d songs, %.0f minutes", len(songs), minutes)
    with atomic_path(playlist) as temporary:
        text = itunes_text(map(_track, songs), line_end="\r")
        temporary.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    return songs


def _song(path: Path, package: Package) -> GatheredSong | None:
    """Return the song in a file, or None if it is not used."""
    if path.suffix.lower() not in _KINDS:
        return None
    try:
        info = probe(path)
    except AudioError as error:
        _log.warning("left out: %s", error)
        return None
    size = path.stat().st_size
    kbps = size * 8 / 1000 / info.seconds
    if not MIN_S <= info.seconds <= MAX_S or kbps < MIN_KBPS:
        return None
    title, artist = _tags(path)
    return GatheredSong(
        file=path.name,
        title=title or path.stem.replace("_", " "),
        artist=artist or package.package,
        package=package.package,
        seconds=info.seconds,
        kbps=kbps,
        rate=info.rate,
        size=size,
    )


def _track(song: GatheredSong) -> TextTrack:
    return TextTrack(
        title=song.title,
        artist=song.artist,
        album=song.package,
        genre="Soundtrack",
        kind=_KINDS[Path(song.file).suffix],
        seconds=song.seconds,
        kbps=round(song.kbps),
        rate=song.rate,
        size=song.size,
        location=HFS_FOLDER + song.file,
    )
