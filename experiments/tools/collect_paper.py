"""Copy the outcome of an experiment with the paper's network from a run's results.

    python experiments/tools/collect_paper.py RESULTS FOLDER [--name NAME] [--ship]
        [--configfile FILE...]

FOLDER gets the files of RESULTS (a run's folder ``results``) that stand in `FILES`, as far as they
exist, figure 4, and the weights with 16 bits as ``model.keras``. So training and evaluation may be
runs of their own, collected one after the other. With ``--configfile`` it also gets the
configuration of these files with all defaults. With ``--ship`` the weights go to
``resources/models/paper.keras`` instead, and the model card beside it is written from FOLDER when
it holds configuration, history and scores. ``--name`` names another model or a baseline of the
run.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from deep_plunder.config.reading import read_configuration, read_configurations
from deep_plunder.config.validate import validate
from deep_plunder.errors import DeepPlunderError, InputError
from deep_plunder.evaluation.intervals import IntervalRow
from deep_plunder.evaluation.table1 import METRICS, PAPER_TABLE1, TableRow
from deep_plunder.models.card import Card, read_card
from deep_plunder.models.model_file import load_model
from deep_plunder.models.record import read_record
from deep_plunder.models.storing import store_model
from deep_plunder.training.figures import draw_history
from deep_plunder.training.spec import SELECTIONS, HistoryRow
from deep_plunder.util.files import write_text
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.plotting import FORMATS
from deep_plunder.util.resources import SHIPPED_MODELS, SHIPPED_PAPER
from deep_plunder.util.tables import read_records

FILES = (
    "models/{name}/history.tsv",
    *(f"models/{{name}}/figure3_network{suffix}" for suffix in FORMATS),
    "evaluation/{name}/table1.tsv",
    "evaluation/{name}/intervals.tsv",
    "evaluation/{name}/per_file.tsv",
    "evaluation/{name}/clips.tsv",
    "evaluation/{name}/areas.tsv",
    "evaluation/{name}/curves.tsv",
    *(f"evaluation/{{name}}/figure5_precision_recall{suffix}" for suffix in FORMATS),
    *(f"evaluation/{{name}}/figure6_roc{suffix}" for suffix in FORMATS),
)
"""The files of a model or baseline that are copied, below ``results``."""

WEIGHTS = "models/{name}/model.keras"
SHIPPED_FILE = Path(__file__).resolve().parents[2] / SHIPPED_MODELS[SHIPPED_PAPER]

_CARD = """\
# Model card: paper

`paper.keras` is the network of the paper (Braun, 2020), trained anew. `deep-plunder extract
--model paper` uses it, and so does the workflow with `extraction: {{model: shipped-paper}}` or
`models: {{NAME: {{file: shipped-paper}}}}`.

| | |
|---|---|
| network | `{network}`, {parameters:,} weights, stored with 16 bits |
| input | {rate:g} kHz, {bands} mel bands of {window:g} ms, {hop:g} ms per frame |
| training | {epochs} of at most {most} epochs; the weights are those of epoch {best}, by the \
validation loss ({chosen_by}) |
| time | {hours:.1f} hours |
| batch normalization | statistics of 256 training mixes, computed at these weights |
| decoder | the paper's: a clip begins where the onset output rises above 0.2, and ends where the \
frame output falls below 0.2 |
| experiment | [experiments/paper](../../experiments/paper/README.md): data, protocol, commands |
| licence of the weights | MIT, like the project |

## Scores

Per cent, on the 174 test mixes of the experiment. No sound and no song of the test mixes is heard
in training. The intervals of 95 % are of the mean, over songs and mixes. The paper's figures are
for its own mixes, whose sounds and songs are heard in training too.

{scores}
`snakemake --cores 2 --configfile experiments/paper/evaluate.yaml --directory DIR` computes them
again from the weights.

## Limits

- The network is trained on the paper's mixes: strings of single sounds and of song excerpts. Real
  songs differ, and the paper finds that the network does not serve there (section 5.3). For songs
  there is the model that `deep-plunder extract` uses by default
  ([model card](../../resources/models/shipped.md)).
