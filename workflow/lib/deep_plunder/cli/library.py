"""List the sounds of a library that mixes would be made from: ``deep-plunder library PATH``."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from deep_plunder.cli.arguments import add_jobs
from deep_plunder.util.console import say

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    library = commands.add_parser(
        "library",
        help="list the sounds of a library that training would use, and why not the others",
        description="List the number of sounds per class in a library, one folder per class, and "
        "each rejected file with its reason. Exit codes: 0 some sound is usable, 1 none or the "
        "library cannot be read, 2 the command line is wrong.",
    )
    library.set_defaults(run=_library)
    library.add_argument("path", metavar="PATH", type=Path, help="the folder of the library")
    library.add_argument("--classes", metavar="FILE", type=Path,
        help="a table that names the class of each file")  # fmt: skip
    library.add_argument("--keep-loops", action="store_true", help="keep sounds of several attacks")
    add_jobs(library)


def _library(args: argparse.Namespace) -> int:
    from deep_plunder.corpus.library import scan_library
    from deep_plunder.util.counts import counted
    from deep_plunder.util.names import one_line

    sounds, rejected = scan_library(
        args.path,
        classes=args.classes,
        keep_loops=args.keep_loops,
        may_be_empty=True,
        workers=args.jobs,
    )
    classes = Counter(sound.sound_class for sound in sounds)
    say(f"{counted(len(sounds), 'sound')} in {counted(len(classes), 'class', 'classes')}")
    for name, number in sorted(classes.items()):
        say(f"  {one_line(name)}: {number}")
    if rejected:
        say(f"{counted(len(rejected), 'file')} rejected:")
    for each in rejected:
        say(f"  {one_line(each.file)}: {each.reason}: {one_line(each.detail)}")
    return 0 if sounds else 1
