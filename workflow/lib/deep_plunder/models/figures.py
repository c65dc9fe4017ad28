"""Draw figure 3: a network, from its own layers and shapes.

Each box is a unit: a layer with weights and the layers that follow it in a chain, such as
normalization, activation, pooling and dropout. It shows these layers, the number of weights, and
the shape of the output for each frame. Boxes stand in rows by their distance from the input, so the
paper's three stacks stand side by side as in its Figure 3.
"""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Network
from deep_plunder.util.plotting import COLOURS, ONSET, REGION, new_figure, save

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

__all__ = ["Unit", "draw_network", "network_figure", "units_of"]

# Sizes of a figure in inches.
_BOX_WIDTH, _GAP, _LINE, _MARGIN = 2.1, 0.3, 0.15, 0.25
# Layers that adjust the output of the layer before them.
_FOLLOWERS = ("BatchNormalization", "LayerNormalization")


@dataclasses.dataclass(slots=True)
class Unit:
    """A box of the figure.

    Attributes
    ----------
    name : str
        Name of its first layer or operation.
    is_named : bool
        Whether it begins with a layer. Keras numbers other operations as they are made.
    layers : list of str
        Descriptions of its layers, in order.
    weights : int
        Number of its weights.
    shape : tuple of int
        Shape of its output for each frame.
    sources : list of str
        Names of the units that it takes the outputs of.
    row : int
        Number of units between it and the input, on the longest way.
    """

    name: str
    is_named: bool
    layers: list[str]
    weights: int
    shape: tuple[int, ...]
    sources: list[str]
    row: int = 0


def _describe(operation: Any) -> str:
    """Return the kind of a layer or operation with its main size."""
    kind = type(operation).__name__
    if not hasattr(operation, "weights"):
        return kind
    config = operation.get_config()
    if kind == "Bidirectional":
        below = config["layer"]
        return f"BiLSTM, {below['config']['units']} units each way"
    sizes = {
        "Dense": "{units} {activation}", "Dropout": "{rate:g}", "MaxPooling1D": "{pool_size[0]}",
        "Conv1D": "{filters} of {kernel_size[0]}", "Conv2D": "{filters} of {kernel_size}",
    }  # fmt: skip
    return f"{kind} {sizes.get(kind, '').format(**config)}".strip()


def units_of(model: keras.Model) -> list[Unit]:
    """Return the units of a network.

    Parameters
    ----------
    model : keras.Model
        A network of layers, as `models.architecture.Network.build` returns it.

    Returns
    -------
    units : list of Unit
        Units in the order of the layers. Each layer is in one unit.
    """
    # Operations such as slices are no layers.
    operations = model.operations
    sources: dict[str, list[str]] = {}
    for operation in operations:
        tensors = [tensor for node in operation._inbound_nodes for tensor in node.input_tensors]
        names = (tensor._keras_history.operation.name for tensor in tensors)
        sources[operation.name] = list(dict.fromkeys(names))
    users = Counter(name for names in sources.values() for name in names)
    unit_of: dict[str, Unit] = {}
    for operation in operations:
        before = sources[operation.name]
        variables = getattr(operation, "weights", [])
        weights = sum(int(np.prod(variable.shape)) for variable in variables)
        trains = any(variable.trainable for variable in variables)
        begins = trains and type(operation).__name__ not in _FOLLOWERS
        shape = tuple(size for size in operation.output.shape[2:] if size is not None)
        if len(before) == 1 and users[before[0]] == 1 and not begins:
            unit = unit_of[before[0]]
            unit.layers.append(_describe(operation))
            unit.weights, unit.shape = unit.weights + weights, shape
        else:
            above = list(dict.fromkeys(unit_of[name].name for name in before))
            row = 1 + max((unit_of[name].row for name in before), default=-1)
            layers = [_describe(operation)]
            is_layer = hasattr(operation, "weights")
            unit = Unit(operation.name, is_layer, layers, weights, shape, above, row)
        unit_of[operation.name] = unit
    return list({unit.name: unit for unit in unit_of.values()}.values())


