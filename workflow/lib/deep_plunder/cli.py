"""The command line: clips from songs, without Snakemake.

``deep-plunder extract SONG... -o DIR`` writes ``DIR/NAME/`` for each song as `extraction` does.
Nothing heavy is imported before it is needed. Results go to standard output, all else to
standard error. Exit codes: 0 all is well, 1 an input failed or the run could not go on, 2 the
command line is wrong, 130 it was interrupted, 129 and 143 it was ended by a signal.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from deep_plunder import __version__
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.util.files import files_below
from deep_plunder.util.names import SafeNames
from deep_plunder.util.signals import raise_on_termination

if TYPE_CHECKING:
    from deep_plunder.extraction.folder import Record

__all__ = ["main"]

_log = logging.getLogger("deep_plunder")

_CHATTER = re.compile(
    r"WARNING: All log messages before absl|[IW]\d{4} \d\d:\d\d:\d\d|[IW]0000 "
    # ONNX Runtime, of graphics processors that it does not find; in colour.
    r"|(\x1b\[[\d;]*m)?\d{4}-\d\d-\d\d \S+ \[W:onnxruntime"
)


@dataclasses.dataclass(frozen=True, slots=True)
class _Job:
    """A song, its folder, and why there is nothing to do, if so."""

    path: Path
    folder: Path
    skipped: str = ""


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number in 0..1, got {text!r}")
    return value


def _duration(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of at least 0, got {text!r}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deep-plunder",
        description="Find moments of recordings in which one sound is heard alone.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    extract = commands.add_parser(
        "extract",
        help="cut clips out of songs",
        description=(
            "Cut clips out of songs. Each song gets a folder of its own: clips, regions.tsv, "
            "labels for Audacity, Sonic Visualiser and Reaper, and a picture. "
            "A song whose folder is there is skipped, and it is said if it was made of another "
            "version of the song, with another model, with other settings or by another version "
            "of deep-plunder: see --overwrite."
        ),
    )
    add = extract.add_argument
    add("songs", nargs="+", metavar="SONG", type=Path, help="an audio file, or a folder of them "
        "(of hidden files and folders only those that are named)")  # fmt: skip
    add("-o", "--output", required=True, metavar="DIR", type=Path, help="where the folders go")
    add("--model", metavar="FILE", type=Path, help="a model file (default: the one that ships)")
    for name, meaning in (("onset", "begins above"), ("frame", "ends below")):
        add(f"--{name}-threshold", metavar="P", type=_fraction,
            help=f"a region {meaning} it, 0..1 (default: the model's own, else 0.2)")  # fmt: skip
    add("--min-duration", metavar="SECONDS", type=_duration,
        help="leave out shorter regions (default: the model's own, else 0)")  # fmt: skip
    add("--min-score", metavar="P", type=_fraction,
        help="leave out regions that score less, 0..1; 0 keeps all (default: the model's own, "
             "else 0)")  # fmt: skip
    add("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add("--overwrite", action="store_true", help="make folders of songs anew")
    add("--no-picture", action="store_true", help="draw no spectrogram")
    add("-v", "--verbose", action="store_true", help="say more")
    return parser


def _write(stream: TextIO, text: str) -> None:
    """Write a line, or raise DeepPlunderError."""
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError as error:
        # What is left in the buffer would fail again at the next line and at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        # `| head -1` ends a tool whose output is its lines. Here it is clips: as with `tee`,
        # who stops reading about them does not stop them.
        if not isinstance(error, BrokenPipeError):
            raise DeepPlunderError(f"{stream.name}: {error.strerror}") from error


def _say(text: str) -> None:
    _write(sys.stdout, text)


def _complain(text: str) -> None:
    _write(sys.stderr, text)


def _source(path: Path) -> str:
    # Not resolved: a link is a song of its own name.
    return os.path.abspath(path)  # noqa: PTH100


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        from deep_plunder.util.names import shown

        where = f": {shown(os.fspath(error.filename))}" if error.filename else ""
        return f"{error.strerror or error}{where}"
    return str(error)


def _fault(path: Path, error: Exception) -> str:
    """Say at once what is wrong with a song, and give it for the list at the end."""
    from deep_plunder.util.names import shown

    reason, place = _reason(error), shown(path)
    fault = reason if place in reason else f"{place}: {reason}"
    _complain(fault)
    return fault


def _songs(inputs: Sequence[Path], output: Path) -> tuple[list[Path], list[str]]:
    """List the audio files that are meant, each once, and what is wrong with the rest."""
    from deep_plunder.audio.source import AUDIO_SUFFIXES
    from deep_plunder.extraction.folder import read_record
    from deep_plunder.util.names import shown

    @functools.cache
    def of_a_run(folder: Path) -> bool:
        return read_record(os.path.dirname(os.path.realpath(folder))) is not None  # noqa: PTH120

    songs: dict[str, Path] = {}
    faults: list[str] = []

    def tell(folder: Path, fault: str) -> None:
        faults.append(f"{shown(folder)}: {fault}")
        _complain(faults[-1])

    def closed(error: OSError) -> None:
        tell(Path(error.filename), f"cannot be read: {error.strerror}")

    for given in inputs:
        found = [given]
        # Methods of Path raise where a folder on the way is closed, or links lead in a circle.
        if os.path.isdir(given):  # noqa: PTH112
            told = len(faults)
            files = files_below(given, suffixes=AUDIO_SUFFIXES, without=[output], onerror=closed)
            # Clips of an earlier run are no songs, here or in another output folder.
            found = [f for f in files if f.parent == given or not of_a_run(f.parent)]
            if not found and len(faults) == told:
                what = "only clips of an earlier run" if files else "no audio files"
                tell(given, f"holds {what}")
        for path in found:
            songs.setdefault(os.path.realpath(path), path)
    return list(songs.values()), faults


def _state(record: Record, song: Path, digest: str, args: argparse.Namespace) -> str:
    """Say of a folder that is there what was otherwise when it was made."""
    from deep_plunder.extraction.folder import digest_of_song

    wanted = dataclasses.replace(
        record,
        onset_threshold=args.onset_threshold,
        frame_threshold=args.frame_threshold,
        min_duration_s=args.min_duration,
        min_score=args.min_score,
    )
    others = []
    if record.source_digest != digest_of_song(song):
        others.append("of another version of the song")
    if record.digest != digest:
        others.append("with another model")
    if record != wanted:
        others.append("with other settings")
    if record.deep_plunder != __version__:
        others.append(f"by version {record.deep_plunder}")
    return f"exists, made {' and '.join(others)} (see --overwrite)" if others else "exists"


def _standing(output: Path) -> list[Path]:
    """List what is in the output folder, if that is there."""
    from deep_plunder.util.names import shown

    try:
        return sorted(output.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise InputError(f"{shown(output)}: cannot be read: {error.strerror}") from error


def _plan(args: argparse.Namespace, model: Path) -> tuple[list[_Job], list[str]]:
    """Choose each song's folder: its own of an earlier run, or one of a new name.

    A folder of another song, or one that is not ours, is never written to.
    """
    from deep_plunder.audio import reading
    from deep_plunder.extraction.folder import read_record
    from deep_plunder.models.model_file import digest_of_model

    digest = digest_of_model(model)
    own: dict[str, tuple[Path, Record]] = {}
    standing = _standing(args.output)
    names = SafeNames(folder.name for folder in standing)
    for folder in standing:
        if (record := read_record(folder)) is not None:
            own[record.source] = folder, record
    songs, faults = _songs(args.songs, args.output)
    jobs = []
    for path in songs:
        skipped = ""
        try:
            reading.probe(path)
            if (source := _source(path)) in own:
                folder, record = own[source]
                skipped = "" if args.overwrite else _state(record, path, digest, args)
            else:
                folder = args.output / names.new(path.stem)
        except (DeepPlunderError, OSError) as error:
            faults.append(_fault(path, error))
            continue
        jobs.append(_Job(path, folder, skipped))
    return jobs, faults


def _extract(args: argparse.Namespace) -> int:
    from deep_plunder.util.names import shown
    from deep_plunder.util.resources import shipped_model_path

    model = shipped_model_path() if args.model is None else args.model
    jobs, faults = _plan(args, model)
    inputs = len(jobs) + len(faults)
    for job in jobs:
        if job.skipped:
            _say(f"{shown(job.path)}: skipped, {shown(job.folder)} {job.skipped}")
        elif args.dry_run:
            _say(f"{shown(job.path)}: would write {shown(job.folder)}")
    todo = [] if args.dry_run else [job for job in jobs if not job.skipped]
    if todo:
        faults += _run(todo, args, model)
    if faults and inputs > 1:
        _complain(f"{len(faults)} of {inputs} inputs failed:")
        for fault in faults:
            _complain(f"  {fault}")
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


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep what libraries say about themselves while a model loads off standard error.

    They write to the file descriptor, whatever their settings. Other lines are passed on after it.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught.read().decode(errors="replace").splitlines():
                if not _CHATTER.match(line):
                    _complain(line)


def _run(jobs: Sequence[_Job], args: argparse.Namespace, model_path: Path) -> list[str]:
    """Extract the planned songs; return what went wrong."""
    from deep_plunder.extraction.song import extract_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.names import shown

    # Loading takes seconds: what can be known before is said before.
    _check_output(args.output)
    with nullcontext() if args.verbose else _without_chatter():
        model = load_model(model_path)
    faults: list[str] = []
    counts: list[int] = []
    for number, job in enumerate(jobs, start=1):
        _log.info("%d of %d: %s", number, len(jobs), shown(job.path))
        try:
            regions = extract_song(
                model,
                _source(job.path),
                job.folder,
                onset_threshold=args.onset_threshold,
                frame_threshold=args.frame_threshold,
                min_duration_s=args.min_duration,
                min_score=args.min_score,
                picture=not args.no_picture,
            )
        except (DeepPlunderError, OSError) as error:
            faults.append(_fault(job.path, error))
            continue
        counts.append(len(regions))
        _say(f"{shown(job.path)}: {_clips(counts[-1])} in {shown(job.folder)}")
    if len(counts) > 1:
        _say(f"{_clips(sum(counts))} from {sum(map(bool, counts))} of {len(counts)} songs")
    if model.decoder is None and any(counts):
        _say(f"the model {model.name} is not calibrated: its scores are no probabilities")
    least = args.min_score
    if least is None:
        least = model.decoder.min_score if model.decoder else 0
    if counts and not any(counts) and least > 0:
        _say(f"nothing scored {least:.2g} or more: --min-score 0 keeps all that is found")
    return faults


def _clips(count: int) -> str:
    return f"{count} clip{'' if count == 1 else 's'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    code : int
        The exit code.
    """
    args = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # Names that the terminal's encoding lacks must not end the run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Before TensorFlow is imported, which else tells about the processor on standard error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO if args.verbose else logging.WARNING)
    try:
        with raise_on_termination():
            return _extract(args)
    except (DeepPlunderError, OSError) as error:
        _complain(f"deep-plunder: {_reason(error)}")
        return 1
    except KeyboardInterrupt:
        _complain("deep-plunder: interrupted")
        return 130
    finally:
        _log.removeHandler(handler)
