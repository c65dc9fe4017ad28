"""Compute an LSTM and its gradient with the compiled loop.

This module allocates the arrays of `lstm_loop` and packs the weights for it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.models.compiled.compiling import HAS_BFLOAT16, LANES
from deep_plunder.models.compiled.lstm_loop import STRIDE, run_backward, run_forward
from deep_plunder.util.arrays import Float32Array

__all__ = ["aligned", "backward", "forward"]

_GATES = 4
# The columns of a gate are padded to a multiple of this, so that four gates fill whole panels.
_EVEN = 8
_LINE = 64


def aligned(*shape: int, dtype: Any = np.float32) -> NDArray[Any]:
    """Return an array that begins at a cache line, which TensorFlow uses without a copy.

    Parameters
    ----------
    *shape : int
    dtype : data-type

    Returns
    -------
    array : ndarray
        Its values are not initialized.
    """
    kind = np.dtype(dtype)
    count = math.prod(shape) * kind.itemsize
    # `np.empty` requests huge pages; `np.zeros` does not.
    raw = np.empty(count + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    array: NDArray[Any] = raw[start : start + count].view(kind).reshape(shape)
    return array


def _zeros(*shape: int, dtype: Any = np.float32) -> NDArray[Any]:
    array = aligned(*shape, dtype=dtype)
    array[...] = 0
    return array


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


def _rows(rows: int, columns: int, *, bfloat16: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return zeros for factors, and the same memory in the units of `lstm_loop.add_product`."""
    if not bfloat16:
        numbers = _zeros(rows, columns)
        return numbers, numbers
    numbers = _zeros(rows, _up(columns, 2), dtype=np.uint16)
    return numbers, numbers.view(np.uint32)


def _by_gates(matrix: Float32Array) -> Float32Array:
    """Pad the columns of each gate with zeros to whole vectors."""
    rows, width = matrix.shape
    units = width // _GATES
    wide = np.zeros((rows, _GATES, _up(units, _EVEN)), np.float32)
    wide[:, :, :units] = matrix.reshape(rows, _GATES, units)
    return wide.reshape(rows, -1)


