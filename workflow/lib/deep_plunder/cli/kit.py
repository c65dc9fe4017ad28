"""Build a kit for samplers from extracted clips: ``deep-plunder kit DIR -o KIT``."""

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
    kit = commands.add_parser(
        "kit",
        help="build a kit that samplers open from extracted clips: SFZ, MIDI, JAMS",
        description="Build a kit from the clips that extract wrote: an SFZ instrument for all "
        "songs and one per song, a MIDI file per song that plays its kit as the song does, and "
        "the regions as JAMS. To leave clips out, delete them before, or accept the others in the "
        "gallery and give the file that it saves as --choices.",
    )
    kit.set_defaults(run=_kit)
    kit.add_argument("folder", metavar="DIR", type=Path,
        help="folder of the results of extract, or a song's folder in it")  # fmt: skip
    kit.add_argument("-o", "--output", required=True, metavar="KIT", type=Path,
        help="folder for the kit, which must not exist")  # fmt: skip
    kit.add_argument("--choices", metavar="FILE", type=Path,
        help="only the clips that were accepted in the gallery, by the file that it saved; an "
             "accepted clip without a file, such as a duplicate, is cut from its "
             "song")  # fmt: skip


def _kit(args: argparse.Namespace) -> int:
    from deep_plunder.extraction.results import read_songs
    from deep_plunder.kits.kit import write_kit
    from deep_plunder.util.counts import counted
    from deep_plunder.util.names import shown

    faults = Faults()
    songs = read_songs(args.folder, report=complain, fail=faults)
    if args.choices is not None:
        from deep_plunder.corpus.choices import read_choices
        from deep_plunder.extraction.choosing import accepted_songs

        songs = accepted_songs(songs, read_choices(args.choices), fail=faults)
    count = write_kit(songs, args.output, fail=faults)
    say(f"{shown(args.output)}: a kit of {counted(count, 'clip')}")
    return faults.code
