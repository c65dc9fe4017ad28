"""Playlists in every form, and what their locations mean."""

from __future__ import annotations

import math
import plistlib
import runpy
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.corpus.playlists.encodings import decoded_lines
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.itunes import parse_duration
from deep_plunder.corpus.playlists.reading import read_playlist, resolve
from deep_plunder.errors import InputError

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "resources" / "playlists"

make = SimpleNamespace(**runpy.run_path(str(ROOT / "tests" / "data" / "make_playlists.py")))

MAC_EXPORTS = sorted(path.name for path in EXAMPLES.glob("*.txt") if "windows" not in path.name)
WINDOWS_EXPORTS = sorted(path.name for path in EXAMPLES.glob("*windows*.txt"))
ENGLISH = make.HEADERS["english"].split("|")


def _facts(row: PlaylistEntry) -> tuple[object, ...]:
    """What every form of the example must say alike."""
    numbers = tuple(-1 if math.isnan(x) else round(x) for x in (row.seconds, row.bit_rate_kbps))
    return (row.title, row.artist, *numbers, unicodedata.normalize("NFC", row.location))


def _expected(locate: object) -> list[tuple[object, ...]]:
    return [
        (track.title, track.artist, track.seconds or -1, track.kbps or -1, locate(track))  # type: ignore[operator]
        for track in make.TRACKS
    ]


def _export(*rows: dict[str, str], header: list[str] = ENGLISH, ending: str = "\r") -> str:
    lines = ["\t".join(header)]
    lines += ["\t".join(row.get(name, "") for name in header) for row in rows]
    return "".join(line + ending for line in lines)


def _read(tmp_path: Path, content: str | bytes, name: str = "list.txt") -> list[PlaylistEntry]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_playlist(path)


