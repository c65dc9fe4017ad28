"""Playlists that other programs, other times and damage made: one odd thing costs one row."""

from __future__ import annotations

import codecs
import datetime
import math
import os
import plistlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.corpus.playlists import reading
from deep_plunder.corpus.playlists.encodings import to_utf8
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.itunes import parse_duration
from deep_plunder.corpus.playlists.library_xml import library_rows
from deep_plunder.corpus.playlists.plist_binary import BINARY, read_binary_tracks
from deep_plunder.corpus.playlists.plist_xml import read_xml_tracks
from deep_plunder.corpus.playlists.reading import read_playlist, resolve
from deep_plunder.errors import InputError
from deep_plunder.util.names import SafeNames

HEAD = '<?xml version="1.0" encoding="{}"?>\n<plist version="1.0">\n'
PLACE = "<key>Location</key><string>file:///Music/a.wav</string>"


def _read(tmp_path: Path, content: str | bytes, name: str = "Library.xml") -> list[PlaylistEntry]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_playlist(path)


def _rows(data: bytes) -> list[PlaylistEntry]:
    read = read_binary_tracks if data.startswith(BINARY) else read_xml_tracks
    return list(library_rows(read(data), source="x"))


def _library(*tracks: str, encoding: str = "UTF-8") -> str:
    entries = "".join(f"<key>{n}</key>{track}\n" for n, track in enumerate(tracks, start=1))
    return f"{HEAD.format(encoding)}<dict><key>Tracks</key><dict>{entries}</dict></dict></plist>\n"


def _same(rows: list[PlaylistEntry], expected: list[dict[str, Any]]) -> None:
    """Compare rows with the tracks that `plistlib` reads."""
    assert len(rows) == len(expected)
    for row, track in zip(rows, expected, strict=True):
        assert row.title == track.get("Name", "")
        assert row.artist == track.get("Artist", "")
        assert row.location == track.get("Location", "")
        seconds = track.get("Total Time", math.nan) / 1000
        assert row.seconds == pytest.approx(seconds, nan_ok=True)
        assert row.fault == ""


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
others = st.recursive(
    texts
    | st.booleans()
    | st.binary(max_size=9)
    | st.integers(-(2**63), 2**64 - 1)
    | st.datetimes(datetime.datetime(1904, 1, 1)).map(lambda day: day.replace(microsecond=0)),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3),
    max_leaves=6,
)
tracks_of_plistlib = st.fixed_dictionaries(
    {},
    optional={
        "Name": texts,
        "Artist": texts,
        "Location": texts,
        "Total Time": st.integers(1, 10**12) | st.floats(1, 1e12),
        "Comments": texts,
        "Other": others,
    },
)


@settings(deadline=None, max_examples=200)
@given(
    tracks=st.lists(tracks_of_plistlib, max_size=4),
    others=st.dictionaries(texts.filter(lambda key: key.strip() != "Tracks"), others, max_size=2),
    form=st.sampled_from([plistlib.FMT_XML, plistlib.FMT_BINARY]),
)
def test_a_sound_library_reads_as_plistlib_reads_it(
    tracks: list[dict[str, Any]], others: dict[str, Any], form: plistlib.PlistFormat
) -> None:
    library = {**others, "Tracks": {str(n): track for n, track in enumerate(tracks)}, "z": 1}
    data = plistlib.dumps(library, fmt=form, sort_keys=False)
    expected = list(plistlib.loads(data)["Tracks"].values())
    _same(_rows(data), expected)


