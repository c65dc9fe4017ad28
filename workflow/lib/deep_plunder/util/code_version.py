"""Compute a version of the code that a stage runs, so that an edit reruns only its users.

Snakemake sees changes of a script, but not of the modules that the script imports. The version
of a stage is a digest of the syntax trees of its script, of the package's modules that the
script imports, and of everything that those import inside the package. Files beside a module that
bear its name, such as ``gallery.css`` beside ``gallery.py``, count with it. Comments and layout are
not part of a syntax tree, and docstrings (also those below a field or a constant) are removed, so
editing them changes no version. Imports inside functions count like those at the top; imports
under ``if TYPE_CHECKING:`` never run and do not count.
"""

from __future__ import annotations

import ast
import glob
import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from deep_plunder.errors import InputError

__all__ = ["code_version"]

_PACKAGE = Path(__file__).resolve().parents[1]
_DATA_SUFFIXES = (".css", ".js")


def code_version(
    *modules: str,
    scripts: Sequence[str | os.PathLike[str]] = (),
    without: Sequence[str] = (),
    package: str | os.PathLike[str] = _PACKAGE,
) -> str:
    """Compute a digest of modules, scripts and all that they import inside the package.

    Parameters
    ----------
    *modules : str
        Names inside the package, e.g. ``"errors"`` or ``"mixes.plan"``.
    scripts : sequence of path-like
        Python files outside the package. Their imports from the package, and from their own
        folder, count too.
    without : sequence of str
        Packages or modules inside the package that are imported but never run in this case, e.g.
        ``"mixes.scenes"`` where only the paper's mixes are rendered. They do not count, nor do
        the modules that only they import.
    package : path-like
        The folder of the package.

    Returns
    -------
    version : str
        16 hexadecimal digits.

    Raises
    ------
    InputError
        If a module or script does not exist or is not Python.
    """
    digest = hashlib.sha256()
    for path in _closure(modules, scripts, Path(package), without):
        digest.update(f"{path.name}\0{_parse(path, path.stat().st_mtime_ns)[0]}\0".encode())
        for beside in sorted(path.parent.glob(f"{glob.escape(path.stem)}.*")):
            if beside.suffix in _DATA_SUFFIXES:
                digest.update(beside.name.encode() + b"\0" + beside.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _closure(
    modules: Sequence[str],
    scripts: Sequence[str | os.PathLike[str]],
    package: Path,
    without: Sequence[str] = (),
) -> list[Path]:
    left_out = [package.joinpath(*name.split(".")) for name in without]
    waiting = [Path(script) for script in scripts]
    for name in modules:
        found = _file(package, name)
        if found is None:
            raise InputError(f"{package}: has no module {name!r}")
        waiting.append(found)
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if not path.is_file():
            raise InputError(f"{path}: there is no such script")
        waiting += (
            used
            for used in _used_files(path, package)
            if not any(used.with_suffix("").is_relative_to(place) for place in left_out)
        )
    return sorted(seen)


def _file(package: Path, name: str) -> Path | None:
    if not name:
        return None
    base = package.joinpath(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _used_files(path: Path, package: Path) -> Iterator[Path]:
    inside = path.is_relative_to(package)
    # Where a relative import begins, as names below the package.
    place = list(path.relative_to(package).parts[:-1]) if inside else []
    for level, module, names in _parse(path, path.stat().st_mtime_ns)[1]:
        if level:
            if not inside:
                continue
            base = [*place[: len(place) - (level - 1)], *module.split(".")]
        elif module.split(".")[0] == package.name:
            base = module.split(".")[1:]
        else:
            neighbour = path.parent / f"{module}.py"
            if not inside and neighbour.is_file():
                yield neighbour
            continue
        prefix = ".".join(part for part in base if part)
        # Importing a.b runs a as well. The package's own __init__ holds nothing that runs.
        for end in range(1, len(base) + 1):
            found = _file(package, ".".join(part for part in base[:end] if part))
            if found is not None:
                yield found
        for name in names:
            found = _file(package, f"{prefix}.{name}".lstrip("."))
            if found is not None:
                yield found


class _RunTime(ast.NodeTransformer):
    """Remove the code that only type checkers read."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return [self.visit(other) for other in node.orelse]
        return self.generic_visit(node)


@lru_cache(maxsize=1024)
def _parse(path: Path, _modified: int) -> tuple[str, tuple[tuple[int, str, tuple[str, ...]], ...]]:
    """Return a file's syntax tree without docstrings as text, and its imports."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: is not Python: {error}") from error
    imports: list[tuple[int, str, tuple[str, ...]]] = []
    tree = _RunTime().visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.level, node.module or "", tuple(a.name for a in node.names)))
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)]
    return ast.dump(tree), tuple(imports)


def _is_text(statement: ast.stmt) -> bool:
    """Return whether a statement is a docstring, of its block or of the statement before."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
