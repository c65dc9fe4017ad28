"""The bench of solo phrases in a run of the workflow, from packages that stand in."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.corpus.gather.packages import Package
from deep_plunder.util.tables import write_records
from tests.packages import encoded, package, resources, struck

from .conftest import Run, changed

pytestmark = pytest.mark.workflow

INSTRUMENTS = "usr/share/gcompris-qt/rcc/instruments.rcc"


def write_packages(folder: Path) -> Path:
    """Write a package of a song of two recordings, and one of solo phrases; return their table."""
    rng = np.random.default_rng(5)
    stems = {
        f"usr/s/band/{name}.ogg": encoded(
            rng.normal(0, 0.1, (6 * 44100, 2)), 44100, "OGG", "VORBIS"
        )
        for name in ("guitar", "song")
    }
    phrase = encoded(np.concatenate([struck(seed) for seed in range(3)]), 44100, "OGG", "VORBIS")
    phrases = resources({"a/flute.ogg": phrase, "a/piano.ogg": phrase})
    rows = [
        package(folder, "solos", "bands", stems),
        package(folder, "solos", "phrases", {INSTRUMENTS: phrases}),
    ]
    table = folder / "packages.tsv"
    write_records(table, Package, rows)
    return table


def test_the_bench_of_solo_phrases_is_gathered_rendered_and_scored(
    copy_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = copy_run()
    debs = tmp_path / "debs"
    run.config = changed(
        gather={"debs": str(debs), "packages": str(write_packages(debs))},
        realbench={"solos": "results/corpus/solos"},
        baselines=["onsets"],
    )
    target = "results/realbench/solos/onsets/scores.tsv"
    outcome = run.snakemake("--cores", "1", target)
    assert outcome.code == 0, outcome.text[-6000:]
    for rule in ("gather_packages", "gather_solos", "render_solos", "score_bench"):
        assert outcome.rules[rule] == 1
    assert [path.name for path in (run.results / "corpus/solos/phrases").iterdir()] == ["flute.ogg"]
    head, row, _ = (line.split("\t") for line in (run.folder / target).read_text().splitlines())
    # A cut at every onset finds notes in the pause.
    assert float(dict(zip(head, row, strict=True))["note_micro_recall"]) > 60
    assert run.snakemake("--dry-run", target).rules == {}