def test_examples_are_what_the_script_writes(tmp_path: Path) -> None:
    make.main(tmp_path)
    kept = {path.name for path in EXAMPLES.iterdir()} - {"README.md", ".gitattributes"}
    assert {path.name for path in tmp_path.iterdir()} == kept
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (EXAMPLES / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", MAC_EXPORTS)
def test_every_encoding_line_end_language_and_layout_says_the_same(name: str) -> None:
    rows = read_playlist(EXAMPLES / name)
    assert [_facts(row) for row in rows] == _expected(make.hfs)
    language = name.split("_")[0]
    assert [row.kind for row in rows] == [
        make.KIND_NAMES[language][track.kind] for track in make.TRACKS
    ]
    assert [row.row for row in rows] == list(range(2, len(rows) + 2))
    assert {row.source for row in rows} == {str(EXAMPLES / name)}


@pytest.mark.parametrize("name", WINDOWS_EXPORTS)
def test_windows_exports(name: str) -> None:
    assert [_facts(row) for row in read_playlist(EXAMPLES / name)] == _expected(make.windows)


def test_library_xml() -> None:
    rows = read_playlist(EXAMPLES / "Library.xml")
    assert [_facts(row)[:4] for row in rows] == [row[:4] for row in _expected(make.hfs)]
    by_title = {row.title: row for row in rows}
    assert by_title["2005"].kind == "Protected AAC audio file"
    assert by_title["Cloud"].location == ""
    assert by_title["Web Radio"].location == "http://localhost/radio"
    assert by_title["Side A/B"].location == (
        "file://localhost/Volumes/Archive/AB:CD/Side%20A:B.mp3"
    )
    assert "Cafe%CC%81%20Noir" in by_title["Café Noir"].location


def test_library_xml_of_odd_content(tmp_path: Path) -> None:
    tracks = {
        "1": {"Kind": "AAC-Audiodatei", "Protected": True, "Location": "file:///a.m4a"},
        "2": "not a track",
        "3": {"Name": 7, "Total Time": -1, "Bit Rate": True, "Size": 1_000_000},
        "4": {"Total Time": 200_000, "Size": 1_000_000, "Name": "x"},
    }
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        rows = _read(tmp_path, plistlib.dumps({"Tracks": tracks}, fmt=form), "Library.xml")
        assert [row.row for row in rows] == [1, 2, 3, 4]
        assert rows[0].kind == "Protected AAC-Audiodatei"
        assert "no" in rows[1].fault and not any(row.fault for row in (rows[0], *rows[2:]))
        assert (rows[2].title, rows[2].location) == ("", "")
        assert math.isnan(rows[2].seconds) and math.isnan(rows[2].bit_rate_kbps)
        assert (rows[3].seconds, rows[3].bit_rate_kbps) == (200.0, 40.0)


@pytest.mark.parametrize("name", ["absolute_cp1252.m3u", "relative_utf8.m3u8", "plain_utf8.m3u"])
def test_m3u(name: str) -> None:
    rows = read_playlist(EXAMPLES / name)
    locate = make.windows if name.startswith("absolute") else make.relative
    tracks = [track for track in make.TRACKS if track.place or track.url]
    start = "" if name.startswith("absolute") else f"{EXAMPLES}/"
    assert [row.location for row in rows] == [
        locate(track) if track.url else start + locate(track) for track in tracks
    ]
    extended = name != "plain_utf8.m3u"
    assert [row.title for row in rows] == [track.title if extended else "" for track in tracks]
    assert [row.artist for row in rows] == [track.artist if extended else "" for track in tracks]
    seconds = [track.seconds or math.nan if extended else math.nan for track in tracks]
    assert [row.seconds for row in rows] == pytest.approx(seconds, nan_ok=True)
    assert [row.row for row in rows] == (
        list(range(3, 2 * len(rows) + 2, 2)) if extended else list(range(1, len(rows) + 1))
    )


def test_m3u_paths_relative_to_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lists").mkdir()
    for name in ("a: live.mp3", "lists/b c.mp3", "100%25.mp3"):
        (tmp_path / name).touch()
    text = "\ufeff#EXTM3U\n../a: live.mp3\nb%20c.mp3\n\n# remark\n"
    text += "..\\100%25.mp3\n#EXTINF:0,x\n/q.mp3\n"
    path = tmp_path / "lists" / "x.txt"
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    rows = read_playlist("lists/x.txt")
    assert [row.location for row in rows[:1]] == ["./lists/../a: live.mp3"]
    found = [resolve(row.location) for row in rows]
    assert [place is not None and place.exists() for place in found] == [True, True, True, False]
    assert found[3] == Path("/q.mp3")
    assert math.isnan(rows[3].seconds) and rows[3].title == "x"


def test_folder_is_walked_once_whatever_links_it_holds(tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    (folder / "b" / "deep").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("z.mp3", "b/a b.wav", "b/deep/é'\"\n😀.flac", "cover.jpg", "._z.mp3", ".DS_Store"):
        (folder / name).touch()
    (folder / ".hidden" / "no.mp3").touch()
    (folder / "b" / "deep" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "again").symlink_to(folder / "b", target_is_directory=True)
    (folder / "gone.mp3").symlink_to(folder / "nothing.mp3")
    rows = read_playlist(folder)
    assert [row.location.removeprefix(f"{folder}/") for row in rows] == [
        "._z.mp3",
        "b/a b.wav",
        "b/deep/é'\"\n😀.flac",
        "cover.jpg",
        "gone.mp3",
        "z.mp3",
    ]
    assert [row.title for row in rows][1] == "a b"
    assert all(math.isnan(row.seconds) and math.isnan(row.bit_rate_kbps) for row in rows)
    assert [row.location for row in read_playlist(folder / "z.mp3")] == [f"{folder}/z.mp3"]


def test_a_closed_folder_is_a_row_below_a_folder_and_a_fault_as_a_source(
    own_folder: Path, as_user: Callable[[], AbstractContextManager[None]]
) -> None:
    (own_folder / "b").mkdir(mode=0)
    for name in "ac":
        (own_folder / f"{name}.mp3").touch()
    with as_user():
        rows = read_playlist(own_folder)
        with pytest.raises(InputError) as caught:
            read_playlist(own_folder / "b")
    assert [(row.row, row.location, row.fault) for row in rows] == [
        (1, f"{own_folder}/a.mp3", ""),
        (2, f"{own_folder}/b", "Permission denied"),
        (3, f"{own_folder}/c.mp3", ""),
    ]
    assert str(caught.value) == f"{own_folder}/b: cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.txt", None, "cannot be read"),
        ("empty.txt", b"", "empty"),
        ("blank.txt", b"\r\n \n", "empty"),
        ("prose.txt", b"Dear diary,\ntoday I heard a song.\n", "Location"),
        ("view.txt", b"Name\tTime\tArtist\rSong\t3:20\tZoe\r", "Location"),
        ("noise.txt", bytes(range(256)) * 8, "Location"),
        ("cut.xml", b'<?xml version="1.0"?><plist><dict><key>Tracks</key><dict>', "Library.xml"),
        ("other.xml", b'<?xml version="1.0"?><plist><dict></dict></plist>', "Tracks"),
        ("web.xml", b'<?xml version="1.0"?><html><body/></html>', "Library.xml"),
        ("binary.xml", b"bplist00 and then nothing", "Library.xml"),
    ],
)
def test_what_is_no_playlist_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_playlist(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_quotes_and_line_ends_inside_a_field_stay_there(tmp_path: Path) -> None:
    track = {"Name": '12" mix', "Comments": 'line one\n"two', "Location": "HD:a.mp3"}
    rows = _read(tmp_path, _export(track, {"Name": '"', "Location": "HD:b.mp3"}))
    assert [(row.title, row.location) for row in rows] == [
        ('12" mix', "HD:a.mp3"),
        ('"', "HD:b.mp3"),
    ]


def test_short_and_long_rows(tmp_path: Path) -> None:
    text = _export({"Name": "tab\tinside", "Time": "99", "Bit Rate": "9", "Location": "HD:a.mp3"})
    text += "only a name\r"
    shifted, short = _read(tmp_path, text)
    assert shifted.location == "HD:a.mp3" and math.isnan(shifted.seconds)
    assert math.isnan(shifted.bit_rate_kbps)
    assert (short.title, short.location) == ("only a name", "")


def test_bit_rate_is_worked_out_where_the_column_is_empty(tmp_path: Path) -> None:
    facts = {"Name": "x", "Size": "1000000", "Time": "3:20", "Location": "HD:x.mp3"}
    first, second = _read(tmp_path, _export(facts, facts | {"Bit Rate": "320 kbps (VBR)"}))
    assert first.bit_rate_kbps == pytest.approx(40.0)
    assert second.bit_rate_kbps == 320


def test_fewer_columns_in_a_known_language_are_enough(tmp_path: Path) -> None:
    header = ["Titel", "Dauer", "Ort"]
    (row,) = _read(tmp_path, "\t".join(header) + "\nLied\t1:02:03\tC:\\a.mp3\n")
    assert (row.seconds, row.location) == (3723.0, "C:\\a.mp3")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("225", 225), ("3:45", 225), ("03:45", 225), ("1:03:45", 3825), ("3.45", 225),
        ("225.5", 225.5), ("225,5", 225.5), (" 225 ", 225), ("３：４５", 225), ("0", 0),  # noqa: RUF001
        ("", math.nan), ("x", math.nan), ("-3", math.nan), ("3:4", math.nan), ("1:2:3:4", math.nan),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds, nan_ok=True)


cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff"),
    max_size=12,
).map(str.strip)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.tuples(cells.filter(bool), cells), min_size=1, max_size=4),
    encoding=st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"]),
    ending=st.sampled_from(["\r", "\n", "\r\n"]),
    older=st.booleans(),
)
def test_any_text_survives(
    tmp_path: Path, names: list[tuple[str, str]], encoding: str, ending: str, older: bool
) -> None:
    header = [name for name in ENGLISH if not (older and name.startswith(("Work", "Movement")))]
    tracks = [
        {"Name": name, "Artist": artist, "Time": "61", "Location": f"HD:{name}.mp3"}
        for name, artist in names
    ]
    rows = _read(tmp_path, _export(*tracks, header=header, ending=ending).encode(encoding))
    assert [(row.title, row.artist, row.location, row.seconds) for row in rows] == [
        (name, artist, f"HD:{name}.mp3", 61.0) for name, artist in names
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300), start=st.sampled_from([b"", b"\xff\xfe", b"#EXTM3U\n", b"<?xml"])
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes, start: bytes) -> None:
    try:
        rows = _read(tmp_path, start + data)
    except InputError as error:
        assert str(error).startswith(str(tmp_path))
    else:
        for row in rows:
            resolve(row.location, path_map=["HD:=x"])


