import math
import os
from contextlib import suppress
from dataclasses import astuple
from functools import cache

from snakemake.logging import logger

SCRIPTS = WORKFLOW / "scripts"

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.audio.openmpt import MISSING, MODULE_SUFFIXES, is_there
from deep_plunder.evaluation.bench.kinds import bench_kind
from deep_plunder.evaluation.probes.spec import PROBES
from deep_plunder.util.clock import correct_future_times
from deep_plunder.util.code_version import code_version
from deep_plunder.util.contents import ContentDigests
from deep_plunder.util.listing import files_below
from deep_plunder.config.made import corpus_part, is_made, made_by, module_split
from deep_plunder.config.storage import FETCHED
from deep_plunder.config.validate import validate
from deep_plunder.corpus.usable_choices import sources_of
from deep_plunder.corpus.gather.packages import read_packages
from deep_plunder.extraction.batch import count_losses
from deep_plunder.corpus.fingerprints import (
    fingerprint_files,
    fingerprint_folder,
    fingerprint_songs,
)
from deep_plunder.corpus.song_reasons import ReasonCount, advice
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.styles import MODULES, PAPER, SCENES, STRUCK, style_weights
from deep_plunder.util.plotting import FORMATS
from deep_plunder.util.resources import SHIPPED, SHIPPED_MODELS, model_path
from deep_plunder.models.card import read_card
from deep_plunder.util.tables import read_records
from deep_plunder.models.registry import architecture, network_modules

CONFIG_FILES = [os.path.relpath(path) for path in workflow.configfiles]

try:
    config = validate(config, source=", ".join(CONFIG_FILES), root=Path.cwd())
except DeepPlunderError as error:
    raise WorkflowError(f"the configuration cannot be used:\n{error}")

MODELS = list(config["models"])
# Models that the run trains; the others are files.
TRAINED = [name for name in MODELS if config["models"][name]["file"] is None]
EXTRACTION = config["extraction"]
STORAGE = config["storage"]
DELIVERED = STORAGE["parts"] if STORAGE["deliver"] else []
PAPER_PROTOCOL = config["split"]["protocol"] == "paper"
# The paper validates on its test mixes (footnote 2), so its protocol needs no validation mixes.
VALIDATION_SPLIT = "test" if PAPER_PROTOCOL else "validation"
MIX_KEYS = MixSpec.names()
# What the parts of the public corpus that benches are made of hold.
CORPUS_KINDS = {"modules": "modules", "games": "modules", "solos": "solos"}
BENCH_KINDS = {
    name: (
        "split"
        if module_split(folder)
        else CORPUS_KINDS.get(corpus_part(folder)) or bench_kind(folder)
    )
    for name, folder in config["realbench"].items()
}
MODULE_KINDS = ("modules", "split")
RENDERED_KINDS = (*MODULE_KINDS, "stems", "solos")
LEFT_OUT = [
    name
    for name, kind in BENCH_KINDS.items()
    if kind in MODULE_KINDS and not is_there()
]
BENCHES = [name for name in BENCH_KINDS if name not in LEFT_OUT]


def of_kinds(*kinds):
    """Return the benches of some kinds."""
    return [name for name in BENCHES if BENCH_KINDS[name] in kinds]