@pytest.mark.parametrize(
    "field",
    [
        f"<key>Date Added</key><date>{date}</date>"
        for date in (
            "2018-07-24T17:24:17", "", "-001-11-30T00:00:00Z", "0000-00-00T00:00:00Z", "2020-1-1",
            "2018-07-24T17:24:17.123Z", "2018-07-24T17:24:17+02:00", "(null)", "99999-01-01",
            "x" * 999,
        )
    ]
    + [
        f"<key>Year</key><integer>{number}</integer>"
        for number in ("(null)", "", "9" * 5000, "0x7E4", "1,999", " 12 ", "-1", "NaN", "1e5", "१२")
    ]
    + [f"<key>Rating</key><real>{real}</real>" for real in ("", "nan", "1e999", "1e-322", "0,5")]
    + [
        "<key>Artwork</key><data>not base64 at all!</data>",
        "<key>Nested</key>" + "<array>" * 10_000 + "</array>" * 10_000,
        "<key>Nested</key>" + "<dict><key>a</key>" * 10_000 + "</dict>" * 10_000,
        "<key>Lost value</key>",
        "<string>lost key</string>",
        "<key>Purchased</key><true>",
        "<key>Unknown</key><set>x</set>",
        "<key>Comments</key><string>I <3 U & <b>bold</b></string>",
        "<key>Comments</key><string>never closed",
        "<key>Comments</key><string><!-- no --><![CDATA[<string>&</string>]]></string>",
        "<key>Comments</key><string>&undefined; &#0; &#xFFFFFFF; &#55357; &</string>",
        "<!-- a remark --><?php echo ?>",
        "<key>Flag</key></true>",
        "<key>Year</key><string/><key>Genre</key><integer/>",
    ],
)  # fmt: skip
def test_an_odd_field_costs_nothing_else(tmp_path: Path, field: str) -> None:
    track = f"<dict>{field}<key>Name</key><string>a</string>{PLACE}</dict>"
    after = f"<dict><key>Name</key><string>b</string>{PLACE}</dict>"
    rows = _read(tmp_path, _library(track, after))
    assert [(row.row, row.title, row.location, row.fault) for row in rows] == [
        (1, "a", "file:///Music/a.wav", ""),
        (2, "b", "file:///Music/a.wav", ""),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"x\x04\x05y", "xy"),
        (b"x\x00y", "xy"),
        (b"x&#4;&#x1F;y", "xy"),
        (b"Goblin &#55357;&#56846;", "Goblin \U0001f60e"),
        (b"&#xD83D;&#xDE0E;", "\U0001f60e"),
        (b"\xf0\x9f\x98\x8e", "\U0001f60e"),
        (b"half &#55357;", "half \ufffd"),
        (b"half &#56846;!", "half \ufffd!"),
        (b"&#56846;&#55357;", "\ufffd\ufffd"),
        (b"caf\xe9", "café"),
        (b"tab\tline\nend\r\n.", "tab\tline\nend\n."),
        (b"AT&T &amp; &lt;b&gt; &quot;&apos; &#38; &#x26;", "AT&T & <b> \"' & &"),
        (b"&eacute;&nothing;", "é&nothing;"),
        (b"&#99999999999999999999;", "&#99999999999999999999;"),
        (b"&#1114112;", "\ufffd"),
        (b"a <!-- x -->b<![CDATA[ <c> &amp; ]]>", "a b <c> &amp; "),
    ],
)
def test_odd_characters_of_a_title(tmp_path: Path, written: bytes, read: str) -> None:
    track = f"<dict><key>Name</key><string>@</string>{PLACE}</dict>"
    rows = _read(tmp_path, _library(track, track).encode().replace(b"@", written))
    assert [(row.title, row.location) for row in rows] == [(read, "file:///Music/a.wav")] * 2


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("UTF-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("UTF-16", "utf-16"), ("UTF-8", "utf-16-le"),
        ("x", "utf-16-be"), ("UTF-16", "utf-8"), ("utf-32", "utf-32"), ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"), ("macintosh", "mac_roman"), ("x-mac-roman", "mac_roman"),
        ("x-mac", "utf-8"), ("x-mac-roman", "utf-8"), ("nonsense", "utf-8"), ("base64", "utf-8"),
        ("UTF-7", "utf-8"), ("idna", "utf-8"), ("unicode_escape", "utf-8"), ("UTF-8", "cp1252"),
    ],
)  # fmt: skip
def test_declared_encodings_right_and_wrong(tmp_path: Path, encoding: str, codec: str) -> None:
    track = f"<dict><key>Name</key><string>café</string>{PLACE}</dict>"
    (row,) = _read(tmp_path, _library(track, encoding=encoding).encode(codec))
    assert (row.title, row.location) == ("café", "file:///Music/a.wav")


