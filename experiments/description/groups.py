"""Measure how well clips of the same sound are told from others, on tracker music.

``python -m experiments.description.groups FOLDER...`` compares each pair of clips of a song: they
are the same sound if the song plays the same sample at the same pitch.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from deep_plunder.description.groups import SAME, find_groups, waveform
from deep_plunder.errors import DeepPlunderError
from deep_plunder.models.model_file import load_model
from deep_plunder.util.resources import shipped_model_path
from deep_plunder.util.tables import write_records
from experiments.description.tracker_clips import SongClips, tracker_songs

__all__ = ["GroupScore", "main", "score_groups"]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """A row of the result.

    Attributes
    ----------
    folder : str
        Name of the bench or of the folder of modules.
    clips : str
        ``exact``: the isolated notes; ``found``: the clips that the shipped model finds.
    same : float
        Least similarity of two clips of the same sound.
    songs, count : int
        Songs with at least two clips, and their clips.
    pairs, same_pairs : int
        Pairs of clips of one song, and those that hold the same sound.
    precision, recall : float
        Of the pairs in one group the share that are the same, and the reverse, in per cent.
    kept : int
        Number of groups, of each of which one clip is kept.
    repeats : float
        Share of the kept clips that repeat the sound of another, in per cent.
    """

    folder: str
    clips: str
    same: float
    songs: int
    count: int
    pairs: int
    same_pairs: int
    precision: float
    recall: float
    kept: int
    repeats: float


def score_groups(
    songs: Iterable[tuple[Sequence[int], Sequence[str]]], *, folder: str, clips: str, same: float
) -> GroupScore:
    """Score the groups of the clips of songs.

    Parameters
    ----------
    songs : iterable of (groups, names)
        Group and true name of each clip, song by song.
    folder, clips, same
        See `GroupScore`.

    Returns
    -------
    score : GroupScore
    """
    both = [0, 0, 0, 0]
    count = used = kept = repeats = 0
    for groups, names in songs:
        used += 1
        count += len(groups)
        for (one, name), (two, other) in combinations(zip(groups, names, strict=True), 2):
            both[2 * (one == two) + (name == other)] += 1
        first_name = dict(zip(reversed(groups), reversed(names), strict=True))
        kept += len(first_name)
        repeats += len(first_name) - len(set(first_name.values()))
    _, missed, false, true = both
    return GroupScore(
        folder=folder,
        clips=clips,
        same=same,
        songs=used,
        count=count,
        pairs=sum(both),
        same_pairs=missed + true,
        precision=round(100 * true / max(1, true + false), 2),
        recall=round(100 * true / max(1, true + missed), 2),
        kept=kept,
        repeats=round(100 * repeats / max(1, kept), 1),
    )


def _scores(
    songs: Iterable[SongClips], thresholds: Sequence[float], *, folder: str, clips: str
) -> list[GroupScore]:
    prepared = [
        ([waveform(clip, song.rate) for clip in song.clips], song.names)
        for song in songs
        if len(song.clips) > 1
    ]
    return [
        score_groups(
            ((find_groups(waveforms, same=same), names) for waveforms, names in prepared),
            folder=folder,
            clips=clips,
            same=same,
        )
        for same in thresholds
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line's by default.

    Returns
    -------
    status : int
        0, or 1 if a folder cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.description.groups")
    parser.add_argument("folders", nargs="+", type=Path, help="benches or folders of modules")
    parser.add_argument("-o", "--output", required=True, type=Path, help="table to write (TSV)")
    parser.add_argument("--all", action="store_true", help="other thresholds, too")
    options = parser.parse_args(arguments)
    thresholds = (0.75, 0.8, 0.85, 0.9, 0.95) if options.all else (SAME,)
    rows: list[GroupScore] = []
    try:
        for folder in options.folders:
            name = folder.resolve().name
            rows += _scores(tracker_songs(folder), thresholds, folder=name, clips="exact")
            if (folder / "regions").is_dir():
                songs = tracker_songs(folder, model=load_model(shipped_model_path()))
                rows += _scores(songs, thresholds, folder=name, clips="found")
    except DeepPlunderError as error:
        print(f"groups: {error}", file=sys.stderr)
        return 1
    write_records(options.output, GroupScore, rows, checksum=False)
    for row in rows:
        print(
            f"{row.folder} {row.clips} {row.same}: precision {row.precision}, recall {row.recall}, "
            f"{row.count} clips, {row.kept} kept, {row.repeats} % of them repeat another"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
