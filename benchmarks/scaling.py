"""Cost and memory against the size of the work: ``python -m benchmarks.scaling``.

Each size runs in a process of its own, which reports its CPU time and its greatest resident memory,
interpreter and libraries included. The table and the figure go to results/speed, or to the folder
of ``--output``.

- minutes: mixes and features at 16 kHz without WAV, in shards of 20
- sounds: scan of a library
- songs: selection from a playlist
- rows: selection from a text export of iTunes; the files of one row in a hundred exist
- hours: extraction of one recording with the model that ships, picture included
- wide: the same, minutes of a recording of 192 kHz and 8 channels
- steps: training of the paper's network, 16 minutes a step
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deep_plunder.audio import reading, writing
from deep_plunder.corpus.library import scan_library
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.util.plotting import COLOURS, new_figure, save, tidy
from deep_plunder.util.tables import write_records

from .corpus import corpus
from .harness import ROOT, cpu_s

Single = npt.NDArray[np.float32]

SIZES: dict[str, tuple[float, ...]] = {
    "minutes": (30, 120, 480, 1920),
    "sounds": (200, 1000, 5000, 100_000),
    "songs": (200, 1000, 5000),
    "rows": (3000, 30_000, 300_000),
    "hours": (0.1, 1, 6, 12),
    "wide": (1, 5, 20),
    "steps": (1, 3),
}
QUICK: dict[str, tuple[float, ...]] = {
    "minutes": (2, 8),
    "sounds": (50, 200),
    "songs": (50, 200),
    "rows": (300, 3000),
    "hours": (0.05, 0.2),
    "wide": (0.1, 0.4),
    "steps": (),
}
_SHARD = 20
# A first size, which does not count: each process imports and compiles libraries once.
_WARM = {"minutes": 1, "sounds": 2, "songs": 2, "rows": 20, "hours": 0.02, "wide": 0.05}


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """The cost of one size.

    Attributes
    ----------
    kind : str
        A key of `SIZES`.
    size : float
    cpu_s : float
        Seconds of CPU time, without preparation.
    peak_mb : float
        Greatest resident memory of the process, in 2**20 bytes; on Linux without preparation.
    """

    kind: str
    size: float
    cpu_s: float
    peak_mb: float


def _forget_peak() -> None:
    """Reset the greatest resident memory that Linux reports: the preparation may have used more."""
    place = Path("/proc/self/clear_refs")
    if place.is_file():
        place.write_text("5", encoding="ascii")


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage would count the process that started this one too.
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _minutes(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    data, spec = corpus(quick=quick), MixSpec(sample_rate=FeatureSpec().sample_rate)
    folder.mkdir()

    def work() -> None:
        for first in range(0, int(size), _SHARD):
            count = min(_SHARD, int(size) - first)
            plan = data.plans(spec, count, first=first)
            data.write_features(folder / "shard.npy", plan, count=count)

    return work


def _sounds(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    for number in range(int(size)):
        samples = _noise(number, 22050)
        place = folder / "library" / f"{number % 20}"
        place.mkdir(parents=True, exist_ok=True)
        writing.write(place / f"{number}.wav", samples, 44100)
    return lambda: scan_library(folder / "library", offset_method="flip")


def _noise(number: int, samples: int) -> Single:
    rng = np.random.default_rng(number)
    fall = np.exp(-np.arange(samples) / (1000 + 100 * (number % 40)))
    return (rng.normal(0, 0.2, samples) * fall).astype(np.float32)


def _songs(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    from deep_plunder.corpus.songs import select_songs

    names = [f"{number}.wav" for number in range(int(size))]
    _write_silence(folder, names)
    playlist = folder / "playlist.m3u8"
    playlist.write_text("\n".join(["#EXTM3U", *names]) + "\n", encoding="utf-8")
    return lambda: select_songs([playlist], min_bit_rate_kbps=0)


def _write_silence(folder: Path, names: Sequence[str]) -> None:
    """Write different songs of silence, as sparse files that take little room on the disk."""
    folder.mkdir()
    writing.write(folder / "song.wav", np.zeros((70 * 16000, 1), np.int16), 16000)
    head = (folder / "song.wav").read_bytes()[:44]
    for number, name in enumerate(names):
        with (folder / name).open("wb") as file:
            file.write(head + number.to_bytes(4, "little"))
            file.truncate(44 + 2 * 70 * 16000)


def _rows(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    from deep_plunder.corpus.songs import select_songs

    names = [f"{number}.wav" for number in range(int(size))]
    _write_silence(folder, names[::100])
    rows = [
        f"Song {number}\tSomeone\t70\t1411\t{folder / name}" for number, name in enumerate(names)
    ]
    export = folder / "Music.txt"
    text = "\r".join(["Name\tArtist\tTime\tBit Rate\tLocation", *rows]) + "\r"
    export.write_text(text, encoding="utf-16")
    return lambda: select_songs([export])


def _hours(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    from deep_plunder.extraction.song import extract_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.resources import shipped_model_path

    folder.mkdir()
    # Memory that the preparation frees would count here: not all of it goes back to the system.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        process.submit(_write_long, folder / "long.wav", size, quick).result()
    model = load_model(shipped_model_path())
    return lambda: extract_song(model, folder / "long.wav", folder / "out")


def _write_long(path: Path, hours: float, quick: bool) -> None:
    songs = corpus(quick=quick).songs

    def parts(left: int) -> Iterator[Single]:
        number = 0
        while left > 0:
            samples = np.tile(reading.read(songs[number % len(songs)].path)[0], 2)[:left, :2]
            yield samples
            left, number = left - len(samples), number + 1

    writing.write_blocks(path, parts(round(hours * 3600 * 44100)), 44100, 2)


def _wide(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    from deep_plunder.extraction.song import extract_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.resources import shipped_model_path

    folder.mkdir()
    rate, channels = 192_000, 8
    beat = _noise(1, rate // 2)[:, np.newaxis] * np.linspace(0.5, 1, channels, dtype=np.float32)
    beats = (beat for _ in range(round(120 * size)))
    writing.write_blocks(folder / "wide.wav", beats, rate, channels)
    model = load_model(shipped_model_path())
    return lambda: extract_song(model, folder / "wide.wav", folder / "out")


def _steps(size: float, folder: Path, quick: bool) -> Callable[[], object]:
    from deep_plunder.models.registry import network
    from deep_plunder.training.fit import Fitting
    from deep_plunder.training.spec import TrainingSpec

    from .batches import Minutes

    items = Minutes(16, FeatureSpec())
    training = TrainingSpec(steps_per_epoch=int(size), epochs=99, validate_every=99)
    return Fitting(network("paper").build(FeatureSpec()), training, 0, items, items).step


_WORK = {
    "minutes": _minutes,
    "sounds": _sounds,
    "songs": _songs,
    "rows": _rows,
    "hours": _hours,
    "wide": _wide,
    "steps": _steps,
}


def _one(kind: str, size: float, quick: bool) -> Point:
    with tempfile.TemporaryDirectory(prefix="scaling-") as folder:
        if kind in _WARM:
            _WORK[kind](_WARM[kind], Path(folder, "warm"), quick)()
        work = _WORK[kind](size, Path(folder, "work"), quick)
        _forget_peak()
        begin = cpu_s()
        work()
        return Point(kind, size, round(cpu_s() - begin, 3), round(_peak_mb(), 1))


def _apart(kind: str, size: float, quick: bool) -> Point:
    """Run one size in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scaling", "--one", kind, str(size)]
    done = subprocess.run(
        [*command, *(["--quick"] if quick else [])], stdout=subprocess.PIPE, text=True, check=True
    )
    return Point(**json.loads(done.stdout.splitlines()[-1]))


