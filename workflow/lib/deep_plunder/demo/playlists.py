"""Write playlist exports of the demonstration, like those of iTunes and other players.

The locations of the songs are in a folder of another Mac (`HFS_FOLDER`), so that they need a path
map, as in real exports. The bit rates, sizes and lengths are those of the files. A few more rows
must be rejected, each for another reason. The format follows the exports in resources/playlists
and those of iTunes 12.
"""

from __future__ import annotations

import plistlib
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from deep_plunder.corpus.playlists.itunes_text import HFS_FOLDER, TextTrack, itunes_text
from deep_plunder.demo.songs import DemoSong
from deep_plunder.util.files import atomic_path

__all__ = ["HFS_FOLDER", "write_playlists"]

_ALBUM, _GENRE = "Deep Plunder Demo", "Electronic"


def _tracks(songs: Sequence[DemoSong]) -> list[TextTrack]:
    """List the songs, and after them the rows that must be rejected."""
    tracks = [
        TextTrack(
            title=song.title,
            artist=song.artist,
            album=_ALBUM,
            genre=_GENRE,
            kind=song.kind,
            seconds=song.seconds,
            kbps=round(song.bit_rate_kbps),
            rate=song.rate,
            size=song.size,
            # A Mac decomposes accented letters in file names.
            location=HFS_FOLDER + unicodedata.normalize("NFD", song.file),
        )
        for song in songs
    ]

    def unusable(title: str, kind: str, seconds: float, kbps: int, location: str) -> TextTrack:
        size = round(kbps * 1000 / 8 * seconds)
        rate = 44100 if kbps else 0
        return TextTrack(
            title=title,
            artist="Various",
            album=_ALBUM,
            genre=_GENRE,
            kind=kind,
            seconds=seconds,
            kbps=kbps,
            rate=rate,
            size=size,
            location=location,
        )

    return [
        *tracks,
        unusable("Sting", "MPEG audio file", 6, 320, HFS_FOLDER + "sting.mp3"),
        unusable("All Night Mix", "MPEG audio file", 4210, 320, HFS_FOLDER + "mix.mp3"),
        unusable("Old Rip", "MPEG audio file", 212, 128, HFS_FOLDER + "rip.mp3"),
        unusable("Bought Long Ago", "Protected AAC audio file", 241, 256, HFS_FOLDER + "old.m4p"),
        unusable("Only Rented", "Apple Music AAC audio file", 233, 256, ""),
        unusable('7" Moved Away', "Purchased AAC audio file", 187, 256, HFS_FOLDER + "gone.m4a"),
        unusable("Web Radio", "Internet audio stream", 0, 0, "http://localhost/stream"),
    ]


def _url(location: str) -> str:
    """Return an HFS path as a file URL, and a URL unchanged."""
    if not location.startswith("Macintosh HD:"):
        return location
    path = location.removeprefix("Macintosh HD").replace("/", "\0").replace(":", "/")
    return "file://" + quote(path.replace("\0", ":"))


def _library(tracks: Sequence[TextTrack]) -> bytes:
    entries = {}
    for number, track in enumerate(tracks, start=1001):
        entry: dict[str, str | int | bool] = {
            "Track ID": number,
            "Name": track.title,
            "Artist": track.artist,
            "Album": track.album,
            "Kind": track.kind,
        }
        if track.kbps:
            entry |= {
                "Size": track.size,
                "Total Time": round(track.seconds * 1000),
                "Bit Rate": track.kbps,
                "Sample Rate": track.rate,
            }
        if track.kind.startswith("Protected"):
            entry["Protected"] = True
        if track.kind.startswith("Apple Music"):
            entry["Apple Music"] = True
        if track.location:
            entry["Track Type"] = "URL" if track.location.startswith("http") else "File"
            entry["Location"] = _url(track.location)
        else:
            entry["Track Type"] = "Remote"
        entries[str(number)] = entry
    library = {
        "Major Version": 1,
        "Minor Version": 1,
        "Application Version": "12.9.5.5",
        "Music Folder": _url(HFS_FOLDER.removesuffix("Music:")),
        "Tracks": entries,
        "Playlists": [
            {
                "Name": _ALBUM,
                "Playlist ID": 2001,
                "Playlist Items": [{"Track ID": int(number)} for number in entries],
            }
        ],
    }
    return plistlib.dumps(library, sort_keys=False)


def _m3u(songs: Iterable[DemoSong]) -> str:
    lines = ["#EXTM3U"]
    for song in songs:
        lines += [
            f"#EXTINF:{round(song.seconds)},{song.artist} - {song.title}",
            f"songs/{song.file}",
        ]
    return "".join(line + "\n" for line in lines)


def write_playlists(folder: Path, songs: Sequence[DemoSong]) -> None:
    """Write four exports of the same songs.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of four files: ``playlist.txt`` (the text of iTunes on a Mac: UTF-16 with a
        byte-order mark, lines end in CR), ``playlist_utf8.txt`` (the same in UTF-8 with LF),
        ``Library.xml``, and ``playlist.m3u8`` (only the songs, relative to `folder`).
    songs : sequence of DemoSong
        The songs in the folder ``songs`` of `folder`.
    """
    tracks = _tracks(songs)
    files = {
        "playlist.txt": b"\xff\xfe" + itunes_text(tracks, line_end="\r").encode("utf-16-le"),
        "playlist_utf8.txt": itunes_text(tracks, line_end="\n").encode(),
        "Library.xml": _library(tracks),
        "playlist.m3u8": _m3u(songs).encode(),
    }
    for name, content in files.items():
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(content)
