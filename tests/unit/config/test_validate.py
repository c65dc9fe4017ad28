"""The configuration: all faults at once, defaults, and a README in step with the schema."""

import copy
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.config.definition import Configuration
from deep_plunder.config.made import corpus_part, is_demo, is_made, made_by
from deep_plunder.config.validate import validate
from deep_plunder.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]

MINIMAL: dict[str, Any] = {
    "library": {"path": "sounds"},
    "songs": {"sources": ["list.txt"]},
    "models": {"small": {"architecture": "conv"}},
}


DEFAULTS = validate(MINIMAL, source="c.yaml")
DETAILED: dict[str, Any] = {"features": {"hop": 256, "short_bands": 80}}


def faults(**changes: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        validate(MINIMAL | changes, source="c.yaml")
    return list(caught.value.faults)


def test_what_is_given_stays_and_the_rest_is_default() -> None:
    config = validate(MINIMAL | {"mixes": {"count": {"train": 5}}}, source="c.yaml")
    assert config["mixes"]["count"] == {"train": 5, "validation": 174, "test": 174}
    assert config["seed"] == 2020
    assert config["library"] == DEFAULTS["library"] | {"path": "sounds", "offset_method": "decay"}
    assert config["models"]["small"]["sizes"] == {}


def test_a_model_takes_the_training_keys_that_it_does_not_set() -> None:
    model = {"architecture": "conv", "training": {"epochs": 3}}
    config = validate(
        MINIMAL | {"models": {"a": model}, "training": {"epochs": 9, "batch_size": 2}},
        source="c.yaml",
    )
    training = config["models"]["a"]["training"]
    assert training == DEFAULTS["training"] | {"epochs": 3, "batch_size": 2}


def test_the_input_is_left_as_it_is() -> None:
    given_config = copy.deepcopy(MINIMAL)
    validate(given_config, source="c.yaml")
    assert given_config == MINIMAL


def test_all_faults_at_once_one_line_each() -> None:
    found = faults(
        seeds=1,
        seed="x",
        mixes={"semitone": [0, 1], "semitones": [3, -3], "count": {"train": 0}},
        split={"validation": 0.6, "test": 0.5},
        extraction={"model": "big", "onset_threshold": 1.5, "songs": "some"},
        songs={"sources": ["a"], "path_map": ["no"]},
    )
    assert found == [
        "c.yaml: extraction.onset_threshold: must be at most 1, got 1.5",
        "c.yaml: extraction.songs: must be 'test', 'all' or a list of files, got 'some'",
        "c.yaml: mixes.count.train: must be at least 1, got 0",
        "c.yaml: mixes.semitone: unknown key; did you mean 'semitones'?",
        "c.yaml: mixes.semitones: the first must not exceed the second, got [3, -3]",
        "c.yaml: seed: must be an integer, got 'x'",
        "c.yaml: seeds: unknown key; did you mean 'seed'?",
        "c.yaml: songs.path_map[0]: must have the form OLD=NEW, got 'no'",
        "c.yaml: split.validation: together with split.test must leave something to train on, "
        "got 0.6, 0.5",
        "c.yaml: extraction.model: must be shipped or shipped-paper, or one of the models (small), "
        "got 'big'",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"library": {}}, "library.path: must be given"),
        ({"library": None}, "library: must be a mapping of keys to values, got nothing"),
        ({"library": {"path": ""}}, "library.path: must not be empty, got ''"),
        ({"models": {}}, "models: must have 1 or more keys, got {}"),
        ({"models": {"a b": {"architecture": "conv"}}}, "models: a name is made of letters"),
        ({"models": {"a": {"architecture": "lstm"}}}, "architecture: must be 'paper' or 'conv'"),
        ({"models": {"a": {}}}, "models.a.architecture: must be given, or else file"),
        (
            {
                "models": {
                    "a": {"file": "a.keras", "architecture": "conv", "training": {"epochs": 3}}
                }
            },
            "models.a.file: must stand alone, since such a model is not trained; remove "
            "architecture, training",
        ),
        (
            {"models": {"shipped-paper": {"file": "a.keras"}}},
            "must not have the name of a baseline",
        ),
        ({"seed": True}, "seed: must be an integer, got True"),
        ({"seed": 1.5}, "seed: must be an integer, got 1.5"),
        ({"training": {"learning_rate": "6e-4"}}, "with a point and a sign, as 1.0e-4"),
        ({"training": {"learning_rate": "6.0e-4"}}, "as text: write it without quotes"),
        ({"training": {"epochs": "1e2"}}, "as text: write it in digits alone"),
        ({"mixes": {"sample_rate": "44100"}}, "as text: write it without quotes"),
        ({"training": {"clip_norm": float("nan")}}, "clip_norm: must be a number, got nan"),
        ({"training": {"clip_norm": float("inf")}}, "clip_norm: must be a number, got inf"),
        ({"mixes": {"excerpt_s": [1]}}, "mixes.excerpt_s: must have 2 or more items, got [1]"),
        ({"mixes": {"excerpt_s": [1, "2"]}}, "mixes.excerpt_s[1]: must be a number, got '2'"),
        ({"mixes": {"long_sound_s": 2}}, "the second must not exceed mixes.long_sound_s"),
        ({"features": {"fmax": 9000}}, "must not exceed half of features.sample_rate"),
        ({"features": {"fmin": 8000}}, "features.fmin: must be below features.fmax"),
        ({"features": {"hop": 4096}}, "features.hop: must not exceed features.n_fft"),
        ({"songs": {"sources": "a.txt"}}, "songs.sources: must be a list, got 'a.txt'"),
        ({"songs": {"sources": ["a"], "min_duration_s": 400}}, "songs.max_duration_s"),
        ({"evaluation": {"frame_threshold": -0.1}}, "must be at least 0, got -0.1"),
        (
            {"calibration": {"bench": "x"}},
            "calibration.bench: must be one of the benches of realbench, got 'x'",
        ),
        (
            {"baselines": ["forest"], "mixes": {"keep_audio": False}},
            "baselines: must not hold forest unless mixes.keep_audio is true, got ['forest']",
        ),
        ({"baselines": ["silence", "silence"]}, "baselines: must not hold anything twice"),
        ({"baselines": ["x"]}, "must be 'onsets' or 'silence' or 'forest' or 'shipped', got 'x'"),
        (
            {"baselines": ["onsets"], "models": {"onsets": {"architecture": "conv"}}},
            "models.onsets: must not have the name of a baseline or of what ships",
        ),
        ({"realbench": {"a b": "x"}}, "a name is made of letters, digits, _ and -, got 'a b'"),
        ({"extraction": {"mixes": 175}}, "extraction.mixes: must not exceed mixes.count.test"),
        (
            {"extraction": {"mixes": 1}, "mixes": {"keep_audio": False}},
            "extraction.mixes: must be 0 unless mixes.keep_audio is true",
        ),
        ({3: 4}, "3: a key must be a text, got 3"),
        ({"mixes": {"per_shard": 1, "count": {"train": 10000}}}, "at most 9999 shards"),
        (
            {"models": {"a": {"architecture": "conv", "sizes": {"widht": 3}}}},
            "models.a: sizes.widht: conv has no such size",
        ),
        (
            {"models": {"a": {"architecture": "two_rate", "training": {"crop_frames": 512}}}},
            "models.a: architecture: two_rate needs features.short_bands above 0, got 0",
        ),
        (
            {"models": {"a": {"architecture": "grouped"}}, "training": {"crop_frames": 512}},
            "models.a: architecture: grouped needs features.short_bands above 0, got 0",
        ),
        (
            {"models": {"a": {"architecture": "paper", "sizes": {"units": [3], "pool": 7}}}},
            "models.a: sizes.pool: must be at most the features, got 7",
        ),
        (
            DETAILED | {"models": {"a": {"architecture": "two_rate"}}},
            "models.a: training.crop_frames: must be a multiple of sizes.group 4, above 0 and "
            "below the 3750 frames of a mix (mixes.duration_s), got 0",
        ),
        (
            DETAILED
            | {"models": {"a": {"architecture": "grouped"}}, "training": {"crop_frames": 4000}},
            "below the 3750 frames of a mix (mixes.duration_s), got 4000",
        ),
        (
            DETAILED
            | {
                "mixes": {"duration_s": 64},
                "models": {"a": {"architecture": "grouped", "training": {"crop_frames": 1022}}},
            },
            "models.a: training.crop_frames: must be a multiple of sizes.group 4, got 1022",
        ),
        (
            {"training": {"positive_share": 0.5}},
            "models.small: training.positive_share: must be 0 unless training.crop_frames is above "
            "0, got 0.5",
        ),
        (
            DETAILED | {"training": {"crop_frames": 512, "gain_db": [7, -12]}},
            "c.yaml: training.gain_db: the first must not exceed the second, got [7, -12]",
        ),
    ],
)
def test_fault(changes: dict[Any, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate({**MINIMAL, **changes}, source="c.yaml")
    assert len(caught.value.faults) == 1, caught.value.faults
    assert message in caught.value.faults[0]
    assert "\n" not in caught.value.faults[0]


@pytest.mark.parametrize(
    ("duration_s", "model"),
    [
        (60, {"architecture": "grouped", "training": {"crop_frames": 1024}}),
        (60, {"architecture": "grouped", "sizes": {"group": 2}}),
        # Parts longer than a mix are the whole of it.
        (64, {"architecture": "two_rate", "training": {"crop_frames": 4001}}),
        (60, {"architecture": "conv", "training": {"crop_frames": 1022}}),
    ],
)
def test_parts_of_whole_groups_of_frames(duration_s: float, model: dict[str, Any]) -> None:
    changes = DETAILED | {"mixes": {"duration_s": duration_s}, "models": {"a": model}}
    validate(MINIMAL | changes, source="c.yaml")


VARIED: dict[str, Any] = {"gain_db": [-12, 7], "curve_db": 4, "masks": 0.2, "mirror": True}


@pytest.mark.parametrize(
    ("features", "crop", "got"), [({}, 512, "0, 512"), (DETAILED["features"], 0, "80, 0")]
)
def test_what_is_varied_needs_parts_and_detailed_features(
    features: dict[str, Any], crop: int, got: str
) -> None:
    def model(**training: Any) -> dict[str, Any]:
        return {"models": {"a": {"architecture": "conv", "training": training}}}

    needed = "unless features.short_bands and training.crop_frames are above 0"
    expected = [
        f"c.yaml: models.a: training.gain_db: must be [0, 0] {needed}, got [-12, 7], {got}",
        f"c.yaml: models.a: training.curve_db: must be 0 {needed}, got 4, {got}",
        f"c.yaml: models.a: training.masks: must be 0 {needed}, got 0.2, {got}",
        f"c.yaml: models.a: training.mirror: must be false {needed}, got True, {got}",
    ]
    assert faults(features=features, **model(crop_frames=crop, **VARIED)) == expected
    # What is asked of all models is asked of each.
    common = {"training": VARIED | {"crop_frames": crop}}
    assert faults(features=features, **common) == [
        fault.replace("models.a", "models.small") for fault in expected
    ]
    neutral = {"gain_db": [0, 0], "curve_db": 0, "masks": 0, "mirror": False}
    validate(MINIMAL | {"features": features} | common | model(**neutral), source="c.yaml")
    validate(MINIMAL | DETAILED | model(crop_frames=512, **VARIED), source="c.yaml")


@pytest.mark.parametrize("config", [None, [], "text", 3])
def test_what_is_no_mapping(config: object) -> None:
    with pytest.raises(ConfigError, match=r"^c\.yaml: must be a mapping of keys to values"):
        validate(config, source="c.yaml")


def test_a_bench_must_be_a_bench_or_tracker_modules(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "list.txt").write_text("")
    (tmp_path / "music").mkdir()
    config = MINIMAL | {"realbench": {"mine": "music", "gone": "nowhere"}}
    with pytest.raises(ConfigError) as caught:
        validate(config, source="c.yaml", root=tmp_path)
    rule = "must hold audio, regions and labels32ms, tracker modules, or songs of two recordings"
    assert list(caught.value.faults) == [
        f"c.yaml: realbench.mine: {rule}, but 'music' does not",
        "c.yaml: realbench.gone: must be there, but 'nowhere' is not",
    ]
    (tmp_path / "music" / "song.it").write_bytes(b"")
    validate(MINIMAL | {"realbench": {"mine": "music"}}, source="c.yaml", root=tmp_path)


def test_files_must_be_there_unless_the_demo_makes_them(tmp_path: Path) -> None:
    config = MINIMAL | {"extraction": {"songs": ["gone.wav"]}}
    with pytest.raises(ConfigError) as caught:
        validate(config, source="c.yaml", root=tmp_path)
    assert list(caught.value.faults) == [
        "c.yaml: library.path: must be there, but 'sounds' is not",
        "c.yaml: songs.sources[0]: must be there, but 'list.txt' is not",
        "c.yaml: extraction.songs[0]: must be there, but 'gone.wav' is not",
    ]
    (tmp_path / "sounds").write_text("")
    (tmp_path / "list.txt").write_text("")
    with pytest.raises(ConfigError, match="must be a folder, but 'sounds' is a file"):
        validate(MINIMAL, source="c.yaml", root=tmp_path)
    (tmp_path / "a{b}").mkdir()
    validate(MINIMAL | {"library": {"path": "a{b}"}}, source="c.yaml", root=tmp_path)
    demo = {"library": {"path": "results/demo/library/"}, "songs": {"sources": ["list.txt"]}}
    validate(MINIMAL | demo, source="c.yaml", root=tmp_path)
    missed = {
        "library": {"path": "results/demo/libary"},
        "extraction": {"songs": ["results/demo/songs/x.mp3"]},
    }
    with pytest.raises(ConfigError) as caught:
        validate(MINIMAL | missed, source="c.yaml", root=tmp_path)
    assert list(caught.value.faults) == [
        "c.yaml: library.path: must be there, but 'results/demo/libary' is not",
        "c.yaml: extraction.songs[0]: must be there, but 'results/demo/songs/x.mp3' is not",
    ]


def test_what_lies_below_a_closed_folder_is_a_fault(
    own_folder: Path, as_user: Callable[[], AbstractContextManager[None]]
) -> None:
    config = {
        "library": {"path": "closed/sounds"},
        "songs": {"sources": ["closed/list.txt"]},
        "realbench": {"mine": "closed"},
    }
    with as_user(), pytest.raises(ConfigError) as caught:
        (own_folder / "closed").mkdir(mode=0)
        validate(MINIMAL | config, source="c.yaml", root=own_folder)
    assert list(caught.value.faults) == [
        "c.yaml: library.path: must be readable, but 'closed/sounds' is not: Permission denied",
        "c.yaml: songs.sources[0]: must be readable, but 'closed/list.txt' is not: "
        "Permission denied",
        "c.yaml: realbench.mine: must be readable, but 'closed' is not: Permission denied",
    ]


def test_a_model_begins_with_another_or_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "list.txt").write_text("")

    def check(**starts: str | None) -> None:
        models = {name: {"architecture": "conv", "start": start} for name, start in starts.items()}
        validate(MINIMAL | {"models": models}, source="c.yaml", root=tmp_path)

    (tmp_path / "known.keras").write_text("")
    check(a=None, b="a", c="shipped", d="known.keras")
    for start in ("gone.keras", "a"):
        with pytest.raises(ConfigError, match=rf"models.a.start: must be there, but '{start}' is"):
            check(a=start)


def test_teachers_are_other_models_or_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "list.txt").write_text("")
    (tmp_path / "known.keras").write_text("")

    def check(*teachers: object) -> None:
        models = {
            "a": {"architecture": "conv", "teachers": list(teachers)},
            "b": {"architecture": "conv"},
        }
        validate(MINIMAL | {"models": models}, source="c.yaml", root=tmp_path)

    check()
    check("b", "shipped", "known.keras")
    for teacher in ("gone.keras", "a"):
        message = rf"models.a.teachers\[1\]: must be there, but '{teacher}' is"
        with pytest.raises(ConfigError, match=message):
            check("b", teacher)
    with pytest.raises(ConfigError, match=r"models.a.teachers\[0\]: must be"):
        check(["b"])


