r"""Read the text that iTunes and Apple Music export for a playlist.

The format (shared by both, undocumented by Apple): one header line, then one line per track, cells
between tabs, no quoting at all. UTF-16 with a byte-order mark ("Unicode text"), UTF-8 or Mac
Roman (`encodings`); lines end in CR, CRLF or LF. Up to 31 columns; older versions lack Work and the
three Movement columns; the header is in the user's language; Location is always the last column.

Columns are found by their names in `NAMES`. A column whose name is in no known language is found by
structure: Sample Rate holds rates like 44100 in every language, and the order of the columns around
it never changed.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from deep_plunder.corpus.playlists.entries import FORMS, PlaylistEntry
from deep_plunder.errors import InputError

__all__ = ["NAMES", "parse_duration", "read_export"]

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
_LONGEST_NUMBER = 40


def parse_duration(text: str) -> float:
    """Read a duration in the notation of any version and language.

    Parameters
    ----------
    text : str
        Seconds (``225``, ``225.4``, ``225,4``), ``3:45``, ``1:03:45`` or, as in Finnish and
        Danish, ``3.45``: after one point, two digits below 60 that follow one or two digits are
        seconds.

    Returns
    -------
    seconds : float
        NaN for anything else.

    Examples
    --------
    >>> parse_duration("3:45"), parse_duration("225,4"), parse_duration("soon")
    (225.0, 225.4, nan)
    """
    if len(text) > _LONGEST_NUMBER:
        return math.nan
    text = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"\d{1,9}(:\d\d){0,2}|\d{1,2}\.[0-5]\d", text):
        seconds = 0
        for part in re.split(r"[:.]", text):
            seconds = 60 * seconds + int(part)
        return float(seconds)
    if re.fullmatch(r"\d{1,9}[.,]\d+", text):
        return float(text.replace(",", "."))
    return math.nan


def _number(text: str) -> float:
    """Read the number at the beginning of a cell, such as ``320 kbps``; NaN for none and for 0."""
    found = re.match(r"\s*(\d{1,15})(?!\d)", text[:_LONGEST_NUMBER])
    return (float(found.group(1)) if found else 0.0) or math.nan


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


_FIELDS = {_fold(name): field for field, names in NAMES.items() for name in names.split("|")}


def _split(line: str, *, width: int) -> list[list[str]]:
    """Split a line into rows of cells: several rows if each of them fills the header by itself.

    A line end of another kind belongs to a field, except in files that two programs wrote.
    """
    cells = line.split("\t")
    if len(cells) > width:
        rows = [row.split("\t") for row in re.split(r"\r\n|\r|\n", line)]
        if len(rows) > 1 and all(len(row) == width for row in rows if row != [""]):
            return rows
    return [cells]


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Find the columns of an export; see the module's docstring.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
        Some rows, from which the structure is inferred.

    Returns
    -------
    columns : dict of str to int
        The fields of `NAMES` that were found. ``name`` is always there, and so is ``location``
        if this is an export at all.
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


def read_export(lines: Iterable[str], *, source: str) -> Iterator[PlaylistEntry]:
    r"""Read the rows of an export.

    Rows with fewer cells than the header lack the last ones. A row with more cells (a tab inside a
    field) keeps its title and location, and its other cells count as unknown.

    Parameters
    ----------
    lines : iterable of str
        Lines without their ends, which are of the same kind as the end of the first line.
    source : str
        Path of the export.

    Yields
    ------
    row : PlaylistEntry
        An entry; its `row` counts from the header, which is row 1.

    Raises
    ------
    InputError
        If the first line is not the header of an export. The message lacks the file's name.

    Examples
    --------
    >>> lines = ["Name\tArtist\tTime\tLocation", "Tide\tSine\t225\tMacintosh HD:tide.mp3"]
    >>> [row] = read_export(lines, source="list.txt")
    >>> row.row, row.title, row.seconds, row.location
    (2, 'Tide', 225.0, 'Macintosh HD:tide.mp3')
    """
    lines = iter(lines)
    first = next(lines, "")
    header = first.split("\t")
    width, last = len(header), len(header) - 1
    rows = (cells for line in lines for cells in _split(line, width=width))
    sampled = list(itertools.islice(rows, _SAMPLED_ROWS))
    columns = _columns(header, sampled)
    if "location" not in columns:
        raise InputError(
            "line 1: not the header of a playlist export, which ends with the column Location: "
            f"got {first[:80]!r} ({FORMS})"
        )
    place = columns["location"]
    for number, cells in enumerate(itertools.chain(sampled, rows), start=2):
        if all(not cell or cell.isspace() for cell in cells):
            continue
        shifted = len(cells) > width
        # Spaces stay, since they may belong to the name.
        location = _cell(cells, -1 if shifted and place == last else place).strip("\r\n")
        known = {field: _cell(cells, index).strip() for field, index in columns.items()}
        if shifted:
            yield PlaylistEntry(source, number, known["name"], location=location)
            continue
        # Programs write 0 for values that they do not know.
        seconds = parse_duration(known.get("time", "")) or math.nan
        bit_rate = _number(known.get("bit_rate", ""))
        if math.isnan(bit_rate) and seconds > 0:
            bit_rate = _number(known.get("size", "")) * 8 / seconds / 1000
        yield PlaylistEntry(
            source=source,
            row=number,
            title=known["name"],
            artist=known.get("artist", ""),
            seconds=seconds,
            bit_rate_kbps=bit_rate,
            kind=known.get("kind", ""),
            location=location,
        )


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""
