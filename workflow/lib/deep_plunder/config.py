"""Check the configuration whole, before anything runs, and fill in its defaults.

The rules are in ``workflow/schemas/config.schema.yaml`` (types, bounds, defaults) and, for what
a schema cannot say (one value against another, files that must be there), in this module. All
faults are found in one go and told in one line each: file, key, rule, value got, and for an
unknown key the nearest known one.

The defaults are the paper's values where the paper states them; `source` in the schema says so
key by key.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from .benchform import bench_kind
from .errors import ConfigError
from .features import FeatureSpec
from .scenes.spec import SceneSpec
from .shipped import SHIPPED, shipped_file
from .sizes import feature_faults, network_sizes
from .sources import shown
from .trainingrules import frame_faults, variation_faults

__all__ = ["is_demo", "load_schema", "validate"]

_DEMO = {
    f"results/demo/{name}"
    for name in (
        "library", "songs", "playlist.txt", "playlist_utf8.txt", "Library.xml", "playlist.m3u8",
    )
}  # fmt: skip
"""Paths of the configuration that the workflow itself makes (``rules/demo.smk``)."""

_SCHEMA = shipped_file("workflow/schemas/config.schema.yaml")

_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "a mapping of keys to values",
    "string": "a text",
}

_DEEPEST = 32
_MOST_VALUES = 100_000
_LARGEST = 2**63 - 1

Path_ = tuple[str | int, ...]
Fault = tuple[Path_, str]


@lru_cache(maxsize=1)
def load_schema() -> dict[str, Any]:
    """Read the schema of the configuration, with every ``$ref`` replaced by what it names.

    Returns
    -------
    schema : dict
        A JSON Schema. Do not change it: it is read once.
    """
    import yaml

    schema = yaml.safe_load(_SCHEMA.read_text(encoding="utf-8"))

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = dict(node)
        reference = node.pop("$ref", None)
        if reference is not None:
            node = {**schema["$defs"][reference.removeprefix("#/$defs/")], **node}
        return {key: resolve(value) for key, value in node.items()}

    resolved: dict[str, Any] = resolve(schema)
    del resolved["$defs"]
    return resolved


def validate(
    config: object,
    *,
    source: str,
    root: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Check a configuration and fill in its defaults.

    Parameters
    ----------
    config : object
        What the configuration file holds.
    source : str
        Where it comes from; every message begins with it.
    root : path-like, optional
        Where relative paths begin. If given, the files and folders that the configuration
        names must be there, except those that the demo makes.

    Returns
    -------
    config : dict
        A new dictionary in which every key has a value. Each model's `training` holds all
        training keys: its own where it gives them, those of the top level elsewhere.

    Raises
    ------
    ConfigError
        If any rule is broken; it lists all faults.
    """
    if not isinstance(config, Mapping):
        raise ConfigError([f"{source}: must be {_KINDS['object']}, got {_show(config)}"])
    _check_size(config, source)
    plain, faults = _plain(config, ())
    told = [path for path, _ in faults]
    faults += [fault for fault in _schema_faults(plain) if fault[0] not in told]
    filled: dict[str, Any] = _fill(plain, load_schema())
    broken = [path for path, _ in faults]
    faults += _cross_faults(filled, broken)
    if root is not None:
        faults += _missing_files(filled, broken, Path(root))
    if faults:
        unique = list(dict.fromkeys(f"{source}: {_name(path)}{text}" for path, text in faults))
        raise ConfigError(unique)
    for model in filled["models"].values():
        model["training"] = {**filled["training"], **model["training"]}
    return filled


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        return "a number of too many digits"
    return text if len(text) <= 80 else text[:77] + "..."


def _name(path: Path_) -> str:
    name = ""
    for part in path:
        key = part if isinstance(part, int) else shown(part)
        name += f"[{part}]" if isinstance(part, int) else f".{key}" if name else str(key)
    return f"{name}: " if name else ""


