"""The record that each network states of itself, and a network of chosen sizes.

An `Architecture` is a kind of network: the sizes that it may have, and how it is built. A
`Network` is an architecture together with sizes. Neither has weights; a `keras.Model` has.

This module imports no numerical library, nor do the modules of `models.networks`, so that a
configuration is checked without Keras. Functions that build a network import Keras themselves.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, get_args

from annotated_types import Ge, Le, Lt

from deep_plunder.errors import ConfigError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.layers import LayerMaker
from deep_plunder.models.onnx_layers import GraphMaker
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.settings import Settings, kinds

if TYPE_CHECKING:
    import keras

    from deep_plunder.models.onnx_layers import LayerWeights

__all__ = [
    "RECURRENT_FRAMES",
    "Architecture",
    "Count",
    "DropRate",
    "Momentum",
    "Network",
    "Penalty",
    "Sizes",
]

RECURRENT_FRAMES = 313
"""Context of a network with LSTMs, in frames on each side: 10 s at 32 ms (ours).

An LSTM has no bound. It is trained on minutes, in which events last seconds.
"""


Count = Annotated[int, Ge(1), Le(4096)]
"""A number of units, channels or frames."""


class TrainingOnly:
    """Marks a size that affects only training, not the computation with trained weights."""


DropRate = Annotated[float, Ge(0), Lt(1), TrainingOnly()]
"""A rate of dropout."""

Momentum = Annotated[float, Ge(0), Lt(1), TrainingOnly()]
"""A momentum of batch normalization."""

Penalty = Annotated[float, Ge(0), Lt(10), TrainingOnly()]
"""The weight of a term of the loss."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sizes(Settings):
    """Base of the sizes of a network: the section ``models.NAME.sizes`` of the configuration."""

    section: ClassVar[str] = "sizes"


S = TypeVar("S", bound=Sizes)


def _one(_: Any) -> int:
    return 1


def _none(*_: Any) -> int:
    return 0


def _no_faults(*_: Any) -> list[str]:
    return []


@dataclasses.dataclass(frozen=True, kw_only=True)
class Architecture(Generic[S]):
    """The record of a kind of network, in its module of `models.networks`.

    Attributes
    ----------
    name : str
        How configurations and model files name it.
    sizes : type
        A subclass of `Sizes`, frozen.
    build : callable
        Builds the network in Keras with fresh weights, not compiled, from the `FeatureSpec` of
        its input, the sizes and a `models.layers.LayerMaker`.
    write_graph : callable or None
        Writes the same network with its weights as an ONNX graph, from the `FeatureSpec`, the
        sizes and a `models.onnx_layers.GraphMaker`. None where the network only runs in Keras.
    receptive_frames : callable
        Counts, from the sizes, the frames on each side of a frame that its output needs.
    window_s : float
        Length of the windows of a song that suits the network best, in seconds.
    outputs : tuple of str
        Names of its outputs, in the order of `truth.labels.HEADS`.
    stride : callable
        Frames, from the sizes, by which an input may be shifted for its output to shift alike. An
        input has a multiple of them, and a song may be cut into windows at multiples of them.
    long_step : callable
        Frames, from the sizes, from one long window that the network uses to the next, beginning
        with the first. The others need not be computed (`features.log_mel.stream_log_mel`).
    needs_short_bands : bool
        Whether it only works on detailed features (`features.detailed`).
    needs_short_steps : bool
        Whether it only works on fine features (`features.fine`).
    feature_faults : callable
        Returns, from a `FeatureSpec` and sizes, further reasons why the network cannot work on
        such features, one line each.
    least_parameters : callable
        Counts, from a `FeatureSpec` and sizes, a lower bound of the weights of a network that only
        runs in Keras, so that a file is known not to hold them before the network is built. Layers
        that grow with the square of a size count; the whole has at most some times as many.
    is_calibrated : bool
        Whether a decoder can be chosen for it (`evaluation.bench.tuning`). The paper's network
        keeps the paper's own decoding.
    """

    name: str
    sizes: type[S]
    build: Callable[[FeatureSpec, S, LayerMaker], keras.Model]
    write_graph: Callable[[FeatureSpec, S, GraphMaker], bytes] | None
    receptive_frames: Callable[[S], int]
    window_s: float
    outputs: tuple[str, ...] = OUTPUTS
    stride: Callable[[S], int] = _one
    long_step: Callable[[S], int] = _one
    needs_short_bands: bool = False
    needs_short_steps: bool = False
    feature_faults: Callable[[FeatureSpec, S], list[str]] = _no_faults
    least_parameters: Callable[[FeatureSpec, S], int] = _none
    is_calibrated: bool = True

    @property
    def runs_as_graph(self) -> bool:
        """Whether it runs in ONNX Runtime, on one core, and not in Keras."""
        return self.write_graph is not None

    def with_sizes(self, **sizes: Any) -> Network:
        """Check sizes and fill in the defaults.

        Parameters
        ----------
        **sizes : Any
            Fields of the class of sizes; lists stand for tuples, as from YAML or JSON.

        Returns
        -------
        network : Network

        Raises
        ------
        ConfigError
            With one line for each unknown name or impossible value.
        """
        names, faults = self.sizes.names(), []
        for name in sizes:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1, cutoff=0)[0]
                faults.append(f"sizes.{name}: {self.name} has no such size, the nearest is {near}")
        try:
            checked = self.sizes(**{name: sizes[name] for name in names if name in sizes})
        except ConfigError as error:
            raise ConfigError([*faults, *error.faults]) from None
        if faults:
            raise ConfigError(faults)
        return Network(self, checked)


