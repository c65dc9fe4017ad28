"""Give the code that a stage runs a version, so that an edit reruns just the stages that use it.

Snakemake sees changes of a script, but not of the modules that the script imports. The version
of a stage is a digest of the syntax trees of its script, of the package's modules that the
script imports, and of all that those import inside the package. Comments, docstrings and layout
are no part of a syntax tree, so editing them changes no version. Imports inside functions count
as much as those at the top.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from deep_plunder.errors import InputError

__all__ = ["code_version"]

_PACKAGE = Path(__file__).resolve().parents[1]


def code_version(
    *modules: str,
    scripts: Sequence[str | os.PathLike[str]] = (),
    package: str | os.PathLike[str] = _PACKAGE,
) -> str:
    """Give a digest of modules, of scripts and of all that they import inside the package.

    Parameters
    ----------
    *modules : str
        Names inside the package, e.g. ``"plan"`` or ``"figures.onsets"``.
    scripts : sequence of path-like
        Python files outside the package. What they import of the package, and of modules in
        their own folder, counts too.
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
    for path in _closure(modules, scripts, Path(package)):
        digest.update(f"{path.name}\0{_parse(path, path.stat().st_mtime_ns)[0]}\0".encode())
    return digest.hexdigest()[:16]


def _closure(
    modules: Sequence[str], scripts: Sequence[str | os.PathLike[str]], package: Path
) -> list[Path]:
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
        waiting += _used_files(path, package)
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


@lru_cache(maxsize=1024)
def _parse(path: Path, _modified: int) -> tuple[str, tuple[tuple[int, str, tuple[str, ...]], ...]]:
    """Give a file's syntax tree without docstrings as text, and its imports."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: is not Python: {error}") from error
    imports: list[tuple[int, str, tuple[str, ...]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.level, node.module or "", tuple(a.name for a in node.names)))
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return ast.dump(tree), tuple(imports)
