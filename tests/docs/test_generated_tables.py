"""The tables of the reference are complete."""

import ast
import dataclasses
import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")

pytest.importorskip("sphinx")
sys.path.insert(0, str(ROOT / "docs" / "_extensions"))
from generated_tables import column_rows  # noqa: E402


@dataclasses.dataclass
class First:
    """A row.

    Attributes
    ----------
    onset_s, offset_s : float
        Where it is,
        in seconds.
    """

    onset_s: float
    offset_s: float


@dataclasses.dataclass
class Second(First):
    """A row with more.

    Attributes
    ----------
    name : str
    """

    name: str


def test_columns_are_described_where_they_are_defined() -> None:
    both = "Where it is, in seconds."
    assert column_rows(First) == [("onset_s", "float", both), ("offset_s", "float", both)]
    assert column_rows(Second)[2] == ("name", "str", "")


def test_a_missing_description_is_a_fault() -> None:
    @dataclasses.dataclass
    class Third(First):
        """No section of its own."""

        name: str

    with pytest.raises(ValueError, match="Third: no description of name"):
        column_rows(Third)


def test_without_a_section_the_fields_stand_alone() -> None:
    made = dataclasses.make_dataclass("Made", [("clips", int)], namespace={"__doc__": "A row."})
    assert column_rows(made) == [("clips", "int", "")]


@pytest.mark.parametrize("name", re.findall(r"\{columns\} (\S+)", FILES))
def test_the_tables_of_the_reference_can_be_written(name: str) -> None:
    module, _, record = name.rpartition(".")
    assert column_rows(getattr(importlib.import_module(module), record))


def test_every_record_that_is_written_is_in_the_reference() -> None:
    written = set()
    for folder in ("lib/deep_plunder", "scripts"):
        for path in (ROOT / "workflow" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and "write_records" in ast.unparse(node.func):
                    written.add(ast.unparse(node.args[1]))
    shown = {name.split(".")[-1] for name in re.findall(r"\{columns\} (\S+)", FILES)}
    # One more column than MixAnnotation; the page says so.
    assert written - shown <= {"SceneAnnotation", "SummaryRow", "record"}
