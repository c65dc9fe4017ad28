"""The onset and offset of each sound as JSON (the paper's figure 1), measured or edited by hand.

The file is an object with one member per sound, ``"NAME": {"onset_s": 0.01, "offset_s": 0.9}``.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deep_plunder.corpus.library import Sound
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.util.checksums import read_checked, sums_path, write_sums
from deep_plunder.util.files import write_text
from deep_plunder.util.names import shown

__all__ = ["read_onsets_json", "write_onsets_json"]

_log = logging.getLogger(__name__)

_KEYS = ("onset_s", "offset_s")
# 100,000 sounds take 10 MB.
_MAX_BYTES = 200_000_000


def write_onsets_json(path: str | os.PathLike[str], sounds: Iterable[Sound]) -> None:
    """Write the onset and offset of each sound.

    Parameters
    ----------
    path : path-like
        The file to write.
    sounds : iterable of Sound
        The sounds.

    Examples
    --------
    >>> write_onsets_json("onsets.json", [Sound("a.wav", "kick", "a.wav", 1.0, 44100, 1, 0.0, 0.9)])
    >>> json.loads(Path("onsets.json").read_text(encoding="utf-8"))
    {'a.wav': {'offset_s': 0.9, 'onset_s': 0.0}}
    """
    table = {s.sound: {"onset_s": s.onset_s, "offset_s": s.offset_s} for s in sounds}
    # Checksums of an older table must never lie beside this one.
    sums_path(path).unlink(missing_ok=True)
    write_text(path, json.dumps(table, indent=1, sort_keys=True) + "\n")
    write_sums(sums_path(path), [Path(path)])


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{shown(name)} is there twice")
    return members


def _parsed(path: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        if (size := Path(path).stat().st_size) > _MAX_BYTES:
            raise ValueError(f"must have at most {_MAX_BYTES} bytes, has {size}")
        text = read_checked(path).decode("utf-8-sig")
        table = json.loads(text, object_pairs_hook=_members)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{shown(os.fspath(path))}: cannot be read as JSON: {error}") from error
    if not isinstance(table, dict):
        raise InputError(f"{shown(os.fspath(path))}: must be an object with a member per sound")
    return table


def _value(value: Any) -> str:
    return shown(json.dumps(value)[:80])


def _faults(entry: Any, sound: Sound | None) -> Iterator[str]:
    """Yield the rules that an entry breaks, each with the value."""
    if sound is None:
        yield "must be a usable sound of the library"
        return
    if not isinstance(entry, dict) or sorted(entry) != sorted(_KEYS):
        yield f"must have the members onset_s and offset_s alone, is {_value(entry)}"
        return
    fine = True
    for key in _KEYS:
        value = entry[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value < math.inf:
            yield f"{key} must be a number of seconds from 0, is {_value(value)}"
            fine = False
    if fine and entry["offset_s"] > sound.seconds:
        end = _value(entry["offset_s"])
        yield f"offset_s must not exceed its length, {sound.seconds} s, is {end}"
    elif fine and entry["onset_s"] >= entry["offset_s"]:
        end = _value(entry["offset_s"])
        yield f"onset_s must be below offset_s, {end}, is {_value(entry['onset_s'])}"


def read_onsets_json(path: str | os.PathLike[str], sounds: Sequence[Sound]) -> list[Sound]:
    """Read onsets and offsets that replace those of the sounds.

    Parameters
    ----------
    path : path-like
        A file from `write_onsets_json`, possibly edited. It need not name all sounds.
    sounds : sequence of Sound
        The sounds of the library.

    Returns
    -------
    sounds : list of Sound
        In the same order; sounds that are not in the file are unchanged.

    Raises
    ------
    InputError
        If the file cannot be read.
    ConfigError
        If entries break rules: one line each, with sound, rule and value.

    Examples
    --------
    >>> sound = Sound("a.wav", "kick", "a.wav", 1.0, 44100, 1, 0.0, 0.9)
    >>> text = '{"a.wav": {"onset_s": 0.1, "offset_s": 0.5}}'
    >>> size = Path("onsets.json").write_text(text, encoding="utf-8")
    >>> [(sound.onset_s, sound.offset_s) for sound in read_onsets_json("onsets.json", [sound])]
    [(0.1, 0.5)]
    """
    table = _parsed(path)
    known = {sound.sound: sound for sound in sounds}
    faults = [
        f"{shown(os.fspath(path))}: {shown(name)}: {fault}"
        for name, entry in table.items()
        for fault in _faults(entry, known.get(name))
    ]
    if faults:
        raise ConfigError(faults)
    if len(table) < len(sounds):
        left = len(sounds) - len(table)
        _log.info("%s: %d sounds are not in it", shown(os.fspath(path)), left)
    return [
        replace(sound, onset_s=float(entry["onset_s"]), offset_s=float(entry["offset_s"]))
        if (entry := table.get(sound.sound)) is not None
        else sound
        for sound in sounds
    ]