def _check_size(config: object, source: str) -> None:
    """Refuse what is too large to be a configuration: aliases of YAML make much of little."""
    waiting, count = [(config, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > _DEEPEST:
            raise ConfigError([f"{source}: must not be nested deeper than {_DEEPEST} levels"])
        if count > _MOST_VALUES:
            raise ConfigError([f"{source}: must hold at most {_MOST_VALUES} values"])
        if isinstance(value, Mapping):
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]


def _plain(value: Any, path: Path_) -> tuple[Any, list[Fault]]:
    """Copy nested mappings and lists without keys that are not text and numbers out of bounds."""
    faults: list[Fault] = []
    if isinstance(value, Mapping):
        copied = {}
        for key, item in value.items():
            if isinstance(key, str):
                copied[key], below = _plain(item, (*path, key))
                faults += below
            else:
                faults.append(((*path, _show(key)), f"a key must be a text, got {_show(key)}"))
        return copied, faults
    if isinstance(value, list | tuple):
        items = [_plain(item, (*path, index)) for index, item in enumerate(value)]
        return [item for item, _ in items], [fault for _, below in items for fault in below]
    if isinstance(value, int) and abs(value) > _LARGEST:
        rule = f"must be from -{_LARGEST} to {_LARGEST}, got {_show(value)}"
        return math.inf, [(path, rule)]
    return value, faults


def _schema_faults(config: dict[str, Any]) -> list[Fault]:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    def number(_checker: object, value: object) -> bool:
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )

    def integer(_checker: object, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    checker = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": number, "integer": integer}
    )
    validator = extend(Draft202012Validator, type_checker=checker)(load_schema())  # type: ignore[no-untyped-call]
    errors = sorted(
        validator.iter_errors(config), key=lambda error: [str(part) for part in error.absolute_path]
    )
    return [fault for error in errors for fault in _explain(error)]


def _explain(error: Any) -> Iterator[Fault]:
    """Say in one line what jsonschema found."""
    path, value, limit = tuple(error.absolute_path), error.instance, error.validator_value
    rule = error.validator
    if rule == "additionalProperties":
        known = list(error.schema["properties"])
        for key in value:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                yield (*path, key), f"unknown key; {hint}"
    elif rule == "required":
        for key in limit:
            if key not in value:
                yield (*path, key), "must be given"
    elif rule == "type":
        import yaml

        kinds = [limit] if isinstance(limit, str) else limit
        text = f"must be {' or '.join(_KINDS[kind] for kind in kinds)}, got {_show(value)}"
        if isinstance(value, str) and {"number", "integer"} & set(kinds) and _is_number(value):
            way = "with a point and a sign, as 1.0e-4" if "number" in kinds else "in digits alone"
            if not isinstance(yaml.safe_load(value), str):
                way = "without quotes"
            text += f" (YAML reads this as text: write it {way})"
        yield path, text
    elif rule == "anyOf":
        yield path, f"must be 'test', 'all' or a list of files, got {_show(value)}"
    elif rule == "propertyNames":
        name = error.instance
        yield path, f"a name is made of letters, digits, _ and -, got {_show(name)}{_device(name)}"
    elif rule == "pattern" and path and path[0] not in ("models", "realbench"):
        yield path, f"must have the form OLD=NEW, got {_show(value)}"
    elif rule == "pattern":
        yield (
            path,
            f"a name is made of letters, digits, _ and -, got {_show(value)}{_device(value)}",
        )
    else:
        rules = {
            "enum": f"must be {' or '.join(map(repr, limit)) if rule == 'enum' else ''}",
            "minimum": f"must be at least {limit}",
            "maximum": f"must be at most {limit}",
            "exclusiveMinimum": f"must be above {limit}",
            "exclusiveMaximum": f"must be below {limit}",
            "minItems": f"must have {limit} or more items",
            "maxItems": f"must have {limit} or fewer items",
            "minLength": "must not be empty",
            "uniqueItems": "must not hold anything twice",
            "minProperties": f"must have {limit} or more keys",
        }
        yield path, f"{rules[rule]}, got {_show(value)}"


def _device(name: object) -> str:
    own = isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name)
    return ", which Windows keeps for a device" if own else ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _fill(config: Any, schema: Mapping[str, Any]) -> Any:
    """Put the schema's defaults where `config` says nothing; wrong values stay as they are."""
    if not isinstance(config, dict):
        return config
    filled = dict(config)
    rules: Mapping[str, Any] = schema.get("properties", {})
    for key, rule in rules.items():
        if "default" in rule:
            filled.setdefault(key, deepcopy(rule["default"]))
        elif key in filled or "properties" in rule:
            filled[key] = _fill(filled.get(key, {}), rule)
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        for key in filled.keys() - rules.keys():
            filled[key] = _fill(filled[key], others)
    return filled