def test_what_is_no_track_keeps_its_row_with_the_reason(tmp_path: Path) -> None:
    track = f"<dict><key>Name</key><string>a</string>{PLACE}</dict>"
    odd = ["<string>x</string>", "<array><dict/></array>", "<true/>", "<dict/>", "<array/>"]
    rows = _read(tmp_path, _library(track, *odd, "", track))
    assert [(row.row, row.title, row.fault) for row in rows] == [
        (1, "a", ""),
        (2, "", "string, no track"),
        (3, "", "array, no track"),
        (4, "", "true, no track"),
        (5, "", ""),
        (6, "", "array, no track"),
        (7, "", "a key, no track"),
        (8, "a", ""),
    ]


def test_of_a_library_that_ends_too_early_the_tracks_before_are_read(tmp_path: Path) -> None:
    tracks = [f"<dict><key>Name</key><string>t{n}</string>{PLACE}</dict>" for n in range(5)]
    text = _library(*tracks)
    whole = _read(tmp_path, text)
    ends = [found.end() for found in re.finditer("</dict>", text)]
    for length in range(text.index("<dict><key>Name"), text.index("</plist>")):
        count = sum(end <= length for end in ends[:5])
        if not count and length < text.index("<dict><key>Name") + len("<dict>"):
            continue
        rows = _read(tmp_path, text[:length])
        assert [repr(row) for row in rows[:count]] == [repr(row) for row in whole[:count]]
        left = [row.fault for row in rows[count:]]
        assert left == (["the file ends too early"] if length < ends[5] else [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<plist>" + "<array>" * 10_000, "which has Tracks"),
        ("<plist>" + "<dict><key>Tracks</key>" * 10_000, "which has Tracks|ends"),
        ("<plist><dict><key>Tracks</key><integer>1</integer></dict></plist>", "which has Tracks"),
        (HEAD.format("UTF-8") + "<!--" * 100_000, "which has Tracks"),
        ("<plist>" + "<dict" * 100_000, "which has Tracks"),
        ("<plist><dict>" + "<array>" * 100_001, "nested deeper than 100000 levels"),
    ],
)
def test_a_hostile_library_is_refused_in_one_line(tmp_path: Path, content: str, words: str) -> None:
    try:
        rows = _read(tmp_path, content)
    except InputError as error:
        assert re.search(words, str(error)) and "\n" not in str(error)
    else:
        assert all(row.fault for row in rows)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pls", "[playlist]\nFile1=tide.mp3\nNumberOfEntries=1\n"),
        ("a.cue", 'FILE "tide.mp3" MP3\n  TRACK 01 AUDIO\n'),
        ("a.asx", '<asx version="3.0"><entry><ref href="tide.mp3"/></entry></asx>'),
        ("a.xspf", '<?xml version="1.0"?><playlist><trackList/></playlist>'),
        ("a.wpl", '<?wpl version="1.0"?><smil><body><media src="tide.mp3"/></body></smil>'),
        ("a.json", '{"tracks": ["tide.mp3"]}'),
    ],
)
def test_a_playlist_of_another_form_is_refused_by_the_forms_that_are_read(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=rf"{name}: .* \(playlists are read as M3U, M3U8, a text"):
        read_playlist(tmp_path / name)


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    lines = [f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(30)]
    bomb = "<!DOCTYPE plist [" + '<!ENTITY e0 "x">' + "".join(lines) + "]>"
    bomb += '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
    track = f"<dict><key>Name</key><string>&e30;</string>{PLACE}</dict>"
    (row,) = _read(tmp_path, _library(track).replace("<plist", bomb + "<plist", 1))
    assert row.title == "&e30;"


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_damaged_binary_library_is_read_or_refused(data: st.DataObject) -> None:
    tracks = {str(n): {"Name": f"t{n}", "Total Time": n * 1000, "Kind": "é"} for n in range(1, 9)}
    content = bytearray(plistlib.dumps({"Tracks": tracks}, fmt=plistlib.FMT_BINARY))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        rows = _rows(bytes(content))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert all(row.fault or isinstance(row.title, str) for row in rows)


