"""Which songs are used, and why each other entry is not."""

from __future__ import annotations

import math
import os
import runpy
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from deep_plunder.audio.reading import probe
from deep_plunder.audio.writing import write
from deep_plunder.corpus import songs as songs_module
from deep_plunder.corpus.encrypted_mp4 import is_encrypted
from deep_plunder.corpus.playlists.reading import read_playlist, resolve
from deep_plunder.corpus.song_reasons import REASONS, RejectedSong, summary
from deep_plunder.corpus.songs import Song, select_songs
from deep_plunder.errors import InputError
from deep_plunder.util.tables import read_records, write_records

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "resources" / "playlists"

make = SimpleNamespace(**runpy.run_path(str(ROOT / "tests" / "data" / "make_playlists.py")))


def _song(path: Path, *, seconds: float = 70.0, rate: int = 1000, pitch: int = 1) -> Path:
    """Write a WAV, whatever the suffix: 1,000 frames a second are 16 kbps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    phase = np.arange(round(seconds * rate)) * pitch % 100
    write(path.with_suffix(".wav"), (phase * 100).astype(np.int16)[:, None], rate)
    path.with_suffix(".wav").rename(path)
    return path


def _reasons(rejected: list[RejectedSong]) -> dict[str, str]:
    return {Path(entry.location).name: entry.reason for entry in rejected}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files that the example playlists name, as a Mac and as Windows would call them."""
    folder = tmp_path_factory.mktemp("library")
    for pitch, track in enumerate((t for t in make.TRACKS if t.place), start=1):
        seconds = min(track.seconds, 400)
        file = _song(folder / make.posix(track).lstrip("/"), seconds=seconds, pitch=pitch)
        for name in (make.windows(track).replace("\\", "/"), make.relative(track)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if not (folder / name).exists():
                os.link(file, folder / name)
    return folder


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.[tx]*")))
def test_every_form_of_the_example_has_the_same_fate(name: str, library: Path) -> None:
    maps = ["C:/=C:/", "/=/", f"Macintosh HD:={library}", f"/Volumes={library}/Volumes"]
    maps += [f"/Users={library}/Users", f"C:={library}/C:", f"E:={library}/E:"]
    chosen, rejected = select_songs([EXAMPLES / name], path_map=maps)
    assert [song.title for song in chosen] == [
        track.title for track in make.TRACKS if track.fate == "accepted"
    ]
    assert {entry.title: entry.reason for entry in rejected} == {
        track.title: track.fate for track in make.TRACKS if track.fate != "accepted"
    }
    expected = [track for track in make.TRACKS if track.fate == "accepted"]
    assert [song.bit_rate_kbps for song in chosen] == [track.kbps for track in expected]
    assert [song.seconds for song in chosen] == [track.seconds for track in expected]


@pytest.mark.parametrize("name", ["relative_utf8.m3u8", "plain_utf8.m3u"])
def test_m3u_tells_less_so_the_files_are_asked(name: str, library: Path) -> None:
    chosen, rejected = select_songs(
        [EXAMPLES / name], path_map=[f"{EXAMPLES}={library}"], min_bit_rate_kbps=10
    )
    # The old rip, the edge and the protected kind are plain files to an M3U.
    assert len(chosen) == 8
    assert Counter(entry.reason for entry in rejected) == {
        "too short": 1,
        "too long": 1,
        "protected": 1,
        "not audio": 1,
        "stream": 1,
    }
    assert all(song.bit_rate_kbps == pytest.approx(16, rel=0.01) for song in chosen)


def test_real_export(shared: Path) -> None:
    location = "Macintosh HD:Users:me:Music:iTunes:iTunes Media:Music:"
    source = shared / "data" / "playlist.txt"
    options = {"path_map": [f"{location}={shared}/data/songs/"]}
    chosen, rejected = select_songs([source], min_bit_rate_kbps=100, **options)
    rows = {row.row: row for row in read_playlist(source)}
    assert len(rows) == 47 and sorted(rows) == list(range(2, 49))
    real = {row.row for row in rows.values() if row.row <= 41}
    low = {number for number in real if rows[number].bit_rate_kbps <= 100}
    assert {song.row for song in chosen} == real - low
    assert len(chosen) == 28
    for song in chosen:
        info = probe(song.path)
        assert (song.seconds, song.rate, song.channels) == (info.seconds, info.rate, info.channels)
        assert Path(song.path).parent == shared / "data" / "songs"
    reasons = {entry.row: entry.reason for entry in rejected}
    assert reasons == dict.fromkeys(low, "low bit rate") | {
        42: "too short",
        43: "too long",
        44: "missing",  # 128 kbps are enough here, but the file is not there
        45: "protected",
        46: "cloud",
        47: "missing",
        48: "stream",
    }
    # At the paper's threshold each of the seven has a reason of its own.
    _, rejected = select_songs([source], **options)
    assert [entry.reason for entry in rejected if entry.row > 41] == [
        "too short", "too long", "low bit rate", "protected", "cloud", "missing", "stream",
    ]  # fmt: skip
    # As a folder, where the files themselves are asked.
    chosen, _ = select_songs([shared / "data" / "songs"], min_bit_rate_kbps=0)
    assert len(chosen) == 40


def test_bounds_are_the_papers(tmp_path: Path) -> None:
    for name, seconds in (("59.9", 59.9), ("60", 60), ("360", 360), ("360.1", 360.1)):
        _song(tmp_path / f"{name}.wav", seconds=seconds, rate=100)
    _, rejected = select_songs([tmp_path], min_bit_rate_kbps=0)
    assert _reasons(rejected) == {"59.9.wav": "too short", "360.1.wav": "too long"}


def test_the_file_corrects_what_the_export_says(tmp_path: Path) -> None:
    _song(tmp_path / "good.mp3", seconds=61)
    _song(tmp_path / "rounded.mp3", seconds=59.6, pitch=3)
    _song(tmp_path / "cut.mp3", seconds=10, pitch=2)
    (tmp_path / "list.m3u").write_text(
        "#EXTINF:61,A\ngood.mp3\n#EXTINF:60,B\nrounded.mp3\n#EXTINF:200,C\ncut.mp3\n"
    )
    chosen, rejected = select_songs([tmp_path / "list.m3u"], min_bit_rate_kbps=0)
    assert [(song.title, song.seconds) for song in chosen] == [("A", 61.0), ("B", 59.6)]
    (cut,) = rejected
    assert (cut.title, cut.reason) == ("C", "too short")
    assert "10 s" in cut.detail


def test_bad_files_are_set_aside_each_for_its_reason(tmp_path: Path) -> None:
    good = _song(tmp_path / "a good.wav")
    (tmp_path / "b empty.mp3").touch()
    (tmp_path / "c noise.mp3").write_bytes(bytes(range(1, 255)) * 40)
    (tmp_path / "d text.wav").write_text("not a song\n" * 100)
    (tmp_path / "e cover.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "f gone.mp3").symlink_to(tmp_path / "nowhere.mp3")
    (tmp_path / "g copy.wav").write_bytes(good.read_bytes())
    (tmp_path / "h link.wav").symlink_to(good)
    (tmp_path / "i video.m4p").write_bytes(b"x")
    (tmp_path / "j cut.wav").write_bytes(good.read_bytes()[:-5000])
    (tmp_path / "._a good.wav").write_bytes(b"\0\5\26\7")
    (tmp_path / "l folder.wav").mkdir()
    os.mkfifo(tmp_path / "m pipe.wav")
    _song(tmp_path / "n low.wav", rate=100)
    _song(tmp_path / "o nasty \"'\n😀.wav", pitch=7)
    for workers in (1, 3):
        chosen, rejected = select_songs([tmp_path], min_bit_rate_kbps=10, workers=workers)
        assert [Path(song.path).name for song in chosen] == ["a good.wav", "o nasty \"'\n😀.wav"]
        assert _reasons(rejected) == {
            "._a good.wav": "hidden",
            "b empty.mp3": "empty",
            "c noise.mp3": "not audio",
            "d text.wav": "not audio",
            "e cover.jpg": "not audio",
            "f gone.mp3": "missing",
            "g copy.wav": "duplicate",
            "h link.wav": "duplicate",
            "i video.m4p": "protected",
            "j cut.wav": "truncated",
            "m pipe.wav": "not audio",
            "n low.wav": "low bit rate",
        }
        assert all(entry.detail and str(tmp_path) not in entry.detail for entry in rejected[:3])
    for kind, records in ((Song, chosen), (RejectedSong, rejected)):
        write_records(tmp_path / "out.tsv", kind, records)  # type: ignore[arg-type]
        assert read_records(tmp_path / "out.tsv", kind) == records


def test_the_suffix_of_a_url_may_be_escaped(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", np.zeros((61 * 8000, 1), np.int16), 8000)
    (tmp_path / "list.m3u").write_text(f"file://{tmp_path}/a%2Ewav\n", encoding="utf-8")
    songs, rejected = select_songs([tmp_path / "list.m3u"], min_bit_rate_kbps=0)
    assert [Path(song.path).name for song in songs] == ["a.wav"] and rejected == []


def test_same_size_and_ends_are_not_yet_the_same_content(tmp_path: Path) -> None:
    silence = np.zeros((200_000, 1), np.int16)
    for name, place in (("a", 100_000), ("b", 100_001), ("c", 100_000)):
        audio = silence.copy()
        audio[place] = 1000
        write(tmp_path / f"{name}.wav", audio, 2000)
    chosen, rejected = select_songs([tmp_path], min_bit_rate_kbps=0)
    assert [song.song for song in chosen] == ["a", "b"]
    assert _reasons(rejected) == {"c.wav": "duplicate"}


def test_a_source_given_twice_adds_nothing(tmp_path: Path) -> None:
    _song(tmp_path / "a.wav")
    once = select_songs([tmp_path], min_bit_rate_kbps=0)
    chosen, rejected = select_songs([tmp_path, tmp_path / "a.wav"], min_bit_rate_kbps=0)
    assert chosen == once[0]
    assert [(entry.source, entry.reason) for entry in rejected] == [
        (str(tmp_path / "a.wav"), "duplicate")
    ]


@pytest.mark.parametrize("coding", [b"drms", b"enca", b"mp4a"])
@pytest.mark.parametrize("wide", [False, True])
def test_encrypted_sound_is_never_decoded(tmp_path: Path, coding: bytes, wide: bool) -> None:
    def box(name: bytes, content: bytes) -> bytes:
        if wide:
            return struct.pack(">I4sQ", 1, name, len(content) + 16) + content
        return struct.pack(">I4s", len(content) + 8, name) + content

    table = box(b"stsd", struct.pack(">II", 0, 1) + box(coding, bytes(28)))
    movie = table
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        movie = box(b"free", b"xyz") + box(name, movie) if name != b"moov" else box(name, movie)
    file = tmp_path / "song.m4a"
    content = struct.pack(">I4s8s", 16, b"ftyp", b"M4A ") + box(b"mdat", bytes(99)) + movie
    file.write_bytes(content)
    assert is_encrypted(file) == (coding != b"mp4a")
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert is_encrypted(file) in (False, coding != b"mp4a")
    file.write_bytes(content)
    with pytest.raises(InputError, match="protected" if coding != b"mp4a" else "no usable song"):
        select_songs([file], min_bit_rate_kbps=0)


def test_names_are_unique_and_safe(tmp_path: Path) -> None:
    names = ["Café", "Cafe", "CAFE", "東京", "大阪", "東京 Remix", "大阪 Remix", "???", "a/b"]
    lines = []
    for number, name in enumerate(names):
        _song(tmp_path / f"{number}.wav", pitch=number + 1)
        lines += [f"#EXTINF:70,{name}", f"{number}.wav"]
    (tmp_path / "list.m3u8").write_text("\n".join(lines), encoding="utf-8")
    chosen, _ = select_songs([tmp_path / "list.m3u8"], min_bit_rate_kbps=0)
    ids = [song.song for song in chosen]
    assert len({name.lower() for name in ids}) == len(names)
    assert all(set(name) <= set(songs_module.safe_name(name)) and name for name in ids)
    assert ids[:3] == ["Cafe", "Cafe_2", "CAFE_3"]
    # A name in another script keeps its id whatever is listed before it.
    (tmp_path / "list.m3u8").write_text("\n".join(lines[8:10]), encoding="utf-8")
    assert select_songs([tmp_path / "list.m3u8"], min_bit_rate_kbps=0)[0][0].song == ids[4]


def test_files_that_vanish_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        _song(tmp_path / f"{number}.wav", pitch=number + 1)

    def probe_and_lose(path: Path) -> object:
        if path.name == "1.wav":
            path.unlink()
        header = probe(path)
        if path.name == "2.wav":
            path.unlink()
        return header

    monkeypatch.setattr(songs_module, "probe", probe_and_lose)
    chosen, rejected = select_songs([tmp_path], min_bit_rate_kbps=0)
    assert [song.song for song in chosen] == ["0", "3"]
    assert _reasons(rejected) == {"1.wav": "missing", "2.wav": "missing"}


def test_nothing_usable_says_how_many_went_why() -> None:
    source = EXAMPLES / "english_utf16le_cr.txt"
    with pytest.raises(InputError) as caught:
        select_songs([source])
    assert str(caught.value) == (
        f"{source}: no usable song of 14 rows: 1 stream, 1 cloud, 2 protected, 1 not audio, "
        "1 too short, 1 too long, 2 low bit rate, 5 missing; "
        "5 of 14 songs rejected (missing): see songs.path_map (an entry OLD=NEW leads to where the "
        "files are now)"
    )


def test_a_closed_folder_is_set_aside(
    own_folder: Path, as_user: Callable[[], AbstractContextManager[None]]
) -> None:
    _song(own_folder / "a.wav")
    (own_folder / "locked").mkdir(mode=0)
    with as_user():
        chosen, rejected = select_songs([own_folder], min_bit_rate_kbps=0)
    assert [song.song for song in chosen] == ["a"]
    source, folder = str(own_folder), f"{own_folder}/locked"
    assert rejected == [
        RejectedSong(source, 2, "locked", folder, "unreadable", "Permission denied")
    ]
    assert [count.reason for count in summary(chosen, rejected)] == ["accepted", "unreadable"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no usable song of 0 rows"):
        select_songs([tmp_path])


def test_faults_of_sources_and_map_stop_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="OLD=NEW"):
        select_songs([tmp_path / "none.txt"], path_map=["/music"])
    with pytest.raises(InputError, match=r"none\.txt"):
        select_songs([tmp_path / "none.txt"])


def test_summary_counts_every_row_once(tmp_path: Path) -> None:
    song = Song("a", "a.wav", "", "", 61.0, 1000, 1, 16.0, "x", 1)
    rejected = [
        RejectedSong("x", row, "", "", reason, "")
        for row, reason in enumerate(["too long", "stream", "too long"], start=2)
    ]
    counts = summary([song], rejected)
    assert [(c.reason, c.rows) for c in counts] == [("accepted", 1), ("stream", 1), ("too long", 2)]
    assert all(c.meaning == REASONS[c.reason] for c in counts)
    assert [c.reason for c in summary([], [])] == ["accepted"]


def test_an_export_at_the_papers_scale(tmp_path: Path) -> None:
    """16,407 rows, as the paper's playlist; the counts of each fate are known."""
    song = _song(tmp_path / "music" / "real.mp3")
    header = make.HEADERS["english"].split("|")
    kinds = ["MPEG audio file"] * 6 + ["Protected AAC audio file"]
    lines = ["\t".join(header)]
    expected: Counter[str] = Counter()
    for number in range(16_407):
        seconds, kbps, kind = 30 + number % 400, 128 + 64 * (number % 3), kinds[number % 7]
        cells = dict.fromkeys(header, "")
        cells |= {"Name": f'Sóng "{number}', "Artist": "Zoë", "Size": "5000000", "Kind": kind}
        cells |= {"Time": str(seconds), "Bit Rate": str(kbps), "Sample Rate": "44100"}
        cells["Location"] = f"Macintosh HD:music:Zoë:{number}.mp3"
        if number == 16_406:
            cells |= {"Time": "70", "Bit Rate": "256", "Location": "Macintosh HD:music:real.mp3"}
            cells["Kind"] = kinds[0]
            fate = "accepted"
        elif number % 7 == 6:
            fate = "protected"
        elif seconds < 60 or seconds > 360:
            fate = "too short" if seconds < 60 else "too long"
        else:
            fate = "low bit rate" if kbps <= 200 else "missing"
        expected[fate] += 1
        lines.append("\t".join(cells.values()))
    export = tmp_path / "export.txt"
    export.write_bytes(b"\xff\xfe" + "\r".join(lines).encode("utf-16-le"))
    chosen, rejected = select_songs([export], path_map=[f"Macintosh HD:={tmp_path}"])
    assert [(entry.path, entry.row) for entry in chosen] == [(str(song), 16_408)]
    assert {count.reason: count.rows for count in summary(chosen, rejected)} == expected
    assert [entry.row for entry in rejected] == list(range(2, 16_408))
    assert not math.isnan(chosen[0].bit_rate_kbps)
    assert resolve(rejected[0].location) == Path("/music/Zoë/0.mp3")
