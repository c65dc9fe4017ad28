"""Write the card of the model that ships from the tables of its run (experiments/shipped)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deep_plunder.evaluation.bench.report import SummaryRow
from deep_plunder.evaluation.probes.report import ProbeRow
from deep_plunder.models.model_file import LoadedModel
from deep_plunder.util.grids import markdown_grid
from deep_plunder.util.tables import read_records

__all__ = ["BENCHES", "FORMER", "NAME", "Cost", "card_text", "cost_of"]

NAME = "real_songs"
"""The model of config/shipped.yaml that ships."""
FORMER = "former"
"""The model that shipped before, from which this one was trained: a finder in the run's tables."""

BENCHES = {
    "reported": "modules",
    "games": "`games`",
    "dev": "`dev`",
    "val": "`val`",
}
"""The benches that the card states, and their titles."""

_SCORES = (
    ("clip_ap", "all", "average precision of all clips found, ranked by score"),
    ("calibration_error", "all", "their expected calibration error"),
    ("frame_macro_f1", "cut", "clips cut by default: frame F1, mean over songs"),
    ("note_macro_f1", "cut", "the same clips: note F1, mean over songs"),
    ("clip_usable", "cut", "the same clips: usable clips"),
    ("found", "cut", "the same clips: isolated sounds found"),
    ("false_s_per_min", "cut", "the same clips: seconds cut wrongly per minute of music"),
)

