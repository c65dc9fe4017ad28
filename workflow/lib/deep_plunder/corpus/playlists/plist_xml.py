"""Read the tracks of a property list in XML, even if other parts of the file are damaged.

An XML parser must stop at the first fault, so one control character in one title would cost a whole
library. This reader knows only the few elements of a property list, and skips anything else. It
expands no entities, opens no other files, and counts levels instead of recursing. So neither the
depth of a file nor the size of an unused value costs memory.

Format: Apple's PropertyList-1.0.dtd. From an intact file it reads the same as `plistlib`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from html.entities import html5

from deep_plunder.corpus.playlists.entries import FORMS
from deep_plunder.corpus.playlists.plist_fields import (
    FIELDS,
    PlistTrack,
    Value,
    quantity,
    without_controls,
)
from deep_plunder.errors import InputError

__all__ = ["read_xml_tracks"]

_NAMES = rb"key|dict|array|string|integer|real|date|data|true|false|plist"
# A whole field of a track, for speed; otherwise one tag, or the start of something else.
_TOKEN = re.compile(
    rb"<(?:key>([^<]*)</key>\s*<(string|integer|real|date|data)>([^<]*)</\2>"
    rb"|(/?)(" + _NAMES + rb")(?=[\s/>])[^<>]*>|(!--|!\[CDATA\[|!|\?))"
)
_TAG = re.compile(rb"</?(?:" + _NAMES + rb")(?=[\s/>])[^<>]*>")
_ENDS = {b"!--": b"-->", b"![CDATA[": b"]]>", b"!": b">", b"?": b"?>"}
_DEEPEST = 100_000
_LONGEST_TEXT = 1 << 16
_LONGEST_CONTENT = 1 << 20
_CONTAINERS = (b"dict", b"array")

_REFERENCE = re.compile(r"&(?:#0*(\d{1,7})|#[xX]0*([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_REFERENCES = re.compile(rf"(?:{_REFERENCE.pattern})+")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_MAC = re.compile(r"(x-?)?mac(intosh|-?roman)?")
_EIGHT_BITS = re.compile(r"(iso-?8859|windows-?125|cp\d|mac|koi8|latin|shift_?jis|euc|big5|gb)")


def _declared_to_utf8(data: bytes) -> bytes:
    """Return text in UTF-8, decoded as the XML declaration states if that encoding fits."""
    found = _DECLARED.search(data[:512])
    name = found[1].decode().lower() if found else ""
    if _MAC.fullmatch(name):
        name = "mac_roman"
    if _EIGHT_BITS.match(name):
        # Text in another encoding is hardly ever valid UTF-8, but a declaration may be wrong.
        for encoding in ("utf-8", name):
            with contextlib.suppress(LookupError, ValueError):
                return data.decode(encoding).encode()
    return data


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return html5.get(f"{name};", found[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _characters(found: re.Match[str]) -> str:
    text = _REFERENCE.sub(_character, found[0])
    # Some writers write one reference per half of a UTF-16 pair; a single half means nothing.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text(data: bytes, *, raw: bool = False) -> str:
    """Decode the content of an element without markup inside.

    Bytes that are not UTF-8 are kept as bytes of a file's name if `raw`, for locations. Otherwise
    they are decoded in the encoding of older programs.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape") if raw else data.decode("cp1252", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        text = _REFERENCES.sub(_characters, text)
    return without_controls(text)


def _content(data: bytes, place: int, name: bytes) -> tuple[bytes, int]:
    """Return the content of an element from `place` on, and the place behind the element.

    Comments are left out. Any other tag of a property list ends the element too, since its own end
    tag must be lost. So does a length that no field has.
    """
    parts: list[bytes] = []
    limit = place + _LONGEST_CONTENT
    while (stop := data.find(b"<", place)) >= 0:
        if stop > limit:
            end = data.find(b"</", stop)
            return b"".join(parts), end if end >= 0 else len(data)
        parts.append(data[place:stop])
        if (tag := _TAG.match(data, stop)) is not None:
            own = tag[0].startswith(b"</" + name)
            return b"".join(parts), tag.end() if own else stop
        mark = next((m for m in (b"!--", b"![CDATA[", b"?") if data.startswith(m, stop + 1)), b"")
        if not mark:
            parts.append(b"<")
            place = stop + 1
            continue
        start = stop + 1 + len(mark)
        end = data.find(_ENDS[mark], start)
        if end < 0:
            break
        if mark == b"![CDATA[":
            parts.append(data[start:end].replace(b"&", b"&amp;"))
        place = end + len(_ENDS[mark])
    return b"".join(parts), len(data)