PROBE_SPEC = config["probes"]
# The bench whose songs are changed for probes, if there is one.
VARIED = None if PROBE_SPEC["bench"] in LEFT_OUT else PROBE_SPEC["bench"]
FINDERS = MODELS + config["baselines"]
BASELINES = [name for name in config["baselines"] if name != SHIPPED]
CALIBRATED = [
    name
    for name in TRAINED
    if config["calibration"]["bench"]
    and architecture(config["models"][name]["architecture"]).is_calibrated
]
CORPUS_TABLE = config["gather"]["packages"] or str(
    WORKFLOW.parent / "resources/corpus/packages.tsv"
)
MODEL_FILES = {f"results/models/{name}/model.keras" for name in TRAINED} | {
    f"results/calibration/{name}/model.keras" for name in CALIBRATED
}
KEEP_AUDIO = config["mixes"]["keep_audio"]
# Trained models are evaluated on the test mixes alone.
USED_SPLITS = ["train", VALIDATION_SPLIT, "test"] if TRAINED else ["test"]
# The plans from which the mixes of a shard are rendered, for the chosen styles only.
STYLES = style_weights(config["mixes"]["style"])
PAPER_PLAN = "results/mixes/plan/{split}/{shard}.tsv" if PAPER in STYLES else []
SCENES_PLAN = (
    "results/mixes/scenes/{split}/{shard}.tsv"
    if STYLES.keys() & {SCENES, STRUCK}
    else []
)
MODULES_PLAN = "results/mixes/modules/{split}/{shard}.tsv" if MODULES in STYLES else []
# Mixes of tracker modules are rendered with the truth that the stage modules found.
MODULE_FOLDERS = config["modules"]["folders"]
# The seed decides only the further versions of modules.
_VERSIONS = config["modules"]["versions"]
MODULE_VERSIONS = {
    "versions": _VERSIONS,
    "seed": config["seed"] if _VERSIONS > 1 else 0,
}
MODULES_TABLE = ["results/modules/modules.tsv"] if MODULE_FOLDERS else []
MODULE_PARTS = [
    f"results/modules/parts/{shard:04d}"
    for shard in range(config["modules"]["shards"] if MODULE_FOLDERS else 0)
]
MIXED_MODULES = [*MODULES_TABLE, *MODULE_PARTS] if MODULES_PLAN else []
# Inputs that choices add to a training and to a calibration.
CHOICES = ["results/choices/choices.tsv"] if config["choices"]["files"] else []
TRAINS_ON_CHOICES = config["choices"]["use"] == "training"
CHOICE_FEATURES = (
    ["results/choices/features.npy"]
    if CHOICES and TRAINS_ON_CHOICES and TRAINED
    else []
)
CHOICE_LABELS = [
    path.replace("features.npy", "features.labels.npy") for path in CHOICE_FEATURES
]
# Models find clips in changed songs; the other baselines do not.
VARIANT_FINDERS = [name for name in FINDERS if VARIED and name not in BASELINES]
# Baselines need the audio of the mixes.
IN_TABLE1 = FINDERS if KEEP_AUDIO else MODELS

if config["calibration"]["bench"] in LEFT_OUT:
    raise WorkflowError(f"calibration.bench: {MISSING}")
if MODULE_FOLDERS and not is_there():
    raise WorkflowError(f"modules.folders: {MISSING}")
if LEFT_OUT and workflow.is_main_process:
    logger.warning(f"realbench: {', '.join(LEFT_OUT)} left out: {MISSING}")


# The prefix, if this workflow is a module of another one that gives it one.
PLACE = workflow.modifier.path_modifier


wildcard_constraints:
    split="train|validation|test",
    shard=r"\d{4}",
    model="|".join(MODELS),
    baseline="|".join(BASELINES) or "none",
    finder="|".join(FINDERS),
    bench="|".join([*BENCHES, PROBES]),


def placed(path):
    """Return the place of a file of this workflow: below the prefix of the module, if any.

    Snakemake adds the prefix to inputs and outputs by itself.
    """
    return str(PLACE.replace_prefix(path))


def found(path):
    """Return where a file of the configuration lies, which this workflow may make itself."""
    made = made_by(path) is not None or os.path.normpath(path) in MODEL_FILES
    return placed(path) if made else path


def environment(name):
    """Return the conda environment of a rule, with any braces in its path escaped."""
    path = str(WORKFLOW.parent / "envs" / name)
    return path.replace("{", "{{").replace("}", "}}")