- Its scores are means of its frame output, not probabilities that a clip is usable.
- It sees frequencies up to {highest:g} kHz.
"""


def _training(folder: Path, name: str) -> dict[str, Any]:
    """Return the settings of a training, with all defaults."""
    config = read_configuration(folder / "configuration.yaml")
    training: dict[str, Any] = config["models"][name]["training"]
    return training


def card_text(card: Card, parameters: int, folder: Path) -> str:
    """Return the model card: the network, its training and its scores.

    Parameters
    ----------
    card : Card
        The card of the model file.
    parameters : int
        Number of weights.
    folder : Path
        Folder with the configuration, the history, Table 1 and its intervals.
    """
    history = read_records(folder / "history.tsv", HistoryRow)
    table = read_records(folder / "table1.tsv", TableRow)
    ranges = {
        (row.output, row.metric): f"{row.low:.1f} to {row.high:.1f}"
        for row in read_records(folder / "intervals.tsv", IntervalRow)
    }
    grid = [["", "mean ± deviation", "interval", "the paper's"]]
    for names, own, paper in zip(METRICS.values(), table, PAPER_TABLE1, strict=True):
        cells = [f"{row.mean:.1f} ± {row.std:.1f}" for row in (own, paper)]
        grid.append([": ".join(names), cells[0], ranges[names], cells[1]])
    training = _training(folder, "paper")
    chosen_by = SELECTIONS[training["select_by"]]
    validated = [row for row in history if not math.isnan(row.val_loss)]
    spec = card.spec
    return _CARD.format(
        network=card.network.name,
        parameters=parameters,
        rate=spec.sample_rate / 1000,
        bands=spec.mel_bands,
        window=1000 * spec.n_fft / spec.sample_rate,
        hop=1000 * spec.hop_s,
        epochs=len(history),
        most=training["epochs"],
        best=min(validated, key=lambda row: float(getattr(row, f"val_{chosen_by}"))).epoch,
        chosen_by=training["select_by"],
        hours=sum(row.seconds for row in history) / 3600,
        scores=markdown_grid(grid),
        highest=spec.fmax / 1000,
    )


def collect(
    results: Path, folder: Path, *, name: str = "paper", configfiles: list[Path], weights: Path
) -> list[Path]:
    """Copy the files of a run, and write its weights with 16 bits.

    Parameters
    ----------
    results : Path
        A run's folder ``results``.
    folder : Path
        Folder for the copies.
    name : str
        Name of the model or baseline in the run.
    configfiles : list of Path
        Configuration files of the run, each laid over those before it.
    weights : Path
        File for the weights.

    Returns
    -------
    written : list of Path

    Raises
    ------
    InputError
        If `results` holds none of the files.
    """
    found = [
        path for path in (results / place.format(name=name) for place in FILES) if path.is_file()
    ]
    model = results / WEIGHTS.format(name=name)
    if not found and not model.is_file():
        raise InputError(f"{results}: must hold models/{name} or evaluation/{name} of a run")
    folder.mkdir(parents=True, exist_ok=True)
    written = [Path(shutil.copyfile(path, folder / path.name)) for path in found]
    if configfiles:
        source = ", ".join(map(str, configfiles))
        config = validate(read_configurations(configfiles), source=source)
        written.append(folder / "configuration.yaml")
        write_text(written[-1], yaml.safe_dump(config, sort_keys=False))
    if (folder / "history.tsv") in written:
        written.append(folder / "figure4_losses.png")
        select_by = _training(folder, name)["select_by"]
        draw_history(folder / "history.tsv", written[-1], title=name, select_by=select_by)
    if model.is_file():
        store_model(weights, load_model(model), half=True, record=read_record(model))
        written.append(weights)
    return written


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path, help="the folder results of a run")
    parser.add_argument("folder", type=Path, help="folder for the copies")
    parser.add_argument("--configfile", type=Path, nargs="+", default=[], help="its configuration")
    parser.add_argument("--name", default="paper", help="the model or baseline (default: paper)")
    parser.add_argument("--ship", action="store_true", help="make it the model shipped-paper")
    chosen = parser.parse_args()
    weights = SHIPPED_FILE if chosen.ship else chosen.folder / "model.keras"
    try:
        written = collect(
            chosen.results,
            chosen.folder,
            name=chosen.name,
            configfiles=chosen.configfile,
            weights=weights,
        )
        names = ("configuration.yaml", "history.tsv", "table1.tsv", "intervals.tsv")
        needed = [chosen.folder / name for name in names]
        if chosen.ship and weights.is_file() and all(path.is_file() for path in needed):
            parameters = load_model(weights).model.count_params()
            written.append(weights.with_suffix(".md"))
            write_text(written[-1], card_text(read_card(weights), parameters, chosen.folder))
    except (DeepPlunderError, OSError) as error:
        sys.exit(str(error))
    for path in written:
        print(path)


if __name__ == "__main__":
    main()
