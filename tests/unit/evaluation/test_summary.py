"""Pages of the report: what they hold, and that they stand by themselves."""

from pathlib import Path

import pytest

from deep_plunder.evaluation.summary import ScoreRow, write_summary, write_table_page
from deep_plunder.evaluation.table1 import METRICS, PAPER_TABLE1, TableRow
from deep_plunder.util.tables import read_records, write_records


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    paths = {}
    for number, model in enumerate(["conv", "paper"]):
        rows = [TableRow(*names, 10.0 * number + 0.25, 1.5) for names in METRICS.values()]
        paths[model] = tmp_path / f"{model}.tsv"
        write_records(paths[model], TableRow, rows)
    return paths


def test_summary_holds_every_model_beside_the_paper(tables: dict[str, Path]) -> None:
    folder = tables["conv"].parent
    write_summary(tables, path=folder / "s.tsv", markdown_path=folder / "s.md")
    rows = read_records(folder / "s.tsv", ScoreRow)
    assert [row.model for row in rows] == ["paper (2020)"] * 15 + ["conv"] * 15 + ["paper"] * 15
    assert [(row.mean, row.std) for row in rows[:15]] == [(r.mean, r.std) for r in PAPER_TABLE1]
    lines = (folder / "s.md").read_text(encoding="utf-8").splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    assert [cell.strip() for cell in table[0]] == ["", "conv", "paper", "paper (2020)"]
    assert len(table) == 17
    assert [cell.strip() for cell in table[2]] == [
        "note: precision", "0.2 ± 1.5", "10.2 ± 1.5", "95.6 ± 6.3",
    ]  # fmt: skip
    assert len({len(line) for line in lines if line.startswith("|")}) == 1


def test_table_page(tables: dict[str, Path], tmp_path: Path) -> None:
    write_table_page(tables, path=tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 16
    assert "<td>43.0 ± 17.1</td>" in text
