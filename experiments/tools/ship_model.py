"""Make the outcome of config/shipped.yaml the model that ships.

    python experiments/tools/ship_model.py RESULTS [MODEL]

It writes the calibrated model of a run with 16-bit weights, its decoder, and how it was trained.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.record import read_record
from deep_plunder.util.resources import shipped_model_path

NAME = "real_songs"
"""The model of config/shipped.yaml that ships."""


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
    loaded, record = load_model(source), read_record(source)
    save_model(
        target,
        loaded.model,
        architecture=loaded.architecture,
        sizes=loaded.sizes,
        spec=loaded.spec,
        decoder=loaded.decoder,
        half=True,
        record=None if record is None else json.dumps(record, indent=1, sort_keys=True) + "\n",
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path, help="the folder results of a run")
    parser.add_argument("model", type=Path, nargs="?", default=shipped_model_path())
    chosen = parser.parse_args()
    ship(chosen.results, chosen.model)


if __name__ == "__main__":
    main()
