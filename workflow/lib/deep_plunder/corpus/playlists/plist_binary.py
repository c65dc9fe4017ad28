"""Read the tracks of a binary property list, to which `plutil` converts a Library.xml.

Only the objects on the way to a track's fields are read, so that deep and circular objects do no
harm. A trailer of 32 bytes states the place of the table of objects. An object is a byte for its
kind and length, followed by its content. The content of a dictionary is the numbers of its keys,
then those of its values. Format: Apple's CFBinaryPList.c.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from deep_plunder.corpus.playlists.entries import FORMS
from deep_plunder.corpus.playlists.plist_fields import FIELDS, PlistTrack, Value, without_controls
from deep_plunder.errors import InputError

__all__ = ["BINARY", "read_binary_tracks"]

BINARY = b"bplist"
"""The first bytes of such a file."""

_TRAILER = struct.Struct(">6xBBQQQ")
_REALS = {4: ">f", 8: ">d"}
_DICT, _TEXTS = 0xD, {0x5: ("ascii", 1), 0x6: ("utf-16-be", 2), 0x7: ("utf-8", 1)}
_FIELDS_OF_TRACK = 1_000


class _DamagedError(ValueError):
    """An object lies outside the file, or is of the wrong type."""


class _Objects:
    """The objects of a binary property list, by number."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 8 + _TRAILER.size:
            raise _DamagedError("the file is too short")
        self._data = data
        self._place_size, self._number_size, self.count, self.top, self._table = (
            _TRAILER.unpack_from(data, len(data) - _TRAILER.size)
        )
        sizes = 1 <= self._place_size <= 8 and 1 <= self._number_size <= 8
        if not sizes or self._table + self.count * self._place_size > len(data):
            raise _DamagedError("its table of objects lies outside the file")
        # In an intact file no objects overlap, and few dictionaries are named twice.
        self._budget = 16 * len(data)
        self._texts: dict[int, str] = {}

    def _slice(self, place: int, size: int) -> bytes:
        if place + size > len(self._data):
            raise _DamagedError("an object lies outside the file")
        return self._data[place : place + size]

    def _header(self, number: int) -> tuple[int, int, int]:
        """Return the kind of an object, and the length and place of its content."""
        if number >= self.count:
            raise _DamagedError(f"there is no object {number}")
        entry = self._slice(self._table + number * self._place_size, self._place_size)
        place = int.from_bytes(entry, "big")
        kind, length = divmod(self._slice(place, 1)[0], 16)
        place += 1
        if length == 15 and kind >= 4:
            size = 1 << (self._slice(place, 1)[0] & 7)
            length = int.from_bytes(self._slice(place + 1, size), "big")
            place += 1 + size
        return kind, length, place

    def items(self, number: int, *, most: float = math.inf) -> Iterator[tuple[int, int]]:
        """Return the numbers of keys and values of a dictionary."""
        kind, length, place = self._header(number)
        if kind != _DICT:
            raise _DamagedError("no dictionary")
        size = self._number_size
        self._budget -= 2 * length * size
        if length > most or self._budget < 0:
            raise _DamagedError(f"a dictionary of {length} fields")
        content = self._slice(place, 2 * length * size)
        for key in range(0, length * size, size):
            value = length * size + key
            yield (
                int.from_bytes(content[key : key + size], "big"),
                int.from_bytes(content[value : value + size], "big"),
            )

    def value(self, number: int) -> Value | None:
        """Return a simple value; None for a value of a kind that is not used."""
        if number in self._texts:
            return self._texts[number]
        kind, length, place = self._header(number)
        if kind in _TEXTS:
            encoding, size = _TEXTS[kind]
            self._budget -= length * size
            if self._budget < 0:
                raise _DamagedError("its texts overlap")
            text = self._slice(place, length * size).decode(encoding, "replace")
            return self._texts.setdefault(number, without_controls(text))
        if kind == 0:
            return {8: False, 9: True}.get(length)
        if kind == 1 and length <= 4:
            return float(int.from_bytes(self._slice(place, 1 << length), "big", signed=length > 2))
        if kind == 2 and 1 << length in _REALS:
            (real,) = struct.unpack(_REALS[1 << length], self._slice(place, 1 << length))
            return float(real)
        return None


def read_binary_tracks(data: bytes) -> Iterator[PlistTrack]:
    """Read the tracks of a binary property list.

    Parameters
    ----------
    data : bytes

    Yields
    ------
    track : PlistTrack
        One per entry of ``Tracks``.

    Raises
    ------
    InputError
        If it is damaged on the way to the tracks, or has no tracks. The message lacks the file's
        name.

    Examples
    --------
    >>> import plistlib
    >>> data = plistlib.dumps({"Tracks": {"1": {"Name": "Tide"}}}, fmt=plistlib.FMT_BINARY)
    >>> [track.text("Name") for track in read_binary_tracks(data)]
    ['Tide']
    """
    try:
        objects = _Objects(data)
        fields = objects.items(objects.top, most=_FIELDS_OF_TRACK)
        top = {objects.value(key): value for key, value in fields}
        if "Tracks" not in top:
            raise InputError(f"not a Library.xml, which has Tracks ({FORMS})")
        tracks = [value for _, value in objects.items(top["Tracks"])]
    except _DamagedError as error:
        raise InputError(f"not a readable Library.xml: {error}") from error
    for number in tracks:
        yield _track(objects, number)


def _track(objects: _Objects, number: int) -> PlistTrack:
    track = PlistTrack()
    try:
        for key, value in objects.items(number, most=_FIELDS_OF_TRACK):
            name = objects.value(key)
            if isinstance(name, str) and name in FIELDS:
                found = objects.value(value)
                if found is not None:
                    track.fields[name] = found
    except _DamagedError as error:
        track.fault = f"no readable track: {error}"
    return track
