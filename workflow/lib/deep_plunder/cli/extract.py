"""Cut clips out of songs: ``deep-plunder extract SONG... -o DIR``.

Each song gets the folder ``DIR/NAME`` (`extraction.song`).
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from deep_plunder.cli.arguments import fraction, seconds
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.util.console import complain, say, without_chatter

if TYPE_CHECKING:
    from deep_plunder.decoding.decode import Overrides
    from deep_plunder.extraction.jobs import SongJob

__all__ = ["add_parser"]

_log = logging.getLogger("deep_plunder")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        What `argparse.ArgumentParser.add_subparsers` returned.
    """
    extract = commands.add_parser(
        "extract",
        help="cut clips out of songs",
        description=(
            "Cut clips out of songs. Each song gets a folder of its own: clips, regions.tsv, "
            "labels for Audacity, Sonic Visualiser and Reaper, and a picture. "
            "A song whose folder exists is skipped. A message says if that folder was made from "
            "another version of the song, with another model, with other settings or by another "
            "version of deep-plunder: see --overwrite."
        ),
    )
    add = extract.add_argument
    add("songs", nargs="+", metavar="SONG", type=Path, help="an audio file, or a folder of them "
        "(hidden files and folders only if named here)")  # fmt: skip
    add("-o", "--output", required=True, metavar="DIR", type=Path, help="folder for the results")
    add("--model", metavar="MODEL", help="a model file, or paper for the paper's network "
        "(default: the model made for songs)")  # fmt: skip
    add("--onset-threshold", metavar="P", type=fraction,
        help="least onset output that begins a region, 0..1 (default: the model's own, else "
             "0.2)")  # fmt: skip
    add("--frame-threshold", metavar="P", type=fraction,
        help="a region ends at the latest where its frame output falls below P, and is left out "
             "if the output never reaches P, 0..1 (default: the model's own, else "
             "0.2)")  # fmt: skip
    add("--min-duration", metavar="SECONDS", type=seconds,
        help="leave out shorter regions (default: the model's own, else 0)")  # fmt: skip
    add("--min-score", metavar="P", type=fraction,
        help="leave out regions with lower scores, 0..1; 0 keeps all (default: the model's own, "
             "else 0)")  # fmt: skip
    add("--dry-run", action="store_true", help="only show what would be done")
    add("--overwrite", action="store_true", help="replace existing folders of these songs")
    add("--curves", action="store_true",
        help="also write the onset and frame outputs as layers for Sonic Visualiser")  # fmt: skip
    add("--no-picture", action="store_true", help="draw no spectrogram")
    add("-v", "--verbose", action="store_true", help="show progress and details")
    extract.set_defaults(run=_extract)


def _extract(args: argparse.Namespace) -> int:
    from deep_plunder.decoding.decode import Overrides
    from deep_plunder.extraction.jobs import plan_jobs
    from deep_plunder.util.names import shown
    from deep_plunder.util.resources import SHIPPED, option_model_path

    model = option_model_path(SHIPPED if args.model is None else args.model)
    settings = Overrides(
        onset_threshold=args.onset_threshold,
        frame_threshold=args.frame_threshold,
        min_duration_s=args.min_duration,
        min_score=args.min_score,
    )
    jobs, faults = plan_jobs(
        args.songs,
        args.output,
        model=model,
        settings=settings,
        overwrite=args.overwrite,
        report=complain,
    )
    inputs = len(jobs) + len(faults)
    for job in jobs:
        if job.skipped:
            say(f"{shown(job.path)}: skipped, {shown(job.folder)} {job.skipped}")
        elif args.dry_run:
            say(f"{shown(job.path)}: would write {shown(job.folder)}")
    todo = [] if args.dry_run else [job for job in jobs if not job.skipped]
    if todo:
        faults += _run(todo, args, model, settings)
    if faults and inputs > 1:
        complain(f"{len(faults)} of {inputs} inputs failed:")
        for fault in faults:
            complain(f"  {fault}")
    return 1 if faults else 0


def _check_output(output: Path) -> None:
    from deep_plunder.util.names import shown

    standing = next(path for path in (output, *output.absolute().parents) if os.path.lexists(path))
    if not os.path.isdir(standing):  # noqa: PTH112 (Path.is_dir raises where a folder is closed)
        raise InputError(f"{shown(output)}: cannot be made: {shown(standing)} is not a folder")
    try:
        with tempfile.TemporaryFile(dir=standing):
            pass
    except OSError as error:
        rule = f"{shown(standing)}: takes no files: {error.strerror}"
        raise InputError(rule) from error


def _run(
    jobs: Sequence[SongJob], args: argparse.Namespace, model_path: Path, settings: Overrides
) -> list[str]:
    """Extract the planned songs; return their faults."""
    from deep_plunder.extraction.jobs import fault_of, source_of
    from deep_plunder.extraction.song import extract_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.names import shown

    # Before the model is loaded, which takes seconds.
    _check_output(args.output)
    with nullcontext() if args.verbose else without_chatter():
        model = load_model(model_path)
    faults: list[str] = []
    counts: list[int] = []
    for number, job in enumerate(jobs, start=1):
        _log.info("%d of %d: %s", number, len(jobs), shown(job.path))
        try:
            regions = extract_song(
                model,
                source_of(job.path),
                job.folder,
                **dataclasses.asdict(settings),
                curves=args.curves,
                picture=not args.no_picture,
            )
        except (DeepPlunderError, OSError) as error:
            faults.append(fault_of(job.path, error))
            complain(faults[-1])
            continue
        counts.append(sum(bool(region.clip) for region in regions))
        say(f"{shown(job.path)}: {_clips(counts[-1])} in {shown(job.folder)}")
    if len(counts) > 1:
        say(f"{_clips(sum(counts))} from {sum(map(bool, counts))} of {len(counts)} songs")
    if model.decoder is None and any(counts):
        say(f"the model {model.name} is not calibrated: its scores are not probabilities")
    least = args.min_score
    if least is None:
        least = model.decoder.min_score if model.decoder else 0
    if counts and not any(counts) and least > 0:
        say(f"nothing scored {least:.2g} or more: --min-score 0 keeps all regions")
    return faults


def _clips(count: int) -> str:
    return f"{count} clip{'' if count == 1 else 's'}"
