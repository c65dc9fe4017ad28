"""The architecture page names what is there, and its picture shows the imports as they are."""

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "workflow" / "lib" / "deep_plunder"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table below a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1]
    rows = re.search(r"(^\|.*\n)+", section, flags=re.MULTILINE)
    assert rows
    lines = rows[0].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_picture_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "draw_layers.py"))
    committed = script["PICTURE"].read_text(encoding="utf-8")
    assert committed == script["drawing"](), "python docs/draw_layers.py draws it anew"


def test_reduced_edges_reach_the_same_packages() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "draw_layers.py"))
    pairs = {("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d"), ("e", "d")}
    assert script["reduced"](pairs) == [("a", "b"), ("b", "c"), ("c", "d"), ("e", "d")]


def test_every_package_is_in_the_table_in_the_order_of_the_layers() -> None:
    layers = runpy.run_path(str(ROOT / "docs" / "draw_layers.py"))["layers"]()
    order = {name: number for number, layer in enumerate(layers) for name in layer}
    named = [row[0].strip("`") for row in table("Packages")]
    assert sorted(named) == sorted(order)
    assert [order[name] for name in named] == sorted(order[name] for name in named)


def test_each_question_names_one_or_two_files_that_exist() -> None:
    rows = table("Where do I change ...?")
    assert len(rows) == 34
    for question, cell in rows:
        files = re.findall(r"`([^`]+)`", cell)
        assert question.endswith("?") and 1 <= len(files) <= 2
        for name in files:
            assert (PACKAGE / name).is_file() or (ROOT / name).is_file(), name


def test_the_modules_of_the_text_exist() -> None:
    text = PAGE.split("\n## One song\n")[1].split("\n## Where do I change")[0]
    packages = {row[0].strip("`") for row in table("Packages")}
    for name in re.findall(r"`([a-z_.0-9]+)`", text):
        parts = name.split(".")
        if parts[0] not in packages or len(parts) < 2:
            continue
        found = [PACKAGE.joinpath(*parts[:stop]) for stop in (len(parts), len(parts) - 1)]
        assert any(path.is_dir() or path.with_suffix(".py").is_file() for path in found), name