def code_of(script, without=(), modules=()):
    """Return the version of all code that a script runs, except the modules `without`.

    Rules call it in functions, so that a job of a cluster computes only its own.
    """
    return cached_version(script, tuple(without), tuple(modules))


@cache
def cached_version(script, without, modules):
    return code_version(*modules, scripts=[SCRIPTS / script], without=without)


def code_of_models(script, *models):
    """Return the version of the code that a script runs for models, without other networks."""
    if not all(model in MODELS for model in models):
        # The network in a model file is unknown.
        return code_of(script)
    names = [config["models"][model]["architecture"] for model in models]
    return code_of(script, without=["models.registry"], modules=network_modules(*names))


# Modules that are imported only to render mixes of styles that this run does not use.
OTHER_STYLES = [
    name
    for name, plan in [
        ("mixes.render", PAPER_PLAN),
        ("mixes.scenes", SCENES_PLAN),
        ("mixes.modules", MODULES_PLAN),
    ]
    if not plan
]
# The settings that rendering uses; the other styles share only two with the paper's mixes.
RENDERED_KEYS = MIX_KEYS if PAPER_PLAN else ["duration_s", "sample_rate"]
# Isolation is measured when scenes are rendered, so these keys are no part of their plan.
TRUTH_KEYS = ["isolated_db", "margin_db", "min_region_s"]


def keys(section, *names):
    """Return the keys of a section of the configuration that a rule uses."""
    return {name: config[section][name] for name in names}


SCENES_TRUTH = keys("scenes", *TRUTH_KEYS) if SCENES_PLAN else {}
SCENES_PLANNED = {
    name: value for name, value in config["scenes"].items() if name not in TRUTH_KEYS
}


def training_of(model):
    """Return the training settings of a model."""
    return config["models"][model]["training"]


def seed_of(model):
    """Return the seed of a training."""
    seed = config["models"][model]["seed"]
    return config["seed"] if seed is None else seed


def start_of(model):
    """Return the file of the model that a training begins with, or None."""
    start = config["models"][model]["start"]
    return found(weights_file(start)) if start else None


def teachers_of(model):
    """Return the files of the models whose outputs a model learns from."""
    teachers = config["models"][model]["teachers"]
    return [found(weights_file(teacher)) for teacher in teachers]


def trained_from(model):
    """Return the models that a training begins with or learns from."""
    start, teachers = (
        config["models"][model]["start"],
        config["models"][model]["teachers"],
    )
    return [*([start] if start else []), *teachers]


def models_before(model):
    """Return the files of all models that a training needs."""
    return [weights_file(name) for name in trained_from(model)]


def weights_file(name):
    """Return the file of a model, or the name of one that ships, for `model_path`."""
    if name in TRAINED:
        return f"results/models/{name}/model.keras"
    return config["models"][name]["file"] if name in MODELS else name


def model_file(model):
    """Return the file of a model, calibrated if so configured, or the name of one that ships."""
    if model in CALIBRATED:
        return f"results/calibration/{model}/model.keras"
    return weights_file(model)


def runs_as_graph(model):
    """Return whether a model runs as a graph: on one core, in little memory."""
    if model in MODELS:
        return architecture(config["models"][model]["architecture"]).runs_as_graph
    return read_card(model_path(model)).network.architecture.runs_as_graph


def threads_of(model):
    """Return the number of threads of a job that runs a model."""
    return 1 if runs_as_graph(model) else 4


def per_attempt(amount):
    """Return a resource of which a job asks for as much again at each attempt."""
    return lambda wildcards, attempt: amount * attempt


def mem_mb_of(model):
    """Return the memory in MB of a job that runs a model."""
    return 1000 if runs_as_graph(model) else 4000


def mixes_of(split, shard):
    """Return the first mix of a shard, and the mix after its last."""
    size = config["mixes"]["per_shard"]
    first = int(shard) * size
    return [first, min(first + size, config["mixes"]["count"][split])]