def _draw(path: Path, points: list[Point]) -> None:
    kinds = list(dict.fromkeys(point.kind for point in points))
    figure = new_figure(3.2 * len(kinds), 4.5)
    axes = figure.subplots(2, len(kinds), squeeze=False)
    for column, kind in enumerate(kinds):
        own = [point for point in points if point.kind == kind]
        sizes = [point.size for point in own]
        for row, (values, label) in enumerate(
            (
                ([1000 * point.cpu_s / point.size for point in own], "CPU time, ms"),
                ([point.peak_mb for point in own], "peak memory, MB"),
            )
        ):
            place = axes[row, column]
            place.plot(sizes, values, "o-", color=COLOURS[2])
            place.set_xscale("log")
            place.set_xticks(sizes, [f"{size:g}" for size in sizes])
            place.minorticks_off()
            place.set_ylim(0, 1.3 * max(values))
            place.set_xlabel(kind)
            place.set_ylabel(f"{label} each" if row == 0 else label)
            tidy(place)
    save(figure, path)


def main(arguments: list[str] | None = None) -> None:
    """Run all sizes, or one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--kinds", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--limit", type=float, default=float("inf"), help="leave out larger sizes")
    parser.add_argument("--output", type=Path, default=ROOT / "results" / "speed")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "SIZE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one:
        point = _one(chosen.one[0], float(chosen.one[1]), chosen.quick)
        print(json.dumps(dataclasses.asdict(point)))
        return
    sizes = QUICK if chosen.quick else SIZES
    points = []
    for kind in chosen.kinds:
        for size in sizes[kind]:
            if size <= chosen.limit:
                points.append(point := _apart(kind, size, chosen.quick))
                each = point.cpu_s / size
                print(
                    f"{kind} {size:g}: {each:.4g} s each, peak {point.peak_mb:.0f} MB", flush=True
                )
    chosen.output.mkdir(parents=True, exist_ok=True)
    write_records(chosen.output / "scaling.tsv", Point, points)
    _draw(chosen.output / "scaling.png", points)


if __name__ == "__main__":
    main()