def _value(kind: bytes, content: bytes, *, raw: bool = False) -> Value | None:
    """Return the value of a simple element; None for an element of a kind that is not used."""
    if kind == b"string":
        return _text(content[:_LONGEST_TEXT], raw=raw)
    if kind in (b"integer", b"real"):
        return quantity(content[:80].decode("ascii", "replace"))
    return kind == b"true" if kind in (b"true", b"false") else None


class _Reader:
    """The state between two tokens: the level, the last key there, and the tracks read."""

    def __init__(self) -> None:
        # 0: outside, 1: among the keys of the file, 2: among the tracks, 3: in a track.
        self.level = 0
        self.below = 0  # levels below a container that is skipped
        self.key: bytes | None = None
        self.track = PlistTrack()
        self.entries: list[PlistTrack] = []
        self.found = self.done = False

    def take_key(self, key: bytes) -> None:
        """Read the key of the next value."""
        if self.below:
            return
        if self.level == 2 and self.key is not None:
            self.entries.append(PlistTrack(fault="a key, no track"))
        self.key = key.strip()

    def take_value(self, kind: bytes, content: bytes) -> None:
        """Read a simple value for the last key."""
        if self.below:
            return
        key, self.key = self.key, None
        if self.level == 2:
            self.entries.append(PlistTrack(fault=f"{kind.decode()}, no track"))
        elif self.level == 3 and key is not None:
            name = key.decode("ascii", "replace")
            value = _value(kind, content, raw=name == "Location") if name in FIELDS else None
            if value is not None:
                self.track.fields[name] = value

    def open(self, kind: bytes) -> None:
        """Enter a container, or start to skip it."""
        key, self.key = self.key, None
        if self.below or self.level == 3:
            self.below += 1
        elif self.level == 0 and kind == b"dict":
            self.level = 1
        elif self.level == 1 and key == b"Tracks":
            self.level, self.found = 2, True
        elif self.level == 2 and kind == b"dict":
            self.level, self.track = 3, PlistTrack()
        else:
            self.below += 1
            if self.level == 2:
                self.entries.append(PlistTrack(fault="array, no track"))
        if self.below > _DEEPEST:
            raise InputError(f"a Library.xml must not be nested deeper than {_DEEPEST} levels")

    def close(self) -> None:
        """Leave a container."""
        if self.below:
            self.below -= 1
            return
        if self.level == 3:
            self.entries.append(self.track)
        self.level = max(0, self.level - 1)
        self.key = None
        # Nothing after the tracks is needed.
        self.done = self.found and self.level < 2


def read_xml_tracks(data: bytes) -> Iterator[PlistTrack]:
    """Read the tracks of a property list in XML.

    Parameters
    ----------
    data : bytes
        The file's content from `corpus.playlists.encodings.to_utf8`.

    Yields
    ------
    track : PlistTrack
        One per entry of ``Tracks``. If the file ends too early, the fault of the last one says so.

    Raises
    ------
    InputError
        If it holds no ``Tracks``, or ends before the first track. The message lacks the file's
        name.

    Examples
    --------
    >>> import plistlib
    >>> data = plistlib.dumps({"Tracks": {"1": {"Name": "Tide"}}})
    >>> [track.text("Name") for track in read_xml_tracks(data)]
    ['Tide']
    """
    data = _declared_to_utf8(data)
    reader, place, count = _Reader(), 0, 0
    while not reader.done and (token := _TOKEN.search(data, place)) is not None:
        place = _take(reader, token)
        count += len(reader.entries)
        yield from reader.entries
        reader.entries.clear()
    if not reader.found:
        raise InputError(f"not a Library.xml, which has Tracks ({FORMS})")
    if reader.done:
        return
    if not count and reader.level < 3:
        raise InputError("not a readable Library.xml: it ends before its first track")
    yield PlistTrack(reader.track.fields if reader.level == 3 else {}, "the file ends too early")


def _take(reader: _Reader, token: re.Match[bytes]) -> int:
    """Read a token and its content; return where the next one may begin."""
    data, place = token.string, token.end()
    key, kind, content, closing, name, other = token.groups()
    if key is not None:
        reader.take_key(key)
        reader.take_value(kind, content)
    elif other is not None:
        end = data.find(_ENDS[other], place)
        return end + len(_ENDS[other]) if end >= 0 else len(data)
    elif closing:
        if name in _CONTAINERS:
            reader.close()
    elif name in _CONTAINERS:
        reader.open(name)
        if token[0].endswith(b"/>"):
            reader.close()
    elif name != b"plist":
        content = b""
        if name not in (b"true", b"false") and not token[0].endswith(b"/>"):
            content, place = _content(data, place, name)
        if name == b"key":
            reader.take_key(content)
        else:
            reader.take_value(name, content)
    return place