def _panels(matrix: Float32Array, *, bfloat16: bool) -> NDArray[Any]:
    """Return a matrix in the panels of `lstm_loop.add_product`."""
    rows, columns = matrix.shape
    whole = np.zeros((_up(rows, 2) if bfloat16 else rows, _up(columns, LANES)), np.float32)
    whole[:rows, :columns] = matrix
    numbers: NDArray[Any] = whole
    if bfloat16:
        bits: NDArray[Any] = whole.view(np.uint32)
        # Round to nearest, ties to even.
        bits = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) >> 16
        numbers = bits[::2] | bits[1::2] << 16
    panels = aligned(whole.shape[1] // LANES, len(numbers), LANES, dtype=numbers.dtype)
    panels[:] = numbers.reshape(len(numbers), -1, LANES).transpose(1, 0, 2)
    return panels


def forward(
    sequences: Float32Array,
    kernel: Float32Array,
    bias: Float32Array,
    recurrent: Float32Array,
    *,
    reverse: bool = False,
    keep: bool = False,
    bfloat16: bool = False,
    states: Float32Array | None = None,
    way: int = 0,
) -> tuple[Float32Array, Float32Array, NDArray[np.uint16]]:
    """Compute the states of an LSTM whose initial state is zero.

    Parameters
    ----------
    sequences : ndarray of float32, shape (batch, frames, bands)
    kernel, bias, recurrent : ndarray of float32, shape (bands, 4 * units), (4 * units,) and \
(units, 4 * units)
        The weights.
    reverse : bool
        Whether the last frame comes first.
    keep : bool
        Whether to keep the cells and gates that `backward` needs.
    bfloat16 : bool
        Whether to round factors to bfloat16, on a processor that multiplies them.
    states : ndarray of float32, shape (batch, frames, directions * units), optional
        Array for the states, by default a new one for one direction.
    way : int
        Direction, the states of which have the columns from ``way * units`` on.

    Returns
    -------
    states : ndarray of float32, shape (batch, frames, units) or that of `states`
        In the order of the frames, also with `reverse`.
    cells : ndarray of float32, shape (ceil(frames / 16), batch, wide)
        The cells before every sixteenth frame, for `backward`. `wide` is `units` rounded up to a
        multiple of 8. Without `keep`, the first axis is empty.
    gates : ndarray of uint16, shape (frames, 4, batch, wide)
        The gates of each frame, for `backward`. Without `keep`, the first axis is empty.

    References
    ----------
    Gers, Schmidhuber and Cummins, "Learning to Forget", Neural Computation 12, 2000.
    """
    batch, frames, bands = sequences.shape
    units = len(recurrent)
    wide = _up(units, _EVEN)
    bfloat16 = bfloat16 and HAS_BFLOAT16
    if states is None:
        states = aligned(batch, frames, units)
    cells = aligned(-(-frames // STRIDE) if keep else 0, batch, wide)
    gates = aligned(frames if keep else 1, _GATES, batch, wide, dtype=np.uint16)
    sums = aligned(STRIDE * batch, _GATES * wide)
    recurrent_panels = _panels(_by_gates(recurrent), bfloat16=bfloat16)
    state, state_units = _rows(batch, wide, bfloat16=bfloat16)
    run_forward(
        np.ascontiguousarray(sequences),
        _by_gates(bias[None])[0],
        _panels(_by_gates(kernel), bfloat16=bfloat16),
        recurrent_panels,
        *_rows(STRIDE * batch, bands, bfloat16=bfloat16),
        state,
        state_units[:, : recurrent_panels.shape[1]],
        aligned(batch, wide),
        sums,
        sums.reshape(len(sums), _GATES, wide),
        _zeros(batch, wide),
        states.reshape(batch, frames, -1, units),
        way,
        cells,
        gates,
        reverse,
    )
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
    bfloat16: bool = False,
    way: int = 0,
) -> tuple[Float32Array, Float32Array, Float32Array, Float32Array]:
    """Compute the gradients of the parameters of `forward` from the gradient of its states.

    Parameters
    ----------
    gradient : ndarray of float32, shape of `states`
        Gradient of the states.
    sequences, kernel, recurrent, reverse, bfloat16, way
        The parameters of `forward`.
    states, cells, gates
        The results of `forward`, with `keep`.
    inner : bool
        Whether to compute the gradient of `sequences`.

    Returns
    -------
    sequences, kernel, bias, recurrent : ndarray of float32
        The gradient of each. Without `inner`, that of `sequences` has no frames.
    """
    batch, frames, bands = sequences.shape
    units = len(recurrent)
    wide, width = cells.shape[2], _GATES * cells.shape[2]
    bfloat16 = bfloat16 and HAS_BFLOAT16
    # bfloat16 combines rows in pairs, so the number of rows is even.
    high = _up(batch, 2) if bfloat16 else batch
    rows = STRIDE * high
    unit, several = (np.uint32, rows // 2) if bfloat16 else (np.float32, rows)
    slopes, slopes_units = _rows(rows, width, bfloat16=bfloat16)
    heard, _ = _rows(rows, _up(bands + 1, _EVEN), bfloat16=bfloat16)
    # The factor of the bias is 1, here in bfloat16 or float32.
    heard[:, bands] = 0x3F80 if bfloat16 else 1
    held, _ = _rows(rows, wide, bfloat16=bfloat16)
    of_sequences = aligned(batch, frames if inner else 0, bands)
    of_kernel, of_recurrent = _zeros(heard.shape[1], width), _zeros(wide, width)
    run_backward(
        np.ascontiguousarray(gradient).reshape(batch, frames, -1, units),
        np.ascontiguousarray(sequences),
        np.ascontiguousarray(states).reshape(batch, frames, -1, units),
        way,
        cells,
        gates,
        _panels(_by_gates(recurrent).T, bfloat16=bfloat16),
        _panels(_by_gates(kernel).T, bfloat16=bfloat16),
        slopes,
        slopes.reshape(rows, _GATES, wide),
        slopes_units,
        aligned(width // LANES, several, LANES, dtype=unit),
        heard,
        aligned(several, heard.shape[1], dtype=unit),
        held,
        aligned(several, wide, dtype=unit),
        _zeros(batch, wide),
        _zeros(high, _up(units, LANES)),
        aligned(_GATES, batch, wide, dtype=slopes.dtype),
        aligned(STRIDE + 1, batch, wide),
        aligned(rows if inner else 0, _up(bands, LANES)),
        of_sequences,
        of_kernel,
        of_recurrent,
        reverse,
    )
    parts = (
        part.reshape(len(part), _GATES, wide)[:, :, :units].reshape(len(part), -1)
        for part in (of_kernel[:bands], of_kernel[bands : bands + 1], of_recurrent[:units])
    )
    kernel_slopes, bias_slopes, recurrent_slopes = map(np.ascontiguousarray, parts)
    return of_sequences, kernel_slopes, bias_slopes[0], recurrent_slopes
