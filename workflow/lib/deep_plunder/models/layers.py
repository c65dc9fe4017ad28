"""Layers of networks, each with random seeds of its own."""

from __future__ import annotations

from typing import Any

from deep_plunder.util.rng import generator

__all__ = ["EPSILON", "LayerMaker"]

EPSILON = 1e-3
"""The number that Keras adds to variances by default in a normalization."""


class LayerMaker:
    """Makes layers whose random seeds are drawn from their names.

    Parameters
    ----------
    seed : int
        The seed from which all others are derived.
    policy : str, optional
        Keras's name of the types that layers compute with, where it is not the default.
    """

    def __init__(self, seed: int, policy: str | None = None) -> None:
        self.seed = seed
        self.policy = policy

    def _draw(self, *names: str) -> int:
        return int(generator(self.seed, "network", *names).integers(2**31))

    def _lstm(self, name: str, units: int, l2: float, **options: Any) -> Any:
        from keras import initializers, layers, regularizers

        return layers.LSTM(
            units,
            recurrent_activation="sigmoid",
            return_sequences=True,
            kernel_initializer=initializers.GlorotUniform(seed=self._draw(name, "kernel")),
            recurrent_initializer=initializers.Orthogonal(seed=self._draw(name, "recurrent")),
            kernel_regularizer=regularizers.L2(l2),
            seed=self._draw(name, "dropout"),
            name=name,
            **options,
        )

    def bidirectional(self, name: str, units: int, l2: float) -> Any:
        """Make a bidirectional LSTM.

        Parameters
        ----------
        name : str
        units : int
            Units per direction.
        l2 : float
            Weight of the l2 terms of its kernels (not of the recurrent ones).

        Returns
        -------
        layer : keras.layers.Bidirectional
            Its outputs, forward ones first, have 2 * units channels.
        """
        from keras import layers

        # Given both layers: a layer that Keras made itself would copy the seeds of the other.
        return layers.Bidirectional(
            self._lstm(f"{name}_forward", units, l2),
            backward_layer=self._lstm(f"{name}_backward", units, l2, go_backwards=True),
            merge_mode="concat",
            name=name,
        )

    def dense(self, name: str, units: int, *, scale: float = 1.0, **options: Any) -> Any:
        """Make a dense layer.

        Parameters
        ----------
        name : str
        units : int
        scale : float
            Factor on the variance of the first weights: with 1 they are drawn as Keras does by
            default.
        **options : object
            See `keras.layers.Dense`.

        Returns
        -------
        layer : keras.layers.Dense
        """
        from keras import initializers, layers

        kernel = initializers.VarianceScaling(
            scale, "fan_avg", "uniform", seed=self._draw(name, "kernel")
        )
        options.setdefault("dtype", self.policy)
        return layers.Dense(units, kernel_initializer=kernel, name=name, **options)

    def convolution(self, name: str, filters: int, taps: int | tuple[int, int], **kw: Any) -> Any:
        """Make a convolution over frames, or over frames and bands.

        Parameters
        ----------
        name : str
        filters : int
        taps : int or pair of int
            Size of its kernel in frames, or in frames and bands.
        **kw : object
            See `keras.layers.Conv1D` and `Conv2D`.

        Returns
        -------
        layer : keras.layers.Conv1D or keras.layers.Conv2D
            Pads with zeros at both ends, so that without strides lengths stay the same.

        References
        ----------
        He et al., "Delving Deep into Rectifiers", ICCV 2015 (the first weights).
        """
        from keras import initializers, layers

        kind = layers.Conv1D if isinstance(taps, int) else layers.Conv2D
        kernel = initializers.HeNormal(seed=self._draw(name, "kernel"))
        kw.setdefault("dtype", self.policy)
        return kind(filters, taps, padding="same", kernel_initializer=kernel, name=name, **kw)

    def dropout(self, name: str, rate: float, *, channels: bool = False) -> Any:
        """Make a dropout, of single numbers or of whole channels.

        Parameters
        ----------
        name : str
        rate : float, 0 to 1
            Share that is dropped.
        channels : bool
            Whether whole channels are.

        Returns
        -------
        layer : keras.layers.Dropout or keras.layers.SpatialDropout1D
        """
        from keras import layers

        kind = layers.SpatialDropout1D if channels else layers.Dropout
        return kind(rate, seed=self._draw(name, "dropout"), name=name, dtype=self.policy)

    def residual(
        self, x: Any, name: str, channels: int, dilation: int, *, dropout: float = 0.0
    ) -> Any:
        """Apply a residual block: normalization, convolution over frames, ReLU, dense layer.

        Parameters
        ----------
        x : keras.KerasTensor, shape (batch, frames, channels)
        name : str
            Name of the block; the names of its layers begin with it.
        channels : int
        dilation : int
            Frames from one tap of the convolution to the next.
        dropout : float
            Share of the convolution's channels that is dropped.

        Returns
        -------
        y : keras.KerasTensor, shape (batch, frames, channels)
        """
        from keras import layers

        y = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_norm", dtype=self.policy)(x)
        y = self.convolution(name, channels, 3, dilation_rate=dilation, activation="relu")(y)
        if dropout:
            y = self.dropout(f"{name}_dropout", dropout, channels=True)(y)
        y = self.dense(f"{name}_mix", channels, scale=0.5)(y)
        return layers.Add(name=f"{name}_add", dtype=self.policy)([x, y])

    def between(self, x: Any, name: str, times: int) -> Any:
        """Insert frames between each frame and the next, in evenly spaced steps.

        Parameters
        ----------
        x : keras.KerasTensor, shape (batch, frames, channels)
        name : str
        times : int
            Frames for each frame of `x`, itself included.

        Returns
        -------
        y : keras.KerasTensor, shape (batch, frames * times, channels)
            The last frame is repeated, since none follows it.
        """
        from keras import layers, ops

        if times == 1:
            return x
        following = ops.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        steps = [x + (following - x) * (step / times) for step in range(times)]
        x = layers.Concatenate(name=f"{name}_steps", dtype=self.policy)(steps)
        return layers.Reshape((-1, following.shape[2]), name=name, dtype=self.policy)(x)
