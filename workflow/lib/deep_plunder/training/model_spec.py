"""The settings of a model: an entry of the section ``models`` of the configuration.

The module imports the registry of networks, so it stands apart from `training.spec`: code that
only draws the losses of a training does not depend on any network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from deep_plunder.models.registry import ARCHITECTURES
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.util.bounds import Text, one_of
from deep_plunder.util.settings import Overlay, Settings

__all__ = ["ModelSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec(Settings):
    """A model to train, or a trained one: an entry of the section ``models``."""

    section: ClassVar[str] = "models"

    architecture: Annotated[str, one_of(tuple(ARCHITECTURES))] | None = None
    """Name of the network to train (see Sizes below). The model that ships has `two_rate`. Needed
    unless `file` is given. Source: ours."""
    file: Text | None = None
    """Trained model to evaluate and use as it is: `shipped`, `shipped-paper` or a file. Such a
    model is neither trained nor calibrated, and takes no other keys. Source: ours."""
    sizes: dict[str, Any] = field(default_factory=dict)
    """Sizes of the network (see Sizes below). Sizes that are left out get their defaults. Source:
    the architecture's own."""
    start: str | None = None
    """Model to begin with: another of `models`, `shipped`, `shipped-paper`, or a file. It must
    have the same architecture, sizes and features. null begins with random weights. Source:
    ours."""
    teachers: tuple[str, ...] = ()
    """Models to learn from in place of the labels, or beside them (`training.label_share`):
    others of `models`, `shipped`, `shipped-paper`, or files. The network learns the mean of their
    outputs. They must hear the same features, and may differ in architecture and sizes. Source:
    ours, after Hinton et al., 2015."""
    seed: Annotated[int, Ge(0)] | None = None
    """Seed of this model's initial weights, dropout and batches. null takes `seed`. Source:
    ours."""
    training: Annotated[TrainingSpec, Overlay()] = field(default_factory=TrainingSpec)
    """Keys of `training` that differ for this model. Source: `training`."""
