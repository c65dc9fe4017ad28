"""Measure how well loops are recognised: ``python -m experiments.loops.measure LIBRARY``.

The one-shots of the library are divided by their names. From each half loops are made. The
thresholds are chosen on the first half; the table reports both halves, for the chosen thresholds
and for those that ship.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deep_plunder.audio import reading
from deep_plunder.corpus.library import Sound, scan_library
from deep_plunder.corpus.loops import Thresholds, attacks, band_energy
from deep_plunder.corpus.onsets import mono
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.arrays import Float32Array, Float64Array
from deep_plunder.util.tables import write_records

__all__ = ["LoopScore", "choose", "main", "make_loop", "score"]

LOOPS = 400
"""Loops made from each half."""

RATE = 44100
_SECONDS = 4.0
_FADE = 220
# A smaller share takes a noise of the demo's library, a single sound, for a loop.
_CANDIDATES = tuple(
    Thresholds(rise_db=rise, weaker_db=weaker, share=share)
    for rise, weaker, share in itertools.product(
        (4.0, 6.0, 8.0, 10.0), (8.0, 10.0, 12.0, 15.0), (0.4, 0.45, 0.5)
    )
)
# A one-shot is lost for good, and libraries hold many more one-shots than loops.
_COST_OF_A_ONE_SHOT = 5.0


@dataclass(frozen=True, slots=True)
class LoopScore:
    """A row of the result.

    Attributes
    ----------
    thresholds : str
        ``"chosen"`` on the first half, or ``"shipped"``.
    half : str
        ``"first"`` or ``"second"``.
    rise_db, weaker_db, share : float
        See `deep_plunder.corpus.loops.Thresholds`.
    one_shots, loops : int
        How many there are.
    false, found : int
        How many one-shots and how many loops are recognised as loops.
    precision, recall : float
        Per cent.
    """

    thresholds: str
    half: str
    rise_db: float
    weaker_db: float
    share: float
    one_shots: int
    loops: int
    false: int
    found: int
    precision: float
    recall: float


def make_loop(sounds: Sequence[Float32Array], rng: np.random.Generator) -> Float32Array:
    """Make a loop from one-shots.

    Parameters
    ----------
    sounds : sequence of ndarray, shape (n,)
        One-shots at `RATE`.
    rng : numpy.random.Generator
        It chooses 1 to 4 sounds, 2 to 16 hits a quarter or an eighth apart at 80 to 180 bpm,
        levels within 6 dB, and how long the sounds last: half of a step, a step, or to their end.

    Returns
    -------
    loop : ndarray, shape (m,)
        Every sound that was chosen is heard, if there are enough hits.
    """
    chosen = [sounds[i] for i in rng.integers(0, len(sounds), rng.integers(1, 5))]
    hits = int(rng.integers(2, 17))
    step_s = 60 / rng.uniform(80, 180) / rng.choice([1, 2])
    lasting_s = min(_SECONDS, step_s * rng.choice([0.5, 1, np.inf]))
    loop = np.zeros(int((hits * step_s + 1) * RATE), np.float32)
    for hit in range(hits):
        number = hit if hit < len(chosen) else int(rng.integers(len(chosen)))
        sound = chosen[number][: int(lasting_s * RATE)].copy()
        sound *= 10 ** (rng.uniform(-6, 0) / 20) / np.abs(sound).max()
        fade = min(len(sound), _FADE)
        sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        begin = int(hit * step_s * RATE)
        sound = sound[: len(loop) - begin]
        loop[begin : begin + len(sound)] += sound
    return loop


def _is_loop(energy: Float64Array, thresholds: Thresholds) -> bool:
    return len(attacks(energy, thresholds)) > 1


def score(
    one_shots: Sequence[Float64Array],
    loops: Sequence[Float64Array],
    thresholds: Thresholds,
) -> tuple[int, int]:
    """Count the recordings that are recognised as loops.

    Parameters
    ----------
    one_shots, loops : sequence of ndarray, shape (frames, bands)
        Energies from `deep_plunder.corpus.loops.band_energy`.
    thresholds : Thresholds

    Returns
    -------
    false, found : int
        How many of the one-shots, and how many of the loops.
    """
    false = sum(_is_loop(energy, thresholds) for energy in one_shots)
    return false, sum(_is_loop(energy, thresholds) for energy in loops)


def choose(
    one_shots: Sequence[Float64Array],
    loops: Sequence[Float64Array],
    candidates: Iterable[Thresholds] = _CANDIDATES,
) -> Thresholds:
    """Choose thresholds: the most loops found, less five times the one-shots mistaken for loops.

    Parameters
    ----------
    one_shots, loops : sequence of ndarray, shape (frames, bands)
        Energies from `deep_plunder.corpus.loops.band_energy`.
    candidates : iterable of Thresholds

    Returns
    -------
    thresholds : Thresholds
        The best candidate; the first of equals.
    """

    def gain(thresholds: Thresholds) -> float:
        false, found = score(one_shots, loops, thresholds)
        return found / len(loops) - _COST_OF_A_ONE_SHOT * false / len(one_shots)

    return max(candidates, key=gain)


def _row(
    name: str,
    half: str,
    thresholds: Thresholds,
    one_shots: Sequence[Float64Array],
    loops: Sequence[Float64Array],
) -> LoopScore:
    false, found = score(one_shots, loops, thresholds)
    return LoopScore(
        thresholds=name,
        half=half,
        rise_db=thresholds.rise_db,
        weaker_db=thresholds.weaker_db,
        share=thresholds.share,
        one_shots=len(one_shots),
        loops=len(loops),
        false=false,
        found=found,
        precision=round(100 * found / max(1, found + false), 1),
        recall=round(100 * found / len(loops), 1),
    )


def _energies(sounds: Sequence[Sound], seed: int) -> tuple[list[Float64Array], list[Float64Array]]:
    """Compute the energies of the sounds, and of loops made from them."""
    one_shots, material = [], []
    for sound in sounds:
        samples, rate = reading.read(sound.path)
        one_shots.append(band_energy(samples, rate))
        if rate == RATE:
            material.append(mono(samples)[: int(_SECONDS * RATE)])
    rng = np.random.default_rng(seed)
    return one_shots, [band_energy(make_loop(material, rng), RATE) for _ in range(LOOPS)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line's by default.

    Returns
    -------
    status : int
        0, or 1 if the library cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m experiments.loops.measure", allow_abbrev=False)
    parser.add_argument("library", help="folder of one-shots")
    parser.add_argument("-o", "--output", required=True, help="table to write (TSV)")
    options = parser.parse_args(arguments)
    try:
        sounds, _ = scan_library(options.library, keep_loops=True)
        halves: list[list[Sound]] = [[], []]
        for sound in sounds:
            halves[hashlib.sha256(sound.sound.encode()).digest()[0] % 2].append(sound)
        data = [_energies(half, seed) for seed, half in enumerate(halves)]
        kinds = {"chosen": choose(*data[0]), "shipped": Thresholds()}
        rows = [
            _row(name, half, thresholds, *energies)
            for name, thresholds in kinds.items()
            for half, energies in zip(("first", "second"), data, strict=True)
        ]
        write_records(Path(options.output), LoopScore, rows, checksum=False)
    except DeepPlunderError as error:
        print(f"loops: {error}", file=sys.stderr)
        return 1
    for row in rows:
        print(f"{row.thresholds} {row.half}: precision {row.precision}, recall {row.recall}")
    for half, (one_shots, _) in zip(halves, data, strict=True):
        for sound, energy in zip(half, one_shots, strict=True):
            if _is_loop(energy, Thresholds()):
                print(f"taken for a loop: {sound.sound}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
