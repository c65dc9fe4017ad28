"""Configuration files that ask for too much are refused before a value is made from them."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from deep_plunder.config.reading import read_configuration, read_configurations
from deep_plunder.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]
CONFIGS = sorted((ROOT / "config").glob("*.yaml"))
MEMORY = 1 << 30


def bomb(first: str, form: str, levels: int = 9) -> str:
    """Return anchors of which each holds the one before nine times."""
    lines = [f"a0: &a0 {first}"]
    for level in range(1, levels):
        lines.append(f"a{level}: &a{level} " + form.replace("@", f"*a{level - 1}"))
    return "\n".join(lines)


NINE = ", ".join(["@"] * 9)
KEYS = ", ".join(f"k{n}: @" for n in range(9))
HOSTILE = {
    "lists": (bomb("[x]", f"[{NINE}]"), "at most 100000 values"),
    "mappings": (bomb("{x: 1}", f"{{{KEYS}}}"), "at most 100000 values"),
    "merged": (bomb("{x: 1}", f"{{<<: [{NINE}]}}"), "at most 100000 values"),
    "chain": (bomb("[x]", "[@]", 40), "deeper than 32 levels"),
    "cycle": ("a: &a\n  b: *a\n", "must not hold itself, as *a does"),
    "deep": (f"a: {'[' * 50_000}", "deeper than 32 levels"),
    "deep JSON": (f'{{"a": {"[" * 50_000}{"]" * 50_000}}}', "deeper than 32 levels"),
    "digits": (f"seed: {'9' * 5000}", "4300 digits"),
    "base of 60": (f"seed: {'1:' * 100_000}1", "up to 65536 characters"),
    "long": (f"seed: {'x ' * 1_000_000}", "up to 1048576 bytes"),
    "date": ("seed: 2020-99-99", "month must be in 1..12"),
    "bytes": ("seed: \udcff", "can't decode byte 0xff"),
    "code": ("seed: !!python/object/apply:os.getcwd []", "line 1: is not YAML"),
    "alias": ("seed: *x", "line 1: is not YAML"),
    "list": ("- 1", "must be a mapping"),
    "empty": ("", "must be a mapping"),
}


@pytest.mark.parametrize(("text", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_in_one_line(text: str, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        read_configuration(path)
    (line,) = caught.value.faults
    assert line.startswith(f"{path}: ")
    assert rule in line


@pytest.mark.parametrize("name", ["lists", "mappings", "merged"])
def test_a_bomb_takes_no_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HOSTILE[name][0], encoding="utf-8")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    command = [sys.executable, "-m", "deep_plunder.config", str(path)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"{path}: must hold at most 100000 values\n"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_what_ships_reads_as_snakemake_reads_it(path: Path) -> None:
    from snakemake.common.configfile import load_configfile

    assert read_configuration(path) == load_configfile(path)


def test_a_later_file_is_laid_over_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: &x {p: 1, q: 2}\ny: *x\n", encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"x": {"q": 1e-4}, "z": [3]}), encoding="utf-8")
    merged = read_configurations([tmp_path / "a.yaml", tmp_path / "b.json"])
    assert merged == {"x": {"p": 1, "q": 1e-4}, "y": {"p": 1, "q": 2}, "z": [3]}
