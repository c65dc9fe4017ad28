"""Networks as ONNX graphs, which run without the library that trained them.

ONNX Runtime starts in a tenth of a second, where TensorFlow takes two, and runs convolutions of
few channels with less around them (``python -m benchmarks extract``). A graph takes the features
of one song, or of a part of it, of any length, and gives the outputs side by side.

A convolution over frames is made as one product of matrices: of each frame and its neighbours,
side by side, with the kernel. Where it follows a normalization, which bounds its input, both are
rounded to bytes for it: the network that ships takes a third less time (``python -m benchmarks
infer-default``) for scores that are as good (``python -m benchmarks.precision``). Of kernels seven
bits are used, so that sums of two products fit 16 bits and all processors multiply alike. Where a
graph is asked to be exact this is left out: its numbers are those of the same network in Keras, up
to rounding, and what is not finite stays so, which a byte cannot say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from deep_plunder.util.arrays import Float32Array

__all__ = ["FEATURES", "OUTPUTS", "TO_END", "GraphMaker", "LayerWeights", "runner"]

FEATURES, OUTPUTS = "features", "outputs"
"""Names of what a graph takes, shape (1, frames, bands), and gives, shape (frames, k)."""

TO_END = int(np.iinfo(np.int32).max)
"""Where a part stops that goes to the end of an axis."""

EPSILON = 1e-3
"""What Keras adds to variances by default where it normalizes."""

_OPSET, _IR = 17, 8
_MORE = "com.microsoft"
"""Where the operators are that ONNX Runtime adds to those of ONNX."""


class LayerWeights(Protocol):
    """Gives the weights of a layer, in Keras's order and layout."""

    def __call__(self, layer: str, *shapes: Sequence[int]) -> list[Float32Array]:
        """Give arrays of just these shapes, or raise `ValueError`."""