def test_binary_libraries_that_claim_more_than_they_hold() -> None:
    # A dictionary of tracks that is its own track, and one of 2 ** 60 fields.
    for top in (b"\xd1\x01\x00", b"\xdf\x13" + (1 << 60).to_bytes(8, "big")):
        content = b"bplist00" + top + b"\x56Tracks"
        table = len(content)
        content += bytes([8, 8 + len(top)])
        content += (
            bytes(6)
            + bytes([1, 1])
            + b"".join(number.to_bytes(8, "big") for number in (2, 0, table))
        )
        try:
            rows = _rows(content)
        except InputError as error:
            assert "Library.xml" in str(error)
        else:
            assert [row.title for row in rows] == [""]


def test_the_size_and_the_rows_of_a_playlist_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 10)
    assert len(_read(tmp_path, "a.wav\n" * 10, "x.m3u")) == 10
    with pytest.raises(InputError, match="at most 10 rows"):
        _read(tmp_path, "a.wav\n" * 11, "x.m3u")
    monkeypatch.setattr(reading, "MOST_LINES", 12)
    assert len(_read(tmp_path, "#\na.wav\n" * 5, "x.m3u")) == 5
    for content, name in (("#\n" * 12, "x.m3u"), ("Name\tx\tLocation\n" + "\n" * 12, "x.txt")):
        with pytest.raises(InputError, match="at most 12 lines"):
            _read(tmp_path, content, name)
    monkeypatch.setattr(reading, "MOST_BYTES", 1 << 20)
    with (tmp_path / "holes.m3u").open("wb") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(InputError, match="at most 1 MiB"):
        read_playlist(tmp_path / "holes.m3u")
    with pytest.raises(InputError, match="at most 1 MiB"):
        read_playlist("/dev/zero")
    os.mkfifo(tmp_path / "pipe.m3u")
    with pytest.raises(InputError, match="pipe"):
        read_playlist(tmp_path / "pipe.m3u")


def test_lines_and_fields_without_end_are_cut(tmp_path: Path) -> None:
    long = "é" * (1 << 20)
    for name in ("x.m3u", "x.m3u8"):
        rows = _read(tmp_path, f"{long}.wav\nb.wav\n", name)
        assert len(rows[0].location) <= (1 << 20) + 2
        assert Path(rows[1].location).name == "b.wav"
    track = f"<dict><key>Name</key><string>@{PLACE}</dict>"
    rows = _read(tmp_path, _library(track, track).replace("@", "<" * (3 << 20), 1))
    assert rows[-1].location == "file:///Music/a.wav"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_long_texts_are_converted_in_blocks(tmp_path: Path, encoding: str) -> None:
    names = [f"{number} \U0001f941 é.wav" for number in range(60_000)]
    rows = _read(tmp_path, "\n".join(["#EXTM3U", *names]).encode(encoding), "x.m3u8")
    assert [Path(row.location).name for row in rows] == names


def test_a_comment_is_what_begins_with_a_number_sign_and_names_no_file(tmp_path: Path) -> None:
    for name in ("#1 Crush.wav", "b.wav"):
        (tmp_path / name).touch()
    lines = [
        "#EXTM3U",
        "#EXTINF:90,Zoë - First",
        "# a remark between the facts and the file",
        "a.wav",
        "#b.wav",
        "#1 Crush.wav",
        "  #indented.wav",
        "\t# 2.wav",
        "./#3.wav",
        "##",
        "#EXTVLCOPT:network-caching=1000",
        "#extinf:12,lower case",
        "c.wav",
        "",
    ]
    rows = _read(tmp_path, "\n".join(lines), "x.m3u8")
    assert [(row.row, Path(row.location).name, row.title) for row in rows] == [
        (4, "a.wav", "First"),
        (6, "#1 Crush.wav", ""),
        (7, "#indented.wav", ""),
        (8, "# 2.wav", ""),
        (9, "#3.wav", ""),
        (13, "c.wav", "lower case"),
    ]
    assert (rows[0].artist, rows[0].seconds) == ("Zoë", 90)


def test_a_number_sign_begins_no_comment_in_other_forms(tmp_path: Path) -> None:
    text = "Name\tArtist\tLocation\n#1 Crush\t#\tHD:a.mp3\n# 2\t\tHD:b.mp3\n"
    assert [row.title for row in _read(tmp_path, text, "x.txt")] == ["#1 Crush", "# 2"]
    track = f"<dict><key>Name</key><string>#1</string>{PLACE}</dict>"
    assert [row.title for row in _read(tmp_path, _library(track))] == ["#1"]
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "#1.wav").touch()
    assert [row.title for row in read_playlist(tmp_path / "songs")] == ["#1"]


