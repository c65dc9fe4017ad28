"""Make the outcome of config/shipped.yaml the model that ships.

    python -m experiments.shipped.ship RESULTS

It writes `resources/models/shipped.keras`: the calibrated model of a run with 16-bit weights, its
decoder, and how it was trained. It copies the scores, probes, losses and cost of the run to
`experiments/shipped`, and writes the model card from them.

With `--scores`, RESULTS are those of scores.yaml: only the scores and probes are copied, and the
card is written again. `--card` only writes the card again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.models.model_file import load_model
from deep_plunder.models.record import read_record
from deep_plunder.models.storing import store_model
from deep_plunder.util.files import write_text
from deep_plunder.util.resources import shipped_model_path
from deep_plunder.util.tables import write_records
from experiments.shipped.card import NAME, Cost, card_text, cost_of
from experiments.shipped.small_case import FIGURES, score_small_case

FOLDER = Path(__file__).parent

SCORES = {
    "realbench/summary.tsv": "scores.tsv",
    "probes/summary.tsv": "probes.tsv",
    f"realbench/reported/{NAME}/reliability.tsv": "reliability.tsv",
    f"realbench/reported/{NAME}/reliability.png": "reliability.png",
}
"""The scores of a run that are copied: paths below its results, and names of the copies."""

TRAINING = {f"models/{NAME}/history.tsv": "history.tsv"}
"""The same for the losses of its training."""


def ship(results: Path, target: Path) -> None:
    """Write the model that ships.

    Parameters
    ----------
    results : Path
        The folder ``results`` of a run.
    target : Path
        The model file to write.
    """
    source = results / "calibration" / NAME / "model.keras"
    store_model(target, load_model(source), half=True, record=read_record(source))


def copy_tables(files: Mapping[str, str], results: Path, folder: Path) -> None:
    """Copy tables of a run.

    Parameters
    ----------
    files : mapping of str to str
        Paths below `results`, and the names of the copies.
    results : Path
        The folder ``results`` of a run.
    folder : Path

    Raises
    ------
    InputError
        If a table is missing. Then none is copied.
    """
    for source in files:
        if not (results / source).is_file():
            raise InputError(f"{results / source}: missing; run the configuration to its end")
    folder.mkdir(exist_ok=True)
    for source, name in files.items():
        shutil.copyfile(results / source, folder / name)


def write_cost(results: Path, folder: Path) -> None:
    """Write the cost of each stage of a run.

    Parameters
    ----------
    results : Path
        The folder ``results`` of a run.
    folder : Path
    """
    with tempfile.TemporaryDirectory() as scratch:
        # Without the checksums that a run keeps beside its tables.
        table = Path(scratch, "cost.tsv")
        write_records(table, Cost, cost_of(results / "benchmarks"))
        shutil.copyfile(table, folder / "cost.tsv")


def write_model_card(target: Path, folder: Path) -> None:
    """Write the card beside a model file.

    Parameters
    ----------
    target : Path
        The model file.
    folder : Path
        The tables of its run.

    Raises
    ------
    InputError
        If the file does not say how the model was trained.
    """
    model, record = load_model(target), read_record(target)
    if record is None:
        raise InputError(f"{target}: the file does not say how the model was trained")
    with tempfile.TemporaryDirectory() as scratch:
        figures = score_small_case(model, Path(scratch))
    small = {name: getattr(figures, field) for name, field in FIGURES.items()}
    write_text(target.with_suffix(".md"), card_text(model, record, folder, small))


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path, nargs="?", help="the folder results of a run")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--scores", action="store_true", help="only copy the scores of scores.yaml")
    only.add_argument("--card", action="store_true", help="only write the card again")
    chosen = parser.parse_args()
    if (chosen.results is None) != chosen.card:
        parser.error("RESULTS or --card is needed, and not both")
    try:
        if chosen.scores:
            copy_tables(SCORES, chosen.results, FOLDER)
        elif chosen.results:
            copy_tables(SCORES | TRAINING, chosen.results, FOLDER)
            write_cost(chosen.results, FOLDER)
            ship(chosen.results, shipped_model_path())
        write_model_card(shipped_model_path(), FOLDER)
    except DeepPlunderError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