def _cross_faults(config: dict[str, Any], broken: Iterable[Path_]) -> list[Fault]:
    """Compare values with each other, as far as each of them is sound by itself."""
    faults: list[Fault] = []
    broken = list(broken)

    def check(keys: list[str], rule: Callable[..., bool], text: str) -> None:
        paths = [tuple(key.split(".")) for key in keys]
        if not _are_sound(paths, broken):
            return
        values = []
        for path in paths:
            value: Any = config
            for part in path:
                if part not in value:
                    return
                value = value[part]
            values.append(value)
        if not rule(*values):
            got = ", ".join(_show(value) for value in values)
            faults.append((paths[0], f"{text}, got {got}"))

    for key in (
        "semitones", "sound_gain_db", "song_gain_db", "excerpt_s", "fade_in_s", "fade_out_s",
        "long_sound_cut_s",
    ):  # fmt: skip
        check(
            [f"mixes.{key}"],
            lambda pair: pair[0] <= pair[1],
            "the first must not exceed the second",
        )
    check(
        ["mixes.long_sound_cut_s", "mixes.long_sound_s"],
        lambda pair, limit: pair[1] <= limit,
        "the second must not exceed mixes.long_sound_s",
    )
    check(
        ["songs.min_duration_s", "songs.max_duration_s"],
        lambda low, high: low <= high,
        "must not exceed songs.max_duration_s",
    )
    check(
        ["split.validation", "split.test"],
        lambda validation, test: validation + test < 1,
        "together with split.test must leave something to train on",
    )
    check(
        ["features.fmin", "features.fmax"],
        lambda low, high: low < high,
        "must be below features.fmax",
    )
    check(
        ["features.fmax", "features.sample_rate"],
        lambda high, rate: high <= rate / 2,
        "must not exceed half of features.sample_rate",
    )
    check(
        ["features.hop", "features.n_fft"],
        lambda hop, n_fft: hop <= n_fft,
        "must not exceed features.n_fft",
    )
    check(
        ["features.sample_rate", "mixes.sample_rate"],
        lambda features, mixes: features <= mixes,
        "must not exceed mixes.sample_rate",
    )
    for split in ("train", "validation", "test"):
        check(
            [f"mixes.count.{split}", "mixes.per_shard"],
            lambda count, size: count <= 9999 * size,
            "must make at most 9999 shards of mixes.per_shard",
        )
    check(
        ["extraction.mixes", "mixes.count.test"],
        lambda mixes, count: mixes <= count,
        "must not exceed mixes.count.test",
    )
    check(
        ["extraction.mixes", "mixes.keep_audio"],
        lambda mixes, kept: kept or not mixes,
        "must be 0 unless mixes.keep_audio is true",
    )
    check(
        ["features.hop", "features.short_n_fft", "features.n_fft", "features.short_bands"],
        lambda hop, short, long, bands: not bands or hop <= short <= long,
        "must with features.short_bands not exceed features.short_n_fft, nor that features.n_fft",
    )
    check(
        ["baselines", "mixes.keep_audio"],
        lambda baselines, kept: kept or "forest" not in baselines,
        "must not hold forest unless mixes.keep_audio is true",
    )
    check(
        ["calibration.bench", "realbench"],
        lambda bench, benches: bench is None or bench in benches,
        "must be one of the benches of realbench",
    )
    if not any(path[:1] == ("scenes",) for path in broken):
        faults += _spec_faults("scenes", lambda: SceneSpec(**config["scenes"]))
    models = config.get("models")
    if isinstance(models, dict):
        check(
            ["extraction.model"],
            lambda model: model == SHIPPED or model in models,
            f"must be shipped or one of the models ({', '.join(models)})",
        )
        listed = config["baselines"] if isinstance(config["baselines"], list) else []
        for name, model in models.items():
            path = ("models", name)
            if name in (SHIPPED, *listed):
                faults.append((path, "must not have the name of a baseline or of what ships"))
            if _are_sound([path], broken):
                found = list(_size_faults(model))
                told = [*broken, *(place for place, _ in faults)]
                used: list[Path_] = [("features",), ("training",), ("mixes", "duration_s")]
                if not found and _are_sound(used, told):
                    found = list(_use_faults(config, model))
                faults += [(path, fault) for fault in found]
    return faults


