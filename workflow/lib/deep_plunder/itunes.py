r"""Read the text that iTunes and Apple Music export for a playlist.

The format (shared by both, undocumented by Apple): one header line, then a line a track, cells
between tabs, no quoting at all. UTF-16 with a byte-order mark ("Unicode text"), UTF-8 or Mac
Roman; lines end in CR, CRLF or LF. Up to 31 columns; older versions lack Work and the three
Movement columns; the header is in the user's language; Location is always the last column.

Columns are found by their known names in `NAMES`; what a header does not name in a known language
is found by structure: Sample Rate holds rates like 44100 in every language, and the columns
around it never changed order.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import InputError

__all__ = ["NAMES", "Track", "decode", "parse_duration", "read_tracks"]

# English, British, German, French, Spanish, Italian, Dutch, Portuguese, Swedish. Accents, case,
# spaces and hyphens do not count.
NAMES = {
    "name": "Name|Nom|Nombre|Nome|Naam|Namn",
    "artist": "Artist|Interpret|Künstler|Artiste|Artista|Artiest",
    "size": "Size|Größe|Taille|Tamaño|Dimensioni|Dimensione|Grootte|Omvang|Tamanho|Storlek",
    "time": "Time|Dauer|Zeit|Länge|Durée|Temps|Duración|Tiempo|Durata|Tijd|Duur|Duração|Tid|Längd",
    "bit_rate": (
        "Bit Rate|Bitrate|Datenrate|Débit|Débit binaire|Débit de données|Velocidad de bits|"
        "Velocidad de transferencia|Tasa de bits|Frecuencia de bits|Velocità in bit|Velocità bit|"
        "Velocità dati|Frequenza dati|Bitsnelheid|Datasnelheid|Taxa de bits|Bithastighet"
    ),
    "kind": "Kind|Art|Type|Sorte|Tipo|Clase|Soort|Typ",
    "location": (
        "Location|Ort|Speicherort|Pfad|Emplacement|Ubicación|Posizione|Percorso|Locatie|"
        "Localização|Local|Plats"
    ),
}
_RATES = frozenset(
    str(rate)
    for rate in (
        *(8000, 11025, 11127, 12000, 16000, 22050, 22254, 24000, 32000, 44056, 44100),
        *(48000, 64000, 88200, 96000, 176400, 192000),
    )
)
# Places beside Sample Rate, the same in every version since iTunes 4.
_BESIDE_SAMPLE_RATE = {"size": -10, "time": -9, "bit_rate": -1, "kind": 2}
_SAMPLED_ROWS = 500


@dataclass(frozen=True, slots=True)
class Track:
    """One row of an export.

    Attributes
    ----------
    row : int
        Row in the file; the header is row 1.
    title, artist : str
    seconds : float
        NaN where the export does not say.
    bit_rate_kbps : float
        As exported, else from size and time; NaN where neither is there.
    kind : str
        In the user's language.
    location : str
        As exported; empty for a track in the cloud.
    """

    row: int
    title: str
    artist: str
    seconds: float
    bit_rate_kbps: float
    kind: str
    location: str


def decode(data: bytes, *, legacy: str | None = None) -> str:
    """Decode the text of a playlist, whose encoding is written nowhere.

    A byte-order mark decides; else many NUL bytes mean UTF-16, whose order they show; else it is
    UTF-8 where it is valid UTF-8, else an older eight-bit encoding.

    Parameters
    ----------
    data : bytes
    legacy : str, optional
        The eight-bit encoding. By default cp1252 where Windows paths are there, else Mac Roman.

    Returns
    -------
    text : str
        Without the mark. Damaged UTF-16 gives U+FFFD where it is damaged.
    """
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", errors="replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    head = data[:4096]
    # Tabs, digits and line ends give many in any language; a stray one is damage.
    if head.count(0) * 20 > len(head):
        little = head[1::2].count(0) >= head[0::2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        windows = re.search(rb"(?:^|[\t\r\n])[A-Za-z]:\\", data) is not None
        try:
            return data.decode(legacy or ("cp1252" if windows else "mac_roman"))
        except UnicodeDecodeError:
            return data.decode("mac_roman")


def parse_duration(text: str) -> float:
    """Read a duration as any version and language writes it.

    Parameters
    ----------
    text : str
        Seconds (``225``, ``225.4``, ``225,4``), ``3:45``, ``1:03:45`` or, as in Finnish and
        Danish, ``3.45``: two digits below 60 after one point or two digits before it are seconds.

    Returns
    -------
    seconds : float
        NaN for anything else.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if text.isdecimal():
        return float(text)
    if re.fullmatch(r"\d+(:\d\d){1,2}|\d{1,2}\.[0-5]\d", text):
        seconds = 0
        for part in re.split(r"[:.]", text):
            seconds = 60 * seconds + int(part)
        return float(seconds)
    if re.fullmatch(r"\d+[.,]\d+", text):
        return float(text.replace(",", "."))
    return math.nan


