"""Check the values of a configuration against each other, and the files that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deep_plunder.config.definition import Configuration
from deep_plunder.config.made import corpus_part, is_made, module_split
from deep_plunder.config.messages import Fault, Path_
from deep_plunder.config.storage import fetched_folder
from deep_plunder.errors import ConfigError
from deep_plunder.evaluation.bench.kinds import bench_kind
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.spec import MixCounts
from deep_plunder.mixes.styles import MODULES, style_weights
from deep_plunder.models.registry import network
from deep_plunder.training.spec import frame_faults, variation_faults
from deep_plunder.util.bounds import bare, show
from deep_plunder.util.resources import SHIPPED, SHIPPED_MODELS
from deep_plunder.util.settings import Rule, Settings, kinds

__all__ = ["cross_faults", "missing_files"]

_CUTTER: Path_ = ("extraction", "model")

_FILES = (
    ("library", "path", False, True),
    ("library", "classes", False, False),
    ("library", "onsets", False, False),
    ("songs", "sources", True, False),
    ("extraction", "songs", True, False),
    ("modules", "folders", True, True),
    ("choices", "files", True, False),
    ("gather", "debs", False, True),
    ("gather", "packages", False, False),
    ("extraction", "classifier", False, False),
)
"""Keys that name files: section, key, whether they are a list, whether they must be folders."""

_FETCHABLE = (("library", "path"), ("songs", "sources"), ("modules", "folders"))
"""Keys that may name fetched folders, and what is in them, before they are there."""

_RULES = (
    Rule(
        ("features.sample_rate", "mixes.sample_rate", "features.short_steps"),
        lambda features, mixes, steps: features <= mixes or steps > 1,
        "must not exceed mixes.sample_rate unless features.short_steps is above 1",
    ),
    *(
        Rule(
            (f"mixes.count.{split}", "mixes.per_shard"),
            lambda count, size: count <= 9999 * size,
            "must make at most 9999 shards of mixes.per_shard",
        )
        for split in MixCounts.names()
    ),
    Rule(
        ("extraction.mixes", "mixes.count.test"),
        lambda mixes, count: mixes <= count,
        "must not exceed mixes.count.test",
    ),
    Rule(
        ("extraction.mixes", "mixes.keep_audio"),
        lambda mixes, kept: kept or not mixes,
        "must be 0 unless mixes.keep_audio is true",
    ),
    Rule(
        ("baselines", "mixes.keep_audio"),
        lambda baselines, kept: kept or "forest" not in baselines,
        "must not hold forest unless mixes.keep_audio is true",
    ),
    Rule(
        ("probes.bench", "realbench"),
        lambda bench, benches: bench is None or bench in benches,
        "must be one of the benches of realbench",
    ),
    Rule(
        ("calibration.bench", "realbench"),
        lambda bench, benches: bench is None or bench in benches,
        "must be one of the benches of realbench",
    ),
    Rule(
        ("choices.use", "calibration.bench", "choices.files"),
        lambda use, bench, files: use == "training" or bench is not None or not files,
        "must be training unless calibration.bench names a bench",
    ),
    Rule(
        ("mixes.style", "modules.folders"),
        lambda style, folders: folders or MODULES not in style_weights(style),
        "must not use modules unless modules.folders names a folder",
    ),
    Rule(
        ("realbench", "modules.folders"),
        lambda benches, folders: folders or not any(map(module_split, benches.values())),
        "must not name results/modules unless modules.folders names a folder",
    ),
)
"""Rules that compare keys of several sections."""


def _section_rules() -> Iterator[Rule]:
    """Yield the rules of each section, with the full names of their keys."""
    for name, kind in kinds(Configuration).items():
        section = bare(kind)
        if isinstance(section, type) and issubclass(section, Settings):
            for rule in section.rules:
                yield replace(rule, keys=tuple(f"{name}.{key}" for key in rule.keys))


def _value_at(config: Mapping[str, Any], path: Path_) -> Any:
    value: Any = config
    for part in path:
        value = value[part]
    return value


def cross_faults(config: dict[str, Any], broken: Iterable[Path_]) -> list[Fault]:
    """Check values against each other, leaving out keys that are wrong by themselves.

    Parameters
    ----------
    config : dict
        With every default filled in.
    broken : iterable of path
        Places of the keys that are wrong by themselves.

    Returns
    -------
    faults : list of (path, text)
    """
    faults: list[Fault] = []
    broken = list(broken)
    for rule in (*_section_rules(), *_RULES):
        paths = [tuple(key.split(".")) for key in rule.keys]
        if _are_sound(paths, broken):
            fault = rule.fault([_value_at(config, path) for path in paths])
            faults += [(paths[0], fault)] if fault else []
    models = config.get("models")
    if isinstance(models, dict):
        model = config["extraction"]["model"] if _are_sound([_CUTTER], broken) else SHIPPED
        if model not in SHIPPED_MODELS and model not in models:
            ours, known = " or ".join(SHIPPED_MODELS), ", ".join(models)
            text = f"must be {ours}, or one of the models ({known}), got {show(model)}"
            faults.append((_CUTTER, text))
        listed = config["baselines"] if isinstance(config["baselines"], list) else []
        for name, model in models.items():
            path = ("models", name)
            if name in (*SHIPPED_MODELS, *listed):
                faults.append((path, "must not have the name of a baseline or of what ships"))
            if _are_sound([path], broken):
                if model["file"] is not None:
                    faults += _file_faults(path, model)
                    continue
                if model["architecture"] is None:
                    faults.append(((*path, "architecture"), "must be given, or else file"))
                    continue
                found = list(_size_faults(model))
                reported = [*broken, *(place for place, _ in faults)]
                used: list[Path_] = [("features",), ("training",), ("mixes", "duration_s")]
                if not found and _are_sound(used, reported):
                    found = list(_use_faults(config, model))
                faults += [(path, fault) for fault in found]
    return faults


def _are_sound(paths: Iterable[Path_], broken: Iterable[Path_]) -> bool:
    """Return whether nothing at, above or below any of the paths is broken."""
    broken = list(broken)
    return not any(
        path[: len(bad)] == bad or bad[: len(path)] == path for path in paths for bad in broken
    )


def _file_faults(path: Path_, model: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that nothing about training is asked of a model that is trained already."""
    asked = [key for key, value in model.items() if key != "file" and value not in (None, {}, [])]
    if asked:
        rule = f"must stand alone, since such a model is not trained; remove {', '.join(asked)}"
        yield (*path, "file"), rule