def shards_of(split, pattern):
    """Return the paths of all shards of a split, in order."""
    shards = math.ceil(config["mixes"]["count"][split] / config["mixes"]["per_shard"])
    return [
        pattern.format(split=split, shard=f"{shard:04d}") for shard in range(shards)
    ]


def made_by_stages():
    """Return the files of all stages that later stages use.

    They must be targets. Otherwise Snakemake does not remake the outputs that a failed job
    removed, if everything made from them exists already.
    """
    patterns = [
        PAPER_PLAN,
        SCENES_PLAN,
        MODULES_PLAN,
        "results/features/{split}/{shard}.npy",
    ]
    if KEEP_AUDIO:
        patterns.append("results/mixes/audio/{split}/{shard}")
    return [
        "results/library/sounds.tsv",
        "results/library/onsets.json",
        "results/songs/songs.tsv",
        MODULES_TABLE,
        MODULE_PARTS,
        "results/splits.tsv",
        CHOICES,
        CHOICE_FEATURES,
        [
            shards_of(split, pattern)
            for split in USED_SPLITS
            for pattern in filter(None, patterns)
        ],
        [weights_file(model) for model in TRAINED],
        expand("results/evaluation/{finder}/table1.tsv", finder=IN_TABLE1),
        [bench_folder(name) for name in of_kinds(*RENDERED_KINDS)],
        expand(
            "results/realbench/{bench}/{finder}/{table}",
            bench=BENCHES,
            finder=FINDERS,
            table=["regions", "scores.tsv"],
        ),
        [bench_folder(PROBES), probed_by()] if PROBE_SPEC["events"] else [],
    ]


def figure(stem):
    """Return the files of a figure: one per format."""
    return [f"{stem}{suffix}" for suffix in FORMATS]


def final_files():
    """Return the files that a run makes, as inputs of `all`."""
    return [
        figure("results/figures/figure1_onsets"),
        figure("results/figures/figure2_mix"),
        expand(figure("results/models/{model}/figure3_network"), model=MODELS),
        expand(figure("results/models/{model}/figure4_losses"), model=TRAINED),
        expand(figure("results/calibration/{model}/reliability"), model=CALIBRATED),
        expand(
            figure("results/evaluation/{model}/figure5_precision_recall"), model=MODELS
        ),
        expand(figure("results/evaluation/{model}/figure6_roc"), model=MODELS),
        "results/evaluation/summary.md",
        ["results/realbench/summary.md"] if BENCHES else [],
        ["results/probes/summary.md"] if PROBE_SPEC["events"] else [],
        made_by_stages(),
        # Also missing where clips were deleted, since they lie beside the clips.
        CLIP_PARTS,
        "results/clips.tsv",
        "results/report/table1.html",
        "results/report/clips.html",
    ]


def targets_of(part):
    """Return the files that a run makes in a folder of results or beside it, as inputs."""
    heads = (f"results/{part}/", f"results/{part}.")
    return [path for path in flattened(final_files()) if path.startswith(heads)]


def flattened(paths):
    """Return the paths in lists of lists as one list."""
    if isinstance(paths, str):
        return [paths]
    return [path for inner in paths for path in flattened(inner)]


def delivered(part):
    """Return where a folder of results is delivered to."""
    return f"{STORAGE['deliver'].rstrip('/')}/{part}"


def stored_files(name):
    """Return the fingerprint of a folder to fetch, if it is mounted here."""
    folder = Path(STORAGE["fetch"][name])
    return (
        fingerprint_files(files_below(folder), digests=DIGESTS)
        if folder.is_dir()
        else None
    )


def probed_by():
    """Return the regions that every finder found in the probes."""
    return expand(
        "results/realbench/{bench}/{finder}/regions", bench=PROBES, finder=FINDERS
    )


def features_of(split):
    return shards_of(split, "results/features/{split}/{shard}.npy")


def labels_of(split):
    return shards_of(split, "results/features/{split}/{shard}.labels.npy")


