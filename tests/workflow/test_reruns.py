"""What an edit reruns: the stages that use what was edited, and no others.

Planning needs results that Snakemake believes, not real ones. So most of these tests plan on empty
files that `snakemake --touch` declared the results of two configurations: one with everything that
the workflow can do, and one that makes the paper's mixes alone.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from deep_plunder.training.spec import HistoryRow
from deep_plunder.util.tables import read_records

from .conftest import CONFIG, Run, changed, copy_repository, write_corpus

pytestmark = pytest.mark.workflow

CopyRun = Callable[..., Run]

SMALL = CONFIG["models"]["small"]
EVERYTHING = changed(
    library={"classes": "classes.tsv"},
    mixes={"style": {"paper": 1, "scenes": 1}},
    models={
        "small": SMALL,
        "tuned": SMALL | {"start": "start.keras", "teachers": ["small"]},
        "big": {"architecture": "paper"},
    },
    baselines=["onsets", "silence", "forest", "shipped"],
    realbench={"bench": "bench"},
    calibration={"bench": "bench"},
    extraction={"model": "tuned"},
)

FOLLOWERS = {
    "library": ["onsets", "figure_onsets", "split", "plan", "plan_scenes", "render", "figure_mix"],
    "onsets": ["figure_onsets", "plan", "plan_scenes"],
    "songs": ["split", "plan", "plan_scenes", "render", "figure_mix", "extract"],
    "split": ["plan", "plan_scenes", "extract"],
    "plan": ["render", "figure_mix"],
    "plan_scenes": ["render", "figure_mix"],
    "render": ["features", "train_forest", "evaluate_baseline", "evaluate_shipped", "extract"],
    "features": ["train", "evaluate"],
    "train": ["figure_losses", "calibrate", "evaluate", "find_by_model", "extract"],
    "calibrate": ["evaluate", "find_by_model", "extract"],
    "evaluate": ["compare", "report_pages"],
    "train_forest": ["evaluate_baseline", "find_by_baseline"],
    "evaluate_baseline": ["compare", "report_pages"],
    "evaluate_shipped": ["compare", "report_pages"],
    "find_by_model": ["score_bench"],
    "find_by_baseline": ["score_bench"],
    "score_bench": ["compare_benches"],
    "train_classes": ["extract"],
    "extract": ["list_clips"],
    "list_clips": ["report_pages"],
}
"""Which rules read the outputs of a rule."""

ONLY_IN_EVERYTHING = {
    "plan_scenes", "train_forest", "evaluate_baseline", "evaluate_shipped", "calibrate",
    "find_by_model", "find_by_baseline", "score_bench", "compare_benches",
}  # fmt: skip


def after(rules: Iterable[str], *, paper: bool = False) -> set[str]:
    """Add to rules all that follow them."""
    waiting, found = list(rules), set[str]()
    while waiting:
        rule = waiting.pop()
        if rule not in found and not (paper and rule in ONLY_IN_EVERYTHING):
            found.add(rule)
            waiting += FOLLOWERS.get(rule, [])
    return found


def write_inputs(folder: Path) -> None:
    """Write a corpus, a bench, a table of classes and a file that passes for a model."""
    write_corpus(folder)
    for name in ("audio", "regions", "labels32ms"):
        (folder / "bench" / name).mkdir(parents=True)
    shutil.copy(folder / "songs" / "song 0.flac", folder / "bench" / "audio" / "a.flac")
    np.save(folder / "bench" / "labels32ms" / "a.npy", np.zeros(9, np.uint8))
    (folder / "bench" / "regions" / "a.tsv").write_text("onset_s\toffset_s\n")
    (folder / "classes.tsv").write_text("file\tclass\nkick/kick 0 🥁's.wav\tkick\n")
    (folder / "start.keras").write_bytes(b"weights")


def believed(folder: Path, config: dict[str, Any]) -> Run:
    """Make empty files that Snakemake takes for the results of a whole run."""
    write_inputs(folder)
    run = Run(folder, copy_repository(folder / "repository"), config)
    summary = run.snakemake("--detailed-summary")
    assert summary.code == 0, summary.text
    for line in summary.text.splitlines():
        name = line.split("\t")[0]
        if name.startswith("results/"):
            path = folder / name
            (path if path.suffix == "" else path.parent).mkdir(parents=True, exist_ok=True)
            if path.suffix:
                path.touch()
    touched = run.snakemake("--touch", "--forceall", "--cores", "2")
    assert touched.code == 0, touched.text
    assert run.planned() == {}
    return run


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return believed(tmp_path_factory.mktemp("everything"), EVERYTHING)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return believed(tmp_path_factory.mktemp("paper"), changed())


@contextmanager
def edited(path: Path, text: str) -> Iterator[None]:
    """Add a text to a file, for a while."""
    before = path.read_text(encoding="utf-8")
    path.write_text(before + text, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def planned_for_module(run: Run, module: str) -> dict[str, int]:
    path = run.repository / "workflow" / "lib" / "deep_plunder" / f"{module}.py"
    with edited(path, "\n\nEDITED = True\n"):
        return run.planned()


def planned_for_keys(run: Run, sections: dict[str, Any]) -> dict[str, int]:
    before = run.config
    run.config = {
        name: {**section, **sections.get(name, {})} if isinstance(section, dict) else section
        for name, section in (before | {n: before.get(n, {}) for n in sections}).items()
    } | {name: value for name, value in sections.items() if not isinstance(value, dict)}
    try:
        return run.planned()
    finally:
        run.config = before


RENDER = ["render", "figure_mix"]
RUNS_MODEL = ["evaluate", "evaluate_shipped", "find_by_model", "extract"]
MODEL = ["train", "calibrate", *RUNS_MODEL]
HEARS_MIXES = ["features", "train_forest", "evaluate_baseline", "evaluate_shipped"]
BASELINE = ["train_forest", "evaluate_baseline", "find_by_baseline"]
SCORES = ["evaluate", "evaluate_baseline", "evaluate_shipped"]

MODULES = {
    "util/grids": ["compare", "compare_benches", "report_pages"],
    "util/plotting": ["figure_onsets", "figure_mix", "figure_network", "figure_losses", "evaluate",
                      "calibrate", "extract"],
    "audio/pitch": RENDER,
    "audio/fades": [*RENDER, "extract"],
    "audio/easings": ["plan", *RENDER, "extract"],
    "truth/isolation": [*RENDER, *HEARS_MIXES, *SCORES, "figure_network", "train", "calibrate",
                        "find_by_model", "extract"],
    "features/filters": ["figure_onsets", "figure_mix", "features", *MODEL],
    "synths/classes": ["plan_scenes"],
    "synths/drums": RENDER,
    "corpus/song_rules": ["songs"],
    "corpus/onsets": ["library"],
    "corpus/onset_table": ["onsets", "split"],
    "corpus/figures": ["figure_onsets"],
    "mixes/queues": ["plan"],
    "mixes/plan": ["plan"],
    "mixes/render": RENDER,
    "mixes/figures": ["figure_mix"],
    "mixes/scenes/patterns": ["plan_scenes"],
    "mixes/scenes/waves": RENDER,
    "mixes/modules/render": [],
    "dataset/shards": ["features", "train", "evaluate"],
    "dataset/shard_set": ["train", "evaluate"],
    "dataset/mixes": HEARS_MIXES,
    "decoding/refine": ["calibrate", *RUNS_MODEL],
    "decoding/paper": [*SCORES, "find_by_model", "extract"],
    "models/layers": ["figure_network", *MODEL],
    "models/figures": ["figure_network"],
    "pages/html": ["compare", "compare_benches", "report_pages"],
    "pages/gallery": ["extract", "report_pages"],
    "training/augmentation": ["train"],
    "training/figures": ["figure_losses"],
    "evaluation/baselines/forest": BASELINE,
    "evaluation/baselines/slices": BASELINE,
    "evaluation/bench/scores": ["score_bench", "calibrate"],
    "evaluation/bench/find": ["find_by_model", "find_by_baseline", "score_bench"],
    "evaluation/scoring": SCORES,
    "evaluation/curves": ["evaluate"],
    "evaluation/summary": ["compare", "report_pages"],
    "extraction/cut": ["extract"],
    "extraction/clips_page": ["report_pages"],
    "config/validate": [],
    "demo/sounds": [],
    "cli/extract": [],
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_a_module_reruns_the_rules_that_use_it(everything: Run, module: str) -> None:
    assert set(planned_for_module(everything, module)) == after(MODULES[module])


@pytest.mark.parametrize(
    ("module", "rules"),
    [
        ("synths/drums", []),
        ("synths/classes", []),
        ("mixes/scenes/render", []),
        ("mixes/scenes/spec", []),
        ("evaluation/baselines/forest", []),
        ("mixes/render", RENDER),
        ("mixes/plan", ["plan"]),
        ("models/networks/paper", []),
        ("models/networks/conv", ["train", "figure_network"]),
        ("models/registry", []),
    ],
)
def test_a_module_reruns_nothing_of_a_run_that_does_not_use_it(
    paper: Run, module: str, rules: list[str]
) -> None:
    assert set(planned_for_module(paper, module)) == after(rules, paper=True)


def test_a_baseline_does_not_depend_on_the_forest(everything: Run) -> None:
    planned = planned_for_module(everything, "evaluation/baselines/forest")
    assert (planned["evaluate_baseline"], planned["find_by_baseline"]) == (1, 1)
    planned = planned_for_module(everything, "evaluation/baselines/slices")
    assert (planned["evaluate_baseline"], planned["find_by_baseline"]) == (3, 3)


KEYS: list[tuple[dict[str, Any], list[str]]] = [
    ({"library": {"offset_method": "flip"}}, ["library"]),
    ({"library": {"keep_loops": True}}, ["library"]),
    ({"library": {"max_duration_s": 30}}, ["library"]),
    ({"songs": {"min_bit_rate_kbps": 1}}, ["songs"]),
    ({"split": {"validation": 0.25}}, ["split"]),
    ({"mixes": {"semitones": [0, 0]}}, ["plan"]),
    ({"mixes": {"cache_gb": 0.5}}, []),
    ({"scenes": {"waves": 0.5}}, ["plan_scenes"]),
    ({"scenes": {"isolated_db": 31}}, RENDER),
    (
        {"features": {"mel_bands": 64}},
        ["features", "figure_network", "evaluate_baseline", "evaluate_shipped"],
    ),
    ({"training": {"learning_rate": 0.02}}, ["train"]),
    ({"evaluation": {"frame_threshold": 0.4}}, ["evaluate", "evaluate_baseline"]),
    ({"evaluation": {"reference": "labels"}}, SCORES),
    ({"extraction": {"min_duration_s": 0.5}}, ["evaluate", "evaluate_shipped", "extract"]),
    ({"extraction": {"picture": False}}, ["extract"]),
    ({"extraction": {"classifier": "results/classes/classes.npz"}}, ["train_classes"]),
    ({"extraction": {"model": "shipped"}}, ["extract"]),
    ({"baselines": ["onsets"]}, ["compare", "compare_benches", "report_pages"]),
    ({"demo": {"sounds": 50}}, []),
]


@pytest.mark.parametrize(
    ("sections", "rules"),
    KEYS,
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_key_reruns_the_rules_that_use_it(
    everything: Run, sections: dict[str, Any], rules: list[str]
) -> None:
    assert set(planned_for_keys(everything, sections)) == after(rules)


def test_edited_onsets_rerun_what_depends_on_them(paper: Run) -> None:
    edited_copy = paper.folder / "edited.json"
    edited_copy.write_text("{}", encoding="utf-8")
    planned = planned_for_keys(paper, {"library": {"onsets": "edited.json"}})
    assert set(planned) == after(["onsets"], paper=True)
    assert not {"library", "songs", "split"} & set(planned)
    edited_copy.unlink()


@pytest.mark.parametrize("sections", [{"scenes": {"waves": 0.5}}, {"scenes": {"isolated_db": 31}}])
def test_keys_of_scenes_change_no_mixes_of_the_paper(paper: Run, sections: dict[str, Any]) -> None:
    assert planned_for_keys(paper, sections) == {}


def test_a_key_of_one_model_leaves_the_others_alone(everything: Run) -> None:
    models = EVERYTHING["models"] | {"big": {"architecture": "paper", "seed": 3}}
    planned = planned_for_keys(everything, {"models": models})
    assert (planned["train"], planned["evaluate"], planned["find_by_model"]) == (1, 1, 1)
    assert set(planned) == after(["train"]) - {"calibrate", *after(["extract"])} | {"report_pages"}


INPUTS = {
    "library/hat/hat 0 🥁's.wav": ["library", *RENDER],
    "songs/song 1.flac": ["songs", *RENDER, "extract"],
    "listed.ogg": ["songs", *RENDER, "extract"],
    "list.m3u8": ["songs", *RENDER, "extract"],
    "classes.tsv": ["library", *RENDER],
    "bench/audio/a.flac": ["calibrate", "find_by_model", "find_by_baseline", "score_bench"],
    "bench/regions/a.tsv": ["calibrate", "find_by_model", "find_by_baseline", "score_bench"],
    "start.keras": ["train"],
}


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_counts_by_its_content(everything: Run, name: str) -> None:
    path = everything.folder / name
    content, before = path.read_bytes(), path.stat()
    # Only one bit, and neither size nor time.
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    rerun = everything.planned()
    # The same again, as another file that is dated in the future.
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (4e9, 4e9))
    assert (set(rerun), everything.planned()) == (after(INPUTS[name]), {})


def test_more_mixes_make_only_the_shards_that_are_new(copy_run: CopyRun) -> None:
    run = copy_run()
    kept = run.results / "features" / "train" / "0001.npy"
    before = kept.stat().st_mtime_ns
    # The last shard held one mix of five; it gets its second, and one more shard is new.
    run.config = changed(mixes={"count": {"train": 8, "validation": 2, "test": 3}})
    planned = run.planned()
    assert {rule: planned[rule] for rule in ("plan", "render", "features", "train")} == {
        "plan": 2, "render": 2, "features": 2, "train": 1,
    }  # fmt: skip
    assert "library" not in planned
    outcome = run.snakemake("--cores", "2", *features_of("train", 4))
    assert outcome.code == 0, outcome.text[-4000:]
    assert kept.stat().st_mtime_ns == before


def features_of(split: str, shards: int) -> list[str]:
    return [f"results/features/{split}/{shard:04d}.npy" for shard in range(shards)]


def test_another_model_leaves_the_first_alone(copy_run: CopyRun) -> None:
    run = copy_run()
    run.config = changed(models=run.config["models"] | {"other": {"architecture": "conv"}})
    assert run.planned() == {
        "train": 1, "evaluate": 1, "figure_network": 1, "figure_losses": 1, "compare": 1,
        "report_pages": 1,
    }  # fmt: skip


def test_a_model_is_made_from_others_that_are_trained_before(copy_run: CopyRun) -> None:
    run = copy_run()
    ((name, first),) = run.config["models"].items()
    tuned, taught = first | {"start": name}, first | {"teachers": [name, "tuned"]}
    run.config = changed(models={name: first, "taught": taught, "tuned": tuned})
    outcome = run.snakemake("--cores", "2", "results/models/taught/model.keras")
    assert (outcome.code, outcome.rules) == (0, {"train": 2}), outcome.text[-3000:]
    losses = {
        read_records(run.results / "models" / model / "history.tsv", HistoryRow)[-1].val_loss
        for model in (name, "tuned", "taught")
    }
    assert len(losses) == 3
    with (run.results / "models" / name / "model.keras").open("ab") as file:
        file.write(b"other weights")
    assert run.planned()["train"] == 2


def test_a_model_of_a_file_is_evaluated_and_used_without_training(copy_run: CopyRun) -> None:
    run = copy_run()
    (name,) = run.config["models"]
    trained = run.results / "models" / name / "model.keras"
    trained.rename(run.folder / "given.keras")
    shutil.rmtree(run.results / "features" / "train")
    run.config = changed(extraction={"model": "given"})
    run.config["models"] = {"given": {"file": "given.keras"}}
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-3000:]
    once = ("figure_network", "evaluate", "compare", "extract", "list_clips", "report_pages")
    assert outcome.rules == dict.fromkeys(once, 1)
    tables = [run.results / "evaluation" / model / "per_file.tsv" for model in (name, "given")]
    assert tables[0].read_bytes() == tables[1].read_bytes()
    with (run.folder / "given.keras").open("r+b") as file:
        file.truncate(1000)
    outcome = run.snakemake("--dry-run")
    assert outcome.code == 1
    assert "models.given.file: " in outcome.text and "given.keras: is not a model" in outcome.text


def test_inputs_dated_in_the_future_keep_no_run_from_finishing(copy_run: CopyRun) -> None:
    run = copy_run()
    started = run.folder / "started.keras"
    shutil.copy(run.results / "models" / "small" / "model.keras", started)
    tuned = run.config["models"]["small"] | {"start": "started.keras"}
    # Braces would be wildcards in the name of an input.
    (run.folder / "library").rename(run.folder / "sounds {x}")
    run.config = changed(
        library={"path": "sounds {x}"},
        models={"small": run.config["models"]["small"], "tuned": tuned},
        extraction={"songs": ["songs/song 1.flac", "listed.ogg"], "model": "tuned"},
    )
    for path in [
        *run.folder.glob("*.*"),
        *run.folder.glob("sounds*/*/*"),
        *run.folder.glob("songs/*"),
    ]:
        os.utime(path, (4e9, 4e9))
    for name in ("library", "songs", "clips"):
        shutil.rmtree(run.results / name)
    outcome = run.snakemake("--cores", "2", timeout=600)
    assert outcome.code == 0, outcome.text[-4000:]
    assert {"library", "songs", "render", "train", "extract"} <= set(outcome.rules)
    assert run.planned() == {}


def test_clips_that_were_deleted_are_cut_again(copy_run: CopyRun) -> None:
    run = copy_run()
    shutil.rmtree(run.results / "clips")
    assert set(run.planned()) == {"extract", "list_clips", "report_pages"}


def test_comments_and_docstrings_rerun_nothing(copy_run: CopyRun) -> None:
    run = copy_run(own_repository=True)
    for path in [
        *(run.repository / "workflow" / "lib" / "deep_plunder").rglob("*.py"),
        *(run.repository / "workflow" / "scripts").glob("*.py"),
    ]:
        text = path.read_text(encoding="utf-8")
        text = text.replace('"""', '"""Edited. ', 1) if text.startswith('"""') else text
        path.write_text(text + "\n# A comment.\n", encoding="utf-8")
    assert run.planned() == {}


def test_a_script_reruns_its_rule(everything: Run) -> None:
    with edited(
        everything.repository / "workflow" / "scripts" / "draw_onsets.py", "\nEDITED = 1\n"
    ):
        assert everything.planned() == {"figure_onsets": 1}


def test_sounds_that_are_added_or_deleted_count_and_other_files_do_not(paper: Run) -> None:
    library = paper.folder / "library"
    for name in (".DS_Store", "notes.txt", "hat/._hat.wav"):
        (library / name).write_bytes(b"1")
    (paper.folder / "songs" / "._song 1.flac").write_bytes(b"1")
    assert paper.planned() == {}
    added = library / "hat" / "new.wav"
    soundfile.write(added, np.sin(np.arange(9000)) * np.exp(-np.arange(9000) / 900), 44100)
    assert set(paper.planned()) == after(["library"], paper=True)
    added.unlink()
    assert paper.planned() == {}
    deleted = library / "kick" / "kick 0 🥁's.wav"
    content = deleted.read_bytes()
    deleted.unlink()
    assert set(paper.planned()) == after(["library"], paper=True)
    deleted.write_bytes(content)
    assert paper.planned() == {}
