"""Easing curves: the shapes of fades, from 0 to 1.

Seven families by three forms, as in Penner's easing equations that the paper takes from the
package easing-functions (section 3.4.3): ``in`` starts slowly, ``out`` ends slowly, ``inout``
does both. The higher the power of a family, the sharper the fade. The families that swing
beyond 0 and 1 (back, elastic, bounce) are left out: a fade that does so is heard as a beat.

Here a curve is evaluated on a whole array at once; the package evaluates one number a call.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .errors import InputError

__all__ = ["EASINGS", "ease"]

Array = npt.NDArray[np.float64]

_FAMILIES: dict[str, Callable[[Array], Array]] = {
    "quad": lambda t: t * t,
    "cubic": lambda t: t * t * t,
    "quart": lambda t: (t * t) ** 2,
    "quint": lambda t: (t * t) ** 2 * t,
    "sine": lambda t: np.where(t < 1, 1 - np.cos(t * (np.pi / 2)), 1.0),
    "circ": lambda t: 1 - np.sqrt(1 - t * t),
    "expo": lambda t: np.where(t > 0, np.exp2(10 * (t - 1)), 0.0),
}
_FORMS = ("in", "out", "inout")

EASINGS: tuple[str, ...] = tuple(f"{family}_{form}" for family in _FAMILIES for form in _FORMS)
"""Names of all curves: ``FAMILY_FORM``, e.g. ``"quad_in"``."""


def ease(name: str, t: npt.ArrayLike) -> Array:
    """Evaluate an easing curve.

    Parameters
    ----------
    name : str
        One of `EASINGS`.
    t : array_like
        Time within the fade, 0 to 1, any shape. What lies outside is taken as 0 or 1.

    Returns
    -------
    gain : numpy.ndarray of float64, shape of `t`
        Never falls as `t` grows; 0 at 0 and 1 at 1.

    Raises
    ------
    InputError
        If there is no curve of that name.

    References
    ----------
    R. Penner, *Programming Macromedia Flash MX*, 2002, chapter 7.
    """
    family, _, form = name.partition("_")
    if name not in EASINGS:
        raise InputError(f"easing: must be one of {', '.join(EASINGS)}, got {name!r}")
    curve = _FAMILIES[family]
    t = np.clip(np.asarray(t, dtype=np.float64), 0.0, 1.0)
    if form == "in":
        return curve(t)
    if form == "out":
        return 1 - curve(1 - t)
    return np.where(
        t < 0.5, curve(np.minimum(2 * t, 1)) / 2, 1 - curve(np.minimum(2 - 2 * t, 1)) / 2
    )
