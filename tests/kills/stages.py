"""The stages that are disturbed, and what each leaves."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from deep_plunder.models.card import digest_of_model
from deep_plunder.util.plotting import FORMATS

__all__ = ["STAGES", "Stage", "content"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the workflow.

    Attributes
    ----------
    targets : tuple of str
        The files to ask for, below ``results``. Every file that lies in `made` after a whole run is
        one of them, or is made together with one of them.
    made : tuple of str
        The files and folders that it makes, below ``results``.
    """

    targets: tuple[str, ...]
    made: tuple[str, ...]

    def remove(self, results: Path) -> None:
        """Remove what the stage makes."""
        for name in self.made:
            path = results / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _figure(stem: str) -> tuple[str, ...]:
    return tuple(f"{stem}{suffix}" for suffix in FORMATS)


_SHARDS = tuple(
    (split, shard)
    for split, count in (("train", 3), ("validation", 1), ("test", 2))
    for shard in (f"{number:04d}" for number in range(count))
)

STAGES = {
    "library": Stage(("library/sounds.tsv", "library/onsets.json"), ("library",)),
    "songs": Stage(("songs/songs.tsv",), ("songs",)),
    "split": Stage(("splits.tsv",), ("splits.tsv", "splits.tsv.sums")),
    "mixes": Stage(
        tuple(f"mixes/audio/{split}/{shard}" for split, shard in _SHARDS), ("mixes", "cache")
    ),
    "features": Stage(
        tuple(f"features/{split}/{shard}.npy" for split, shard in _SHARDS), ("features",)
    ),
    "training": Stage(
        (
            "models/small/model.keras",
            *_figure("models/small/figure3_network"),
            *_figure("models/small/figure4_losses"),
        ),
        ("models",),
    ),
    "evaluation": Stage(("evaluation/small/table1.tsv", "evaluation/summary.md"), ("evaluation",)),
    "extraction": Stage(("clips.tsv",), ("clips", "clips.tsv", "clips.tsv.sums")),
}
"""The stages of the tests' small corpus, by name."""


def content(results: Path, stage: Stage) -> dict[str, bytes | str]:
    """Return what a stage has made, by file, without what differs from run to run.

    Of a model it is the digest, since archives hold times; of a history, all but the seconds.
    """
    found: dict[str, bytes | str] = {}
    for name in stage.made:
        if name == "cache":
            continue
        top = results / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if not path.is_file() or path.name == ".snakemake_timestamp":
                continue
            key = path.relative_to(results).as_posix()
            if path.name == "history.tsv":
                rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
                found[key] = "\n".join("\t".join(row[:1] + row[2:]) for row in rows)
            elif "checkpoint" in path.parts or path.name == "history.tsv.sums":
                continue
            elif path.suffix == ".keras":
                found[key] = digest_of_model(path)
            else:
                found[key] = path.read_bytes()
    return found
