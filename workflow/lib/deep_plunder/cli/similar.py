"""Rank clips by how alike they are to a sound: ``deep-plunder similar SOUND DIR...``."""

from __future__ import annotations

import argparse
from pathlib import Path

from deep_plunder.cli.arguments import count
from deep_plunder.util.console import Faults, say

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    similar = commands.add_parser(
        "similar",
        help="list the clips that sound most like a given one",
        description="List the audio files of folders, those that sound most like the given file "
        "first, each with its distance from it: 0 is the same sound.",
    )
    similar.set_defaults(run=_similar)
    similar.add_argument("sound", metavar="SOUND", type=Path, help="an audio file, such as a clip")
    similar.add_argument("folders", nargs="+", metavar="DIR", type=Path,
        help="a folder of clips or other sounds, with its subfolders")  # fmt: skip
    similar.add_argument("-n", "--best", metavar="N", type=count, default=20,
        help="list at most N files (default: 20)")  # fmt: skip


def _similar(args: argparse.Namespace) -> int:
    from deep_plunder.description.similar import find_similar
    from deep_plunder.util.names import shown

    faults = Faults()
    similar = find_similar(args.sound, args.folders, fail=faults)
    for each in similar[: args.best]:
        say(f"{each.distance:.2f}  {shown(each.path)}")
    return faults.code