def _are_sound(paths: Iterable[Path_], broken: Iterable[Path_]) -> bool:
    """Tell whether nothing at, above or below any of the paths is broken."""
    broken = list(broken)
    return not any(
        path[: len(bad)] == bad or bad[: len(path)] == path for path in paths for bad in broken
    )


def _spec_faults(section: str, make: Callable[[], object]) -> Iterator[Fault]:
    """Give the faults of a section that its class finds; each begins with the section's name."""
    try:
        make()
    except ConfigError as error:
        for fault in error.faults:
            key, _, text = fault.partition(": ")
            yield (section, key.removeprefix(f"{section}.")), text


def _size_faults(model: Mapping[str, Any]) -> Iterator[str]:
    try:
        network_sizes(model["architecture"], **model["sizes"])
    except ConfigError as error:
        yield from error.faults


def _use_faults(config: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    """Say why a model cannot be trained on what there is, where each is sound by itself."""
    architecture, sizes = model["architecture"], model["sizes"]
    training = {**config["training"], **model["training"]}
    low, high = training["gain_db"]
    if low > high:
        yield f"training.gain_db: the first must not exceed the second, got [{low}, {high}]"
    spec = FeatureSpec(**config["features"])
    yield from feature_faults(architecture, bands=spec.bands, short_bands=spec.short_bands, **sizes)
    yield from variation_faults(training, short_bands=spec.short_bands)
    frames = spec.frames(round(config["mixes"]["duration_s"] * spec.sample_rate))
    yield from frame_faults(
        architecture, frames=frames, crop_frames=training["crop_frames"], **sizes
    )


def _other_models(
    name: str, model: Mapping[str, Any], others: Collection[str]
) -> Iterator[tuple[Path_, Any, bool]]:
    """Give what a model is made from that must be a file, since it is no other model."""
    teachers = model.get("teachers")
    named: list[tuple[Path_, Any]] = [(("models", name, "start"), model.get("start"))]
    if isinstance(teachers, list):
        named += [(("models", name, "teachers", k), value) for k, value in enumerate(teachers)]
    for path, value in named:
        if isinstance(value, str) and value != SHIPPED and value not in others:
            yield path, value, False


def _missing_files(config: dict[str, Any], broken: Iterable[Path_], root: Path) -> list[Fault]:
    broken = set(broken)
    named: list[tuple[Path_, Any, bool]] = []
    if isinstance(config.get("library"), Mapping):
        named.append((("library", "path"), config["library"].get("path"), True))
        if config["library"].get("classes") is not None:
            named.append((("library", "classes"), config["library"]["classes"], False))
    for section, key in (("songs", "sources"), ("extraction", "songs")):
        values = config[section].get(key) if isinstance(config.get(section), Mapping) else None
        if isinstance(values, list):
            named += [((section, key, index), value, False) for index, value in enumerate(values)]
    models = config.get("models")
    if isinstance(models, Mapping):
        for name, model in models.items():
            if isinstance(model, Mapping):
                named += _other_models(name, model, models.keys() - {name})
    benches = config.get("realbench")
    if isinstance(benches, Mapping):
        named += [(("realbench", name), folder, True) for name, folder in benches.items()]
    faults: list[Fault] = []
    for path, value, is_folder in named:
        if not isinstance(value, str) or path in broken or is_demo(value):
            continue
        if "{" in value or "}" in value:
            # Snakemake would read them as wildcards.
            faults.append((path, f"must not hold {{ or }}, got {_show(value)}"))
            continue
        try:
            if not (root / value).exists():
                faults.append((path, f"must be there, but {_show(value)} is not"))
            elif is_folder and not (root / value).is_dir():
                faults.append((path, f"must be a folder, but {_show(value)} is a file"))
            elif path[0] == "realbench" and bench_kind(root / value) is None:
                rule = "must hold audio, regions and labels32ms, or tracker modules"
                faults.append((path, f"{rule}, but {_show(value)} does not"))
        except OSError as error:
            faults.append((path, f"must be readable, but {_show(value)} is not: {error.strerror}"))
    return faults


def is_demo(path: str) -> bool:
    """Tell whether the demo makes `path`.

    Parameters
    ----------
    path : str
        A path of the configuration.

    Returns
    -------
    is_demo : bool
        Not what lies in a folder that it makes: that is there only once it was made.
    """
    return os.path.normpath(path) in _DEMO