_CARD = (Path(__file__).parent / "card.template").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a rule's jobs: a row of ``cost.tsv``.

    Attributes
    ----------
    rule : str
        Folder of the rule's benchmarks.
    jobs : int
    cpu_s : float
        CPU time of all jobs in seconds.
    memory_mb : float
        Greatest resident memory of a job, in MB.
    """

    rule: str
    jobs: int
    cpu_s: float
    memory_mb: float


def cost_of(benchmarks: Path) -> list[Cost]:
    """Return the cost of each rule of a run.

    Parameters
    ----------
    benchmarks : Path
        The folder ``results/benchmarks``.
    """
    rows: dict[str, list[dict[str, str]]] = {}
    for path in sorted(benchmarks.rglob("*.tsv")):
        rule = path.relative_to(benchmarks).parts[0].removesuffix(".tsv")
        with path.open(encoding="utf-8", newline="") as file:
            rows.setdefault(rule, []).extend(csv.DictReader(file, delimiter="\t"))
    return [
        Cost(
            rule,
            len(jobs),
            round(sum(float(job["cpu_time"]) for job in jobs), 1),
            max(float(job["max_rss"]) for job in jobs),
        )
        for rule, jobs in rows.items()
    ]


def _score_grid(rows: Sequence[Any]) -> str:
    found = {(row.bench, row.finder, row.regions): row for row in rows}
    benches = [name for name in BENCHES if (name, NAME, "cut") in found]
    grid = [["", *(BENCHES[name] for name in benches)]]
    grid.append(
        ["songs with isolated sounds", *(str(found[b, NAME, "cut"].songs) for b in benches)]
    )
    for field, regions, title in _SCORES:
        digits = 2 if field == "false_s_per_min" else 1
        cells = []
        for bench in benches:
            own, former = (
                getattr(found[bench, finder, regions], field) for finder in (NAME, FORMER)
            )
            cells.append(f"{own:.{digits}f} ({former:.{digits}f})")
        grid.append([title, *cells])
    return markdown_grid(grid)


def _probe_grid(rows: Iterable[ProbeRow]) -> str:
    found = {(row.finder, row.probe): row for row in rows}
    grid = [["", "bar", "events or clips", "this model", "before"]]
    for (finder, probe), row in found.items():
        if finder == NAME:
            former = found.get((FORMER, probe))
            bar = f"{'≥' if row.wanted else '≤'} {row.bar:.0f}"
            shares = [f"{row.share:.1f}", f"{former.share:.1f}" if former else ""]
            grid.append([f"`{probe}`", bar, str(row.count), *shares])
    return markdown_grid(grid)


def _training(record: Mapping[str, Any]) -> str:
    """Describe the trainings of a run, each in a phrase."""
    config = record["configuration"]
    parts = []
    for name, model in config["models"].items():
        if model["file"]:
            continue
        training = config["training"] | model["training"]
        steps = training["epochs"] * training["steps_per_epoch"]
        seconds = training["crop_frames"] * config["features"]["hop"]
        seconds /= config["features"]["sample_rate"]
        text = f"`{name}`: {steps:,} steps of {training['batch_size']} parts of {seconds:.1f} s"
        if model["start"]:
            text += f", from the weights of `{model['start']}`"
        if model["teachers"]:
            teachers = " and ".join(f"`{teacher}`" for teacher in model["teachers"])
            text += f"; {1 - training['label_share']:.0%} of the targets are outputs of {teachers}"
        parts.append(text.replace("%", " %"))
    return "; ".join(parts)


def _input(model: LoadedModel) -> str:
    """Describe the audio and the bands that a model takes."""
    spec = model.spec
    long, short = (1000 * n / spec.sample_rate for n in (spec.n_fft, spec.short_n_fft))
    if spec.short_steps == 1:
        return (
            f"audio at {spec.sample_rate / 1000:g} kHz: {spec.mel_bands} mel bands of a window of "
            f"{long:g} ms at every {model.long_step}th frame, {spec.short_bands} of a window of "
            f"{short:g} ms at every frame, and the part of these off the main stereo direction"
        )
    return (
        f"audio at its own rate of 44.1 or 48 kHz (others are resampled): {spec.mel_bands} mel "
        f"bands of a window of {long:g} ms at every {model.long_step}th frame; {spec.short_bands} "
        f"of a window of {short:g} ms, {spec.short_steps} times per frame, up to "
        f"{spec.fmax / 1000:g} kHz; and as many of the difference between left and right"
    )


def _recorded(folder: Path) -> str:
    """State the clips that are cut from recorded bands, where the run has that bench."""
    rows: list[Any] = read_records(folder / "scores.tsv", SummaryRow)
    cut = {row.finder: row for row in rows if (row.bench, row.regions) == ("recorded", "cut")}
    if NAME not in cut:
        return ""
    own, former = (
        f"{cut[name].clips + cut[name].unscored} clips, {cut[name].clips} of them certainly false"
        for name in (NAME, FORMER)
    )
    return (
        f"From eight songs of recorded bands (`recorded`) the model cuts {own}.\n"
        f"The model that shipped before cuts {former}.\n"
    )


def card_text(
    model: LoadedModel, record: Mapping[str, Any], folder: Path, small: Mapping[str, float]
) -> str:
    """Return the model card.

    Parameters
    ----------
    model : LoadedModel
        The model that ships.
    record : mapping
        How it was trained (`models.record.read_record`).
    folder : Path
        Folder with ``scores.tsv``, ``probes.tsv`` and ``cost.tsv`` of the run.
    small : mapping of str to float
        The figures of the small test, in per cent.

    Returns
    -------
    text : str
    """
    spec, config = model.spec, record["configuration"]
    more = len(config["modules"]["folders"]) > 1
    costs = read_records(folder / "cost.tsv", Cost)
    styles = ", ".join(
        f"{100 * share:g} % {style}" for style, share in config["mixes"]["style"].items()
    )
    return _CARD.format(
        network=model.architecture,
        sizes="its default sizes"
        if not config["models"][NAME]["sizes"]
        else f"the sizes {model.sizes}",
        millions=model.model.count_params() / 1e6,
        hop=1000 * spec.hop_s,
        input=_input(model),
        files="config/shipped.yaml" + (" config/more_modules.yaml" if more else ""),
        mixes=config["mixes"]["count"]["train"],
        styles=styles,
        more=(
            ", and 1,472 tracker modules from public repositories, most of which state no licence "
            "([list](../../resources/corpus/modules.tsv))"
            if more
            else ""
        ),
        training=_training(record),
        hours=sum(cost.cpu_s for cost in costs) / 3600,
        training_hours=sum(cost.cpu_s for cost in costs if cost.rule == "train") / 3600,
        recorded=_recorded(folder),
        scores=_score_grid(read_records(folder / "scores.tsv", SummaryRow)),
        probes=_probe_grid(read_records(folder / "probes.tsv", ProbeRow)),
        small=markdown_grid(
            [["figure", "per cent"], *([name, f"{value:.1f}"] for name, value in small.items())]
        ),
    )