@pytest.mark.parametrize(
    ("info", "seconds", "artist", "title"),
    [
        ("#EXTINF:225,A - B", 225, "A", "B"),
        ("#EXTINF: 225.5 , A - B ", 225.5, "A", "B"),
        ("#EXTINF:-1,Radio", math.nan, "", "Radio"),
        ("#EXTINF:0,x", math.nan, "", "x"),
        ("#EXTINF:,x", math.nan, "", "x"),
        ("#EXTINF:x", math.nan, "", ""),
        ("#EXTINF:", math.nan, "", ""),
        ("#EXTINF:12", 12, "", ""),
        ("#EXTINF:1e999,x", math.nan, "", "x"),
        ("#EXTINF:0x10,x", math.nan, "", "x"),
        (f"#EXTINF:{'9' * 400},x", math.nan, "", "x"),
        ("#EXTINF:1.2.3,x", math.nan, "", "x"),
        ('#EXTINF:60 tvg-id="a, b",A - B', 60, "A", "B"),
        ('#EXTINF:60,12" mix, the', 60, "", '12" mix, the'),
    ],
)
def test_facts_of_an_m3u(
    tmp_path: Path, info: str, seconds: float, artist: str, title: str
) -> None:
    (row,) = _read(tmp_path, f"{info}\nx.wav\n", "x.m3u8")
    assert row.seconds == pytest.approx(seconds, nan_ok=True)
    assert (row.artist, row.title) == (artist, title)


def test_lines_of_several_encodings_each_read_by_itself(tmp_path: Path) -> None:
    data = b"caf\xc3\xa9.wav\ncaf\xe9.wav\n\xe6\x9d\xb1.wav\nplain.wav\n"
    for name, legacy in (("x.m3u", "café.wav"), ("x.m3u8", "cafÈ.wav")):
        for mark in (b"", codecs.BOM_UTF8):
            rows = _read(tmp_path, mark + data, name)
            names = [Path(row.location).name for row in rows]
            assert names == ["café.wav", legacy, "東.wav", "plain.wav"]


@pytest.mark.parametrize("name", ["x.m3u", "x.m3u8"])
def test_a_nul_in_a_short_list_is_no_sign_of_utf_16(tmp_path: Path, name: str) -> None:
    rows = _read(tmp_path, "a\0b.wav\nc.wav\n", name)
    assert [row.location for row in rows] == [f"{tmp_path}/a\0b.wav", f"{tmp_path}/c.wav"]
    for encoding in ("utf-16-le", "utf-16-be"):
        (row,) = _read(tmp_path, "東.wav\n".encode(encoding), name)
        assert Path(row.location).name == "東.wav"


def test_a_field_of_two_lines_in_two_encodings(tmp_path: Path) -> None:
    rows = "Name\tLocation\r東\n@\tC:\\a.mp3\r".encode().replace(b"@", b"caf\xe9")
    (row,) = _read(tmp_path, rows, "x.txt")
    assert row.title == "東\ncafé"


@pytest.mark.parametrize("raw", [b"caf\xe9.wav", b"\x8e t\x8e.wav", b"na\xefve \x93x\x94.wav"])
def test_a_name_of_raw_bytes_is_found_whatever_form_names_it(tmp_path: Path, raw: bytes) -> None:
    folder = tmp_path / "dir \N{LATIN SMALL LETTER E WITH ACUTE}"
    folder.mkdir()
    song = Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))
    try:
        song.touch()
    except OSError:
        pytest.skip("this file system takes no names that are not UTF-8")
    by_m3u = os.fsencode(folder) + b"/" + raw + b"\n"
    percent = quote(os.fsencode(song))
    by_url = _library(f"<dict><key>Location</key><string>file://{percent}</string></dict>")
    by_bytes = by_url.encode().replace(percent.encode(), os.fsencode(song))
    for content, name in [
        (by_m3u, "x.m3u"), (by_m3u, "x.m3u8"), (by_url.encode(), "x.xml"), (by_bytes, "y.xml"),
    ]:  # fmt: skip
        (row,) = _read(tmp_path, content, name)
        assert resolve(row.location) == song, name
    (row,) = read_playlist(folder)
    assert resolve(row.location) == song


