"""Pages wrap, their links lead somewhere, and their examples are true."""

import ast
import doctest
import importlib
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AWAY = {".venv", "build", "results", "node_modules"}
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in AWAY for part in path.relative_to(ROOT).parts[:-1])
)
WIDTH = 100

pages = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def prose(text: str) -> list[str]:
    """Return the lines of a page that can be wrapped: no code, no table, no picture."""
    text = re.sub(r"^( *)(`{3,})[^\n]*\n.*?^\1\2 *$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for line in text.splitlines() if not re.match(r"\||\[?!\[|    |<summary>", line)]


def slug(heading: str) -> str:
    """Return the anchor that a heading gets."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
    return kept.strip().replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)}


def test_there_are_pages() -> None:
    assert ROOT / "README.md" in PAGES and ROOT / "docs" / "index.md" in PAGES


@pages
def test_lines_wrap(page: Path) -> None:
    long = [line for line in prose(page.read_text(encoding="utf-8")) if len(line) > WIDTH]
    # A link is one word.
    assert [line for line in long if " " in line.strip().lstrip("-* ")] == []


@pages
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.DOTALL)
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        # The build writes the pages of modules.
        if path.parent == ROOT / "docs" / "reference" / "api":
            module = path.stem.replace(".", "/")
            found = ROOT / "workflow" / "lib" / module
            if not (found.is_dir() or found.with_suffix(".py").is_file()):
                dead.append(target)
        elif not path.exists() or (
            anchor and path.suffix == ".md" and anchor not in included_anchors(path)
        ):
            dead.append(target)
    assert dead == []


def included_anchors(page: Path) -> set[str]:
    """Return the anchors of a page and of the pages that it includes."""
    includes = re.findall(r"^```\{include\} (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return anchors(page).union(*(anchors(page.parent / name) for name in includes))


@pages
def test_examples_are_true(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```pycon\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert doctest.DocTestRunner().run(test).failed == 0


@pages
def test_imports_name_what_is_there(page: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.DOTALL):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deep_plunder."):
                # The page on stages has a placeholder.
                if node.module == "deep_plunder.package.module":
                    continue
                module = importlib.import_module(str(node.module))
                for alias in node.names:
                    name = f"{node.module}.{alias.name}"
                    assert hasattr(module, alias.name) or importlib.util.find_spec(name), name


def test_the_extras_have_what_builds_the_site() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    names = {re.split(r"\W{2}|>", name)[0] for name in extras["docs"]}
    assert names == {"deep-plunder[workflow]", "furo", "myst-parser", "numpydoc", "sphinx"}
    assert any("docs" in name for name in extras["test"])
