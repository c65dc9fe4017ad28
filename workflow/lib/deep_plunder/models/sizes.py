"""Name the networks, and check the sizes that a configuration gives them.

Apart from `networks`, so that a configuration is checked without anything that computes.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import Any

from deep_plunder.errors import ConfigError

__all__ = [
    "ARCHITECTURES",
    "GRAPHS",
    "ConvSizes",
    "DefaultSizes",
    "GroupedSizes",
    "OnfConvSizes",
    "PaperSizes",
    "Sizes",
    "feature_faults",
    "frame_stride",
    "least_parameters",
    "network_sizes",
]


@dataclasses.dataclass(frozen=True, slots=True)
class PaperSizes:
    """Sizes of `paper`, by default those fitted to the published totals.

    Attributes
    ----------
    units : tuple of int
        LSTM units, each way, of every unit of a stack.
    pool : int
        Features that one pooling takes together.
    combining_units : int
        LSTM units, each way, of the last LSTM.
    dropout : float
        Share of features dropped after each unit.
    l2 : float
        Weight of the squared input kernels of all LSTMs in the loss (paper, section 4.2).
    momentum : float
        Of the moving means and variances of batch normalization (Keras's default).
    """

    units: tuple[int, ...] = (193, 110, 58)
    pool: int = 2
    combining_units: int = 263
    dropout: float = 0.25
    l2: float = 0.001
    momentum: float = 0.99


@dataclasses.dataclass(frozen=True, slots=True)
class ConvSizes:
    """Sizes of `conv`, chosen for its speed on a CPU.

    Attributes
    ----------
    front : tuple of int
        Filters of the two convolutions over frequency.
    channels : int
        Channels of the convolutions over frames.
    dilations : tuple of int
        Frames between the taps of each residual convolution of 3 taps.
    dropout : float
        Share of channels dropped in each residual convolution.
    l2 : float
        Weight of the squared kernels of the residual convolutions in the loss.
    momentum : float
        Of batch normalization; lower than Keras's default, so that short trainings count.
    """

    front: tuple[int, int] = (16, 48)
    channels: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    dropout: float = 0.1
    l2: float = 1e-5
    momentum: float = 0.9


@dataclasses.dataclass(frozen=True, slots=True)
class DefaultSizes:
    """Sizes of `default`: those of the model that ships (experiments/diary.md).

    Attributes
    ----------
    front : tuple of int
        Filters of the two convolutions over the long window's bands, and of the one over the
        short window's.
    long_step : int
        Frames from one long window that is looked at to the next; divides `group`.
    channels : int
        Channels of the residual blocks at each frame.
    before, after : tuple of int
        Frames between the taps of the blocks at each frame, before and after the groups.
    group : int
        Frames that are taken together for a wider view.
    group_channels : int
        Channels of the residual blocks over groups.
    dilations : tuple of int
        Groups between the taps of these blocks.
    head : int
        Channels that the outputs are made from.
    dropout : float
        Share of channels dropped in the blocks over groups.
    """

    front: tuple[int, int, int] = (16, 24, 16)
    long_step: int = 4
    channels: int = 96
    before: tuple[int, ...] = (1, 2)
    after: tuple[int, ...] = (1, 2)
    group: int = 4
    group_channels: int = 176
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 8, 4, 1)
    head: int = 64
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.group % self.long_step:
            rule = f"must divide group, {self.group}"
            raise ConfigError([f"sizes.long_step: {rule}, got {self.long_step}"])


@dataclasses.dataclass(frozen=True, slots=True)
class GroupedSizes:
    """Sizes of `grouped`, chosen for its cost in training (experiments/diary.md, Cheaper training).

    Attributes
    ----------
    front : tuple of int
        Filters of the two convolutions over the long window's bands, and of the one over the
        short window's.
    group : int
        Frames that are taken together.
    channels : int
        Channels of the residual blocks over groups.
    dilations : tuple of int
        Groups between the taps of these blocks.
    head : int
        Channels a frame that the outputs are made from.
    dropout : float
        Share of channels dropped in the blocks.
    """

    front: tuple[int, int, int] = (16, 24, 24)
    group: int = 4
    channels: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    head: int = 16
    dropout: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class OnfConvSizes:
    """Sizes of `onf_conv`, those of Onsets and Frames (see `onf_network`).

    Attributes
    ----------
    filters : tuple of int
        Filters of the three convolutions of a stack.
    dense : int
        Units of the dense layer at the end of a stack.
    units : int
        LSTM units, each way, after the onset and the offset stack.
    combining_units : int
        LSTM units, each way, of the last LSTM.
    dropout : float
        Share of numbers dropped after the second and third convolution.
    dense_dropout : float
        Share of features dropped after the dense layer.
    l2 : float
        Weight of the squared input kernels of all LSTMs in the loss.
    momentum : float
        Of the moving means and variances of batch normalization (Keras's default).
    """

    filters: tuple[int, int, int] = (48, 48, 96)
    dense: int = 768
    units: int = 128
    combining_units: int = 128
    dropout: float = 0.25
    dense_dropout: float = 0.5
    l2: float = 0.0
    momentum: float = 0.99


Sizes = PaperSizes | ConvSizes | DefaultSizes | GroupedSizes | OnfConvSizes
ARCHITECTURES: dict[str, type[Sizes]] = {
    "paper": PaperSizes,
    "conv": ConvSizes,
    "default": DefaultSizes,
    "grouped": GroupedSizes,
    "onf_conv": OnfConvSizes,
}
"""The networks by name, each with the class of its sizes."""

GRAPHS = ("conv", "default", "grouped")
"""Those that run as a graph, on one core (`models.registry.graph`), and not in TensorFlow."""

_TUPLE_LENGTHS = {"units": (1, 16), "dilations": (1, 64), "before": (1, 16), "after": (1, 16)}
# Lowest value, and what the value must stay below.
_BOUNDS = {
    "pool": (1, 64), "l2": (0, 10), "dropout": (0, 1), "dense_dropout": (0, 1), "momentum": (0, 1)
}  # fmt: skip


def network_sizes(architecture: str, **sizes: Any) -> Sizes:
    """Check the sizes of a network and fill in the defaults.

    Parameters
    ----------
    architecture : str
        A key of `ARCHITECTURES`.
    **sizes : Any
        Fields of its class of sizes; lists stand for tuples, as from YAML or JSON.

    Returns
    -------
    sizes : PaperSizes, ConvSizes, DefaultSizes, GroupedSizes or OnfConvSizes

    Raises
    ------
    ConfigError
        With one line for each unknown architecture, unknown name or impossible value.
    """
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ConfigError([f"architecture: must be one of {known}, got {architecture!r}"])
    kind = ARCHITECTURES[architecture]
    names = {field.name: field.default for field in dataclasses.fields(kind)}
    faults: list[str] = []
    values: dict[str, Any] = {}
    for name, value in sizes.items():
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0)[0]
            faults.append(f"sizes.{name}: {architecture} has no such size, the nearest is {near}")
            continue
        fault = _fault(name, value, names[name])
        if fault:
            faults.append(f"sizes.{name}: {fault}, got {value!r}")
        values[name] = tuple(value) if isinstance(value, list) else value
    if faults:
        raise ConfigError(faults)
    return kind(**values)


def frame_stride(architecture: str, **sizes: Any) -> int:
    """Say by how many frames an input may be shifted and the output shifts alike.

    Parameters
    ----------
    architecture, **sizes
        As of `network_sizes`.

    Returns
    -------
    frames : int
        1 but for `default` and `grouped`, which look at groups of frames. A song may be cut into
        windows at multiples of it.

    Raises
    ------
    ConfigError
        As `network_sizes`.
    """
    chosen = network_sizes(architecture, **sizes)
    return chosen.group if isinstance(chosen, DefaultSizes | GroupedSizes) else 1


def least_parameters(architecture: str, *, bands: int, **sizes: Any) -> int:
    """Return a lower bound of the weights of a network that runs in Keras alone.

    Layers that grow with the square of a size count; the whole has at most some times as many. So
    a file that claims a network of a size that it does not hold is known before it is built.

    Parameters
    ----------
    architecture, **sizes
        As of `network_sizes`.
    bands : int
        Numbers per frame of the features.

    Returns
    -------
    parameters : int
        0 for networks that run as a graph.

    Raises
    ------
    ConfigError
        As `network_sizes`.
    """
    chosen = network_sizes(architecture, **sizes)
    if isinstance(chosen, PaperSizes):
        recurrent = [*(units for units in chosen.units for _ in range(3)), chosen.combining_units]
        return sum(8 * units**2 for units in recurrent)
    if isinstance(chosen, OnfConvSizes):
        first, second, third = chosen.filters
        stack = 9 * (first * second + second * third) + bands // 4 * third * chosen.dense
        recurrent = [chosen.units, chosen.units, chosen.combining_units]
        return 3 * stack + sum(8 * units**2 for units in recurrent)
    return 0


def feature_faults(architecture: str, *, bands: int, short_bands: int, **sizes: Any) -> list[str]:
    """Say why a network cannot work on features.

    Parameters
    ----------
    architecture, **sizes
        As of `network_sizes`.
    bands : int
        Numbers a frame of the features.
    short_bands : int
        Of detailed features (`features.spec.FeatureSpec`), else 0.

    Returns
    -------
    faults : list of str
        A line each: key, rule and value; none if it can.

    Raises
    ------
    ConfigError
        As `network_sizes`.
    """
    chosen = network_sizes(architecture, **sizes)
    if isinstance(chosen, DefaultSizes | GroupedSizes) and not short_bands:
        return [f"architecture: {architecture} needs features.short_bands above 0, got 0"]
    if isinstance(chosen, PaperSizes) and chosen.pool > min(bands, 2 * min(chosen.units)):
        return [f"sizes.pool: must be at most the features, got {chosen.pool}"]
    if isinstance(chosen, OnfConvSizes) and bands < 4:
        return [f"features.mel_bands: onf_conv needs 4 or more, got {bands}"]
    return []


def _fault(name: str, value: Any, default: Any) -> str | None:
    """Say which rule a value breaks, if any."""
    low, high = _BOUNDS.get(name, (1, 4097))
    if isinstance(default, tuple):
        shortest, longest = _TUPLE_LENGTHS.get(name, (len(default), len(default)))
        if not isinstance(value, list | tuple) or not shortest <= len(value) <= longest:
            length = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
            return f"must be a list of {length} integers"
        good = all(_is_integer(item) and low <= item < high for item in value)
        return None if good else f"must be integers from {low} to {high - 1}"
    if isinstance(default, int):
        good = _is_integer(value) and low <= value < high
        return None if good else f"must be an integer from {low} to {high - 1}"
    good = isinstance(value, int | float) and not isinstance(value, bool) and low <= value < high
    return None if good else f"must be a number, at least {low} and below {high}"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
