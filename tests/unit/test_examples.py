"""The examples in docstrings are true, and every public function of some packages has one."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

import deep_plunder

PACKAGE = Path(deep_plunder.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)
# All public functions of these have an example ...
SHOWN = ("corpus", "decoding", "extraction", "features", "mixes")
# ... but those that take a package of Debian, a soundfont, a patch, a resource of Qt or a tracker
# module.
EXEMPT = {
    "join_scans", "obtain_packages", "play", "play_part", "read_patch", "read_resources",
    "read_truth",
    "render_module", "render_parts", "scan_modules", "unpack", "write_library", "write_modules",
    "write_part", "write_solos", "write_songs",
}  # fmt: skip
EXEMPT_FOLDERS = ("gather", "modules")


@pytest.mark.parametrize("package", SHOWN)
def test_every_public_function_has_an_example(package: str) -> None:
    lacking = []
    for path in sorted((PACKAGE / package).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = {
            name
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            for name in ast.literal_eval(node.value)
        }
        lacking += [
            f"{path.relative_to(PACKAGE)}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and node.name in public
            and ">>>" not in (ast.get_docstring(node) or "")
            and not (node.name in EXEMPT and path.parent.name in EXEMPT_FOLDERS)
        ]
    assert lacking == []


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_are_true(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.attempted and not tried.failed
