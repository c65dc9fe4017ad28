"""Easing curves: the shapes of fades, from 0 to 1.

There are seven families in three forms: ``in`` starts slowly, ``out`` ends slowly, ``inout`` does
both. They are Penner's easing equations, which the paper takes from the package easing-functions
(section 3.4.3). The higher the power of a family, the sharper the fade. The families that swing
back or overshoot (back, elastic, bounce) are left out: such a fade is heard as a beat.

`ease` evaluates a curve on a whole array at once; the package evaluates one number per call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from deep_plunder.audio.easings import EASINGS
from deep_plunder.errors import InputError
from deep_plunder.util.arrays import Float32Array, Float64Array

__all__ = ["ease", "fade", "ramp"]

_CURVES: dict[str, Callable[[Float64Array], Float64Array]] = {
    "quad": lambda t: t * t,
    "cubic": lambda t: t * t * t,
    "quart": lambda t: (t * t) ** 2,
    "quint": lambda t: (t * t) ** 2 * t,
    "sine": lambda t: np.where(t < 1, 1 - np.cos(t * (np.pi / 2)), 1.0),
    "circ": lambda t: 1 - np.sqrt(1 - t * t),
    "expo": lambda t: np.where(t > 0, np.exp2(10 * (t - 1)), 0.0),
}


def ease(name: str, t: npt.ArrayLike) -> Float64Array:
    """Evaluate an easing curve.

    Parameters
    ----------
    name : str
        One of `audio.easings.EASINGS`.
    t : array_like
        Time within the fade, 0 to 1, any shape. Values outside are clipped to 0 or 1.

    Returns
    -------
    gain : numpy.ndarray of float64, shape of `t`
        Never falls as `t` grows; 0 at 0 and 1 at 1.

    Raises
    ------
    InputError
        If no curve has that name.

    References
    ----------
    R. Penner, *Programming Macromedia Flash MX*, 2002, chapter 7.
    """
    family, _, form = name.partition("_")
    if name not in EASINGS:
        raise InputError(f"easing: must be one of {', '.join(EASINGS)}, got {name!r}")
    curve = _CURVES[family]
    t = np.clip(np.asarray(t, dtype=np.float64), 0.0, 1.0)
    if form == "in":
        return curve(t)
    if form == "out":
        return 1 - curve(1 - t)
    return np.where(
        t < 0.5, curve(np.minimum(2 * t, 1)) / 2, 1 - curve(np.minimum(2 - 2 * t, 1)) / 2
    )


@lru_cache(maxsize=8)
def _gain(length: int) -> Float32Array:
    gain = ease("sine_inout", np.arange(length) / length)
    return gain[:, None].astype(np.float32)


def ramp(end: Float32Array, length: int) -> None:
    """Fade the first samples in from silence along a raised cosine, in place.

    Parameters
    ----------
    end : ndarray of float32, shape (n, channels)
    length : int
        Number of samples to fade; 0 changes nothing.
    """
    if length:
        end[:length] *= _gain(length)


def fade(clip: Float32Array, rate: int, *, fade_in_s: float, fade_out_s: float) -> Float32Array:
    """Fade the two ends of a clip along a raised cosine.

    Parameters
    ----------
    clip : ndarray, shape (n, channels), float32
        The clip; it is not changed.
    rate : int
        Samples per second.
    fade_in_s, fade_out_s : float
        Lengths in seconds, each at most half of the clip. 0 leaves that end unchanged.

    Returns
    -------
    faded : ndarray, shape (n, channels), float32
        A new clip. The outermost sample of a faded end is silent.
    """
    faded = clip.copy()
    ramp(faded, min(round(fade_in_s * rate), len(clip) // 2))
    ramp(faded[::-1], min(round(fade_out_s * rate), len(clip) // 2))
    return faded
