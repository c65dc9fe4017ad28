"""Run the loop of an LSTM over its frames, and its gradient, in compiled code.

The equations are those of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al.
(2000), as Keras has them: gates in the order input, forget, candidate, output. Products of
inputs and kernel are made of many frames at once, and not of all: they are four times as large as
what comes out.

A step multiplies a state of few rows (the batch) by the recurrent kernel. A library of linear
algebra is not made for so few rows, and its threads would wait for each other at every frame:
here two rows and four columns of the state are taken at a time, which leaves the compiler a loop
over the kernel's columns that it turns into vector instructions (``python -m benchmarks
train-paper`` says what that gains). Sums are always made in the same order.

What the gradient needs is kept small: of each frame the gates, in 16 bits (steps of 2**-16, those
of the candidate 2**-15); the cells of every sixteenth frame, from which the others follow.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from deep_plunder.util.arrays import Float32Array

__all__ = ["backward", "compiled", "forward"]

Product = Callable[[Float32Array, Float32Array], Float32Array]

_ROWS, _COLUMNS = 2, 4
_LANES = 16
_STRIDE = 16
_CHUNK = 4 * _STRIDE

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


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is first called, and keep the code for later runs.

    Parameters
    ----------
    function : callable
        What numba can compile without Python's objects.

    Returns
    -------
    compiled : callable
        Gives the same as `function`, but for how products and sums are rounded.
    """
    # Not "fastmath" as a whole: a value that is not finite must stay so.
    jit = functools.partial(numba.njit, nogil=True, error_model="numpy", fastmath={"contract"})
    try:
        return jit(cache=True)(function)
    except RuntimeError:  # There is no folder to keep compiled code in.
        return jit()(function)


@compiled
def _tanh(x: Any) -> Any:
    bounded = min(max(x, -_END), _END)
    t = bounded * bounded
    above = (((_P4 * t + _P3) * t + _P2) * t + _P1) * t + _P0
    below = (((_Q4 * t + _Q3) * t + _Q2) * t + _Q1) * t + _ONE
    return bounded * above / below


@compiled
def _sigmoid(x: Any) -> Any:
    return _HALF + _HALF * _tanh(_HALF * x)


@compiled
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


@compiled
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


