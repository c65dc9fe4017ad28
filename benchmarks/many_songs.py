"""Extract hours of songs in one command, and watch its memory: ``python -m benchmarks.many_songs``.

The songs of a folder, by default those of the benchmarks, get further names until they last
``--hours``. ``deep-plunder extract`` then cuts the ``--best`` clips of each song. Every few
seconds the memory of all of its processes is read from /proc, so this needs Linux. The table and
the figure go to results/speed, or to where ``--output`` says.

Names of one file (hard links) take no room on the disk: 1,000 hours of files with 200 kbit/s would
take 90 GB.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from deep_plunder.audio import reading
from deep_plunder.errors import InputError
from deep_plunder.util.plotting import COLOURS, new_figure, save, tidy
from deep_plunder.util.tables import write_records

from .corpus import corpus
from .harness import ROOT

__all__ = ["Sample", "link_songs", "main", "watch"]

_COMMAND = "import sys; from deep_plunder.cli.main import main; sys.exit(main())"


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """The state of a run at one moment.

    Attributes
    ----------
    elapsed_s : float
        Seconds since the start.
    songs : int
        Number of songs with a folder.
    processes : int
    memory_mb : float
        Resident memory of all processes, in 2**20 bytes. Pages that several processes share count
        once.
    """

    elapsed_s: float
    songs: int
    processes: int
    memory_mb: float


def link_songs(songs: Sequence[tuple[Path, float]], folder: Path, *, hours: float) -> int:
    """Copy songs, and link the copies in turn until they last long enough; return their number.

    Parameters
    ----------
    songs : sequence of (Path, float)
        Each file and its length in seconds, above 0.
    folder : Path
        An empty folder. Each thousand songs get a folder in it.
    hours : float
    """
    number, left_s, copies = 0, hours * 3600, list[Path]()
    while left_s > 0:
        song, seconds = songs[number % len(songs)]
        path = folder / f"{number // 1000:04}" / f"{number:06}{song.suffix}"
        path.parent.mkdir(exist_ok=True)
        if number < len(songs):
            shutil.copyfile(song, path)
            copies.append(path)
        else:
            # `extract` takes a file that symbolic links name twice for one song.
            path.hardlink_to(copies[number % len(songs)])
        number, left_s = number + 1, left_s - seconds
    return number


def watch(process: subprocess.Popen[bytes], output: Path, *, every_s: float) -> Iterator[Sample]:
    """Yield a sample of a run of ``extract`` every few seconds until it ends.

    Parameters
    ----------
    process : subprocess.Popen
        The command, in a session of its own.
    output : Path
        Folder of its results.
    every_s : float
    """
    begin = time.monotonic()
    while True:
        sizes = [size for pid in _session(process.pid) if (size := _resident_mb(pid)) is not None]
        if sizes:
            yield Sample(
                round(time.monotonic() - begin, 1), _folders(output), len(sizes),
                round(sum(sizes), 1),
            )  # fmt: skip
        try:
            process.wait(every_s)
        except subprocess.TimeoutExpired:
            continue
        return


def _session(leader: int) -> Iterator[int]:
    """Yield the processes of a session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)
            except ProcessLookupError:
                continue


def _resident_mb(pid: int) -> float | None:
    """Return the share of a process in resident memory; None if it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    return next(
        (int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")), None
    )


def _folders(output: Path) -> int:
    try:
        return sum(entry.is_dir() for entry in os.scandir(output))
    except FileNotFoundError:
        return 0


def _lengths(folder: Path | None, *, quick: bool) -> Iterator[tuple[Path, float]]:
    if folder is None:
        yield from ((Path(song.path), song.seconds) for song in corpus(quick=quick).songs)
        return
    for path in sorted(folder.iterdir()):
        try:
            seconds = reading.probe(path).seconds
        except InputError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        if seconds:
            yield path.resolve(), seconds


def _draw(path: Path, samples: Sequence[Sample]) -> None:
    figure = new_figure(6.4, 3.6)
    axes = figure.subplots()
    axes.plot([s.elapsed_s / 60 for s in samples], [s.memory_mb for s in samples], color=COLOURS[2])
    axes.set_xlabel("minutes since the start")
    axes.set_ylabel("memory of all processes, MB")
    axes.set_ylim(bottom=0)
    tidy(axes)
    save(figure, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, write the table and the figure, and print a line; 0 if ``extract`` ended with 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_songs", description=__doc__)
    parser.add_argument("--hours", type=float, default=1000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--best", type=int, default=3, help="clips of a song")
    parser.add_argument("--songs", type=Path, metavar="FOLDER", help="a folder of songs")
    parser.add_argument("--every", type=float, default=5, help="seconds between two samples")
    parser.add_argument("--quick", action="store_true", help="a few short songs")
    parser.add_argument("--output", type=Path, default=ROOT / "results" / "speed")
    chosen = parser.parse_args(arguments)
    songs = list(_lengths(chosen.songs, quick=chosen.quick))
    if not songs:
        parser.error(f"--songs: {chosen.songs} has no song that can be read")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder, clips = Path(name, "songs"), Path(name, "clips")
        folder.mkdir()
        count = link_songs(songs, folder, hours=chosen.hours)
        command = [
            sys.executable, "-c", _COMMAND, "extract", str(folder), "-o", str(clips),
            "--no-picture", "--quiet", "--jobs", str(chosen.jobs), "--best", str(chosen.best),
        ]  # fmt: skip
        before, begin = os.times(), time.monotonic()
        with subprocess.Popen(command, start_new_session=True) as process:
            samples = list(watch(process, clips, every_s=chosen.every))
        wall_s, after = time.monotonic() - begin, os.times()
    cpu_s = sum(after[2:4]) - sum(before[2:4])
    chosen.output.mkdir(parents=True, exist_ok=True)
    write_records(chosen.output / "many_songs.tsv", Sample, samples)
    _draw(chosen.output / "many_songs.png", samples)
    peak = max((sample.memory_mb for sample in samples), default=0)
    print(
        f"many_songs hours={chosen.hours:g} songs={count} jobs={chosen.jobs} wall={wall_s:.0f} "
        f"cpu={cpu_s:.0f} unit=s peak={peak:.0f} unit=MB exit={process.returncode}"
    )
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