def test_plans():
    """Return the plans of the test mixes in the paper's style."""
    return shards_of("test", PAPER_PLAN) if PAPER_PLAN else []


def regions_of(split):
    return shards_of(split, "results/features/{split}/{shard}.regions.tsv")


# Rules take a user's files as parameters, with a fingerprint of their content, and not as inputs:
# Snakemake compares times, and refuses a job if one of its inputs is dated in the future.
DIGESTS = ContentDigests(
    placed("results/cache/fingerprints.json"),
    note=logger.info if workflow.is_main_process else None,
)


def made_folders(paths):
    """Return the folders and files that the run makes and some paths lie in, as inputs."""
    return sorted({made for made in map(made_by, paths) if made is not None})


def made_library(wildcards=None):
    """Return the folder that the run makes and takes its sounds from, as an input."""
    return made_folders([config["library"]["path"]])


def made_playlists(wildcards=None):
    """Return the playlists, or their folders, that the run makes and uses, as inputs."""
    return made_folders(config["songs"]["sources"])


def made_songs(wildcards=None):
    """Return the folders that the run makes and finds songs in, as inputs."""
    corpora = {
        Path(path).parent for path in config["songs"]["sources"] if is_made(path)
    }
    mapped = [entry.partition("=")[2] for entry in config["songs"]["path_map"]]
    fetched = [path for path in made_playlists() if path.startswith(FETCHED)]
    return [
        *(
            Path(os.path.normpath(corpus), "songs").as_posix()
            for corpus in sorted(corpora)
        ),
        *sorted({*fetched, *made_folders(mapped)}),
    ]


@cache
def library_files(wildcards=None):
    """Return the fingerprints of the user's sounds and of the table of their classes."""
    path, classes = config["library"]["path"], config["library"]["classes"]
    return [
        None if made_library() else fingerprint_folder(path, digests=DIGESTS),
        None if classes is None else fingerprint_files([classes], digests=DIGESTS),
    ]


@cache
def onsets_file(wildcards=None):
    """Return the fingerprint of the user's onsets."""
    onsets = config["library"]["onsets"]
    return None if onsets is None else fingerprint_files([onsets], digests=DIGESTS)


@cache
def song_files(wildcards=None):
    """Return the fingerprint of the user's playlists and songs."""
    sources = [path for path in config["songs"]["sources"] if made_by(path) is None]
    path_map = config["songs"]["path_map"]
    return (
        # Fetched songs are inputs.
        fingerprint_songs(sources, path_map=path_map, without=FETCHED, digests=DIGESTS)
        if sources
        else None
    )


@cache
def choice_files(wildcards=None):
    """Return the fingerprints of the user's choices and of the songs that they name."""
    files = config["choices"]["files"]
    songs = sources_of(files)
    return [
        fingerprint_files(files, digests=DIGESTS),
        fingerprint_files(songs, digests=DIGESTS),
    ]


def made_module_folders(wildcards=None):
    """Return the folders that the run makes and takes tracker modules from, as inputs."""
    return made_folders(MODULE_FOLDERS)


@cache
def module_files(wildcards=None):
    """Return the fingerprints of the user's tracker modules."""
    return [
        fingerprint_folder(path, suffixes=MODULE_SUFFIXES, digests=DIGESTS)
        for path in MODULE_FOLDERS
        if made_by(path) is None
    ]


def packages_of(part):
    """Return the packages for a part of the corpus, as rows of their table."""
    try:
        return list(map(astuple, read_packages(CORPUS_TABLE, part)))
    except DeepPlunderError:
        # The stage that needs the table will report the fault.
        return None


def made_bench(name):
    """Return the folder of a bench if this run renders it, as an input."""
    return [] if BENCH_KINDS.get(name) == "bench" else [bench_folder(name)]


def bench_folder(name):
    """Return the folder of a bench: the user's, or the one that this run renders."""
    is_bench = BENCH_KINDS.get(name) == "bench"
    return config["realbench"][name] if is_bench else f"results/benches/{name}"