def _places(units: list[Unit]) -> dict[str, tuple[float, float]]:
    """Return the centre of each box from the left, and the top from above, in inches."""
    rows: dict[int, list[Unit]] = {}
    for unit in units:
        rows.setdefault(unit.row, []).append(unit)
    width = max(map(len, rows.values()))
    places: dict[str, tuple[float, float]] = {}
    top = _MARGIN
    for _, row in sorted(rows.items()):
        # Below the units that they take the outputs of.
        def wanted(unit: Unit) -> float:
            return sum(places[name][0] for name in unit.sources) / max(len(unit.sources), 1)

        row.sort(key=wanted)
        for index, unit in enumerate(row):
            column = index + (width - len(row)) / 2
            places[unit.name] = _MARGIN + (column + 0.5) * (_BOX_WIDTH + _GAP), top
        top += max(map(_height, row)) + 1.4 * _GAP
    return places


def _height(unit: Unit) -> float:
    return _LINE * (len(unit.layers) + 2) + 0.12


def network_figure(model: keras.Model, *, title: str = "") -> Figure:
    """Draw a network.

    Parameters
    ----------
    model : keras.Model
        The network.
    title : str
        Line above the figure. The number of weights follows it.

    Returns
    -------
    figure : matplotlib.figure.Figure
    """
    from matplotlib.patches import FancyBboxPatch

    units = units_of(model)
    places = _places(units)
    outputs = {tensor._keras_history.operation.name for tensor in model.outputs}
    width = max(x for x, _ in places.values()) + _BOX_WIDTH / 2 + _GAP / 2 + _MARGIN
    height = max(places[unit.name][1] + _height(unit) for unit in units) + _MARGIN
    figure = new_figure(max(width, 5), height + 0.4)
    axes = figure.add_subplot()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_aspect("equal")
    axes.axis("off")
    for unit in units:
        x, top = places[unit.name]
        colour = REGION if unit.name in outputs else ONSET if unit.row == 0 else COLOURS[2]
        corner = (x - _BOX_WIDTH / 2, top)
        axes.add_patch(
            FancyBboxPatch(
                corner, _BOX_WIDTH, _height(unit), boxstyle="round,pad=0,rounding_size=0.06",
                facecolor="white", edgecolor=colour, linewidth=1.2,
            )
        )  # fmt: skip
        shape = " x ".join(map(str, ("frames", *unit.shape)))
        lines = [
            unit.name if unit.is_named else "",
            *unit.layers,
            f"{shape}; {unit.weights:,} weights",
        ]
        for number, line in enumerate(lines):
            colour = COLOURS[0] if number < len(lines) - 1 else "#666666"
            axes.text(
                x, top + 0.06 + (number + 0.5) * _LINE, line, fontsize=6.5, ha="center",
                va="center", color=colour, parse_math=False,
                fontweight="normal" if number else "bold",
            )  # fmt: skip
        for source in unit.sources:
            before = next(other for other in units if other.name == source)
            begin = places[source][0], places[source][1] + _height(before)
            axes.annotate(
                "", (x, top), begin,
                arrowprops={"arrowstyle": "-|>", "color": "#888888", "linewidth": 0.8},
            )  # fmt: skip
    figure.suptitle(f"{title}: {model.count_params():,} weights", fontsize=9, parse_math=False)
    return figure


def draw_network(
    path: str | os.PathLike[str], network: Network, spec: FeatureSpec, *, title: str = ""
) -> None:
    """Build a network and draw it to a file.

    Parameters
    ----------
    path : path-like
        The figure.
    network : Network
        Its architecture and sizes.
    spec : FeatureSpec
        Parameters of the features that it takes.
    title : str
        Name of the model.

    Raises
    ------
    ConfigError
        If the network cannot work on such features.

    References
    ----------
    Braun, "Deep Plunder", 2020, Figure 3.
    """
    figure = network_figure(network.build(spec), title=f"{title} ({network.name})")
    save(figure, path)
