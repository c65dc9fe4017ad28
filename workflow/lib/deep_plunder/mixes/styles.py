"""The style of each mix: the paper's, or a scene.

The number of a mix alone decides its style, so that a plan can be made in parts.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["PAPER", "SCENES", "numbers_of"]

PAPER, SCENES = "paper", "scenes"


def numbers_of(kind: str, mixes: Iterable[int], *, style: str) -> list[int]:
    """Choose the mixes of one kind.

    Parameters
    ----------
    kind : {"paper", "scenes"}
    mixes : iterable of int
        Numbers of mixes in their split.
    style : {"paper", "scenes", "both"}
        What the split is made of. Of both, those of odd number are scenes.

    Returns
    -------
    numbers : list of int

    Examples
    --------
    >>> numbers_of("scenes", range(6), style="both")
    [1, 3, 5]
    """
    if style in (PAPER, SCENES):
        return list(mixes) if style == kind else []
    return [number for number in mixes if (number % 2 == 1) == (kind == SCENES)]