@dataclasses.dataclass(frozen=True, slots=True)
class Network:
    """An architecture and its sizes, without weights.

    Attributes
    ----------
    architecture : Architecture
    sizes : Sizes
        An object of ``architecture.sizes``.
    """

    architecture: Architecture[Any]
    sizes: Sizes

    @property
    def name(self) -> str:
        """The name of its architecture."""
        return self.architecture.name

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs, in the order of `truth.labels.HEADS`."""
        return self.architecture.outputs

    @property
    def receptive_frames(self) -> int:
        """The frames on each side of a frame that its output needs."""
        return self.architecture.receptive_frames(self.sizes)

    @property
    def stride(self) -> int:
        """The frames by which its input may be shifted."""
        return self.architecture.stride(self.sizes)

    @property
    def long_step(self) -> int:
        """Frames from one long window that the network uses to the next."""
        return self.architecture.long_step(self.sizes)

    def least_parameters(self, spec: FeatureSpec) -> int:
        """Return a lower bound of the number of weights; 0 for a network that runs as a graph.

        Parameters
        ----------
        spec : FeatureSpec
            The features that it takes.

        Returns
        -------
        parameters : int
        """
        return self.architecture.least_parameters(spec, self.sizes)

    def size_values(self, *, weights_only: bool = False) -> dict[str, Any]:
        """Return the sizes by name.

        Parameters
        ----------
        weights_only : bool
            Whether to leave out the sizes that affect only training.

        Returns
        -------
        sizes : dict
        """
        return {
            name: getattr(self.sizes, name)
            for name, kind in kinds(type(self.sizes)).items()
            if not (weights_only and any(isinstance(m, TrainingOnly) for m in get_args(kind)))
        }

    def feature_faults(self, spec: FeatureSpec) -> list[str]:
        """Return the reasons why the network cannot work on features.

        Parameters
        ----------
        spec : FeatureSpec

        Returns
        -------
        faults : list of str
            One line each: key, rule and value; none if it can.
        """
        if self.architecture.needs_short_bands and not spec.short_bands:
            return [f"architecture: {self.name} needs features.short_bands above 0, got 0"]
        if self.architecture.needs_short_bands and spec.is_fine:
            steps = spec.short_steps
            return [f"architecture: {self.name} needs features.short_steps 1, got {steps}"]
        if self.architecture.needs_short_steps and not spec.is_fine:
            return [f"architecture: {self.name} needs features.short_steps above 1, got 1"]
        return self.architecture.feature_faults(spec, self.sizes)

    def build(self, spec: FeatureSpec, *, seed: int = 0, bfloat16: bool = False) -> keras.Model:
        """Build the network in Keras with fresh weights, not compiled.

        Parameters
        ----------
        spec : FeatureSpec
            The features that it takes.
        seed : int
            Seed from which the initial weights and the dropout are drawn. No global random state is
            used.
        bfloat16 : bool
            Whether the layers compute with 16 bits, which some processors do faster. Weights and
            outputs keep 32 bits. For training.

        Returns
        -------
        model : keras.Model
            From features of shape (batch, frames, bands), float32, to a dict of `outputs`, each
            of shape (batch, frames, 1), in 0..1.

        Raises
        ------
        ConfigError
            If the network cannot work on such features.
        """
        faults = self.feature_faults(spec)
        if faults:
            raise ConfigError(faults)
        layers = LayerMaker(seed, "mixed_bfloat16" if bfloat16 else None)
        return self.architecture.build(spec, self.sizes, layers)

    def graph(
        self, weights: LayerWeights, spec: FeatureSpec, *, exact: bool = False
    ) -> bytes | None:
        """Write the network with its weights as an ONNX graph, which runs without Keras.

        Parameters
        ----------
        weights : LayerWeights
            Of the layers of `build`.
        spec : FeatureSpec
            The features that it takes.
        exact : bool
            Whether nothing in it is rounded to bytes (`models.onnx_layers`).

        Returns
        -------
        graph : bytes or None
            See `models.runners.onnx_runner`; None for a network that only runs in Keras.

        Raises
        ------
        ValueError
            If the weights are of other shapes.
        """
        write = self.architecture.write_graph
        return None if write is None else write(spec, self.sizes, GraphMaker(weights, exact=exact))