def test_is_demo() -> None:
    assert is_demo("results/demo/library")
    assert is_demo("./results//demo/songs/")
    assert not is_demo("results/demo")
    assert not is_demo("results/demo/libary")
    assert not is_demo("results/demo/songs/x.mp3")
    assert not is_demo("/data/results/demo/library")


def test_the_public_corpus_need_not_be_there_before_it_is_gathered(tmp_path: Path) -> None:
    assert corpus_part("./results//corpus/songs/") == corpus_part("results/corpus/playlist.txt")
    assert is_made("results/corpus/library") and is_made("results/demo/library")
    assert not is_made("results/corpus") and not is_made("/data/results/corpus/library")
    config = MINIMAL | {
        "library": {"path": "results/corpus/library"},
        "songs": {"sources": ["results/corpus/playlist.txt"]},
        "realbench": {"games": "results/corpus/modules"},
    }
    validate(config, source="c.yaml", root=tmp_path)
    config["realbench"] = {"games": "results/corpus/songs"}
    config["gather"] = {"debs": "debs", "packages": "packages.tsv"}
    with pytest.raises(ConfigError) as caught:
        validate(config, source="c.yaml", root=tmp_path)
    assert caught.value.faults == (
        "c.yaml: gather.debs: must be there, but 'debs' is not",
        "c.yaml: gather.packages: must be there, but 'packages.tsv' is not",
        "c.yaml: realbench.games: must be there, but 'results/corpus/songs' is not",
    )


