"""List the songs that mixes would be made from: ``deep-plunder playlist FILE...``."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from deep_plunder.cli.arguments import add_jobs, add_path_map, non_negative, option_name
from deep_plunder.errors import InputError
from deep_plunder.util.console import Faults, say

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    playlist = commands.add_parser(
        "playlist",
        help="list the songs of a playlist that training would use, and why not the others",
        description="List the songs of playlists and folders that training would use, and each "
        "other entry with the reason. The bounds are those of the paper. Exit codes: 0 some song "
        "would be used, 1 none or a source cannot be read, 2 the command line is wrong.",
    )
    playlist.set_defaults(run=_playlist)
    add = playlist.add_argument
    add("sources", nargs="+", metavar="FILE", type=Path,
        help="a playlist (of iTunes, Library.xml or M3U), or a folder of songs")  # fmt: skip
    add_path_map(playlist)
    add("--min-duration", metavar="SECONDS", type=non_negative, default=60.0,
        help="reject shorter songs (default: 60)")  # fmt: skip
    add("--max-duration", metavar="SECONDS", type=non_negative, default=360.0,
        help="reject longer songs (default: 360; 0: no bound)")  # fmt: skip
    add("--min-bit-rate", metavar="KBPS", type=non_negative, default=200.0,
        help="reject songs that do not exceed this bit rate (default: 200; 0: no "
             "bound)")  # fmt: skip
    add_jobs(playlist)


def _playlist(args: argparse.Namespace) -> int:
    from deep_plunder.corpus.playlists.reading import read_playlist
    from deep_plunder.corpus.song_reasons import advice, summary
    from deep_plunder.corpus.song_rules import Limits
    from deep_plunder.corpus.songs import judge_songs
    from deep_plunder.util.counts import counted
    from deep_plunder.util.names import one_line, shown

    rows, faults = [], Faults()
    for source in args.sources:
        try:
            rows += read_playlist(source)
        except InputError as error:
            faults(f"deep-plunder: {error}")
    if faults.count == len(args.sources):
        return 1
    longest = args.max_duration or math.inf
    songs, rejected = judge_songs(
        rows,
        path_map=args.path_map,
        limits=Limits(args.min_duration, longest, args.min_bit_rate),
        workers=args.jobs,
    )
    say(f"{counted(len(songs), 'song')} would be used")
    for song in songs:
        rate = f"{song.bit_rate_kbps:.0f} kbit/s"
        say(f"  {shown(song.path)}: {song.seconds:.0f} s, {rate}")
    if rejected:
        say(f"{counted(len(rejected), 'entry', 'entries')} would not:")
    for entry in rejected:
        place = f"{shown(entry.source)}, row {entry.row}"
        name = one_line(entry.title or entry.location)
        say(f"  {place}: {name}: {entry.reason}: {one_line(entry.detail)}")
    if hint := advice(summary(songs, rejected), name_of=option_name):
        say(hint)
    return faults.code if songs else 1
