"""Write the report's page: the gallery as a single file, with sound.

Snakemake's report takes single files. So the page holds the pictures of the songs, and the clips as
MP3, which every browser plays. The sound that it holds is limited, so that the page stays below
some 20 megabytes; the other clips are listed without sound.
"""

from __future__ import annotations

import base64
import logging
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deep_plunder.errors import AudioError
from deep_plunder.extraction.batch import ClipRow
from deep_plunder.extraction.gallery_data import SPECTROGRAM, gallery_data
from deep_plunder.extraction.previews import mp3_address
from deep_plunder.extraction.results import SongFolder, read_song
from deep_plunder.pages.gallery import gallery_page
from deep_plunder.util.files import write_text

__all__ = ["choose_clips", "write_clips_page"]

_log = logging.getLogger(__name__)

_PICTURES_BYTES = 1 << 22


def choose_clips(
    clips: Sequence[ClipRow], *, seconds: float = 600.0, longest_s: float = 5.0
) -> list[ClipRow]:
    """Return the best clips, spread evenly over the songs.

    The best clip of each song comes first, then the second best of each, and so on.

    Parameters
    ----------
    clips : sequence of ClipRow
        All clips.
    seconds : float
        Greatest length of all chosen clips together.
    longest_s : float
        A longer clip counts with this length, in seconds.

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
    chosen = []
    for *_, clip in sorted(ranked, key=lambda entry: entry[:4]):
        seconds -= min(clip.offset_s - clip.onset_s, longest_s)
        if seconds < 0:
            break
        chosen.append(clip)
    return sorted(chosen, key=lambda clip: (clip.song, -clip.score, clip.onset_s))


def write_clips_page(
    clips: Sequence[ClipRow],
    *,
    folder: str | os.PathLike[str],
    path: str | os.PathLike[str],
    seconds: float = 600.0,
    longest_s: float = 5.0,
) -> None:
    """Write a page with all clips, to listen to the best.

    Parameters
    ----------
    clips : sequence of ClipRow
        All clips of all songs.
    folder : path-like
        Folder that holds the songs' folders.
    path : path-like
        The HTML file to write.
    seconds : float
        Greatest length of all sound on the page, see `choose_clips`.
    longest_s : float
        Longer clips are cut off at this length, in seconds.

    Raises
    ------
    InputError
        If the table of a song is damaged.
    OSError
        If the page cannot be written.

    Examples
    --------
    >>> write_clips_page([], folder="clips", path="clips.html")
    """
    folder = Path(folder)
    names = sorted({clip.song for clip in clips})
    found = [read_song(folder / name, report=_log.warning) for name in names]
    songs = [song for song in found if song is not None]
    data = gallery_data(
        songs, title="Clips", base=folder, report=_log.warning, song_address=lambda song: ""
    )
    chosen = choose_clips(clips, seconds=seconds, longest_s=longest_s)
    heard = {(clip.song, clip.onset_s, clip.offset_s): folder / clip.clip for clip in chosen}
    left = _PICTURES_BYTES
    for song, shown in zip(songs, data["songs"], strict=True):
        shown["page"] = ""
        shown["spectrogram"] = _picture(song, left)
        left -= len(shown["spectrogram"])
        for region in shown["regions"]:
            clip = heard.get((song.name, region["onset_s"], region["offset_s"]))
            _embed(region, clip, longest_s)
    write_text(path, gallery_page(data))


def _picture(song: SongFolder, most_bytes: int) -> str:
    """Return the spectrogram of a song as a data address, or nothing."""
    try:
        data = (song.folder / SPECTROGRAM).read_bytes()
    except OSError:
        return ""
    address = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    return address if len(address) <= most_bytes else ""


def _embed(region: dict[str, Any], clip: Path | None, longest_s: float) -> None:
    """Replace the address of a clip by its sound."""
    region["file"] = region["audio"] = ""
    if clip is not None:
        try:
            region["audio"] = mp3_address(clip, longest_s=longest_s)
        except AudioError as error:
            _log.warning("%s", error)