@pytest.mark.parametrize("length", [300, 3_000, 300_000])
def test_deep_and_long_locations_are_missing(tmp_path: Path, length: int) -> None:
    for location in ("/é" + "/a" * length, "é" * length, "HD" + ":a" * length, "/a" + "̀" * length):
        (row,) = _read(tmp_path, location + "\n", "x.m3u8")
        place = resolve(row.location)
        assert place is None or not os.path.exists(place)  # noqa: PTH110


@pytest.mark.parametrize(
    "text", ["9" * 400, "9" * 5000, f"{'9' * 400}:00", "9" * 400 + ".5", "1" * 10, "٣" * 50]
)
def test_a_duration_that_is_none_is_as_none(text: str) -> None:
    assert math.isnan(parse_duration(text))


def test_numbers_of_an_export_that_are_none_are_as_none(tmp_path: Path) -> None:
    header = "Name\tSize\tTime\tBit Rate\tLocation"
    long = "9" * 400
    rows = _read(tmp_path, f"{header}\na\t{long}\t{long}\t{long}\tHD:a.mp3\n", "x.txt")
    assert math.isnan(rows[0].seconds) and math.isnan(rows[0].bit_rate_kbps)


@pytest.mark.parametrize("first", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("then", ["\r", "\n", "\r\n"])
def test_line_ends_of_two_kinds(tmp_path: Path, first: str, then: str) -> None:
    text = f"Name\tArtist\tLocation{first}a\tA\tHD:a.mp3{then}b\tB\tHD:b.mp3{then}"
    rows = _read(tmp_path, text, "x.txt")
    assert [(row.title, row.artist, row.location) for row in rows] == [
        ("a", "A", "HD:a.mp3"),
        ("b", "B", "HD:b.mp3"),
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=200),
    start=st.sampled_from(
        [b"bplist00", HEAD.format("UTF-8").encode() + b"<dict><key>Tracks</key>"]
    ),
)
def test_any_bytes_after_the_start_of_a_library(tmp_path: Path, data: bytes, start: bytes) -> None:
    try:
        rows = _read(tmp_path, start + data)
    except InputError as error:
        assert str(error).startswith(str(tmp_path)) and "\n" not in str(error)
    else:
        for row in rows:
            resolve(row.location)


def test_many_songs_of_one_name_are_numbered_in_order() -> None:
    names = SafeNames(["track_3"])
    given = [names.new("Track") for _ in range(100_000)]
    assert given[:3] == ["Track", "Track_2", "Track_4"]
    assert given[-1] == "Track_100001" and len(set(given)) == len(given)


def test_nought_in_an_export_is_not_known(tmp_path: Path) -> None:
    header = "Name\tSize\tTime\tBit Rate\tLocation"
    lines = [header, "a\t10000\t0:00\t0\tHD:a.mp3", "b\t10000\t2\t0\tHD:b.mp3"]
    rows = _read(tmp_path, "\n".join(lines), "x.txt")
    assert math.isnan(rows[0].seconds) and math.isnan(rows[0].bit_rate_kbps)
    assert (rows[1].seconds, rows[1].bit_rate_kbps) == (2.0, 40.0)


def test_an_m3u_of_a_mac_is_read_in_its_encoding(tmp_path: Path) -> None:
    text = "#EXTM3U\r/é.mp3\r/ü.mp3\r"
    for encoding, ending in (("mac_roman", "\r"), ("cp1252", "\n"), ("cp1252", "\r\n")):
        rows = _read(tmp_path, text.replace("\r", ending).encode(encoding), "x.m3u")
        assert [row.location for row in rows] == ["/é.mp3", "/ü.mp3"]


# A NUL behind the mark of UTF-16 makes it that of UTF-32.
@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    cut=st.integers(1, 3),
)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_half_a_character_at_the_end_is_left_out(encoding: str, text: str, cut: int) -> None:
    data = (text + "a").encode(encoding)
    unit = 2 if encoding == "utf-16" else 4
    assert to_utf8(data[: -min(cut, unit - 1)]).decode() == text
