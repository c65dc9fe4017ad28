"""Compile functions with numba, with two operations that it lacks.

`multiply_add` and `tile` generate code for LLVM, numba's compiler. Otherwise LLVM chooses where to
round, and does not keep a tile of sums in registers. After an edit here, edit the modules that use
these operations too. Otherwise numba loads their old code from its cache.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
import numba.core.config
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

__all__ = ["FEATURES", "HAS_BFLOAT16", "LANES", "compiled", "multiply_add", "tile"]

LANES = 16
"""Columns per panel: the float32 numbers of a vector register."""

# NUMBA_CPU_NAME may name another processor to compile for, whose features are unknown.
FEATURES: dict[str, bool] = (
    {} if vars(numba.core.config)["CPU_NAME"] else binding.get_host_cpu_features()
)
"""Features of this processor, by LLVM's names."""

HAS_BFLOAT16 = FEATURES.get("avx512bf16", False)
"""Whether this processor multiplies numbers in bfloat16 (AVX-512 BF16)."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is first called, and keep the code for later runs.

    Parameters
    ----------
    function : callable
        A function that numba can compile in nopython mode. The code is kept until the file of
        `function` changes. So compiled functions that it calls must be in the same file.

    Returns
    -------
    compiled : callable
        A function with the same results.
    """
    # No "fastmath". NaN and infinity must be kept. And the compiler must not choose which of two
    # products is fused with a sum, since its choice differs from run to run.
    jit = functools.partial(numba.njit, nogil=True, error_model="numpy")
    try:
        return jit(cache=True)(function)
    except RuntimeError:  # numba found no folder for its cache.
        return jit()(function)


class _BFloat(ir.Type):  # type: ignore[misc]
    """LLVM's bfloat, for which llvmlite has no class."""

    def _to_string(self) -> str:
        return "bfloat"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _BFloat)

    def __hash__(self) -> int:
        return hash(_BFloat)


def _tile(
    _context: Any, rows: Any, panels: Any, a: Any, a_start: Any, a_row: Any, a_unit: Any, b: Any,
    b_start: Any, b_panel: Any, units: Any, c: Any, c_start: Any, c_row: Any,
) -> Any:  # fmt: skip
    """Add a tile of a product to a tile of `c`, each vector of sums in its own register.

    Starts, and the distances between rows, units and panels, are in units.
    """
    size = types.intp
    signature = types.void(rows, panels, a, *[size] * 3, b, *[size] * 3, c, *[size] * 2)
    height, width = rows.literal_value, panels.literal_value
    paired = isinstance(a.dtype, types.Integer)
    single, word, index = ir.FloatType(), ir.IntType(32), ir.IntType(64)
    sums, units_of = ir.VectorType(single, LANES), word if paired else single
    vector = ir.VectorType(units_of, LANES)

    def generate(context: Any, build: Any, signature: Any, arguments: Any) -> Any:
        a, a_start, a_row, a_unit, b, b_start, b_panel, units, c, c_start, c_row = (
            context.make_array(kind)(context, build, value=value).data
            if isinstance(kind, types.Array)
            else value
            for kind, value in zip(signature.args[2:], arguments[2:], strict=True)
        )

        def rows_of(start: Any, step: Any, count: int) -> list[Any]:
            return [build.gep(start, [build.mul(step, index(n))]) for n in range(count)]

        heads = rows_of(build.gep(a, [a_start]), a_row, height)
        feet = rows_of(build.gep(b, [b_start]), b_panel, width)
        places = [
            build.bitcast(build.gep(row, [index(n * LANES)]), sums.as_pointer())
            for row in rows_of(build.gep(c, [c_start]), c_row, height)
            for n in range(width)
        ]
        first = [build.load(place, align=4) for place in places]
        before, body, after = (
            build.block, build.append_basic_block("body"), build.append_basic_block("after")
        )  # fmt: skip
        build.branch(body)
        build.position_at_end(body)
        unit, held = build.phi(index), [build.phi(sums) for _ in places]
        at, along = build.mul(unit, a_unit), build.mul(unit, index(LANES))
        right = [
            build.load(build.bitcast(build.gep(foot, [along]), vector.as_pointer()), align=4)
            for foot in feet
        ]
        none = ir.Constant(vector, ir.Undefined)
        left = []
        for head in heads:
            one = build.insert_element(none, build.load(build.gep(head, [at]), align=4), word(0))
            everywhere = ir.Constant(ir.VectorType(word, LANES), [0] * LANES)
            left.append(build.shuffle_vector(one, none, everywhere))
        if paired:
            pairs = ir.VectorType(_BFloat(), 2 * LANES)
            left, right = ([build.bitcast(x, pairs) for x in side] for side in (left, right))
            kind = ir.FunctionType(sums, [sums, pairs, pairs])
            add = build.module.declare_intrinsic("llvm.x86.avx512bf16.dpbf16ps.512", (), kind)
        else:
            kind = ir.FunctionType(sums, [sums] * 3)
            add = build.module.declare_intrinsic("llvm.fmuladd.v16f32", (), kind)
        terms = [(x, y) for x in left for y in right]
        added = [
            build.call(add, [total, x, y] if paired else [x, y, total])
            for total, (x, y) in zip(held, terms, strict=True)
        ]
        following = build.add(unit, index(1))
        for phi, start, later in zip(
            [unit, *held], [index(0), *first], [following, *added], strict=True
        ):
            phi.add_incoming(start, before)
            phi.add_incoming(later, body)
        build.cbranch(build.icmp_signed("<", following, units), body, after)
        build.position_at_end(after)
        for place, total in zip(places, added, strict=True):
            build.store(total, place, align=4)
        return context.get_dummy_value()

    return signature, generate


def _multiply_add(_context: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(_context: Any, build: Any, _signature: Any, arguments: Any) -> Any:
        single = ir.FloatType()
        kind = ir.FunctionType(single, [single] * 3)
        return build.call(build.module.declare_intrinsic("llvm.fmuladd.f32", (), kind), arguments)

    return types.float32(*[types.float32] * 3), generate


tile: Any = intrinsic(prefer_literal=True)(_tile)
"""In compiled code: add a tile of a product to a matrix (`lstm_loop.add_product`)."""

multiply_add: Any = intrinsic(_multiply_add)
"""In compiled code: a * b + c, rounded once where the processor can."""
