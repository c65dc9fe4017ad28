"""Configurations that are out of all bounds end in one line per fault, at once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml

from deep_plunder.config.validate import validate
from deep_plunder.errors import ConfigError

SOUND = yaml.safe_load(
    "library: {path: results/demo/library}\n"
    "songs: {sources: [results/demo/songs]}\n"
    "models: {paper: {architecture: paper}}\n"
)


def _faults(text: str) -> list[str]:
    config = deepcopy(SOUND) | yaml.safe_load(text)
    with pytest.raises(ConfigError) as caught:
        validate(config, source="x.yaml")
    for fault in caught.value.faults:
        assert fault.startswith("x.yaml: ") and fault.isprintable() and len(fault) < 400
    return list(caught.value.faults)


def _aliases(first: str, form: str) -> str:
    lines = [f"a0: &a0 {first}"]
    return "\n".join(
        lines + [f"a{n}: &a{n} " + form.replace("@", f"*a{n - 1}") for n in range(1, 40)]
    )


@pytest.mark.parametrize(
    "text",
    [
        _aliases("[x]", "[@, @, @, @, @, @, @, @, @, @]"),
        _aliases("{x: 1}", "{a: @, b: @, c: @, d: @, e: @, f: @, g: @, h: @, i: @}"),
        "x: &x [*x]",
        "x: &x {y: *x}",
        f"x: {'[' * 40}{']' * 40}",
        f"x: {list(range(100_001))}",
    ],
)
def test_what_is_too_large_is_refused_as_a_whole(text: str) -> None:
    (fault,) = _faults(text)
    assert "at most 100000 values" in fault or "deeper than 32 levels" in fault


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("9" * 400, "99999"),
        ("0x" + "F" * 400, "44462"),
        ("0x" + "F" * 5000, "too many digits"),
        ("0" + "7" * 5000, "too many digits"),
        ("-" + "9" * 400, "-99999"),
        ("1:" * 300 + "1", "1"),
        ("9223372036854775808", "9223372036854775808"),
        ("0x", "'0x'"),
        (".inf", "inf"),
        (".nan", "nan"),
        ("1e400", "'1e400'"),
        ("2001-01-01", "datetime"),
        ("!!binary aGk=", "b'hi'"),
        ("!!set {a}", "{'a'}"),
    ],
)
@pytest.mark.parametrize("key", ["seed", "mixes.duration_s", "models.paper.seed"])
def test_numbers_out_of_bounds(number: str, value: str, key: str) -> None:
    text = f": {number}"
    for part in reversed(key.split(".")):
        text = f"{part}{text}" if text.startswith(":") else f"{part}: {{{text}}}"
    if key.startswith("models"):
        text = f"models: {{paper: {{architecture: paper, seed: {number}}}}}"
    faults = _faults(text)
    assert any(key in fault and value in fault for fault in faults), faults


def test_hexadecimal_and_other_ways_to_write_a_number() -> None:
    for number in ("0x10", "020", "16", "0b10000", "1_6", "+16"):
        config = deepcopy(SOUND) | yaml.safe_load(f"seed: {number}")
        assert validate(config, source="x.yaml")["seed"] == 16


@pytest.mark.parametrize("name", ["con", "NUL", "Aux", "com1", "lpt9"])
@pytest.mark.parametrize("section", ["models", "realbench"])
def test_no_name_is_a_device_of_windows(section: str, name: str) -> None:
    item: Any = {"architecture": "paper"} if section == "models" else "/bench"
    faults = _faults(yaml.safe_dump({section: {name: item}}))
    assert any("device" in fault and repr(name) in fault for fault in faults)


@pytest.mark.parametrize("key", ["a\nb", "a\0b", "\ud800", "caf\udce9", "\x1b[31m"])
def test_odd_keys_and_paths_are_told_in_one_line(key: str) -> None:
    for config in (
        {**SOUND, key: 1},
        {**SOUND, "songs": {"sources": [key]}},
        {**SOUND, "models": {key: {"architecture": "paper"}}},
        {**SOUND, "library": {"path": key}},
    ):
        with pytest.raises(ConfigError) as caught:
            validate(config, source="x.yaml", root=".")
        for fault in caught.value.faults:
            assert fault.isprintable(), fault


def test_keys_that_are_no_text() -> None:
    for key in ("1", "2001-01-01", "null", "0x" + "F" * 5000, "!!binary aGk=", "1.5"):
        (fault,) = _faults(f"? {key}\n: x")
        assert "a key must be a text" in fault
