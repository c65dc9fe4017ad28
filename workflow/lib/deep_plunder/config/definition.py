"""The whole configuration, assembled from the settings of the packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge, Len

from deep_plunder.config.names import Name
from deep_plunder.config.storage import StorageSpec
from deep_plunder.corpus.gather.spec import GatherSpec
from deep_plunder.corpus.spec import ChoiceSpec, LibrarySpec, ModuleSpec, SongSpec, SplitSpec
from deep_plunder.demo.spec import DemoSpec
from deep_plunder.evaluation.probes.spec import PROBES, ProbeSpec
from deep_plunder.evaluation.spec import Baselines, CalibrationSpec, EvaluationSpec
from deep_plunder.extraction.spec import ExtractionSpec
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.spec import MixSetSpec
from deep_plunder.training.model_spec import ModelSpec
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.util.bounds import Must, Text
from deep_plunder.util.settings import Settings

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["Configuration", "adapter"]

_FREE = Must(lambda name: name != PROBES, "is the name of the bench of probes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(Settings):
    """All keys of a configuration."""

    seed: Annotated[int, Ge(0)] = 2020
    """Seed of all random choices: the same seed gives the same bytes. Source: ours, the year of the
    paper."""
    demo: DemoSpec = field(default_factory=DemoSpec)
    gather: GatherSpec = field(default_factory=GatherSpec)
    storage: StorageSpec = field(default_factory=StorageSpec)
    library: LibrarySpec
    songs: SongSpec
    modules: ModuleSpec = field(default_factory=ModuleSpec)
    choices: ChoiceSpec = field(default_factory=ChoiceSpec)
    split: SplitSpec = field(default_factory=SplitSpec)
    mixes: MixSetSpec = field(default_factory=MixSetSpec)
    scenes: SceneSpec = field(default_factory=SceneSpec)
    features: FeatureSpec = field(default_factory=FeatureSpec)
    models: Annotated[dict[Name, ModelSpec], Len(1)]
    """The models to train and evaluate side by side, each under a name of your own."""
    training: TrainingSpec = field(default_factory=TrainingSpec)
    evaluation: EvaluationSpec = field(default_factory=EvaluationSpec)
    baselines: Baselines = ()
    """Finders to score beside the models. onsets cuts at every onset, silence at every silence,
    forest is a random forest, and shipped is the model that ships (resources/models/shipped.md).
    Source: the paper, section 6, asks for baselines and names none."""
    realbench: dict[Annotated[Name, _FREE], Text] = field(default_factory=dict)
    """Real music with exactly known isolated sounds, on which models and baselines are scored: a
    name and a folder each. A folder holds a bench (see below), tracker modules, or
    songs of two recordings, with solo phrases or without.
    `results/modules/validation` and `results/modules/test` stand for the modules of these splits.
    Source: ours."""
    probes: ProbeSpec = field(default_factory=ProbeSpec)
    calibration: CalibrationSpec = field(default_factory=CalibrationSpec)
    extraction: ExtractionSpec = field(default_factory=ExtractionSpec)


@lru_cache(maxsize=1)
def adapter() -> TypeAdapter[Any]:
    """Return pydantic's validator of the configuration.

    Returns
    -------
    adapter : pydantic.TypeAdapter
        The validator of `Configuration`. It finds every fault of type, bound, name or missing key
        at once.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(Configuration)
