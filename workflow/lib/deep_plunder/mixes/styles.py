"""Choose the style of each mix: the paper's, scenes, struck sounds or tracker modules.

Only the number of a mix and the weights of the styles decide, so that a plan can be made in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate

__all__ = ["MODULES", "PAPER", "SCENES", "STRUCK", "STYLES", "numbers_of", "style_weights"]

PAPER, SCENES, STRUCK, MODULES = STYLES = ("paper", "scenes", "struck", "modules")


def style_weights(style: str | Mapping[str, float]) -> dict[str, float]:
    """Return the share of each style that is used.

    Parameters
    ----------
    style : str or mapping
        The key `mixes.style`: one of `STYLES`, or weights of several.

    Returns
    -------
    shares : dict
        By style, in the order of `STYLES`, without those of weight 0. The sum is 1.

    Examples
    --------
    >>> style_weights({"modules": 3, "scenes": 1})
    {'scenes': 0.25, 'modules': 0.75}
    >>> style_weights("paper")
    {'paper': 1.0}
    """
    weights = {style: 1.0} if isinstance(style, str) else style
    total = sum(weights.values())
    return {name: weights[name] / total for name in STYLES if weights.get(name, 0) > 0}


def _place(number: int) -> float:
    """Return the van der Corput sequence, which fills 0 to 1 evenly: 0, 1/2, 1/4, 3/4, 1/8, ..."""
    place, part = 0.0, 0.5
    while number:
        number, bit = divmod(number, 2)
        place += bit * part
        part /= 2
    return place


def numbers_of(kind: str, mixes: Iterable[int], *, style: str | Mapping[str, float]) -> list[int]:
    """List the mixes of one style.

    Parameters
    ----------
    kind : {"paper", "scenes", "struck", "modules"}
        The style to list.
    mixes : iterable of int
        Numbers of mixes in their split.
    style : str or mapping
        The key `mixes.style`. Of any run of mixes, each style gets its share almost exactly; two
        styles of equal weight alternate.

    Returns
    -------
    numbers : list of int
        Those of `mixes` that have the style `kind`.

    Examples
    --------
    >>> numbers_of("scenes", range(6), style={"paper": 1, "scenes": 1})
    [1, 3, 5]
    >>> numbers_of("modules", range(8), style={"scenes": 0.25, "modules": 0.75})
    [1, 2, 3, 5, 6, 7]
    """
    shares = style_weights(style)
    if kind not in shares:
        return []
    *edges, _ = accumulate(shares.values(), initial=0.0)
    names = list(shares)
    first = names.index(kind)
    low = edges[first]
    high = edges[first + 1] if first + 1 < len(edges) else 1.0
    return [number for number in mixes if low <= _place(number) < high]