def test_legacy_encodings_differ_by_platform() -> None:
    for line, encoding, legacy in [
        ("Café\tMacintosh HD:x", "mac_roman", None),
        ("Café\tC:\\x", "cp1252", None),
        ("Café", "cp1252", "cp1252"),
    ]:
        assert list(decoded_lines(line.encode(encoding), legacy=legacy)) == [line]


def test_a_stray_nul_does_not_make_it_utf_16(tmp_path: Path) -> None:
    text = _export({"Name": "a\0b", "Location": "HD:a.mp3"}, {"Name": "ü", "Location": "HD:b.mp3"})
    rows = _read(tmp_path, text.encode("mac_roman"))
    assert [(row.title, row.location) for row in rows] == [("a\0b", "HD:a.mp3"), ("ü", "HD:b.mp3")]


MUSIC = "Macintosh HD:Users:me:Music:"


@pytest.mark.parametrize(
    ("location", "path_map", "expected"),
    [
        (f"{MUSIC}a b.mp3", [], "/Users/me/Music/a b.mp3"),
        ("SSD:Users:me:a.mp3", [], "/Users/me/a.mp3"),
        ("Archive:AC/DC:a.mp3", [], "/Volumes/Archive/AC:DC/a.mp3"),
        ("Disk 1/2:a.mp3", [], "/Volumes/Disk 1:2/a.mp3"),
        ("C:\\Users\\me\\a.mp3", [], "C:/Users/me/a.mp3"),
        ("\\\\nas\\music\\a.mp3", [], "//nas/music/a.mp3"),
        ("file://localhost/Users/me/a%20%23b%3F.mp3", [], "/Users/me/a #b?.mp3"),
        ("file:///Users/me/caf%C3%A9.mp3", [], "/Users/me/café.mp3"),
        ("file:/Users/me/a.mp3", [], "/Users/me/a.mp3"),
        ("file:///C:/Users/me/a.mp3", [], "C:/Users/me/a.mp3"),
        ("FILE://localhost/C:/a.mp3", [], "C:/a.mp3"),
        ("file://nas/music/a.mp3", [], "//nas/music/a.mp3"),
        ("/music/a:b.mp3", [], "/music/a:b.mp3"),
        # The raw location's prefix, with and without its last separator.
        (f"{MUSIC}AC/DC:a.mp3", [f"{MUSIC}=/m/"], "/m/AC:DC/a.mp3"),
        (f"{MUSIC}AC/DC:a.mp3", [f"{MUSIC}=/m"], "/m/AC:DC/a.mp3"),
        (f"{MUSIC}a.mp3", [f"{MUSIC[:-1]}=/m/"], "/m/a.mp3"),
        (f"{MUSIC}a.mp3", [f"{MUSIC}=songs"], "songs/a.mp3"),
        (f"{MUSIC}a.mp3", [f"{MUSIC}="], "a.mp3"),
        (f"{MUSIC}a.mp3", [f"{MUSIC}=/"], "/a.mp3"),
        ("C:\\Users\\me\\x\\a.mp3", ["C:\\Users\\me\\=/m"], "/m/x/a.mp3"),
        ("C:\\Users\\me\\x\\a.mp3", ["c:\\users\\ME=/m"], "/m/x/a.mp3"),
        ("\\\\nas\\music\\x\\a.mp3", ["\\\\nas\\music=/m"], "/m/x/a.mp3"),
        ("file://localhost/Users/me/My%20Music/a.mp3", ["file://localhost/Users/me/My%20Music/=/m/"],
         "/m/a.mp3"),
        # The prefix of the POSIX path.
        (f"{MUSIC}a.mp3", ["/Users/me/Music=/m"], "/m/a.mp3"),
        ("Archive:x:a.mp3", ["/Volumes/Archive=/m"], "/m/x/a.mp3"),
        ("C:\\Users\\me\\a.mp3", ["C:/Users/me=/m"], "/m/a.mp3"),
        ("file://localhost/Users/me/a%20b.mp3", ["/Users/me/=/m/"], "/m/a b.mp3"),
        ("file:///C:/Users/me/a.mp3", ["C:/Users/me=/m"], "/m/a.mp3"),
        ("/music/a.mp3", ["/music=/m"], "/m/a.mp3"),
        # Whole components only, the longest first, in either Unicode form.
        ("Macintosh HD:Users:meg:a.mp3", ["Macintosh HD:Users:me=/m"], "/Users/meg/a.mp3"),
        ("/musical/a.mp3", ["/music=/m"], "/musical/a.mp3"),
        (f"{MUSIC}x:a.mp3", [f"{MUSIC}=/m", f"{MUSIC}x:=/longer"], "/longer/a.mp3"),
        ("Macintosh HD:Zoe\u0308:a.mp3", ["Macintosh HD:Zo\u00eb:=/m"], "/m/a.mp3"),
        (f"{MUSIC}a=b.mp3", [f"{MUSIC}=/m=n/"], "/m=n/a=b.mp3"),
    ],
)  # fmt: skip
def test_locations(location: str, path_map: list[str], expected: str) -> None:
    assert resolve(location, path_map=path_map) == Path(expected)


