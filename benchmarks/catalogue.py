"""The list of benchmarks, and the setup of a run."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from pathlib import Path

from deep_plunder.mixes.store import Store

from .corpus import Corpus, corpus

__all__ = ["BENCHMARKS", "Entry", "Setup"]


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A benchmark.

    Attributes
    ----------
    module : str
        Module of `benchmarks` whose function ``run(setup)`` returns a `harness.Result`.
    packages : tuple of str
        Distributions whose versions are stored with the result.
    rounds : int
        Turns of each side.
    """

    module: str
    packages: tuple[str, ...]
    rounds: int = 5


@dataclasses.dataclass(frozen=True)
class Setup:
    """The setup of a benchmark.

    Attributes
    ----------
    name : str
        Name of the benchmark.
    folder : Path
        An empty folder for its files, removed afterwards.
    quick : bool
        Whether to use small inputs, only to show that it runs.
    rounds : int
        Turns of each side.
    """

    name: str
    folder: Path
    quick: bool
    rounds: int

    @cached_property
    def corpus(self) -> Corpus:
        """The sounds and songs."""
        return corpus(quick=self.quick)

    @cached_property
    def store(self) -> Store:
        """The store that the jobs of a run share, with its default limit of size."""
        return Store(self.folder / "store", limit_bytes=4e9)


_AUDIO = ("numpy", "scipy", "librosa", "soundfile", "soxr")
_KERAS = ("numpy", "keras", "tensorflow-cpu", "tensorflow")
_EXTRACTION = (*_AUDIO, "onnxruntime")

BENCHMARKS = {
    "logmel": Entry("logmel", _AUDIO, 15),
    "onsets": Entry("onsets", _AUDIO, 7),
    "mix": Entry("mix", _AUDIO),
    "mix-cold": Entry("mix", _AUDIO),
    "mix-whole": Entry("mix", _AUDIO),
    "mix-scaper": Entry("mix_scaper", (*_AUDIO, "scaper", "sox", "soxbindings")),
    "features": Entry("features", _AUDIO),
    "features-whole": Entry("features", _AUDIO),
    "train-paper": Entry("train_paper", _KERAS),
    "train-grouped": Entry("train_grouped", _KERAS),
    "infer-shipped": Entry("infer_shipped", (*_KERAS, "onnxruntime")),
    "load": Entry("load", ("numpy",), 9),
    "checksums-mixes": Entry("checksums", _AUDIO, 15),
    "checksums-cold": Entry("checksums", _AUDIO),
    "checksums-features": Entry("checksums", _AUDIO, 15),
    "checksums-wav": Entry("checksums", _AUDIO, 15),
    "help": Entry("command_help", (), 15),
    "extract": Entry("extract", _EXTRACTION),
    "extract-fine": Entry("extract_fine", (*_EXTRACTION, "keras", "tensorflow-cpu", "tensorflow")),
    "extract-basic-pitch": Entry("extract", (*_EXTRACTION, "basic-pitch")),
    "extract-madmom": Entry("extract", (*_EXTRACTION, "madmom")),
    "extract-librosa": Entry("extract", _EXTRACTION),
    "scale": Entry("scale", _AUDIO),
}
"""All benchmarks by name, in the order in which ``all`` runs them."""