def _size_faults(model: Mapping[str, Any]) -> Iterator[str]:
    try:
        network(model["architecture"], **model["sizes"])
    except ConfigError as error:
        yield from error.faults


def _use_faults(config: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    """Check that a model can be trained on these features and mixes."""
    chosen = network(model["architecture"], **model["sizes"])
    training = {**config["training"], **model["training"]}
    spec = FeatureSpec(**config["features"])
    yield from chosen.feature_faults(spec)
    yield from variation_faults(training, short_bands=spec.short_bands)
    frames = spec.frames(round(config["mixes"]["duration_s"] * spec.sample_rate))
    yield from frame_faults(
        stride=chosen.stride, frames=frames, crop_frames=training["crop_frames"]
    )


def _other_models(
    name: str, model: Mapping[str, Any], others: Collection[str]
) -> Iterator[tuple[Path_, Any, bool]]:
    """Return the other models that a model is, starts from or learns from."""
    teachers = model.get("teachers")
    named: list[tuple[Path_, Any]] = []
    named += [(("models", name, key), model.get(key)) for key in ("file", "start")]
    if isinstance(teachers, list):
        named += [(("models", name, "teachers", k), value) for k, value in enumerate(teachers)]
    for path, value in named:
        known = [*SHIPPED_MODELS, *(others if path[-1] != "file" else ())]
        if isinstance(value, str) and value not in known:
            yield path, value, False


def missing_files(config: dict[str, Any], broken: Iterable[Path_], root: Path) -> list[Fault]:
    """Check that the files and folders in a configuration exist.

    Parameters
    ----------
    config : dict
        With every default filled in.
    broken : iterable of path
        Places of the keys that are wrong by themselves.
    root : Path
        The folder that relative paths begin at.

    Returns
    -------
    faults : list of (path, text)
    """
    broken = set(broken)
    faults = list(_map_faults(config, broken))
    for path, value, is_folder in _named_files(config):
        if not isinstance(value, str) or path in broken or _is_made_later(path, value):
            continue
        if path[:2] in _FETCHABLE and fetched_folder(value) is not None:
            faults += [(path, fault) for fault in _fetch_faults(config, value)]
        elif fault := _file_fault(path, value, root, is_folder=is_folder):
            faults.append((path, fault))
    return faults


def _named_files(config: Mapping[str, Any]) -> Iterator[tuple[Path_, Any, bool]]:
    """Yield the place and the value of each key that names a file, and whether it is a folder."""

    def section(name: str) -> Mapping[str, Any]:
        values = config.get(name)
        return values if isinstance(values, Mapping) else {}

    for name, key, is_list, is_folder in _FILES:
        value = section(name).get(key)
        if is_list and isinstance(value, list):
            yield from (((name, key, k), item, is_folder) for k, item in enumerate(value))
        elif not is_list:
            yield (name, key), value, is_folder
    models = section("models")
    for name, model in models.items():
        if isinstance(model, Mapping):
            yield from _other_models(name, model, models.keys() - {name})
    for name, folder in section("realbench").items():
        yield ("realbench", name), folder, True


def _is_made_later(path: Path_, value: str) -> bool:
    """Return whether the workflow itself makes the file that a key names."""
    if path[0] == "realbench":
        return (
            corpus_part(value) in ("modules", "games", "solos") or module_split(value) is not None
        )
    return is_made(value)


def _file_fault(path: Path_, value: str, root: Path, *, is_folder: bool) -> str | None:
    """Return the rule that a file or folder breaks, if it breaks one."""
    try:
        if not (root / value).exists():
            return f"must be there, but {show(value)} is not"
        if is_folder and not (root / value).is_dir():
            return f"must be a folder, but {show(value)} is a file"
        if path[0] == "realbench" and bench_kind(root / value) is None:
            rule = (
                "must hold audio, regions and labels32ms, tracker modules, or songs of two "
                "recordings"
            )
            return f"{rule}, but {show(value)} does not"
    except OSError as error:
        return f"must be readable, but {show(value)} is not: {error.strerror}"
    return None


def _map_faults(config: Mapping[str, Any], broken: Collection[Path_]) -> Iterator[Fault]:
    """Check the new places of ``songs.path_map`` that lie below ``results/storage``."""
    songs = config.get("songs")
    entries = songs.get("path_map") if isinstance(songs, Mapping) else None
    for k, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
        path: Path_ = ("songs", "path_map", k)
        if isinstance(entry, str) and path not in broken:
            for fault in _fetch_faults(config, entry.partition("=")[2]):
                yield path, fault


def _fetch_faults(config: Mapping[str, Any], path: str) -> Iterator[str]:
    """Check that a path below ``results/storage`` lies in a folder that is fetched."""
    storage = config.get("storage")
    names = storage.get("fetch") if isinstance(storage, Mapping) else None
    folder = fetched_folder(path)
    if isinstance(names, Mapping) and folder is not None and Path(folder).name not in names:
        known = ", ".join(map(str, names)) or "none"
        yield f"must lie in a folder of storage.fetch ({known}), got {show(path)}"
