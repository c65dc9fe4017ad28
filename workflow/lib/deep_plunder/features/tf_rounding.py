"""Cosine and logarithm in single precision, rounded as TensorFlow rounds them.

`tf.signal` computes its Hann window and its mel weights in single precision, and their rounding
shows in the features: in a loud pure tone, the bins far from the tone hold only rounding errors,
and another rounding of the window moves their logarithm by up to 1. Features that equal those of
`tf.signal` therefore need its cosine and logarithm to the last bit, but the stages before training
should not load TensorFlow. These two functions take the same steps with the same coefficients in
single precision, and round products and sums separately, as the kernels of TensorFlow's x86-64
packages do.

They serve tables that are computed once per process; they are not fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.util.arrays import Float32Array

__all__ = ["cos", "log"]

# pi / 2 in four parts, few bits each, so that whole multiples of the first ones are exact.
_HALF_PI = (
    1.5703125,
    0.000483989715576171875,
    -1.62865035235881805419921875e-07,
    -5.5644315544167710640977020375430583953857421875e-11,
)
# Minimax polynomials of cos(x) in x**2, and of (sin(x) - x) / x**3, on [-pi / 4, pi / 4].
_COS = (
    2.4372266125283204019069671630859375e-05,
    -0.00138865201734006404876708984375,
    0.041666619479656219482421875,
    -0.5,
    1.0,
)
_SIN = (-0.00019592341140837029, 0.0083326873655616852, -0.16666662039829825)
# log(1 + x) / x on [sqrt(1/2) - 1, sqrt(2) - 1] as a quotient of two polynomials.
_LOG_ABOVE = (0.18256296349849254, 1.0000000190281063, 1.0000000190281136)
_LOG_BELOW = (0.049616247954120038, 0.59923249590823520, 1.4999999999999927, 1.0)


def _polynomial(x: Float32Array, coefficients: tuple[float, ...]) -> Float32Array:
    value: Any = np.float32(coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + np.float32(coefficient)
    return np.asarray(value, np.float32)


def cos(x: ArrayLike) -> Float32Array:
    """Compute the cosine as `tf.math.cos` does.

    Parameters
    ----------
    x : array_like
        Angles in radians, from 0 to 8,000; taken as float32.

    Returns
    -------
    cosine : ndarray of float32, shape of `x`

    References
    ----------
    Coefficients: the single-precision sine and cosine of the Eigen library, which TensorFlow
    calls. The reduction by parts of pi / 2 is Cody and Waite's (1980).

    Examples
    --------
    >>> cos([0.0, np.pi]).tolist()
    [1.0, -1.0]
    """
    angle = np.asarray(x, np.float32)
    quarter = np.rint(angle * np.float32(2 / np.pi))
    for part in _HALF_PI:
        angle = angle - quarter * np.float32(part)
    square = angle * angle
    sine = _polynomial(square, _SIN) * square * angle + angle
    turn = quarter.astype(np.int64)
    size = np.where(turn % 2 == 1, sine, _polynomial(square, _COS))
    return np.where((turn + 1) % 4 >= 2, -size, size).astype(np.float32)


def log(x: ArrayLike) -> Float32Array:
    """Compute the natural logarithm as `tf.math.log` does.

    Parameters
    ----------
    x : array_like
        Positive normal numbers; taken as float32.

    Returns
    -------
    logarithm : ndarray of float32, shape of `x`

    References
    ----------
    Coefficients: the single-precision logarithm of the Eigen library, which TensorFlow calls.

    Examples
    --------
    >>> log([1.0, 1024.0]).tolist()
    [0.0, 6.931471824645996]
    """
    mantissa, exponent = np.frexp(np.asarray(x, np.float32))
    low = mantissa < np.float32(np.sqrt(0.5))
    exponent = (exponent - low).astype(np.float32)
    mantissa = np.where(low, (mantissa - np.float32(1)) + mantissa, mantissa - np.float32(1))
    above = mantissa * _polynomial(mantissa, _LOG_ABOVE)
    below = _polynomial(mantissa, _LOG_BELOW)
    return np.asarray(exponent * np.float32(np.log(2)) + above / below, np.float32)
