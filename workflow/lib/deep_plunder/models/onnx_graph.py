"""Write ONNX graphs operator by operator.

ONNX Runtime starts in a tenth of a second, where TensorFlow takes two, and runs convolutions of
few channels with less overhead (``python -m benchmarks extract``). A graph takes the features of
one song, or of a part of it, of any length, and returns the outputs side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.util.arrays import Float32Array

__all__ = ["FEATURES", "MICROSOFT", "OUTPUTS", "TO_END", "GraphWriter"]

FEATURES, OUTPUTS = "features", "outputs"
"""Names of the input of a graph, shape (1, frames, bands), and its output, shape (frames, k)."""

TO_END = int(np.iinfo(np.int32).max)
"""Where a part stops that goes to the end of an axis."""

MICROSOFT = "com.microsoft"
"""The domain of the operators that ONNX Runtime adds to those of ONNX."""

_OPSET, _IR = 17, 8


class GraphWriter:
    """Writes a graph. Each method adds operators, and returns the name of their output."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator of ONNX.

        Parameters
        ----------
        kind : str
            The name of the operator.
        *inputs : str
            Values.
        **attributes : object
            See `onnx.helper.make_node`.

        Returns
        -------
        y : str
            Name of its output.
        """
        from onnx import helper

        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: ArrayLike) -> str:
        """Add a constant.

        Parameters
        ----------
        values : array-like
            Bytes are kept as they are; other integers become int64, other numbers float32.

        Returns
        -------
        y : str
        """
        from onnx import numpy_helper

        array = np.asarray(values)
        if array.dtype.itemsize > 1:
            array = array.astype(np.int64 if array.dtype.kind in "iu" else np.float32)
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def part(self, x: str, start: int, stop: int, axis: int, *, step: int = 1) -> str:
        """Take a part along an axis.

        Parameters
        ----------
        x : str
        start, stop : int
            As in slices; `TO_END` is the end.
        axis : int
        step : int
            From one item that is taken to the next.

        Returns
        -------
        y : str
        """
        return self.op("Slice", x, *(self.constant([value]) for value in (start, stop, axis, step)))

    def scaled(self, x: str, scale: float, offset: float) -> str:
        """Multiply and add.

        Parameters
        ----------
        x : str
        scale, offset : float

        Returns
        -------
        y : str
            Of the shape of `x`.
        """
        return self.op("Add", self.op("Mul", x, self.constant(scale)), self.constant(offset))

    def matrix(self, x: str, columns: int) -> str:
        """Reshape to a matrix with one row per frame or group of frames.

        Parameters
        ----------
        x : str
            Of any shape.
        columns : int
            Numbers per row.

        Returns
        -------
        y : str
            Of shape (n, columns).
        """
        return self.op("Reshape", x, self.constant([-1, columns]))

    def rows(self, x: str, channels: int) -> str:
        """Reshape an image of one band to a matrix with one row per frame.

        Parameters
        ----------
        x : str
            Of shape (1, channels, frames, 1).
        channels : int

        Returns
        -------
        y : str
            Of shape (frames, channels).
        """
        return self.matrix(self.op("Transpose", x, perm=[0, 2, 1, 3]), channels)

    def affine(self, x: str, kernel: Float32Array, bias: Float32Array) -> str:
        """Multiply each row by a matrix and add.

        Parameters
        ----------
        x : str
            Of shape (n, inputs).
        kernel : ndarray, shape (inputs, units)
        bias : ndarray, shape (units,)

        Returns
        -------
        y : str
            Of shape (n, units).
        """
        return self.op("Gemm", x, self.constant(kernel), self.constant(bias))

    def finish(self, x: str, count: int, *, bands: int) -> bytes:
        """End the graph with sigmoids.

        Parameters
        ----------
        x : str
            Of shape (frames, count).
        count : int
        bands : int
            Of the features.

        Returns
        -------
        graph : bytes
            See `models.runners.onnx_runner`.
        """
        from onnx import TensorProto, helper

        self._nodes.append(helper.make_node("Sigmoid", [x], [OUTPUTS]))
        graph = helper.make_graph(
            self._nodes,
            "network",
            [helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, [1, "frames", bands])],
            [helper.make_tensor_value_info(OUTPUTS, TensorProto.FLOAT, ["frames", count])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        serialized: bytes = model.SerializeToString()
        return serialized