@compiled
def _forward(
    inputs: Any, start: int, first: int, kernel: Any, sums: Any, cell: Any, state: Any,
    states: Any, cells: Any, gates: Any, reverse: bool,
) -> None:  # fmt: skip
    batch, count, width = inputs.shape
    frames = states.shape[1]
    units = width // 4
    f, g, o = units, 2 * units, 3 * units
    for step in range(start, start + count):
        frame = frames - 1 - step if reverse else step
        # Where nothing is to be kept, each frame is written over the one before it.
        kept = frame if len(gates) == frames else 0
        if step % _STRIDE == 0 and step // _STRIDE < len(cells):
            cells[step // _STRIDE] = cell
        for b in range(batch):
            sums[b, :width] = inputs[b, frame - first]
        if step > 0:
            _add_product(state, kernel, sums)
        for b in range(batch):
            x, k = sums[b], gates[kept, b]
            _advance(
                x[:f], x[f:g], x[g:o], x[o:width], cell[b], state[b, :units],
                k[:f], k[f:g], k[g:o], k[o:],
            )  # fmt: skip
            states[b, frame] = state[b, :units]


@compiled
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


@compiled
def _follow(ki: Any, kf: Any, kg: Any, before: Any, cell: Any) -> None:
    for j in range(cell.shape[0]):
        i, f = np.float32(ki[j]) * _GATE_STEP, np.float32(kf[j]) * _GATE_STEP
        g = np.float32(kg[j]) * _CANDIDATE_STEP - _ONE
        cell[j] = f * before[j] + i * g


@compiled
def _backward(
    gradient: Any, start: int, first: int, cells: Any, gates: Any, kernel: Any, carried: Any,
    slopes: Any, later: Any, result: Any, reverse: bool,
) -> None:  # fmt: skip
    batch, count, width = result.shape
    frames = len(gates)
    units = width // 4
    f, g, o = units, 2 * units, 3 * units
    # The cells before a stretch of frames, and after each of them.
    followed = np.empty((_STRIDE + 1, batch, units), np.float32)
    for step in range(start + count - 1, start - 1, -1):
        place = step % _STRIDE
        if step == start + count - 1 or place == _STRIDE - 1:
            followed[0] = cells[step // _STRIDE]
            for n in range(place + 1):
                at = step - place + n
                k = gates[frames - 1 - at if reverse else at]
                for b in range(batch):
                    _follow(
                        k[b, :f], k[b, f:g], k[b, g:o], followed[n, b], followed[n + 1, b]
                    )  # fmt: skip
        frame = frames - 1 - step if reverse else step
        for b in range(batch):
            k, z = gates[frame, b], slopes[b]
            _retreat(
                k[:f], k[f:g], k[g:o], k[o:], followed[place + 1, b], followed[place, b],
                gradient[b, frame], later[b, :units], carried[b],
                z[:f], z[f:g], z[g:o], z[o:width],
            )  # fmt: skip
            result[b, frame - first] = z[:width]
        if step > 0:
            later[:] = np.float32(0)
            _add_product(slopes, kernel, later)


def _padded(rows: int, columns: int, *, multiple: int = _ROWS) -> Float32Array:
    """Make zeros whose rows begin where a vector register may be loaded at once."""
    rows = -(-rows // multiple) * multiple
    columns = -(-columns // _LANES) * _LANES
    raw = np.zeros(rows * columns + _LANES, np.float32)
    start = -raw.ctypes.data // raw.itemsize % _LANES
    return raw[start : start + rows * columns].reshape(rows, columns)


def _stretches(frames: int, *, reverse: bool) -> list[tuple[int, int, int]]:
    """Give the first step of each stretch, and its first frame and the one after its last."""
    stretches = []
    for start in range(0, frames, _CHUNK):
        stop = min(start + _CHUNK, frames)
        span = (frames - stop, frames - start) if reverse else (start, stop)
        stretches.append((start, *span))
    return stretches


def forward(
    sequences: Float32Array,
    kernel: Float32Array,
    bias: Float32Array,
    recurrent: Float32Array,
    *,
    reverse: bool = False,
    keep: bool = False,
    product: Product = np.matmul,
) -> tuple[Float32Array, Float32Array, NDArray[np.uint16]]:
    """Compute the states of an LSTM that begins with zeros.

    Parameters
    ----------
    sequences : ndarray of float32, shape (batch, frames, bands)
    kernel, bias, recurrent : ndarray of float32, shape (bands, 4 * units), (4 * units,) and \
(units, 4 * units)
        The weights.
    reverse : bool
        Whether it begins with the last frame.
    keep : bool
        Whether `backward` will follow.
    product : callable
        Multiplies two matrices.

    Returns
    -------
    states : ndarray of float32, shape (batch, frames, units)
        By frame, whichever came first.
    cells : ndarray of float32, shape (ceil(frames / 16), batch, units)
        For `backward`: those before every sixteenth frame. None where they are not kept.
    gates : ndarray of uint16, shape (frames, batch, 4 * units)
        The same, of all frames.

    References
    ----------
    Gers, Schmidhuber and Cummins, "Learning to Forget", Neural Computation 12, 2000.
    """
    batch, frames, bands = sequences.shape
    units = len(recurrent)
    padded = _padded(units, 4 * units, multiple=_COLUMNS)
    padded[:units, : 4 * units] = recurrent
    sums, state = _padded(batch, 4 * units), _padded(batch, units)
    cell = np.zeros((batch, units), np.float32)
    # Made here: NumPy asks for large pages, compiled code does not.
    states = np.empty((batch, frames, units), np.float32)
    cells = np.empty((-(-frames // _STRIDE) if keep else 0, batch, units), np.float32)
    gates = np.empty((frames if keep else 1, batch, 4 * units), np.uint16)
    for start, first, stop in _stretches(frames, reverse=reverse):
        inputs = product(sequences[:, first:stop].reshape(-1, bands), kernel)
        inputs += bias
        inputs = inputs.reshape(batch, stop - first, -1)
        _forward(inputs, start, first, padded, sums, cell, state, states, cells, gates, reverse)
    return states, cells, gates if keep else gates[:0]


def backward(
    gradient: Float32Array,
    sequences: Float32Array,
    states: Float32Array,
    cells: Float32Array,
    gates: NDArray[np.uint16],
    kernel: Float32Array,
    recurrent: Float32Array,
    *,
    reverse: bool = False,
    inner: bool = True,
    product: Product = np.matmul,
) -> tuple[Float32Array, Float32Array, Float32Array, Float32Array]:
    """Compute the gradients of what `forward` took from that of `states`.

    Parameters
    ----------
    gradient : ndarray of float32, shape (batch, frames, units)
        Of the states.
    sequences, states, cells, gates
        What `forward` took, gave and kept.
    kernel, recurrent, reverse
        As of `forward`.
    inner : bool
        Whether the gradient of `sequences` is wanted.
    product : callable
        As of `forward`.

    Returns
    -------
    sequences, kernel, bias, recurrent : ndarray of float32
        The gradient of each; that of `sequences` has no frames where it is not wanted.
    """
    batch, frames, bands = sequences.shape
    units, width = recurrent.shape
    padded = _padded(width, units, multiple=_COLUMNS)
    padded[:width, :units] = recurrent.T
    slopes, later = _padded(batch, width), _padded(batch, units)
    carried = np.zeros((batch, units), np.float32)
    of_sequences = np.empty((batch, frames if inner else 0, bands), np.float32)
    of_weights = np.zeros((bands + 1 + units, width), np.float32)
    for start, first, stop in reversed(_stretches(frames, reverse=reverse)):
        result = np.empty((batch, stop - first, width), np.float32)
        _backward(
            gradient, start, first, cells, gates, padded, carried, slopes, later, result, reverse
        )
        # What each weight is multiplied by: inputs, 1, and of each frame the state before it,
        # zeros before the first one.
        heard = np.zeros((batch, stop - first, len(of_weights)), np.float32)
        heard[:, :, :bands] = sequences[:, first:stop]
        heard[:, :, bands] = 1
        if reverse:
            part = states[:, first + 1 : stop + 1]
            heard[:, : part.shape[1], bands + 1 :] = part
        else:
            part = states[:, max(first - 1, 0) : stop - 1]
            heard[:, stop - first - part.shape[1] :, bands + 1 :] = part
        flat = result.reshape(-1, width)
        of_weights += product(heard.reshape(len(flat), -1).T, flat)
        if inner:
            inwards = product(flat, kernel.T).reshape(batch, stop - first, bands)
            of_sequences[:, first:stop] = inwards
    of_kernel, of_bias, of_recurrent = np.split(of_weights, [bands, bands + 1])
    return of_sequences, of_kernel, of_bias[0], of_recurrent
