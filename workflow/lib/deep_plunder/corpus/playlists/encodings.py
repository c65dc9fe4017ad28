"""Decode the bytes of a playlist, whose encoding is stated nowhere, or wrongly.

A byte-order mark decides. Without one, many NUL bytes mean UTF-16, and their places show its byte
order. Any other text is decoded line by line: as UTF-8 if possible, otherwise in an older eight-bit
encoding. Encodings may differ between lines, since the names of files are bytes, and programs
append to lists in the encoding of their own time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

__all__ = ["decoded_lines", "to_utf8"]

_MARKS = (
    # Before UTF-16, since its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD_BYTES = 4096
_FEWEST_NULS = 4
_BLOCK_BYTES = 1 << 20
_LONGEST_LINE = 1 << 20
_ENDING = re.compile(rb"\r\n|\r|\n")


def to_utf8(data: bytes) -> bytes:
    """Return text of unknown encoding in UTF-8; eight-bit text is returned unchanged.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    text : bytes
        The text without a byte-order mark, with U+FFFD wherever UTF-16 is damaged. Half a
        character at the end is left out.

    Examples
    --------
    >>> to_utf8("Été".encode("utf-16")).decode()
    'Été'
    """
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _converted(data, encoding)
    head = data[:_HEAD_BYTES]
    # In UTF-16, tabs, digits and line ends hold many NULs in any language, and the suffix of one
    # file holds four. Fewer are damage.
    if head.count(0) >= max(_FEWEST_NULS, len(head) // 20):
        little = head[1::2].count(0) >= head[0::2].count(0)
        return _converted(data, "utf-16-le" if little else "utf-16-be")
    return data


def _converted(data: bytes, encoding: str) -> bytes:
    """Convert text to UTF-8 in blocks: one rare character makes all of a text take four bytes."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    starts = range(0, len(data), _BLOCK_BYTES)
    blocks = [decoder.decode(data[start : start + _BLOCK_BYTES]).encode() for start in starts]
    return b"".join(blocks)


def decoded_lines(
    data: bytes, *, legacy: str | None = None, one_ending: bool = False
) -> Iterator[str]:
    r"""Decode the lines of a text of unknown encoding.

    Parameters
    ----------
    data : bytes
        The text from `to_utf8`.
    legacy : str, optional
        The eight-bit encoding of lines that are not UTF-8. The default is cp1252 for texts with
        Windows paths, otherwise Mac Roman.
    one_ending : bool
        Whether only line ends of the same kind as the first one end a line.

    Yields
    ------
    line : str
        The line without its end. Bytes beyond the first 1 MiB are left out.

    Examples
    --------
    >>> list(decoded_lines(b"one\r\ntwo\r\n"))
    ['one', 'two', '']
    """
    ending = _ENDING
    if one_ending and (first := _ENDING.search(data)) is not None:
        ending = re.compile(re.escape(first[0]))
    encoding = "utf-8"
    for line in _lines(data, ending):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            if encoding == "utf-8":
                encoding = _legacy(data, legacy)
            # Other line ends may lie inside, and the parts between them may differ in encoding.
            pieces = re.split(rb"(\r\n|\r|\n)", line)
            yield "".join(_decoded(piece, encoding) for piece in pieces)


def _decoded(piece: bytes, legacy: str) -> str:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        # A line that was cut off may end amid a character.
        return piece.decode(legacy, "replace")


def _lines(data: bytes, ending: re.Pattern[bytes]) -> Iterator[bytes]:
    start = 0
    for end in ending.finditer(data):
        yield data[start : min(end.start(), start + _LONGEST_LINE)]
        start = end.end()
    yield data[start : start + _LONGEST_LINE]


def _legacy(data: bytes, named: str | None) -> str:
    """Return an eight-bit encoding that fits all lines of a text that are not UTF-8."""
    windows = re.search(rb"(?:^|[\t\r\n])[A-Za-z]:\\", data) is not None
    encoding = named or ("cp1252" if windows else "mac_roman")
    try:
        for line in _lines(data, _ENDING):
            try:
                line.decode()
            except UnicodeDecodeError:
                line.decode(encoding)
    except UnicodeDecodeError:
        # Mac Roman has a character for each byte.
        return "mac_roman"
    return encoding
