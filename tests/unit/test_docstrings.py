"""Public functions say what they take and what they give."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import deep_plunder

MODULES = sorted(Path(deep_plunder.__file__).parent.rglob("*.py"))
EXEMPT = {"property", "cached_property", "overload", "setter"}
NOTHING = {"None", "NoReturn", "Iterator[None]", "Generator[None]"}


def public(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            if "Protocol" not in {ast.unparse(base).split("[")[0] for base in node.bases}:
                yield from public(node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            marks = {re.split(r"\W", ast.unparse(mark))[-1] for mark in node.decorator_list}
            if not marks & EXEMPT and node.name != "main":
                yield within + node.name, node


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args)]
    names += [f"*{given.vararg.arg}"] if given.vararg else []
    names += [arg.arg for arg in given.kwonlyargs]
    names += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return [name for name in names if name not in {"self", "cls"}]


def sections(function: ast.FunctionDef) -> dict[str, str]:
    parts = re.split(r"^(\w[\w ]*)\n-+$", ast.get_docstring(function) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(section: str) -> list[str]:
    heads = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: :.*)?$", section, flags=re.MULTILINE)
    return [name for head in heads for name in head.split(", ")]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_public_functions_say_what_they_take_and_give(module: Path) -> None:
    faults = []
    for name, function in public(ast.parse(module.read_text(encoding="utf-8")).body):
        found, taken = sections(function), parameters(function)
        if sorted(documented(found.get("Parameters", ""))) != sorted(taken):
            faults.append(f"{name}: Parameters must name {', '.join(taken)}")
        gives = ast.unparse(function.returns) not in NOTHING if function.returns else False
        if gives and not found.keys() & {"Returns", "Yields"}:
            faults.append(f"{name}: Returns or Yields is missing")
    assert not faults, "\n".join(faults)
