"""Extract the planned songs, one after the other or several at once.

A song is extracted by one process, which knows nothing of the others. Therefore the bytes of its
folder do not depend on the number of processes.

A song that fails does not stop the others. A full disk would fail them too, so it ends the run.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deep_plunder.audio.source import is_new
from deep_plunder.decoding.decode import Overrides
from deep_plunder.errors import DeepPlunderError
from deep_plunder.extraction.jobs import SongJob, fault_of, source_of
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.util.console import without_chatter
from deep_plunder.util.files import is_full
from deep_plunder.util.optional import optional_parts
from deep_plunder.util.signals import raise_on_termination

if TYPE_CHECKING:
    from deep_plunder.models.model_file import LoadedModel

__all__ = ["Outcome", "Work", "run_jobs"]

_log = logging.getLogger("deep_plunder")


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """The work that is the same for all songs.

    Attributes
    ----------
    model : Path
        The model file.
    settings : Overrides
        A user's settings of the decoder.
    options : ClipOptions
        A user's wishes for the clips.
    classifier : Path or None
        The file of the forest of classes; None for the one that ships.
    curves : bool
        Whether to write the onset and frame outputs of each song as layers.
    picture : bool
        Whether to draw the picture of each song.
    """

    model: Path
    settings: Overrides
    options: ClipOptions
    classifier: Path | None = None
    curves: bool = False
    picture: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for a song.

    Attributes
    ----------
    job : SongJob
        The song.
    model : str
        Name of the model.
    is_calibrated : bool
        Whether the scores of the model are probabilities.
    min_score : float
        Least score of the regions.
    regions : tuple of ExtractedRegion
        The regions that were found; none after a fault.
    fault : str
        Reason why the song could not be extracted; empty if it was.
    is_full : bool
        Whether the reason is a full disk.
    """

    job: SongJob
    model: str
    is_calibrated: bool
    min_score: float
    regions: tuple[ExtractedRegion, ...] = ()
    fault: str = ""
    is_full: bool = False


def run_jobs(jobs: Sequence[SongJob], work: Work, *, workers: int = 1) -> Iterator[Outcome]:
    """Extract songs, and yield the outcome of each in the order of the jobs.

    The outcome of a song that fills the disk is the last one.

    Parameters
    ----------
    jobs : sequence of SongJob
        Jobs that are not skipped.
    work : Work
    workers : int
        Number of processes, each with a model of its own.

    Yields
    ------
    outcome : Outcome

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    DeepPlunderError
        If a process ends unexpectedly.

    Examples
    --------
    >>> from deep_plunder.extraction.naming import SongTags
    >>> from deep_plunder.util.resources import shipped_model_path
    >>> job = SongJob(Path("/gone.wav"), Path("out/gone"), 60.0, SongTags())
    >>> [outcome] = run_jobs([job], Work(shipped_model_path(), Overrides(), ClipOptions()))
    >>> outcome.fault
    '/gone.wav: missing: cannot be opened (No such file or directory)'
    """
    if min(workers, len(jobs)) <= 1:
        model = _load(work.model)
        for job in jobs:
            yield (outcome := _extract(model, job, work))
            if outcome.is_full:
                return
        return
    # A forked process would inherit the threads of libraries in any state.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        min(workers, len(jobs)), mp_context=context, initializer=_ignore_interrupts
    )
    try:
        extract = functools.partial(_extract_in_process, work=work, level=_log.getEffectiveLevel())
        for outcome, records in pool.map(extract, jobs):
            for record in records:
                finding = getattr(record, "finding", None)
                # Planning the songs may have logged it already.
                if finding is None or is_new(finding):
                    logging.getLogger(record.name).handle(record)
            yield outcome
            if outcome.is_full:
                _end_processes()
                return
    except BrokenProcessPool as error:
        rule = "a process ended unexpectedly, perhaps for want of memory: try fewer --jobs"
        raise DeepPlunderError(rule) from error
    except BaseException:
        _end_processes()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _end_processes() -> None:
    for child in multiprocessing.active_children():
        child.terminate()


def _ignore_interrupts() -> None:
    # The terminal sends Ctrl-C to all processes; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@functools.cache
def _load_once(path: Path) -> LoadedModel:
    return _load(path)


def _load(path: Path) -> LoadedModel:
    from deep_plunder.models import model_file

    with without_chatter():
        return model_file.load_model(path)


def _extract_in_process(
    job: SongJob, *, work: Work, level: int
) -> tuple[Outcome, list[logging.LogRecord]]:
    """Extract a song; return what was logged meanwhile, for the first process to show."""
    with raise_on_termination(), optional_parts(), _collected(level) as records:
        outcome = _extract(_load_once(work.model), job, work)
    return outcome, records


@contextmanager
def _collected(level: int) -> Iterator[list[logging.LogRecord]]:
    """Collect the records of all loggers of this package from a level on."""
    records: list[logging.LogRecord] = []
    handler = _Collector(records)
    _log.addHandler(handler)
    _log.setLevel(level)
    try:
        yield records
    finally:
        _log.removeHandler(handler)


class _Collector(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        # As text, since not every argument or exception can pass between processes.
        record.msg, record.args, record.exc_info = self.format(record), None, None
        self._records.append(record)


def _extract(model: LoadedModel, job: SongJob, work: Work) -> Outcome:
    from deep_plunder.extraction.song import extract_song

    least = work.settings.min_score
    if least is None:
        least = model.decoder.min_score if model.decoder else 0.0
    outcome = Outcome(job, model.name, model.decoder is not None, least)
    try:
        regions = extract_song(
            model,
            source_of(job.path),
            job.folder,
            **dataclasses.asdict(work.settings),
            options=work.options,
            classifier=work.classifier,
            tags=job.tags,
            curves=work.curves,
            picture=work.picture,
        )
    except (DeepPlunderError, OSError) as error:
        ends = isinstance(error, OSError) and is_full(error)
        return dataclasses.replace(outcome, fault=fault_of(job.path, error), is_full=ends)
    return dataclasses.replace(outcome, regions=tuple(regions))