def _number(text: str) -> float:
    """Read the number that a cell begins with, e.g. ``320 kbps``; NaN where there is none."""
    if text.isdecimal():
        return float(text)
    found = re.match(r"\s*(\d+)", text)
    return float(found.group(1)) if found else math.nan


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


_FIELDS = {_fold(name): field for field, names in NAMES.items() for name in names.split("|")}


def _split_rows(text: str) -> list[str]:
    """Split a text at the kind of line end that ends its first line."""
    ending = re.search(r"\r\n|\r|\n", text)
    return text.split(ending.group()) if ending else [text]


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Find the columns of an export; see the module's docstring.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
        Some of the rows, to judge the structure by.

    Returns
    -------
    columns : dict of str to int
        Those of the fields of `NAMES` that were found. ``name`` is always there, and so is
        ``location`` if this is an export at all.
    """
    columns: dict[str, int] = {}
    for index, cell in enumerate(header):
        field = _FIELDS.get(_fold(cell))
        if field:
            columns.setdefault(field, index)
    columns.setdefault("name", 0)
    last = len(header) - 1
    ends = [row[last] for row in rows if len(row) > last and row[last]]
    located = sum(re.search(r"[:/\\]", end) is not None for end in ends)
    if len(header) > 2 and (len(header) >= 20 or (ends and located * 2 > len(ends))):
        columns.setdefault("location", last)
        columns.setdefault("artist", 1)
    votes = Counter(
        index for row in rows for index, cell in enumerate(row[:last]) if cell in _RATES
    )
    if votes:
        anchor = votes.most_common(1)[0][0]
        for field, offset in _BESIDE_SAMPLE_RATE.items():
            if 0 < anchor + offset < last:
                columns.setdefault(field, anchor + offset)
    return columns


def read_tracks(text: str) -> Iterator[Track]:
    """Read the rows of an export.

    Rows with fewer cells than the header lack the last ones. A row with more cells (a tab
    inside a field) keeps its title and location, and the rest of it is taken as unknown.

    Parameters
    ----------
    text : str
        The whole export, decoded.

    Yields
    ------
    track : Track

    Raises
    ------
    InputError
        If the first line is not the header of an export. The message lacks the file's name.
    """
    lines = _split_rows(text)
    header = lines[0].split("\t")
    columns = _columns(header, [line.split("\t") for line in lines[1 : 1 + _SAMPLED_ROWS]])
    if "location" not in columns:
        raise InputError(
            "line 1: not the header of a playlist export, which ends with the column Location: "
            f"got {lines[0][:80]!r}"
        )
    width, last = len(header), len(header) - 1
    for row, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if not any(cells) or line.isspace():
            continue
        shifted = len(cells) > width
        cells += [""] * (width - len(cells))
        place = columns["location"]
        # Not stripped of spaces, which may belong to the name.
        location = cells[-1 if place == last else place].strip("\r\n")
        known = {field: cells[index].strip() for field, index in columns.items()}
        seconds = parse_duration(known.get("time", ""))
        bit_rate = _number(known.get("bit_rate", ""))
        size = _number(known.get("size", ""))
        if math.isnan(bit_rate) and seconds > 0:
            bit_rate = size * 8 / seconds / 1000
        yield Track(
            row=row,
            title=known["name"],
            artist="" if shifted else known.get("artist", ""),
            seconds=math.nan if shifted else seconds,
            bit_rate_kbps=math.nan if shifted else bit_rate,
            kind="" if shifted else known.get("kind", ""),
            location=location,
        )
