"""Choose the style of each mix: the paper's, or a scene.

Only the number of a mix decides its style, so that a plan can be made in parts.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["PAPER", "SCENES", "numbers_of"]

PAPER, SCENES = "paper", "scenes"


def numbers_of(kind: str, mixes: Iterable[int], *, style: str) -> list[int]:
    """List the mixes of one style.

    Parameters
    ----------
    kind : {"paper", "scenes"}
        The style to list.
    mixes : iterable of int
        Numbers of mixes in their split.
    style : {"paper", "scenes", "both"}
        The style of the split. With ``"both"``, mixes with odd numbers are scenes.

    Returns
    -------
    numbers : list of int
        Those of `mixes` that have the style `kind`.

    Examples
    --------
    >>> numbers_of("scenes", range(6), style="both")
    [1, 3, 5]
    """
    if style in (PAPER, SCENES):
        return list(mixes) if style == kind else []
    return [number for number in mixes if (number % 2 == 1) == (kind == SCENES)]
