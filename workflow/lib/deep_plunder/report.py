"""Make the pages of the report: the scores of all models beside the paper's, and clips to hear.

Pages are single HTML files without links to anything outside: clips are embedded as MP3, which
every browser plays, and only so many of them that a page stays below a few megabytes.
"""

from __future__ import annotations

import base64
import html
import io
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import audio
from .cliplist import ClipRow
from .errors import AudioError
from .files import atomic_path
from .metrics import METRICS, PAPER_TABLE1, TableRow
from .tables import read_records, write_records

__all__ = ["ScoreRow", "choose_clips", "grid_page", "markdown_grid", "write_clips_page",
           "write_summary", "write_table_page"]  # fmt: skip

PAPER = "paper (2020)"

_TITLE = """\
Table 1 in per cent: mean ± standard deviation over the test mixes. The paper's figures are of its
own mixes.

"""

_STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em; color: #222; }
table { border-collapse: collapse; }
th, td { padding: 0.25em 1em; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child { text-align: left; }
audio { height: 2em; vertical-align: middle; }
"""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A score of a model: a row of the summary.

    Attributes
    ----------
    model : str
        A name of the configuration's, or ``paper (2020)``.
    output, metric : str
        As in the paper's Table 1.
    mean, std : float
        Over the test mixes, in per cent.
    """

    model: str
    output: str
    metric: str
    mean: float
    std: float


def _scores(tables: Mapping[str, str | os.PathLike[str]]) -> list[ScoreRow]:
    rows = [ScoreRow(PAPER, row.output, row.metric, row.mean, row.std) for row in PAPER_TABLE1]
    for model, path in tables.items():
        rows += [
            ScoreRow(model, row.output, row.metric, row.mean, row.std)
            for row in read_records(path, TableRow)
        ]
    return rows


def _grid(scores: Iterable[ScoreRow]) -> list[list[str]]:
    """Arrange scores as Table 1: a line a metric, a column a model, the paper's last."""
    cells = {(row.model, row.output, row.metric): row for row in scores}
    models = [model for model in dict.fromkeys(model for model, _, _ in cells) if model != PAPER]
    grid = [["", *models, PAPER]]
    for output, metric in METRICS.values():
        line = [f"{output}: {metric}"]
        for model in (*models, PAPER):
            row = cells.get((model, output, metric))
            line.append(f"{row.mean:.1f} ± {row.std:.1f}" if row else "")
        grid.append(line)
    return grid


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]


def markdown_grid(grid: Sequence[Sequence[str]]) -> str:
    """Set a table in Markdown, padded so that it reads as plain text too.

    Parameters
    ----------
    grid : sequence of sequence of str
        Lines of cells, the first is the head.

    Returns
    -------
    text : str
        The first column aligned left, the others right.
    """
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    lines = [f"| {' | '.join(_padded(line, widths))} |" for line in grid]
    rule = [f"{'-' * (width + 1)}{':' if index else '-'}" for index, width in enumerate(widths)]
    lines.insert(1, f"|{'|'.join(rule)}|")
    return "\n".join(lines) + "\n"


def grid_page(title: str, grid: Sequence[Sequence[str]]) -> str:
    """Set a table as a page.

    Parameters
    ----------
    title : str
    grid : sequence of sequence of str
        As of `markdown_grid`.

    Returns
    -------
    page : str
        HTML.
    """
    head, *lines = grid
    body = [_line(head, "th"), *(_line(line, "td") for line in lines)]
    return _page(title, "<table>\n" + "\n".join(body) + "\n</table>")


def write_summary(
    tables: Mapping[str, str | os.PathLike[str]],
    *,
    path: str | os.PathLike[str],
    markdown_path: str | os.PathLike[str],
) -> None:
    """Put the scores of all models and the paper's into one table.

    Parameters
    ----------
    tables : mapping of str to path-like
        Each model's name and its Table 1 (rows of `deep_plunder.metrics.TableRow`).
    path : path-like
        Gets rows of `ScoreRow`, the paper's first.
    markdown_path : path-like
        Gets a line a metric and a column a model.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    scores = _scores(tables)
    write_records(path, ScoreRow, scores)
    _write(markdown_path, _TITLE + markdown_grid(_grid(scores)))


def write_table_page(
    tables: Mapping[str, str | os.PathLike[str]], *, path: str | os.PathLike[str]
) -> None:
    """Write Table 1 of all models beside the paper's as a page.

    Parameters
    ----------
    tables : mapping of str to path-like
        As of `write_summary`.
    path : path-like
        An HTML file.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    _write(path, grid_page("Table 1", _grid(_scores(tables))))


def choose_clips(clips: Sequence[ClipRow], *, count: int = 24) -> list[ClipRow]:
    """Choose clips to hear: the best of each song in turn, until there are enough.

    Parameters
    ----------
    clips : sequence of ClipRow
    count : int
        How many at most.

    Returns
    -------
    chosen : list of ClipRow
        Ordered by song, then by score from the highest.
    """
    turns: Counter[str] = Counter()
    ranked = []
    for clip in sorted(clips, key=lambda clip: (-clip.score, clip.song, clip.onset_s)):
        turns[clip.song] += 1
        ranked.append((turns[clip.song], -clip.score, clip.song, clip.onset_s, clip))
    chosen = [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:4])[:count]]
    return sorted(chosen, key=lambda clip: (clip.song, -clip.score, clip.onset_s))


def write_clips_page(
    clips: Sequence[ClipRow],
    *,
    folder: str | os.PathLike[str],
    path: str | os.PathLike[str],
    count: int = 24,
    longest_s: float = 5.0,
) -> None:
    """Write a page of clips to hear.

    Parameters
    ----------
    clips : sequence of ClipRow
        All clips of all songs.
    folder : path-like
        Where the clips' files are.
    path : path-like
        An HTML file.
    count : int
        How many clips at most, see `choose_clips`.
    longest_s : float
        What is longer is heard only so far.
    """
    songs = {clip.song for clip in clips}
    lines = [_line(["song", "at", "length", "score", "clip"], "th")]
    for clip in choose_clips(clips, count=count):
        seconds = clip.offset_s - clip.onset_s
        texts = [clip.song, f"{clip.onset_s:.3f} s", f"{seconds:.3f} s", f"{clip.score:.2f}"]
        lines.append(_line(texts, "td", last=_player(Path(folder) / clip.clip, longest_s)))
    told = f"<p>{len(clips)} clips were cut from {len(songs)} recordings.</p>\n"
    _write(path, _page("Clips", told + "<table>\n" + "\n".join(lines) + "\n</table>"))


def _player(path: Path, longest_s: float) -> str:
    import soundfile

    try:
        info = audio.probe(path)
        samples, rate = audio.read(path, stop=round(longest_s * info.rate))
    except AudioError as error:
        return html.escape(str(error))
    if samples.shape[1] > 2:
        samples = samples.mean(axis=1, keepdims=True)
    if rate not in (32000, 44100, 48000):
        samples, rate = audio.resample(samples, rate, 44100), 44100
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="MP3")
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<audio controls preload="none" src="data:audio/mpeg;base64,{data}"></audio>'


def _line(cells: Sequence[str], tag: str, *, last: str = "") -> str:
    joined = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{joined}{f'<{tag}>{last}</{tag}>' if last else ''}</tr>"


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _write(path: str | os.PathLike[str], text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