def test_what_is_fetched_need_not_be_there_before(tmp_path: Path) -> None:
    config = MINIMAL | {
        "storage": {"fetch": {"sounds": "s3://b/sounds", "music": "/mnt/music"}},
        "library": {"path": "results/storage/sounds/new"},
        "songs": {
            "sources": ["./results/storage/music/all.m3u8"],
            "path_map": ["C:/=results/storage/music/"],
        },
    }
    filled = validate(config, source="c.yaml", root=tmp_path)
    assert filled["storage"]["deliver"] is None
    assert made_by("results/storage/music/new/a.mp3") == "results/storage/music"
    assert made_by("results/demo/library/") == "results/demo/library"
    assert made_by("results/storage") is None and made_by("/results/storage/music") is None
    config["storage"] = {"fetch": {"sounds": "s3://b/sounds"}, "parts": ["clip"]}
    config["extraction"] = {"songs": ["results/storage/sounds/a.wav"]}
    with pytest.raises(ConfigError) as caught:
        validate(config, source="c.yaml", root=tmp_path)
    rule = "must lie in a folder of storage.fetch (sounds), got"
    assert {fault for fault in caught.value.faults if "parts" not in fault} == {
        f"c.yaml: songs.path_map[0]: {rule} 'results/storage/music/'",
        f"c.yaml: songs.sources[0]: {rule} './results/storage/music/all.m3u8'",
        "c.yaml: extraction.songs[0]: must be there, but 'results/storage/sounds/a.wav' is not",
    }
    assert any("storage.parts[0]" in fault for fault in caught.value.faults)


