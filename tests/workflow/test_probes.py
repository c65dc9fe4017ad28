"""Probes in a run of the whole workflow."""

from collections.abc import Callable

import pytest

from .conftest import Run, changed
from .test_realbench import embolden, write_bench

pytestmark = pytest.mark.workflow


def test_finders_are_compared_on_probes_and_on_changed_songs(copy_run: Callable[..., Run]) -> None:
    run = copy_run()
    write_bench(run.folder / "bench")
    embolden(run.results / "models" / "small" / "model.keras")
    run.config = changed(
        realbench={"tiny": "bench"},
        baselines=["silence"],
        probes={"events": 3, "bench": "tiny", "songs": 1},
    )
    outcome = run.snakemake("--cores", "2", "--", "results/probes/summary.md")
    assert outcome.code == 0, outcome.text[-6000:]
    for rule, jobs in {"plan_probes": 1, "render_probes": 1, "find_by_model": 2,
                       "find_by_baseline": 1, "find_in_variants": 1, "score_probes": 2,
                       "compare_probes": 1}.items():  # fmt: skip
        assert outcome.rules[rule] == jobs
    lines = (run.results / "probes" / "summary.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    assert cells[0] == ["", "bar", "small", "silence"]
    rows = {row[0]: row[1:] for row in cells}
    # Sounds between silences: the baseline finds all of them, together or alone.
    assert rows["alone"][2].startswith("100.0 (") and rows["pair"][2].startswith("100.0 (")
    again = run.snakemake("--dry-run", "--", "results/probes/summary.md")
    assert again.code == 0 and again.rules == {}
