"""One definition per key: what is written from it is up to date, and its checks agree."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.config.definition import Configuration
from deep_plunder.config.documentation import SCHEMA_PLACE, json_schema, keys_of, with_tables
from deep_plunder.config.validate import validate
from deep_plunder.errors import ConfigError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.models.registry import ARCHITECTURES
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.util.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
WRITE = "run `python -m deep_plunder.config.documentation`"
SOUND: dict[str, Any] = {
    "library": {"path": "sounds"},
    "songs": {"sources": ["list.txt"]},
    "models": {"small": {"architecture": "conv"}},
}


def test_the_schema_for_editors_is_up_to_date() -> None:
    assert (ROOT / SCHEMA_PLACE).read_text(encoding="utf-8") == json_schema(), WRITE


def test_the_tables_are_up_to_date() -> None:
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    assert with_tables(text) == text, WRITE


def test_every_key_has_a_description_and_every_default_a_source() -> None:
    sizes = [key for record in ARCHITECTURES.values() for key in keys_of(record.sizes)]
    assert all(re.fullmatch(r"\S.*\.", key.description) and key.default for key in sizes)
    for key in keys_of():
        assert re.fullmatch(r"\S.*\.", key.description), key
        assert key.source or not key.default or key.name.endswith("training"), key
        assert "Unit:" not in key.description and "Source:" not in key.description, key


@pytest.mark.parametrize("name", ["config.yaml", "shipped.yaml", "fine.yaml", "paper.yaml"])
def test_shipped_configurations_name_the_schema_and_keep_it(name: str) -> None:
    path = ROOT / "config" / name
    text = path.read_text(encoding="utf-8")
    match = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert match is not None
    schema = (path.parent / match[1]).resolve()
    assert schema == ROOT / SCHEMA_PLACE
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.read_text(encoding="utf-8")))
    jsonschema.validate(yaml.safe_load(text), json.loads(schema.read_text(encoding="utf-8")))


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 10**6),
    st.floats(-100, 10**6) | st.sampled_from([float("nan"), float("inf")]),
    st.sampled_from(["", "x", "cosine", "total", "resample", "1.5"]),
    st.lists(st.integers(-70, 500) | st.floats(-2, 2) | st.text(max_size=1), max_size=9),
)


def faults_of(section: type[Settings], key: str, value: Any) -> list[str]:
    try:
        section(**{key: value})
    except ConfigError as error:
        return list(error.faults)
    return []


@pytest.mark.parametrize("section", [FeatureSpec, MixSpec, SceneSpec, TrainingSpec])
@given(data=st.data())
def test_the_objects_find_the_faults_that_the_configuration_finds(
    section: type[Settings], data: st.DataObject
) -> None:
    key, value = data.draw(st.sampled_from(section.names())), data.draw(VALUES)
    try:
        validate(SOUND | {section.section: {key: value}}, source="c")
        found: list[str] = []
    except ConfigError as error:
        found = [re.sub(r" \(YAML reads .*", "", fault[3:]) for fault in error.faults]
    own = [fault for fault in found if fault.startswith(f"{section.section}.")]
    # A rule that compares with another section is no rule of this one.
    own = [fault for fault in own if " mixes.sample_rate" not in fault]
    assert own == faults_of(section, key, value)


def test_all_sections_are_sections_of_the_configuration() -> None:
    assert {key.name.split(".")[0] for key in keys_of()} == set(Configuration.names())
