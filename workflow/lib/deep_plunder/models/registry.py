"""The networks by name.

Each network states itself in a record (`models.architecture.Architecture`) in a module of its own
in `models.networks`. To add a network, write such a module and add its record to
`ARCHITECTURES`: nothing else knows of any network by name.

All networks take features of any number of frames. They return at least three probabilities per
frame: that a sound heard alone begins there (onset), has just ended (offset), is heard (frame).
They consist of Keras 3 layers alone, and run on any backend of Keras.

Networks do not import each other. Rules that plan, render or compute features import none. A rule
that trains or runs models of known architectures depends on their modules (`network_modules`) in
place of this one, so an edit of a network reruns its own trainings and their use alone, and a new
network reruns nothing.
"""

from __future__ import annotations

from typing import Any

from deep_plunder.errors import ConfigError
from deep_plunder.models.architecture import Architecture, Network
from deep_plunder.models.networks import conv, fine, grouped, onf_conv, paper, two_rate

__all__ = ["ARCHITECTURES", "architecture", "network", "network_modules"]

ARCHITECTURES: dict[str, Architecture[Any]] = {
    record.name: record
    for record in (
        paper.ARCHITECTURE,
        conv.ARCHITECTURE,
        two_rate.ARCHITECTURE,
        fine.ARCHITECTURE,
        grouped.ARCHITECTURE,
        onf_conv.ARCHITECTURE,
    )
}
"""The record of each network, by its name."""


def architecture(name: str) -> Architecture[Any]:
    """Return the record of a network.

    Parameters
    ----------
    name : str
        A key of `ARCHITECTURES`.

    Returns
    -------
    architecture : Architecture

    Raises
    ------
    ConfigError
        If there is no such network.

    Examples
    --------
    >>> architecture("conv").runs_as_graph
    True
    """
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ConfigError([f"architecture: must be one of {known}, got {name!r}"])
    return ARCHITECTURES[name]


def network(name: str, **sizes: Any) -> Network:
    """Return a network of some sizes, without weights.

    Parameters
    ----------
    name : str
        A key of `ARCHITECTURES`.
    **sizes : Any
        Its sizes that differ from the defaults; lists stand for tuples, as from YAML or JSON.

    Returns
    -------
    network : Network

    Raises
    ------
    ConfigError
        With one line for an unknown architecture, or for each unknown name or impossible value.

    Examples
    --------
    >>> network("conv", dilations=[1, 2, 4]).receptive_frames
    8
    """
    return architecture(name).with_sizes(**sizes)


def network_modules(*names: str) -> list[str]:
    """Return the modules of networks, as `util.code_version.code_version` takes them.

    Parameters
    ----------
    *names : str
        Keys of `ARCHITECTURES`.

    Returns
    -------
    modules : list of str
        Those inside the package.

    Raises
    ------
    ConfigError
        If there is no such network.

    Examples
    --------
    >>> network_modules("paper", "conv")
    ['models.networks.paper', 'models.networks.conv']
    """
    modules = (architecture(name).sizes.__module__.partition(".") for name in names)
    return [module for package, _, module in modules if package == __package__.partition(".")[0]]