def bench_place(name):
    """Return where the folder of a bench lies."""
    folder = bench_folder(name)
    return folder if BENCH_KINDS.get(name) == "bench" else placed(folder)


@cache
def bench_files(name):
    """Return the fingerprint of the user's files of a bench."""
    if name == PROBES:
        return None
    suffixes = (
        MODULE_SUFFIXES
        if BENCH_KINDS[name] == "modules"
        else AUDIO_SUFFIXES | {".npy", ".tsv"}
    )
    folder = config["realbench"][name]
    return (
        None
        if is_made(folder) or module_split(folder)
        else fingerprint_folder(folder, suffixes=suffixes, digests=DIGESTS)
    )


def made_sources(name):
    """Return what the workflow makes and a bench is rendered from, as inputs."""
    folder = config["realbench"][name]
    if module_split(folder):
        return [*MODULES_TABLE, "results/splits.tsv", *made_module_folders()]
    return [os.path.normpath(folder)] if is_made(folder) else []


def made_models(*paths):
    """Return the model files among `paths` that this run makes, as inputs."""
    return [path for path in map(os.path.normpath, paths) if path in MODEL_FILES]


def other_models(*paths):
    """Return the digests of the model files among `paths` that this run does not make."""
    others = [path for path in paths if os.path.normpath(path) not in MODEL_FILES]
    return [
        digest for name in others for digest in DIGESTS.of([model_path(name)]).values()
    ]


def forest_of(wildcards):
    """Return the trained forest if a baseline needs it, as an input."""
    return ["results/baselines/forest.npz"] if wildcards.baseline == "forest" else []


def unused_by(baseline):
    """Return the modules that only other baselines run."""
    return [] if baseline == "forest" else ["evaluation.baselines.forest"]


# Whether the configuration lists the files to cut; otherwise two tables list the songs.
LISTED = isinstance(EXTRACTION["songs"], list)
SONG_TABLES = [] if LISTED else ["results/songs/songs.tsv", "results/splits.tsv"]


@cache
def extraction_files():
    """Return the fingerprint of the files to cut."""
    return (
        fingerprint_files(EXTRACTION["songs"], digests=DIGESTS)
        if LISTED
        else song_files()
    )


def made_classifier(wildcards=None):
    """Return the forest of classes if this run trains the one that is used, as an input."""
    path = EXTRACTION["classifier"]
    return [os.path.normpath(path)] if path is not None and is_made(path) else []


@cache
def classifier_file(wildcards=None):
    """Return the fingerprint of the user's forest of classes."""
    path = EXTRACTION["classifier"]
    is_other = path is not None and not is_made(path)
    return fingerprint_files([path], digests=DIGESTS) if is_other else None


def extraction_mixes(wildcards=None):
    """Return the folders of the test mixes to cut."""
    shards = math.ceil(EXTRACTION["mixes"] / config["mixes"]["per_shard"])
    return shards_of("test", "results/mixes/audio/{split}/{shard}")[:shards]


def show_scores():
    """Print the tables of all models: beside the paper's, on real music, and of the probes."""
    tables = [Path(placed("results/evaluation/summary.md"))]
    if BENCHES:
        tables.append(Path(placed("results/realbench/summary.md")))
    if PROBE_SPEC["events"]:
        tables.append(Path(placed("results/probes/summary.md")))
    texts = [path.read_text(encoding="utf-8") for path in tables if path.is_file()]
    if texts:
        clips = Path(placed("results/clips")).absolute()
        logger.info("\n".join(["", *texts, f"Clips: {clips}"]))
    counts = Path(placed("results/songs/summary.tsv"))
    # A run has ended well here, whatever became of this table since.
    with suppress(DeepPlunderError):
        if hint := advice(read_records(counts, ReasonCount)):
            logger.warning(hint)
