"""The loop of an LSTM over its frames, and its gradient, in compiled code.

The equations are those of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al.
(2000), as Keras has them: gates in the order input, forget, candidate, output.

A step multiplies a state of few rows, one per item of the batch, by the recurrent kernel.
Libraries of linear algebra are slow on so few rows. Here the product is computed in tiles of eight
rows and 32 columns. The sums of a tile stay in registers until they are complete. They are added in
the same order on every machine and in every run. The products with the inputs and those of the
gradients use the same tiles, on the rows of 16 frames at a time.

The factors of a product are stored in *units* of 32 bits. A unit is one float32, or two neighbours
in bfloat16. A processor with AVX-512 BF16 multiplies both neighbours and adds them to a float32 in
one instruction. Sums, cells and gates always have 32 bits. The right factor is packed into *panels*
of 16 columns, shape (panels, units, 16).

The gradient needs the gates of every frame and the cells. To save memory, gates are kept in 16 bits
(in steps of 2**-16, the candidate in steps of 2**-15), and cells only before every sixteenth frame.
The other cells are computed again from these.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from deep_plunder.models.compiled.compiling import FEATURES, LANES, compiled, multiply_add, tile

__all__ = ["STRIDE", "add_product", "run_backward", "run_forward"]

STRIDE = 16
"""Frames per product with the inputs, and from one kept cell to the next."""

_LANES, _STRIDE = LANES, STRIDE
# Rows and panels of a tile: as many as the registers hold.
_HIGH, _WIDE = (8, 2) if FEATURES.get("avx512f") else (4, 1)

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


@compiled
def add_product(a: Any, b: Any, c: Any) -> None:
    """Add the product of two matrices to a third.

    Parameters
    ----------
    a : ndarray of float32 or uint32, shape (rows, units)
        The left factor; uint32 holds pairs in bfloat16. It may have any strides.
    b : ndarray of the same type, shape (panels, units, 16)
        The right factor in panels, C-contiguous.
    c : ndarray of float32, shape (rows, 16 * panels)
        The sums. Each row must be contiguous.
    """
    rows, units = a.shape
    a_row, a_unit, c_row = a.strides[0] // 4, a.strides[1] // 4, c.strides[0] // 4
    panel, panels = units * _LANES, len(b)
    for p in range(0, panels, _WIDE):
        r = 0
        while r < rows:
            x, y, z = r * a_row, p * panel, r * c_row + p * _LANES
            wide, left = p + _WIDE <= panels, rows - r
            if wide and left >= _HIGH:
                tile(_HIGH, _WIDE, a, x, a_row, a_unit, b, y, panel, units, c, z, c_row)
            elif wide:
                tile(1, _WIDE, a, x, a_row, a_unit, b, y, panel, units, c, z, c_row)
            elif left >= _HIGH:
                tile(_HIGH, 1, a, x, a_row, a_unit, b, y, panel, units, c, z, c_row)
            else:
                tile(1, 1, a, x, a_row, a_unit, b, y, panel, units, c, z, c_row)
            r += _HIGH if left >= _HIGH else 1


def _stored(value: Any, rows: Any) -> Any:
    """Return a float32 in the format of the array `rows`: bfloat16 in uint16, or float32."""


@overload(_stored, inline="always")
def _stored_as(value: Any, rows: Any) -> Any:
    def kept(value: Any, rows: Any) -> Any:
        return value

    def rounded(value: Any, rows: Any) -> Any:
        bits = np.float32(value).view(np.uint32)
        # Round to nearest, ties to even.
        return np.uint16(
            (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
        )

    return rounded if isinstance(rows.dtype, types.Integer) else kept


def _combine(rows: Any, first: int, out: Any) -> None:
    """Write the units of neighbouring rows into `out`, from the column `first` on."""


@overload(_combine)
def _combine_as(rows: Any, first: Any, out: Any) -> Any:
    def copied(rows: Any, first: Any, out: Any) -> None:
        for k in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[k, j] = rows[k, first + j]

    def paired(rows: Any, first: Any, out: Any) -> None:
        for k in range(out.shape[0]):
            for j in range(out.shape[1]):
                low, high = rows[2 * k, first + j], rows[2 * k + 1, first + j]
                out[k, j] = np.uint32(low) | (np.uint32(high) << np.uint32(16))

    return paired if isinstance(out.dtype, types.Integer) else copied


@compiled
def _tanh(x: Any) -> Any:
    bounded = min(max(x, -_END), _END)
    t = bounded * bounded
    above = multiply_add(_P4, t, _P3)
    above = multiply_add(above, t, _P2)
    above = multiply_add(above, t, _P1)
    above = multiply_add(above, t, _P0)
    below = multiply_add(_Q4, t, _Q3)
    below = multiply_add(below, t, _Q2)
    below = multiply_add(below, t, _Q1)
    below = multiply_add(below, t, _ONE)
    return bounded * above / below


@compiled
def _sigmoid(x: Any) -> Any:
    return multiply_add(_HALF, _tanh(_HALF * x), _HALF)


@compiled
def _advance(
    sums: Any, first: int, cell: Any, hidden: Any, state: Any, states: Any, frame: int, way: int,
    gates: Any, kept: int,
) -> None:  # fmt: skip
    for b in range(cell.shape[0]):
        for j in range(cell.shape[1]):
            i, f = _sigmoid(sums[first + b, 0, j]), _sigmoid(sums[first + b, 1, j])
            g, o = _tanh(sums[first + b, 2, j]), _sigmoid(sums[first + b, 3, j])
            c = multiply_add(f, cell[b, j], i * g)
            h = o * _tanh(c)
            cell[b, j] = c
            hidden[b, j] = h
            state[b, j] = _stored(h, state)
            gates[kept, 0, b, j] = np.uint16(np.int32(multiply_add(_GATE, i, _HALF)))
            gates[kept, 1, b, j] = np.uint16(np.int32(multiply_add(_GATE, f, _HALF)))
            gates[kept, 2, b, j] = np.uint16(np.int32(multiply_add(_CANDIDATE, _ONE + g, _HALF)))
            gates[kept, 3, b, j] = np.uint16(np.int32(multiply_add(_GATE, o, _HALF)))
        for j in range(states.shape[3]):
            states[b, frame, way, j] = hidden[b, j]


@compiled
def run_forward(
    sequences: Any, bias: Any, kernel: Any, recurrent: Any, heard: Any, heard_units: Any,
    state: Any, state_units: Any, hidden: Any, sums: Any, sums_of_gates: Any, cell: Any,
    states: Any, way: int, cells: Any, gates: Any, reverse: bool,
) -> None:  # fmt: skip
    """Compute the results of `lstm.forward`, which allocates all arrays.

    `wide` is the number of LSTM units, rounded up to a multiple of 8.

    Parameters
    ----------
    sequences : ndarray of float32, shape (batch, frames, bands)
        The inputs.
    bias : ndarray of float32, shape (4 * wide,)
    kernel, recurrent : ndarray
        The weights in panels, with `wide` columns per gate.
    heard, heard_units : ndarray
        Work space: the inputs of 16 frames as factors, and the same memory in units.
    state, state_units : ndarray
        Work space: the state as a factor, and the same memory in units.
    hidden : ndarray of float32, shape (batch, wide)
        Work space: the state.
    sums, sums_of_gates : ndarray of float32
        Work space: the sums of 16 frames, and the same memory with an axis for the gates.
    cell : ndarray of float32, shape (batch, wide)
        Zeros; the cell after each frame.
    states : ndarray of float32, shape (batch, frames, directions, units)
        Result: the states of the direction `way`.
    way : int
    cells, gates : ndarray
        Results: see `lstm.forward`.
    reverse : bool
        Whether the last frame comes first.
    """
    batch, frames, bands = sequences.shape
    for start in range(0, frames, _STRIDE):
        count = min(_STRIDE, frames - start)
        if start // _STRIDE < len(cells):
            cells[start // _STRIDE] = cell
        for n in range(count):
            frame = frames - 1 - start - n if reverse else start + n
            for b in range(batch):
                row = n * batch + b
                for j in range(bands):
                    heard[row, j] = _stored(sequences[b, frame, j], heard)
                for j in range(sums.shape[1]):
                    sums[row, j] = bias[j]
        rows = count * batch
        add_product(heard_units[:rows], kernel, sums[:rows])
        for n in range(count):
            frame = frames - 1 - start - n if reverse else start + n
            first = n * batch
            if start + n > 0:
                add_product(state_units, recurrent, sums[first : first + batch])
            # If gates are not kept, each frame overwrites the one before it.
            kept = frame if len(gates) == frames else 0
            _advance(
                sums_of_gates, first, cell, hidden, state, states, frame, way, gates, kept
            )  # fmt: skip


@compiled
def _follow(gates: Any, frame: int, followed: Any, n: int) -> None:
    for b in range(followed.shape[1]):
        for j in range(followed.shape[2]):
            i = np.float32(gates[frame, 0, b, j]) * _GATE_STEP
            f = np.float32(gates[frame, 1, b, j]) * _GATE_STEP
            g = np.float32(gates[frame, 2, b, j]) * _CANDIDATE_STEP - _ONE
            followed[n + 1, b, j] = multiply_add(f, followed[n, b, j], i * g)


@compiled
def _retreat(
    gates: Any, frame: int, followed: Any, n: int, later: Any, carried: Any, found: Any,
    slopes: Any, first: int,
) -> None:  # fmt: skip
    for b in range(carried.shape[0]):
        for j in range(carried.shape[1]):
            i = np.float32(gates[frame, 0, b, j]) * _GATE_STEP
            f = np.float32(gates[frame, 1, b, j]) * _GATE_STEP
            g = np.float32(gates[frame, 2, b, j]) * _CANDIDATE_STEP - _ONE
            o = np.float32(gates[frame, 3, b, j]) * _GATE_STEP
            t = _tanh(followed[n + 1, b, j])
            d = later[b, j]
            e = multiply_add(d * o, _ONE - t * t, carried[b, j])
            carried[b, j] = e * f
            found[0, b, j] = _stored(e * g * i * (_ONE - i), found)
            found[1, b, j] = _stored(e * followed[n, b, j] * f * (_ONE - f), found)
            found[2, b, j] = _stored(e * i * (_ONE - g * g), found)
            found[3, b, j] = _stored(d * t * o * (_ONE - o), found)
    for b in range(carried.shape[0]):
        for k in range(4):
            for j in range(carried.shape[1]):
                slopes[first + b, k, j] = found[k, b, j]


@compiled
def _recall(
    sequences: Any, states: Any, way: int, frame: int, before: int, heard: Any, held: Any,
    first: int,
) -> None:  # fmt: skip
    """Store the factors of the weights at a frame: its inputs, and the states before it."""
    for b in range(sequences.shape[0]):
        for j in range(sequences.shape[2]):
            heard[first + b, j] = _stored(sequences[b, frame, j], heard)
        for j in range(states.shape[3]):
            state = states[b, before, way, j] if before >= 0 else np.float32(0)
            held[first + b, j] = _stored(state, held)


@compiled
def _add_over_rows(rows: Any, units: Any, panels: Any, c: Any) -> None:
    """Add the product of the transposed rows and the panels to `c`."""
    _combine(rows, 0, units)
    add_product(units.T, panels, c)


@compiled
def run_backward(
    gradient: Any, sequences: Any, states: Any, way: int, cells: Any, gates: Any, recurrent: Any,
    kernel: Any, slopes: Any, slopes_of_gates: Any, slopes_units: Any, panels: Any, heard: Any,
    heard_units: Any, held: Any, held_units: Any, carried: Any, later: Any, found: Any,
    followed: Any, inwards: Any, of_sequences: Any, of_kernel: Any, of_recurrent: Any,
    reverse: bool,
) -> None:  # fmt: skip
    """Compute the results of `lstm.backward`, which allocates all arrays.

    Parameters
    ----------
    gradient, states : ndarray of float32, shape (batch, frames, directions, units)
        The gradient of the states, and the states.
    sequences, way, cells, gates, reverse
        See `run_forward`.
    recurrent, kernel : ndarray
        The transposed weights in panels.
    slopes, slopes_of_gates, slopes_units, panels : ndarray
        Work space: the gradient of the sums of 16 frames as a factor, the same memory with an axis
        for the gates, the same memory in units, and its panels.
    heard, heard_units : ndarray
        Work space: the inputs of 16 frames, and their units over the rows.
    held, held_units : ndarray
        Work space: the states before 16 frames, and their units over the rows.
    carried, later : ndarray of float32
        Work space: the gradients of the cell and of the state.
    found : ndarray
        Work space: the gradient of the sums of a frame, gate by gate.
    followed : ndarray of float32
        Work space: the cells of 16 frames, and the one before them.
    inwards : ndarray of float32
        Work space: the gradient of the inputs of 16 frames.
    of_sequences, of_kernel, of_recurrent : ndarray of float32
        Results: the gradients, with `wide` columns per gate. Row `bands` of `of_kernel` is the
        gradient of the bias.
    """
    batch, frames, bands = sequences.shape
    # Rows per frame. bfloat16 combines rows in pairs, so the number is even there.
    high = len(later)
    for start in range((frames - 1) // _STRIDE * _STRIDE, -1, -_STRIDE):
        count = min(_STRIDE, frames - start)
        # The cells before these frames, and after each of them.
        followed[0] = cells[start // _STRIDE]
        for n in range(count):
            _follow(gates, frames - 1 - start - n if reverse else start + n, followed, n)
        for n in range(count - 1, -1, -1):
            step = start + n
            frame = frames - 1 - step if reverse else step
            for b in range(batch):
                for j in range(states.shape[3]):
                    later[b, j] = gradient[b, frame, way, j]
                for j in range(states.shape[3], later.shape[1]):
                    later[b, j] = np.float32(0)
            if step < frames - 1:
                # The first rows still hold the slopes of the frame after these 16.
                following = (n + 1) % _STRIDE * high
                add_product(slopes_units[following : following + high], recurrent, later)
            first = n * high
            _retreat(gates, frame, followed, n, later, carried, found, slopes_of_gates, first)
            before = -1 if step == 0 else frame + 1 if reverse else frame - 1
            _recall(sequences, states, way, frame, before, heard, held, first)
        rows = count * high
        if rows < len(slopes):
            slopes[rows:] = 0
        for p in range(len(panels)):
            _combine(slopes, p * _LANES, panels[p])
        _add_over_rows(heard, heard_units, panels, of_kernel)
        _add_over_rows(held, held_units, panels, of_recurrent)
        if of_sequences.shape[1]:
            inwards[:] = np.float32(0)
            add_product(slopes_units[:rows], kernel, inwards[:rows])
            for n in range(count):
                frame = frames - 1 - start - n if reverse else start + n
                for b in range(batch):
                    for j in range(bands):
                        of_sequences[b, frame, j] = inwards[n * high + b, j]