def test_the_demo_makes_what_its_rule_says() -> None:
    rule = (ROOT / "workflow" / "rules" / "demo.smk").read_text(encoding="utf-8")
    made = re.findall(r'"(results/demo/[^"]+)"', rule)
    assert len(made) == 6 and all(map(is_demo, made))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["path", "count", "train", "a", "architecture", "training"])
                | st.integers(),
                inner,
                max_size=3,
            )
        ),
        max_leaves=6,
    ),
    st.sampled_from(Configuration.names()),
)
def test_nothing_but_faults_comes_of_any_value(value: Any, section: str) -> None:
    try:
        validate(MINIMAL | {section: value}, source="c.yaml", root=ROOT / "config")
    except ConfigError as error:
        assert error.faults
        assert all(fault.startswith("c.yaml: ") for fault in error.faults)


def shipped(name: str) -> dict[str, Any]:
    text = (ROOT / "config" / name).read_text(encoding="utf-8")
    return validate(yaml.safe_load(text), source=name)


@pytest.mark.parametrize("name", ["config.yaml", "shipped.yaml", "fine.yaml", "paper.yaml"])
def test_shipped_configurations_are_sound(name: str) -> None:
    shipped(name)


def test_paper_yaml_holds_the_papers_values() -> None:
    config = shipped("paper.yaml")
    assert config["mixes"]["count"]["train"] == 2826
    assert config["mixes"]["count"]["test"] == 174
    training = config["models"]["paper"]["training"]
    assert (training["batch_size"], training["steps_per_epoch"], training["epochs"]) == (16, 80, 50)
    assert (training["learning_rate"], training["clip_norm"]) == (6e-4, 3.0)
    assert config["evaluation"]["reference"] == "labels"


