"""Text files as cases: documents of the right form and odd content, as hypothesis draws them."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import strategies as st

__all__ = ["DOCUMENTS"]

_ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "mac_roman", "cp1252",
)  # fmt: skip
_texts = st.text(max_size=20) | st.sampled_from(
    ["", "0", "9" * 400, "1e-322", "1e999", "nan", "-1", "(null)", "3:45", "\0", "\ud800", "é", "é",
     "\u202e", "a\tb", "a\rb", "a\nb", "#", "..", "con", "/" * 300, "A" * 5000]
)  # fmt: skip
_locations = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        ["", "/", "./", "../", "~/", "C:\\", "\\\\nas\\", "Macintosh HD:", "X:Users:", "file:///",
         "file://localhost/", "file:", "http://", "FILE://", "HD:", "::"]
    ),
    _texts,
    st.sampled_from(["", ".mp3", ".wav", ".m4p", ".mp3 ", "/", "%00.wav", "%E9.wav"]),
)  # fmt: skip


def _encoded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda text, encoding: text.encode(encoding, "replace"), texts, st.sampled_from(_ENCODINGS)
    ) | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))


_columns = st.sampled_from(
    ["Name", "Artist", "Time", "Bit Rate", "Size", "Kind", "Sample Rate", "Location", "Dauer", "x"]
)


@st.composite
def _exports(draw: st.DrawFn) -> str:
    header = [*draw(st.lists(_columns, max_size=12)), "Location"]
    cells = st.lists(_texts | _locations, max_size=len(header) + 2)
    rows = [header, *draw(st.lists(cells, max_size=6))]
    ending = draw(st.sampled_from(["\r", "\n", "\r\n"]))
    return ending.join("\t".join(row) for row in rows)


_m3u_lines = (
    _locations
    | st.builds("#EXTINF:{}{},{}".format, _texts, st.sampled_from(["", ' x="a,b"', '"']), _texts)
    | st.builds("{}{}".format, st.sampled_from(["#", " #", "##", "#EXT", "\t", "#EXTM3U"]), _texts)
)
_m3us = st.builds(
    lambda ending, lines: ending.join(lines),
    st.sampled_from(["\r", "\n", "\r\n"]),
    st.lists(_m3u_lines, max_size=12),
)

_fields = st.sampled_from(
    ["Name", "Artist", "Kind", "Location", "Total Time", "Bit Rate", "Size", "Protected", "Tracks"]
)
_kinds = st.sampled_from(["string", "integer", "real", "date", "data", "key"])
_contents = (
    _texts | _locations | st.sampled_from(["&amp;", "&#55357;", "<![CDATA[x]]>", "<!--", "<b>"])
)
_simple = st.builds("<{}>{}</{}>".format, _kinds, _contents, _kinds) | st.sampled_from(
    ["<true/>", "<false/>", "<string/>", "<date/>", "<dict/>", "<array/>", ""]
)
_values = st.recursive(
    _simple,
    lambda values: (
        st.lists(values, max_size=3).map(lambda items: f"<array>{''.join(items)}</array>")
        | st.lists(st.builds("<key>{}</key>{}".format, _fields, values), max_size=4).map(
            lambda items: f"<dict>{''.join(items)}</dict>"
        )
    ),
    max_leaves=12,
)
_libraries = st.builds(
    "{}<plist><dict>{}<key>Tracks</key>{}{}".format,
    st.sampled_from(
        ['<?xml version="1.0"?>', '<?xml encoding="x-mac"?>', "<!DOCTYPE plist []>", ""]
    ),
    st.just("") | st.builds("<key>{}</key>{}".format, _texts, _values),
    _values | st.lists(st.builds("<key>1</key>{}".format, _values), max_size=4).map(
        lambda items: f"<dict>{''.join(items)}</dict>"
    ),
    st.sampled_from(["", "</dict></plist>", "</dict>"]),
)  # fmt: skip

_columns_of_rows = (
    "sound sound_class path seconds rate channels onset_s offset_s",
    "song path title artist seconds rate channels bit_rate_kbps source row",
    "kind id split",
    "mix event kind source start_s duration_s source_start_s semitones fade_in_s fade_in"
    " fade_out_s fade_out gain_db onset_s offset_s",
    "mix row kind track instrument source start_s duration_s source_start_s semitones gain_db"
    " settings",
    "mix onset_s offset_s sound sound_class isolation_db",
)
_cells = _texts | st.sampled_from(["0", "1", "1.5", "note", "sound", "song", "master", "train"])


@st.composite
def _tables(draw: st.DrawFn) -> str:
    header = draw(st.sampled_from(_columns_of_rows)).split()
    if draw(st.integers(0, 9)) == 0:
        header = draw(st.permutations(header))[: draw(st.integers(0, len(header)))]
    row = st.lists(_cells, min_size=len(header), max_size=len(header))
    lines = [header, *draw(st.lists(row | st.lists(_cells, max_size=3), max_size=4))]
    return "\n".join("\t".join(line) for line in lines)


_numbers = st.integers() | st.floats() | st.sampled_from([0, -1, 10**400, 1 << 63, 0.5])
_plain = st.recursive(
    st.none() | st.booleans() | _numbers | _texts,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(_texts, values, max_size=3),
    max_leaves=8,
)
_records = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("source", "deep_plunder", "model", "digest", "source_digest", "min_score"), _plain
    ),
).map(json.dumps)

_sections = st.sampled_from(
    ["seed", "library", "songs", "split", "mixes", "scenes", "features", "models", "training",
     "evaluation", "baselines", "realbench", "calibration", "extraction", "demo"]
)  # fmt: skip
_keys = st.sampled_from(
    ["path", "sources", "path_map", "classes", "count", "train", "duration_s", "semitones", "hop",
     "n_fft", "mel_bands", "short_bands", "architecture", "sizes", "units", "training", "epochs",
     "start", "teachers", "validation", "test", "model", "mixes", "bench", "style", "seed"]
)  # fmt: skip
_settings = st.recursive(
    _plain,
    lambda values: (
        st.dictionaries(_keys | st.just("a"), values, max_size=4) | st.lists(values, max_size=3)
    ),
    max_leaves=8,
)


def _dumped(config: Any) -> str:
    try:
        return yaml.safe_dump(config, allow_unicode=True)
    except (yaml.YAMLError, ValueError):
        return "{}"


_configurations = st.dictionaries(_sections | _texts, _settings, max_size=6).map(_dumped)

DOCUMENTS: dict[str, st.SearchStrategy[bytes]] = {
    "export": _encoded(_exports()),
    "m3u": _encoded(_m3us),
    "library_xml": _encoded(_libraries),
    "table": _encoded(_tables()),
    "record": _encoded(_records),
    "config": _encoded(_configurations),
}
"""By the name of the target that reads them."""
