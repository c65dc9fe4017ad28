"""The settings of the evaluation, and the names of the baselines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from deep_plunder.util.bounds import Fraction, Must, one_of
from deep_plunder.util.resources import SHIPPED
from deep_plunder.util.settings import Settings

__all__ = ["BASELINES", "Baselines", "CalibrationSpec", "EvaluationSpec", "Reference"]

BASELINES = ("onsets", "silence", "forest")
"""Names of the baselines: finders without a network (`evaluation.baselines.named`)."""

Reference = Literal["tsv", "labels"]
Baselines = Annotated[
    tuple[Annotated[str, one_of((*BASELINES, SHIPPED))], ...],
    Must(
        lambda names: len(set(names)) == len(names),
        "must not hold anything twice",
        {"uniqueItems": True},
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSpec(Settings):
    """How models are compared with the truth of the mixes."""

    section: ClassVar[str] = "evaluation"

    onset_threshold: Fraction = 0.5
    """An onset is where the onset output rises above this. Unit: probability. Source: the
    author's port, the paper does not say."""
    frame_threshold: Fraction = 0.5
    """A sound goes on while the frame output is above this. Unit: probability. Source: the
    author's port, the paper does not say."""
    reference: Reference = "tsv"
    """Reference that models are compared with: tsv is the true regions of a mix, labels is its
    frame labels, decoded in the same way as a model's outputs. Source: ours; the paper's is
    labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSpec(Settings):
    """How trained models are calibrated."""

    section: ClassVar[str] = "calibration"

    bench: str | None = None
    """The bench of `realbench` on which each trained model is calibrated: its thresholds are
    chosen and its scores are turned into probabilities. null calibrates none. Models of the
    architecture paper, and models that find nothing usable on the bench, stay uncalibrated.
    Source: ours; the paper has one way for all."""