class GraphMaker:
    """Puts a graph together; values of it are known by their names.

    Parameters
    ----------
    weights : LayerWeights
    exact : bool
        Whether nothing is rounded to bytes.
    """

    def __init__(self, weights: LayerWeights, *, exact: bool = False) -> None:
        self.weights = weights
        self._exact = exact
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator of ONNX.

        Parameters
        ----------
        kind : str
            Its name.
        *inputs : str
            Values.
        **attributes : object
            As `onnx.helper.make_node` takes them.

        Returns
        -------
        y : str
            Its output.
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
            From one that is taken to the next.

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
        """Give the numbers of a frame, or of some frames, a row.

        Parameters
        ----------
        x : str
            Of any shape.
        columns : int
            Numbers of a row.

        Returns
        -------
        y : str
            Of shape (n, columns).
        """
        return self.op("Reshape", x, self.constant([-1, columns]))

    def between(self, x: str, times: int, columns: int) -> str:
        """Give `times` rows for each row, as `LayerMaker.between`.

        Parameters
        ----------
        x : str
            Of shape (n, columns).
        times, columns : int

        Returns
        -------
        y : str
            Of shape (n * times, columns).
        """
        if times == 1:
            return x
        last = self.part(x, -1, TO_END, 0)
        following = self.op("Concat", self.part(x, 1, TO_END, 0), last, axis=0)
        away = self.op("Sub", following, x)
        steps = [
            self.op("Add", x, self.op("Mul", away, self.constant(step / times)))
            for step in range(times)
        ]
        return self.matrix(self.op("Concat", *steps, axis=1), columns)

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

    def dense(self, x: str, layer: str, inputs: int, units: int) -> str:
        """Apply a dense layer to each row.

        Parameters
        ----------
        x : str
            Of shape (n, inputs).
        layer : str
        inputs, units : int

        Returns
        -------
        y : str
            Of shape (n, units).
        """
        return self.affine(x, *self.weights(layer, (inputs, units), (units,)))

    def over_frames(
        self,
        x: str,
        kernel: Float32Array,
        bias: Float32Array,
        *,
        dilation: int = 1,
        relu: bool = True,
    ) -> str:
        """Convolve rows of numbers over frames, with zeros beyond both ends.

        Parameters
        ----------
        x : str
            Of shape (frames, inputs).
        kernel : ndarray, shape (3, inputs, channels)
        bias : ndarray, shape (channels,)
        dilation : int
            Frames from one tap to the next.
        relu : bool
            Whether what is below 0 is cut off.

        Returns
        -------
        y : str
            Of shape (frames, channels).
        """
        x = self._beside(self.op("Pad", x, self.constant([dilation, 0, dilation, 0])), dilation)
        x = self.affine(x, kernel.reshape(-1, kernel.shape[2]), bias)
        return self.op("Relu", x) if relu else x

    def _beside(self, padded: str, dilation: int) -> str:
        """Put each row, the one before and the one after side by side."""
        ends = (0, -2 * dilation), (dilation, -dilation), (2 * dilation, TO_END)
        return self.op("Concat", *(self.part(padded, *end, 0) for end in ends), axis=1)

    def convolution(
        self, x: str, norm: str, layer: str, inputs: int, channels: int, *, dilation: int = 1
    ) -> str:
        """Normalize rows, apply a layer of convolution of three frames, cut off what is below 0.

        Parameters
        ----------
        x : str
            Of shape (frames, inputs).
        norm, layer : str
            Layers: a layer normalization and a convolution.
        inputs, channels : int
        dilation : int

        Returns
        -------
        y : str
            Of shape (frames, channels).
        """
        scale, offset = self.weights(norm, (inputs,), (inputs,))
        kernel, bias = self.weights(layer, (3, inputs, channels), (channels,))
        if self._exact:
            return self.over_frames(
                self._normalized(x, scale, offset), kernel, bias, dilation=dilation
            )
        # Of n numbers of mean 0 and deviation 1 none is beyond the root of n.
        reach = np.abs(offset) + inputs**0.5 * np.abs(scale)
        reach[reach == 0] = 1
        step, zero = self.constant(np.float32(1 / 127)), self.constant(np.uint8(128))
        x = self.op(
            "QuantizeLinear", self._normalized(x, scale / reach, offset / reach), step, zero
        )
        x = self.op("Pad", x, self.constant([dilation, 0, dilation, 0]), zero)
        kernel = (kernel * reach[:, None]).reshape(-1, channels)
        size = np.abs(kernel).max(axis=0) / 63
        size[size == 0] = 1
        with np.errstate(invalid="ignore"):  # of weights that are not finite, whoever loads tells
            rounded = np.rint(kernel / size).astype(np.int8)
        product = self.op(
            "MatMulIntegerToFloat",
            self._beside(x, dilation), self.constant(rounded),
            step, self.constant(size), zero, self.constant(np.zeros(channels, np.int8)),
            self.constant(bias),
            domain=_MORE,
        )  # fmt: skip
        return self.op("Relu", product)

    def _normalized(self, x: str, scale: Float32Array, offset: Float32Array) -> str:
        constants = self.constant(scale), self.constant(offset)
        return self.op("LayerNormalization", x, *constants, epsilon=EPSILON)

    def residual(self, x: str, layer: str, channels: int, dilation: int) -> str:
        """Add what a block of `LayerMaker.residual` makes of rows.

        Parameters
        ----------
        x : str
            Of shape (frames, channels).
        layer : str
            Name of the block.
        channels, dilation : int

        Returns
        -------
        y : str
            Of shape (frames, channels).
        """
        y = self.convolution(x, f"{layer}_norm", layer, channels, channels, dilation=dilation)
        return self.op("Add", x, self.dense(y, f"{layer}_mix", channels, channels))

    def image_convolution(
        self, x: str, layer: str, shape: Sequence[int], *, bands: int, stride: int
    ) -> tuple[str, int]:
        """Apply a layer of convolution over frames and bands, and cut off what is below 0.

        Parameters
        ----------
        x : str
            Of shape (1, inputs, frames, bands).
        layer : str
        shape : sequence of int
            Of its kernel: frames, bands, inputs, channels.
        bands : int
        stride : int
            In bands.

        Returns
        -------
        y : str
            Of shape (1, channels, frames, ceil(bands / stride)).
        bands : int
            The last of these.
        """
        kernel, bias = self.weights(layer, shape, shape[3:])
        count = -(-bands // stride)
        # As Keras pads: what is odd goes behind.
        missing = max(0, (count - 1) * stride + shape[1] - bands)
        frames = shape[0] // 2
        pads = [frames, missing // 2, frames, missing - missing // 2]
        constants = self.constant(kernel.transpose(3, 2, 0, 1)), self.constant(bias)
        y = self.op("Conv", x, *constants, strides=[1, stride], pads=pads)
        return self.op("Relu", y), count

    def projected(self, x: str, kernel: Float32Array, bias: Float32Array, *, bands: int) -> str:
        """Apply a dense layer to all bands of a frame at once.

        Parameters
        ----------
        x : str
            Of shape (1, channels, frames, bands).
        kernel : ndarray, shape (bands * channels, units)
        bias : ndarray, shape (units,)
        bands : int

        Returns
        -------
        y : str
            Of shape (1, units, frames, 1).
        """
        image = kernel.reshape(bands, -1, kernel.shape[1]).transpose(2, 1, 0)[:, :, None]
        return self.op("Conv", x, self.constant(image), self.constant(bias))

    def rows(self, x: str, channels: int) -> str:
        """Turn an image of one band into rows.

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

    def outputs(self, x: str, layers: Sequence[str], inputs: int) -> str:
        """Apply dense layers of one unit to each row; give what they give side by side.

        Parameters
        ----------
        x : str
            Of shape (n, inputs).
        layers : sequence of str
        inputs : int

        Returns
        -------
        y : str
            Of shape (n, layers).
        """
        pairs = [self.weights(layer, (inputs, 1), (1,)) for layer in layers]
        kernel, bias = (np.concatenate(values, axis=-1) for values in zip(*pairs, strict=True))
        return self.affine(x, kernel, bias)

    def finish(self, x: str, count: int, *, bands: int) -> bytes:
        """End with sigmoids.

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
            As `runner` takes it.
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
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MORE, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR)
        serialized: bytes = model.SerializeToString()
        return serialized


def runner(graph: bytes) -> Callable[[Float32Array], Float32Array]:
    """Prepare a graph.

    Parameters
    ----------
    graph : bytes
        What `GraphMaker.finish` gave.

    Returns
    -------
    run : callable
        From features of shape (b, frames, bands), float32, to outputs of shape (b, frames, k). It
        computes on one core, so that jobs beside each other do not disturb each other.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run(features: Float32Array) -> Float32Array:
        return np.stack([session.run([OUTPUTS], {FEATURES: item[None]})[0] for item in features])

    return run
