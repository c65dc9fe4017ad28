"""Run the loop of an LSTM over its frames, and its gradient, in compiled code.

The equations are those of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al.
(2000), as Keras has them: gates in the order input, forget, candidate, output. Products of
inputs and kernel are made outside, of all frames at once; here is what has to go frame by frame.

A step multiplies a state of few rows (the batch) by the recurrent kernel. A library of linear
algebra is not made for so few rows, and its threads would wait for each other at every frame:
here two rows and four columns of the state are taken at a time, which leaves the compiler a loop
over the kernel's columns that it turns into vector instructions (``python -m benchmarks
train-paper`` says what that gains). Sums are always made in the same order.

What the gradient needs of each frame is kept small: the gates in 16 bits (steps of 2**-16, those
of the candidate 2**-15), the states as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["backward", "forward"]

Single = NDArray[np.float32]

_ROWS, _COLUMNS = 2, 4
_LANES = 16

_ONE, _HALF = np.float32(1), np.float32(0.5)
_GATE, _CANDIDATE = np.float32(65535), np.float32(32767)
_GATE_STEP, _CANDIDATE_STEP = np.float32(1 / 65535), np.float32(1 / 32767)

# tanh(x) / x as a quotient of polynomials in x**2, fitted by weighted least squares to the least
# relative error on [0, 9.01] (2e-8; 3e-7 as rounded to single precision). Beyond, tanh is 1.
_END = np.float32(9.01)
_P0, _P1, _P2, _P3, _P4 = (
    np.float32(c)
    for c in (
        0.999999979506693,
        0.1338041558971133,
        0.0034948619089762087,
        2.0597053969704986e-05,
        1.333781227746685e-08,
    )
)
_Q1, _Q2, _Q3, _Q4 = (
    np.float32(c)
    for c in (
        0.46713731102357303,
        0.025874223794378252,
        0.00032844439947413867,
        7.769702918109922e-07,
    )
)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    # Not "fastmath" as a whole: a value that is not finite must stay so.
    compiled = functools.partial(numba.njit, nogil=True, error_model="numpy", fastmath={"contract"})
    try:
        return compiled(cache=True)(function)
    except RuntimeError:  # There is no folder to keep compiled code in.
        return compiled()(function)


@_compiled
def _tanh(x: Any) -> Any:
    bounded = min(max(x, -_END), _END)
    t = bounded * bounded
    above = (((_P4 * t + _P3) * t + _P2) * t + _P1) * t + _P0
    below = (((_Q4 * t + _Q3) * t + _Q2) * t + _Q1) * t + _ONE
    return bounded * above / below


@_compiled
def _sigmoid(x: Any) -> Any:
    return _HALF + _HALF * _tanh(_HALF * x)


@_compiled
def _add_product(state: Any, kernel: Any, sums: Any) -> None:
    """Add `state` times `kernel` to `sums`; rows are pairs, and columns of `state` fours."""
    for k in range(0, kernel.shape[0], _COLUMNS):
        for r in range(0, state.shape[0], _ROWS):
            a0, a1, a2, a3 = state[r, k], state[r, k + 1], state[r, k + 2], state[r, k + 3]
            b0, b1 = state[r + 1, k], state[r + 1, k + 1]
            b2, b3 = state[r + 1, k + 2], state[r + 1, k + 3]
            for j in range(kernel.shape[1]):
                w0, w1, w2, w3 = kernel[k, j], kernel[k + 1, j], kernel[k + 2, j], kernel[k + 3, j]
                sums[r, j] = sums[r, j] + a0 * w0 + a1 * w1 + a2 * w2 + a3 * w3
                sums[r + 1, j] = sums[r + 1, j] + b0 * w0 + b1 * w1 + b2 * w2 + b3 * w3


@_compiled
def _advance(
    xi: Any, xf: Any, xg: Any, xo: Any, cell: Any, state: Any, ki: Any, kf: Any, kg: Any, ko: Any
) -> None:
    for j in range(cell.shape[0]):
        i, f, g, o = _sigmoid(xi[j]), _sigmoid(xf[j]), _tanh(xg[j]), _sigmoid(xo[j])
        c = f * cell[j] + i * g
        cell[j] = c
        state[j] = o * _tanh(c)
        ki[j] = np.uint16(np.int32(_GATE * i + _HALF))
        kf[j] = np.uint16(np.int32(_GATE * f + _HALF))
        kg[j] = np.uint16(np.int32(_CANDIDATE * (_ONE + g) + _HALF))
        ko[j] = np.uint16(np.int32(_GATE * o + _HALF))


@_compiled
def _forward(
    inputs: Any, kernel: Any, sums: Any, state: Any, states: Any, cells: Any, gates: Any,
    reverse: bool,
) -> None:  # fmt: skip
    batch, frames, width = inputs.shape
    units = width // 4
    f, g, o = units, 2 * units, 3 * units
    cell = np.zeros((batch, units), np.float32)
    for step in range(frames):
        frame = frames - 1 - step if reverse else step
        # Where nothing is to be kept, each frame is written over the one before it.
        kept = frame if len(gates) == frames else 0
        for b in range(batch):
            sums[b, :width] = inputs[b, frame]
        if step > 0:
            _add_product(state, kernel, sums)
        for b in range(batch):
            x, k = sums[b], gates[kept, b]
            _advance(
                x[:f], x[f:g], x[g:o], x[o:width], cell[b], state[b, :units],
                k[:f], k[f:g], k[g:o], k[o:],
            )  # fmt: skip
            cells[kept, b] = cell[b]
            states[b, frame] = state[b, :units]


@_compiled
def _retreat(
    ki: Any, kf: Any, kg: Any, ko: Any, cell: Any, before: Any, above: Any, later: Any,
    carried: Any, zi: Any, zf: Any, zg: Any, zo: Any,
) -> None:  # fmt: skip
    for j in range(cell.shape[0]):
        i, f = np.float32(ki[j]) * _GATE_STEP, np.float32(kf[j]) * _GATE_STEP
        g, o = np.float32(kg[j]) * _CANDIDATE_STEP - _ONE, np.float32(ko[j]) * _GATE_STEP
        t = _tanh(cell[j])
        d = above[j] + later[j]
        e = carried[j] + d * o * (_ONE - t * t)
        zi[j] = e * g * i * (_ONE - i)
        zf[j] = e * before[j] * f * (_ONE - f)
        zg[j] = e * i * (_ONE - g * g)
        zo[j] = d * t * o * (_ONE - o)
        carried[j] = e * f


@_compiled
def _backward(
    gradient: Any, cells: Any, gates: Any, kernel: Any, slopes: Any, later: Any, result: Any,
    reverse: bool,
) -> None:  # fmt: skip
    batch, frames, units = gradient.shape
    width = 4 * units
    f, g, o = units, 2 * units, 3 * units
    carried = np.zeros((batch, units), np.float32)
    first = np.zeros(units, np.float32)
    for step in range(frames - 1, -1, -1):
        frame = frames - 1 - step if reverse else step
        past = frame + 1 if reverse else frame - 1
        for b in range(batch):
            k, z = gates[frame, b], slopes[b]
            _retreat(
                k[:f], k[f:g], k[g:o], k[o:], cells[frame, b],
                cells[past, b] if step > 0 else first,
                gradient[b, frame], later[b, :units], carried[b],
                z[:f], z[f:g], z[g:o], z[o:width],
            )  # fmt: skip
            result[b, frame] = z[:width]
        if step > 0:
            later[:] = np.float32(0)
            _add_product(slopes, kernel, later)


def _padded(rows: int, columns: int, *, multiple: int = _ROWS) -> Single:
    """Make zeros whose rows begin where a vector register may be loaded at once."""
    rows = -(-rows // multiple) * multiple
    columns = -(-columns // _LANES) * _LANES
    raw = np.zeros(rows * columns + _LANES, np.float32)
    start = -raw.ctypes.data // raw.itemsize % _LANES
    return raw[start : start + rows * columns].reshape(rows, columns)


def forward(
    inputs: Single, kernel: Single, *, reverse: bool = False, keep: bool = False
) -> tuple[Single, Single, NDArray[np.uint16]]:
    """Compute the states of an LSTM that begins with zeros.

    Parameters
    ----------
    inputs : ndarray of float32, shape (batch, frames, 4 * units)
        Inputs times kernel plus bias.
    kernel : ndarray of float32, shape (units, 4 * units)
        The recurrent kernel.
    reverse : bool
        Whether it begins with the last frame.
    keep : bool
        Whether `backward` will follow.

    Returns
    -------
    states : ndarray of float32, shape (batch, frames, units)
        By frame, whichever came first.
    cells : ndarray of float32, shape (frames, batch, units)
        For `backward`; of 0 frames where they are not kept.
    gates : ndarray of uint16, shape (frames, batch, 4 * units)
        The same.

    References
    ----------
    Gers, Schmidhuber and Cummins, "Learning to Forget", Neural Computation 12, 2000.
    """
    batch, units = len(inputs), len(kernel)
    padded = _padded(units, 4 * units, multiple=_COLUMNS)
    padded[:units, : 4 * units] = kernel
    sums, state = _padded(batch, 4 * units), _padded(batch, units)
    # Made here: NumPy asks for large pages, compiled code does not.
    frames = inputs.shape[1]
    states = np.empty((batch, frames, units), np.float32)
    kept = frames if keep else 1
    cells = np.empty((kept, batch, units), np.float32)
    gates = np.empty((kept, batch, 4 * units), np.uint16)
    contiguous = np.ascontiguousarray(inputs)
    _forward(contiguous, padded, sums, state, states, cells, gates, reverse)
    return (states, cells, gates) if keep else (states, cells[:0], gates[:0])


def backward(
    gradient: Single,
    cells: Single,
    gates: NDArray[np.uint16],
    kernel: Single,
    *,
    reverse: bool = False,
) -> Single:
    """Compute the gradient of `inputs` of `forward` from that of `states`.

    Parameters
    ----------
    gradient : ndarray of float32, shape (batch, frames, units)
        Of the states.
    cells, gates
        What `forward` kept.
    kernel, reverse
        As of `forward`.

    Returns
    -------
    gradient : ndarray of float32, shape (batch, frames, 4 * units)
        Of the inputs. That of the recurrent kernel is the product of each frame's with the state
        before it, summed over the frames.
    """
    batch, units = len(gradient), len(kernel)
    padded = _padded(4 * units, units, multiple=_COLUMNS)
    padded[: 4 * units, :units] = kernel.T
    slopes, later = _padded(batch, 4 * units), _padded(batch, units)
    result = np.empty((batch, gradient.shape[1], 4 * units), np.float32)
    contiguous = np.ascontiguousarray(gradient)
    _backward(contiguous, cells, gates, padded, slopes, later, result, reverse)
    return result
