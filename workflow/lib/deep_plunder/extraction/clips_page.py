"""Write an HTML page with clips to listen to.

Clips are embedded as MP3, which every browser plays. Their number is limited, so that the page
stays below a few megabytes.
"""

from __future__ import annotations

import base64
import html
import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from deep_plunder.audio import reading, resampling
from deep_plunder.errors import AudioError
from deep_plunder.extraction.batch import ClipRow
from deep_plunder.pages.html import page, table_row
from deep_plunder.util.files import write_text

__all__ = ["choose_clips", "write_clips_page"]


def choose_clips(clips: Sequence[ClipRow], *, count: int = 24) -> list[ClipRow]:
    """Return the best clips, spread evenly over the songs.

    The best clip of each song comes first, then the second best of each, and so on.

    Parameters
    ----------
    clips : sequence of ClipRow
        All clips.
    count : int
        Greatest number of clips.

    Returns
    -------
    chosen : list of ClipRow
        Clips ordered by song, then by score, the highest first.

    Examples
    --------
    >>> choose_clips([])
    []
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
    """Write a page with clips to listen to.

    Parameters
    ----------
    clips : sequence of ClipRow
        All clips of all songs.
    folder : path-like
        Folder that holds the clips' files.
    path : path-like
        The HTML file to write.
    count : int
        Greatest number of clips on the page, see `choose_clips`.
    longest_s : float
        Longer clips are cut off at this length, in seconds.

    Examples
    --------
    >>> write_clips_page([], folder="clips", path="clips.html")
    """
    songs = {clip.song for clip in clips}
    lines = [
        table_row(["song", "at", "length", "score", "class", "note", "loudness", "clip"], "th")
    ]
    for clip in choose_clips(clips, count=count):
        seconds = clip.offset_s - clip.onset_s
        texts = [
            clip.song, f"{clip.onset_s:.3f} s", f"{seconds:.3f} s", f"{clip.score:.2f}",
            clip.sound_class, clip.note, f"{clip.loudness_lufs:.1f} LUFS",
        ]  # fmt: skip
        lines.append(table_row(texts, "td", last=_player(Path(folder) / clip.clip, longest_s)))
    summary = f"<p>{len(clips)} clips were cut from {len(songs)} recordings.</p>\n"
    write_text(path, page("Clips", summary + "<table>\n" + "\n".join(lines) + "\n</table>"))


def _player(path: Path, longest_s: float) -> str:
    import soundfile

    try:
        info = reading.probe(path)
        samples, rate = reading.read(path, stop=round(longest_s * info.rate))
    except AudioError as error:
        return html.escape(str(error))
    if samples.shape[1] > 2:
        samples = samples.mean(axis=1, keepdims=True)
    if rate not in (32000, 44100, 48000):
        samples, rate = resampling.resample(samples, rate, 44100), 44100
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="MP3")
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<audio controls preload="none" src="data:audio/mpeg;base64,{data}"></audio>'
