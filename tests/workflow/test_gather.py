"""The public corpus as a stage of the workflow, from a folder of packages that stands in."""

from pathlib import Path
from typing import Any

import pytest

from tests.packages import package, write_corpus_packages

from .conftest import Run, changed

pytestmark = pytest.mark.workflow

TARGETS = (
    "results/library/sounds.tsv",
    "results/songs/songs.tsv",
    "results/corpus/modules",
    "results/corpus/licences/modules",
)


def configured(table: Path, debs: Path | None) -> dict[str, Any]:
    return changed(
        gather={"debs": None if debs is None else str(debs), "packages": str(table)},
        library={"path": "results/corpus/library"},
        songs={
            "sources": ["results/corpus/playlist.txt"],
            "path_map": [
                "Macintosh HD:Users:me:Music:iTunes:iTunes Media:Music:=results/corpus/songs/"
            ],
            "min_duration_s": 60,
        },
    )


def rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[1:]


def test_the_corpus_is_gathered_once_and_anew_where_the_table_changes(tmp_path: Path) -> None:
    debs = tmp_path / "debs"
    table = write_corpus_packages(debs).rename(tmp_path / "packages.tsv")
    run = Run(tmp_path / "run", config=configured(table, debs))
    run.folder.mkdir()
    outcome = run.snakemake("--cores", "2", *TARGETS)
    assert outcome.code == 0, outcome.text
    assert outcome.rules == {
        "gather_packages": 3, "gather_library": 1, "gather_songs": 1, "gather_modules": 1,
        "library": 1, "songs": 1,
    }  # fmt: skip
    assert len(rows(run.results / "library/sounds.tsv")) == 4
    assert len(rows(run.results / "songs/songs.tsv")) == 3
    assert rows(run.results / "songs/rejected.tsv") == []
    assert (run.results / "corpus/modules/tracked__tune.xm").is_file()
    assert len(rows(run.results / "corpus/licences/library/licences.tsv")) == 4

    # Where the packages come from changes nothing; what the table says does.
    moved = debs.rename(tmp_path / "moved")
    run.config = configured(table, moved)
    assert run.snakemake("--dry-run", *TARGETS).rules == {}
    other = package(moved, "modules", "more", {"usr/share/t/tune.it": b"2" * 4000})
    cells = [other.part, other.package, other.version, other.architecture, other.sha256, "CC0-1.0"]
    table.write_text(table.read_text() + "\t".join(cells) + "\n")
    planned = run.snakemake("--dry-run", *TARGETS).rules
    assert planned == {"gather_packages": 1, "gather_modules": 1}
    package(moved, "modules", "tracked", {"usr/share/t/tune.xm": b"2" * 4000})
    outcome = run.snakemake("--cores", "1", *TARGETS)
    assert outcome.code != 0
    told = f"gather_packages: {moved}/tracked_1%3a1.0-1_all.deb: altered: sha256 must be "
    assert told in outcome.text
    assert "Traceback" not in outcome.text


def test_a_folder_without_the_packages_is_told(tmp_path: Path) -> None:
    debs = tmp_path / "debs"
    table = write_corpus_packages(debs)
    (debs / "music_1%3a1.0-1_all.deb").unlink()
    run = Run(tmp_path / "run", config=configured(table, debs))
    run.folder.mkdir()
    outcome = run.snakemake("--cores", "1", "results/songs/songs.tsv")
    assert outcome.code != 0
    assert f"gather_packages: {debs}: music_1%3a1.0-1_all.deb is not there" in outcome.text
    assert not (run.results / "corpus/songs").exists()
    run.config["gather"]["debs"] = str(tmp_path / "gone")
    outcome = run.snakemake("--cores", "1", "results/songs/songs.tsv")
    assert f"config.yaml: gather.debs: must be there, but '{tmp_path}/gone' is not" in outcome.text


def test_the_modules_are_a_bench(tmp_path: Path) -> None:
    config = configured(write_corpus_packages(tmp_path), tmp_path)
    config["realbench"] = {"games": "results/corpus/modules"}
    (tmp_path / "run").mkdir()
    outcome = Run(tmp_path / "run", config=config).snakemake("--dry-run", "results/benches/games")
    if "libopenmpt" in outcome.text:
        pytest.skip("libopenmpt is not there")
    assert outcome.rules == {"gather_packages": 1, "gather_modules": 1, "render_modules": 1}
