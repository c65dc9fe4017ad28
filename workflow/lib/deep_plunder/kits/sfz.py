"""Write kits as SFZ instruments, which most samplers open."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

from deep_plunder.errors import InputError
from deep_plunder.kits.mapping import Zone
from deep_plunder.util.files import write_text

__all__ = ["SfzRegion", "write_sfz"]


@dataclass(frozen=True, slots=True)
class SfzRegion:
    """A clip of an instrument.

    Attributes
    ----------
    sample : str
        Path of the clip below the instrument's folder, with ``/``.
    zone : Zone
        Its keys.
    cents : float
        Deviation of the clip from its root note, in cents; NaN without a note.
    """

    sample: str
    zone: Zone
    cents: float


def write_sfz(path: str | os.PathLike[str], regions: Sequence[SfzRegion]) -> None:
    r"""Write an instrument. Its clips play to their end (one-shot mode).

    Parameters
    ----------
    path : path-like
        The file to write.
    regions : sequence of SfzRegion

    Raises
    ------
    InputError
        If the path of a clip could not be read back: it holds a line feed, or ends in a blank.

    References
    ----------
    The SFZ format, version 1: opcodes ``sample``, ``key``, ``lokey``, ``hikey``,
    ``pitch_keycenter``, ``tune``, ``loop_mode``, ``seq_length``, ``seq_position``.

    Examples
    --------
    >>> from pathlib import Path
    >>> write_sfz("kit.sfz", [SfzRegion("samples/kick.wav", Zone(36, 36, 36, 1, 1), math.nan)])
    >>> print(Path("kit.sfz").read_text(encoding="utf-8"), end="")
    <group>
    loop_mode=one_shot
    <BLANKLINE>
    <region>
    key=36
    sample=samples/kick.wav
    """
    lines = ["<group>", "loop_mode=one_shot"]
    for region in regions:
        if not region.sample.isprintable() or region.sample != region.sample.strip():
            raise InputError(f"{region.sample!r}: must be a path that SFZ can hold")
        zone = region.zone
        lines += ["", "<region>"]
        if zone.lowest == zone.highest == zone.key:
            lines.append(f"key={zone.key}")
        else:
            lines += [
                f"lokey={zone.lowest}",
                f"hikey={zone.highest}",
                f"pitch_keycenter={zone.key}",
            ]
        if not math.isnan(region.cents) and round(region.cents):
            lines.append(f"tune={-round(region.cents)}")
        if zone.turns > 1:
            lines += [f"seq_length={zone.turns}", f"seq_position={zone.turn}"]
        lines.append(f"sample={region.sample}")
    write_text(path, "\n".join(lines) + "\n")
