"""Each package says in its docstring which modules it has, and does nothing else."""

import ast
from pathlib import Path

import pytest

import deep_plunder

PACKAGE = Path(deep_plunder.__file__).parent
FACES = sorted(PACKAGE.rglob("*/__init__.py"))


def summary(module: Path) -> str:
    """Return the first sentence of a module's docstring on one line."""
    path = module / "__init__.py" if module.is_dir() else module
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def modules(package: Path) -> list[Path]:
    found = [path for path in package.iterdir() if path.suffix == ".py" or path.is_dir()]
    return sorted(path for path in found if not path.name.startswith("__"))


@pytest.mark.parametrize("face", FACES, ids=lambda path: str(path.parent.relative_to(PACKAGE)))
def test_a_package_is_a_docstring_that_lists_its_modules(face: Path) -> None:
    tree = ast.parse(face.read_text(encoding="utf-8"))
    assert len(tree.body) == 1
    text = ast.get_docstring(tree) or ""
    listed = [" ".join(item.split()) for item in text.split("\n- ")[1:]]
    assert listed == [f"`{path.stem}`: {summary(path)}" for path in modules(face.parent)]


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}
