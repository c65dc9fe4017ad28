"""Cut clips out of songs: ``deep-plunder extract SONG... -o DIR``.

Each song gets the folder ``DIR/NAME`` (`extraction.song`).
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from deep_plunder.cli.arguments import (
    add_jobs,
    add_model,
    add_path_map,
    count,
    fraction,
    level,
    names,
    non_negative,
    option_name,
)
from deep_plunder.cli.progress import progress_bar
from deep_plunder.cli.report import Report
from deep_plunder.errors import InputError, OptionError
from deep_plunder.extraction.naming import DEFAULT_NAME, FIELDS
from deep_plunder.util.console import complain
from deep_plunder.util.counts import counted
from deep_plunder.util.files import without_empty
from deep_plunder.util.names import shown

if TYPE_CHECKING:
    from deep_plunder.extraction.jobs import SongJob
    from deep_plunder.extraction.options import ClipOptions
    from deep_plunder.extraction.runs import Outcome, Work

__all__ = ["add_parser"]

_log = logging.getLogger("deep_plunder")

_DESCRIPTION = """\
Cut clips out of songs. Each song gets a folder of its own: clips, regions.tsv, labels for
Audacity, Sonic Visualiser and Reaper, a picture, and a gallery, index.html, a page on which the
clips are heard and chosen. DIR/index.html is the gallery of all songs in DIR. A song whose folder
exists is skipped. If the song, the model, the settings or deep-plunder itself has changed since, a
message names the change; --overwrite makes the folder again.
"""
_EPILOG = """\
A clip is usable if one sound is heard alone: it begins within 50 ms of the sound's onset, and at
least 90 % of it lies where nothing else is heard. The score of a clip estimates the probability of
this, 0 to 1. Exit codes: 0 success, 1 an input failed or the run could not go on, 2 the command
line is wrong, 130 interrupted.
"""
# Of more faults the lines above are enough.
_MOST_REPEATED = 20


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    extract = commands.add_parser(
        "extract", help="cut clips out of songs", description=_DESCRIPTION, epilog=_EPILOG
    )
    extract.set_defaults(run=_extract, error=extract.error)
    add = extract.add_argument
    add("songs", nargs="+", metavar="SONG", type=Path, help="an audio file, a folder of them "
        "(hidden files and folders only if named here), a playlist (.m3u, .m3u8, .txt or .xml "
        "from iTunes), or - for a playlist or one path per line on standard "
        "input")  # fmt: skip
    add("-o", "--output", required=True, metavar="DIR", type=Path, help="folder for the results")
    add_path_map(extract)
    _add_detection(extract.add_argument_group("detection"))
    _add_selection(extract.add_argument_group(
        "selection", "Which regions become files; regions.tsv lists all of them."
    ))  # fmt: skip
    _add_audio(extract.add_argument_group("audio"))
    fields = "; ".join(f"{{{name}}} {meaning}" for name, meaning in FIELDS.items())
    extract.add_argument_group("names").add_argument(
        "--name", metavar="TEMPLATE", default=DEFAULT_NAME,
        help=f"names of the files, without suffix (default: {DEFAULT_NAME}); / begins a folder. "
             f"Fields: {fields}".replace("%", "%%"),
    )  # fmt: skip
    _add_run(extract.add_argument_group("run"))


def _add_detection(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add_model(group)
    add("--classifier", metavar="FILE", type=Path,
        help="a forest of classes that the workflow trained on your library, classes.npz "
             "(default: the one that ships)")  # fmt: skip
    add("--onset-threshold", metavar="P", type=fraction,
        help="least onset output that begins a region, 0..1 (default: the model's own, else "
             "0.2)")  # fmt: skip
    add("--frame-threshold", metavar="P", type=fraction,
        help="a region ends at the latest where its frame output falls below P, and is left out "
             "if the output never reaches P, 0..1 (default: the model's own, else "
             "0.2)")  # fmt: skip
    add("--min-score", metavar="P", type=fraction,
        help="leave out regions with lower scores, 0..1; 0 keeps all (default: the model's own, "
             "0.18 for the model made for songs; else 0)")  # fmt: skip


def _add_selection(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--best", metavar="N", type=count, help="only the N clips of a song with the highest "
        "scores")  # fmt: skip
    add("--min-length", metavar="SECONDS", type=non_negative, default=0.0, help="no shorter clips")
    add("--max-length", metavar="SECONDS", type=non_negative, help="no longer clips")
    add("--classes", metavar="CLASS,...", type=names, default=(),
        help="only sounds of these classes, such as kick,snare; melodic means all "
             "instruments but drums")  # fmt: skip
    add("--keep-duplicates", action="store_true",
        help="every clip of a sound that is heard again, not only the best")  # fmt: skip


def _add_audio(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--format", choices=("wav", "flac", "aiff"), default="wav", help="file format of the "
        "clips (default: wav)")  # fmt: skip
    add("--bits", type=int, choices=(16, 24, 32),
        help="bits per sample; 32 are floats, which FLAC does not have (default: those of the "
             "song, 24 for lossy formats)")  # fmt: skip
    add("--normalize", metavar="DBFS", type=level,
        help="raise or lower each clip to this peak level, such as -1 (default: off)")  # fmt: skip
    add("--fade-in", metavar="SECONDS", type=non_negative, default=0.0015,
        help="length of the fade at the beginning (default: 0.0015)")  # fmt: skip
    add("--fade-out", metavar="SECONDS", type=non_negative, default=0.008,
        help="length of the fade at the end (default: 0.008)")  # fmt: skip


def _add_run(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add_jobs(group)
    add("--dry-run", action="store_true", help="only show what would be done")
    add("--overwrite", action="store_true", help="replace existing folders of these songs")
    add("--curves", action="store_true",
        help="also write the onset and frame outputs as layers for Sonic Visualiser")  # fmt: skip
    add("--no-picture", action="store_true", help="draw no spectrogram")
    output = group.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print faults only")
    output.add_argument("--json", action="store_true",
        help="print one line of JSON per song: song, folder, state, reason, clips")  # fmt: skip
    output.add_argument("-v", "--verbose", action="store_true", help="show details")


def _clip_options(args: argparse.Namespace) -> ClipOptions:
    from deep_plunder.extraction.options import ClipOptions

    return ClipOptions(
        best=args.best,
        min_length_s=args.min_length,
        max_length_s=args.max_length,
        classes=args.classes,
        keep_duplicates=args.keep_duplicates,
        container=args.format,
        bits=args.bits,
        normalize_dbfs=args.normalize,
        fade_in_s=args.fade_in,
        fade_out_s=args.fade_out,
        name=args.name,
    )


def _extract(args: argparse.Namespace) -> int:
    from deep_plunder.decoding.decode import Overrides
    from deep_plunder.description.classes import load_classes
    from deep_plunder.extraction.jobs import plan_jobs
    from deep_plunder.extraction.runs import Work
    from deep_plunder.extraction.selection import meant_classes
    from deep_plunder.util.resources import option_model_path

    report = Report(as_json=args.json, is_quiet=args.quiet)
    try:
        options = _clip_options(args)
        classes = meant_classes(options.classes, load_classes(args.classifier))
    except OptionError as error:
        args.error(f"argument {option_name(error.option)}: {error.rule}")
    options = dataclasses.replace(options, classes=classes)
    work = Work(
        model=option_model_path(args.model),
        settings=Overrides(
            onset_threshold=args.onset_threshold,
            frame_threshold=args.frame_threshold,
            min_score=args.min_score,
        ),
        options=options,
        classifier=args.classifier,
        curves=args.curves,
        picture=not args.no_picture,
    )
    jobs, faults = plan_jobs(
        args.songs,
        args.output,
        path_map=args.path_map,
        model=work.model,
        settings=work.settings,
        options=work.options,
        classifier=work.classifier,
        overwrite=args.overwrite,
        report=complain,
        name_of=option_name,
    )
    inputs = len(jobs) + len(faults)
    for job in jobs:
        if job.skipped:
            text = f"skipped, {shown(job.folder)} {job.skipped}"
            report.song(job, "skipped", text, reason=job.skipped)
        elif args.dry_run:
            report.song(job, "planned", f"would write {shown(job.folder)}")
    todo = [] if args.dry_run else [job for job in jobs if not job.skipped]
    if todo:
        # Before the model is loaded, which takes seconds.
        _check_output(args.output)
        with without_empty(args.output):
            faults += _run(todo, work, report, args)
    if faults and inputs > 1:
        few = len(faults) <= _MOST_REPEATED
        complain(f"{len(faults)} of {inputs} inputs failed{':' if few else ', as said above'}")
        for fault in faults if few else []:
            complain(f"  {fault}")
    return 1 if faults else 0


def _check_output(output: Path) -> None:
    standing = next(path for path in (output, *output.absolute().parents) if os.path.lexists(path))
    if not os.path.isdir(standing):  # noqa: PTH112 (Path.is_dir raises where a folder is closed)
        raise InputError(f"{shown(output)}: cannot be made: {shown(standing)} is not a folder")
    try:
        with tempfile.TemporaryFile(dir=standing):
            pass
    except OSError as error:
        rule = f"{shown(standing)}: takes no files: {error.strerror}"
        raise InputError(rule) from error


def _run(jobs: list[SongJob], work: Work, report: Report, args: argparse.Namespace) -> list[str]:
    """Extract the planned songs; return their faults."""
    from deep_plunder.extraction.runs import run_jobs

    outcomes: list[Outcome] = []
    is_shown = not (args.quiet or args.json or args.verbose)
    with progress_bar(sum(job.seconds for job in jobs), is_shown=is_shown) as advance:
        advance(0, jobs[0].path.name)
        for number, outcome in enumerate(run_jobs(jobs, work, workers=args.jobs), start=1):
            job = outcome.job
            _log.info("%d of %d: %s", number, len(jobs), shown(job.path))
            if outcome.fault:
                complain(outcome.fault)
            report.outcome(outcome)
            outcomes.append(outcome)
            following = jobs[number].path.name if number < len(jobs) else ""
            advance(job.seconds, following)
    if left := len(jobs) - len(outcomes):
        complain(f"the disk is full: {counted(left, 'more song')} not extracted")
    report.sum_up(outcomes)
    if any(not outcome.fault for outcome in outcomes):
        from deep_plunder.extraction.folder import PAGE
        from deep_plunder.extraction.gallery import write_run_page

        write_run_page(args.output, report=complain)
        if any(region.clip for outcome in outcomes for region in outcome.regions):
            report.line(f"hear and choose: {shown(args.output / PAGE)}")
    return [outcome.fault for outcome in outcomes if outcome.fault]
