"""Draw the layers of the package from its imports: docs/images/layers.svg.

    python docs/draw_layers.py

The layers are those that import-linter enforces (pyproject.toml). An arrow points from a package
to one that it imports; an arrow is left out where a path of other arrows leads there too. Imports
for type checkers alone do not count.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "workflow" / "lib" / "deep_plunder"
PICTURE = ROOT / "docs" / "images" / "layers.svg"

WIDTH, ROW, BOX_WIDTH, BOX_HEIGHT = 720, 70, 106, 34

# Where packages stand in their row, from 0 to 1, so that no arrow passes behind another package.
# Any other package takes a free place.
PLACES = {
    "api": 0.78, "cli": 0.64, "config": 0.28, "demo": 0.80, "kits": 0.56, "training": 0.12,
    "evaluation": 0.42, "extraction": 0.64, "description": 0.78, "models": 0.44, "pages": 0.92,
    "dataset": 0.12, "decoding": 0.66, "mixes": 0.35, "corpus": 0.12, "features": 0.44,
    "truth": 0.68, "synths": 0.91, "audio": 0.56, "util": 0.75, "errors": 0.75,
}  # fmt: skip


def layers() -> list[list[str]]:
    """Return the packages of each layer, from the highest layer to the lowest."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = (each for each in contracts if each["type"] == "layers")
    return [[name.strip(" ()") for name in layer.split("|")] for layer in contract["layers"]]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a syntax tree imports when it runs, with their modules."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        yield from imported(node)


def edges() -> set[tuple[str, str]]:
    """Return each pair of packages of which the first imports the second."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        package = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for module in imported(ast.parse(path.read_text(encoding="utf-8"))):
            parts = module.split(".")
            if parts[0] == PACKAGE.name and len(parts) > 1:
                found.add((package, parts[1]))
    known = {name for layer in layers() for name in layer}
    return {(one, other) for one, other in found if one != other and {one, other} <= known}


def reduced(pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs that no path over other pairs replaces (the transitive reduction)."""
    below: dict[str, set[str]] = {}
    for one, other in pairs:
        below.setdefault(one, set()).add(other)

    def reach(name: str) -> set[str]:
        direct = below.get(name, set())
        return direct.union(*(reach(other) for other in direct))

    return sorted(
        (one, other)
        for one, other in pairs
        if not any(other in reach(between) for between in below[one] - {other})
    )


def drawing() -> str:
    """Return the picture as SVG."""
    rows = layers()
    centres = {
        name: (WIDTH * PLACES.get(name, (place + 1) / (len(row) + 1)), ROW * (number + 0.5))
        for number, row in enumerate(rows)
        for place, name in enumerate(row)
    }
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {ROW * len(rows)}" '
        'font-family="sans-serif" font-size="15" role="img">',
        "<title>Packages of deep_plunder in layers; arrows point to what is imported</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#666"/></marker></defs>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    lines += [
        f'<rect x="0" y="{ROW * number}" width="{WIDTH}" height="{ROW}" fill="#f3f5f8"/>'
        for number in range(0, len(rows), 2)
    ]
    for one, other in reduced(edges()):
        (x1, y1), (x2, y2) = centres[one], centres[other]
        y1, y2 = y1 + BOX_HEIGHT / 2, y2 - BOX_HEIGHT / 2 - 1
        bend = (y2 - y1) / 2
        lines.append(
            f'<path d="M{x1:.0f},{y1:.0f} C{x1:.0f},{y1 + bend:.0f} {x2:.0f},{y2 - bend:.0f} '
            f'{x2:.0f},{y2:.0f}" fill="none" stroke="#666" stroke-width="1.4" '
            f'marker-end="url(#head)"><title>{one} imports {other}</title></path>'
        )
    for name, (x, y) in centres.items():
        lines.append(
            f'<rect x="{x - BOX_WIDTH / 2:.0f}" y="{y - BOX_HEIGHT / 2:.0f}" rx="6" '
            f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" fill="#ffffff" stroke="#2166ac" '
            'stroke-width="1.5"/>'
            f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" fill="#222">{name}</text>'
        )
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(drawing(), encoding="utf-8")
