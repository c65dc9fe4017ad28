"""Write the page on which clips are heard and chosen: ``deep-plunder gallery DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from deep_plunder.util.console import Faults, complain, say

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    gallery = commands.add_parser(
        "gallery",
        help="write a page on which extracted clips are heard, sorted and chosen",
        description="Write DIR/index.html, a page on which the clips that extract wrote are "
        "heard, sorted, filtered, and accepted or rejected, and one such page per song. extract "
        "writes them too; write them again after you have deleted clips. The page needs no "
        "network. It keeps your choices in the browser and saves them as a file, of which kit "
        "--choices builds a kit.",
    )
    gallery.set_defaults(run=_gallery)
    gallery.add_argument("folder", metavar="DIR", type=Path,
        help="folder of the results of extract, or a song's folder in it")  # fmt: skip


def _gallery(args: argparse.Namespace) -> int:
    from deep_plunder.extraction.folder import PAGE
    from deep_plunder.extraction.gallery import is_gallery, write_gallery
    from deep_plunder.util.counts import counted
    from deep_plunder.util.names import shown

    faults = Faults()
    count = write_gallery(args.folder, report=complain, fail=faults)
    page = args.folder / PAGE
    if is_gallery(page):
        say(f"{shown(page)}: a gallery of {counted(count, 'clip')}")
    return faults.code
