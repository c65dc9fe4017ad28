"""Layers of networks as operators of ONNX, each equal to the one that `models.layers` makes.

A convolution over frames is one product of matrices: each frame and its neighbours, side by side,
times the kernel. Where it follows a normalization, which bounds its input, both are rounded to
bytes for it: the network that ships takes a third less time (``python -m benchmarks
infer-shipped``) and scores as well (``python -m benchmarks.precision``). Kernels use seven of
eight bits, so that sums of two products fit 16 bits and all processors multiply alike. An exact
graph rounds nothing: its outputs are those of the same network in Keras, up to rounding, and
values that are not finite stay so, which a byte cannot express.

The graphs are written by hand. A converter such as tf2onnx gives equal outputs without bytes, but
needs TensorFlow and half a minute, where a model loads in a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from deep_plunder.models.layers import EPSILON
from deep_plunder.models.onnx_graph import MICROSOFT, TO_END, GraphWriter
from deep_plunder.util.arrays import Float32Array

__all__ = ["GraphMaker", "LayerWeights"]


class LayerWeights(Protocol):
    """Returns the weights of a layer, in Keras's order and layout."""

    def __call__(self, layer: str, *shapes: Sequence[int]) -> list[Float32Array]:
        """Return arrays of exactly these shapes, or raise `ValueError`."""


class GraphMaker(GraphWriter):
    """Writes the graph of a network layer by layer.

    Parameters
    ----------
    weights : LayerWeights
    exact : bool
        Whether nothing is rounded to bytes.
    """

    def __init__(self, weights: LayerWeights, *, exact: bool = False) -> None:
        super().__init__()
        self.weights = weights
        self._exact = exact

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

    def between(self, x: str, times: int, columns: int) -> str:
        """Insert evenly spaced rows between each row and the next, as `LayerMaker.between`.

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
            Whether a ReLU follows.

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
        """Apply a normalization, a convolution over three frames and a ReLU.

        Parameters
        ----------
        x : str
            Of shape (frames, inputs).
        norm, layer : str
            Names of the layer normalization and of the convolution.
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
        # Of n numbers of mean 0 and deviation 1, none exceeds the root of n.
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
        # `load_model` reports weights that are not finite.
        with np.errstate(invalid="ignore"):
            rounded = np.rint(kernel / size).astype(np.int8)
        product = self.op(
            "MatMulIntegerToFloat",
            self._beside(x, dilation), self.constant(rounded),
            step, self.constant(size), zero, self.constant(np.zeros(channels, np.int8)),
            self.constant(bias),
            domain=MICROSOFT,
        )  # fmt: skip
        return self.op("Relu", product)

    def _normalized(self, x: str, scale: Float32Array, offset: Float32Array) -> str:
        constants = self.constant(scale), self.constant(offset)
        return self.op("LayerNormalization", x, *constants, epsilon=EPSILON)

    def residual(self, x: str, layer: str, channels: int, dilation: int) -> str:
        """Apply a residual block, as `LayerMaker.residual`.

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
        self,
        x: str,
        layer: str,
        shape: Sequence[int],
        *,
        bands: int,
        stride: int,
        step: int = 1,
    ) -> tuple[str, int]:
        """Apply a convolution over frames and bands, and a ReLU.

        Parameters
        ----------
        x : str
            Of shape (1, inputs, frames, bands).
        layer : str
        shape : sequence of int
            Shape of its kernel: frames, bands, inputs, channels.
        bands : int
        stride : int
            Bands from one output band to the next.
        step : int
            Frames from one output frame to the next. The frames are a multiple of it.

        Returns
        -------
        y : str
            Of shape (1, channels, frames / step, ceil(bands / stride)).
        bands : int
            The last of these numbers.
        """
        kernel, bias = self.weights(layer, shape, shape[3:])
        count = -(-bands // stride)
        # As Keras pads: an odd number of bands leaves the larger part at the end.
        missing = max(0, (count - 1) * stride + shape[1] - bands)
        late = max(0, shape[0] - step)
        pads = [late // 2, missing // 2, late - late // 2, missing - missing // 2]
        constants = self.constant(kernel.transpose(3, 2, 0, 1)), self.constant(bias)
        y = self.op("Conv", x, *constants, strides=[step, stride], pads=pads)
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

    def outputs(self, x: str, layers: Sequence[str], inputs: int) -> str:
        """Apply dense layers of one unit to each row, with their outputs side by side.

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