@pytest.mark.parametrize(
    "location", ["", "http://localhost/x.mp3", "HTTPS://h/x", "rtsp://h:554/x"]
)
def test_no_file_is_meant(location: str) -> None:
    assert resolve(location, path_map=["http://localhost/=/m/"]) is None


@pytest.mark.parametrize("entry", ["", "/music", "=/music"])
def test_malformed_path_map(entry: str) -> None:
    with pytest.raises(InputError, match="OLD=NEW"):
        resolve("/x", path_map=[entry])


@pytest.mark.parametrize("folder_form", ["NFC", "NFD"])
@pytest.mark.parametrize("file_form", ["NFC", "NFD"])
@pytest.mark.parametrize("asked_form", ["NFC", "NFD"])
def test_any_normal_form_is_found_on_disk(
    tmp_path: Path, folder_form: str, file_form: str, asked_form: str
) -> None:
    folder = tmp_path / unicodedata.normalize(folder_form, "Zoë")
    folder.mkdir()
    file = folder / unicodedata.normalize(file_form, "Café Ånge.mp3")
    file.touch()
    asked = unicodedata.normalize(asked_form, "Macintosh HD:Zoë:Café Ånge.mp3")
    assert resolve(asked, path_map=[f"Macintosh HD:={tmp_path}"]) == file
    assert resolve(f"{asked}x", path_map=[f"Macintosh HD:={tmp_path}"]) != file


def test_a_name_of_mixed_forms_is_found_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = "\u00e9 e\u0301.mp3"
    assert mixed not in {unicodedata.normalize(form, mixed) for form in ("NFC", "NFD")}
    monkeypatch.chdir(tmp_path)
    (tmp_path / mixed).touch()
    for form in ("NFC", "NFD"):
        asked = unicodedata.normalize(form, mixed)
        assert resolve(str(tmp_path / asked)) == tmp_path / mixed
        assert resolve(asked) == Path(mixed)
        assert resolve(f"x{asked}") == Path(f"x{asked}")


def test_the_exact_name_wins_over_its_twin(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        (tmp_path / unicodedata.normalize(form, "é.mp3")).touch()
    for form in ("NFC", "NFD"):
        asked = tmp_path / unicodedata.normalize(form, "é.mp3")
        assert resolve(str(asked)) == asked


def test_of_several_places_the_one_that_exists_is_taken(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.mp3").touch()
    maps = [f"HD:x:={tmp_path}/not here", f"HD:={tmp_path}"]
    assert resolve("HD:here:a.mp3", path_map=maps) == tmp_path / "here" / "a.mp3"
    assert resolve(f"HD:{'n' * 5000}.mp3", path_map=maps) == tmp_path / ("n" * 5000 + ".mp3")
    assert resolve("HD:a\0.mp3", path_map=maps) is None
    assert resolve("file:///a%00.mp3") is None