@pytest.mark.parametrize(
    ("section", "key", "value", "fault"),
    [
        ("scenes", "margin_db", 40, "scenes.margin_db: must not exceed scenes.isolated_db, got 40"),
        ("scenes", "tempo_bpm", [120, 90], "scenes.tempo_bpm: the first must not exceed"),
        ("scenes", "role_weights", [0] * 7, "scenes.role_weights: must not be all 0, got [0, 0"),
        ("scenes", "role_weights", [1] * 6, "scenes.role_weights: must have 7 or more items"),
        ("scenes", "role_weights", [1] * 7 + [-1], "scenes.role_weights[7]: must be at least 0"),
        ("scenes", "role_weights", [1] * 8, "scenes.role_weights: must have 7 or fewer items"),
        ("features", "short_bands", 80, "features.hop: must with features.short_bands not exceed"),
    ],
)
def test_what_scenes_and_short_windows_cannot_be(
    section: str, key: str, value: object, fault: str
) -> None:
    config = MINIMAL | {section: {key: value}}
    if section == "features":
        config[section]["short_n_fft"] = 256
    with pytest.raises(ConfigError, match=re.escape(f"c.yaml: {fault}")):
        validate(config, source="c.yaml")


def test_the_examples_of_the_readme_are_valid() -> None:
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert len(examples) == 7
    for example in examples:
        validate(MINIMAL | yaml.safe_load(example), source="c.yaml")
