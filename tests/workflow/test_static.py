"""The workflow's own files: lint, format, profiles, environments."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deep_plunder.audio.openmpt import MISSING, is_there
from deep_plunder.util.resources import SHIPPED_MODELS, shipped_model_path

from .conftest import REPOSITORY, Run

pytestmark = pytest.mark.workflow

SNAKEFILES = ["Snakefile", "workflow/Snakefile", "workflow/rules"]


def call(*arguments: str, folder: Path = REPOSITORY) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_snakemake_finds_nothing_to_complain_about() -> None:
    done = call("snakemake", "--lint", "--workflow-profile", "none")
    assert done.returncode == 0, done.stdout + done.stderr


def test_snakefiles_are_formatted() -> None:
    done = call("snakefmt", "--check", *SNAKEFILES)
    assert done.returncode == 0, done.stderr


def test_every_rule_says_all_that_it_should() -> None:
    needed = {"output", "log", "benchmark", "threads", "resources", "params", "conda", "message",
              "script"}  # fmt: skip
    for path in (REPOSITORY / "workflow" / "rules").glob("*.smk"):
        for rule in re.split(r"^\s*rule ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[
            1:
        ]:
            name = rule.split(":")[0]
            given = r"^ +(\w+):(?: \d+| .*threads_of\(.+\))?$"
            found = set(re.findall(given, rule, flags=re.MULTILINE))
            assert needed <= found, name
            no_input = ("demo", "gather_packages", "figure_network", "render_stems")
            assert {"input"} <= found or name in no_input, name
            for amount in ("mem_mb", "runtime"):
                # More at each attempt: a job that was killed would be killed again.
                grows = rf"{amount}=(per_attempt\(\d+\)|lambda wildcards, attempt: .+ \* attempt),"
                at_checkpoint = (name, amount) == ("train", "runtime")
                assert re.search(grows, rule) or at_checkpoint, f"{name}: {amount}"
            assert re.search(r"code=lambda wildcards: code_of(_models)?\(", rule), name
            # Braces in the path of the clone are no wildcards there.
            assert re.search(r"conda:\n +environment\(", rule), name
            assert not {"run", "shell"} & found, name


def needs_openmpt(configuration: str) -> None:
    if configuration in ("shipped.yaml", "fine.yaml") and not is_there():
        pytest.skip(MISSING)


@pytest.mark.parametrize(
    "configuration", ["config.yaml", "shipped.yaml", "fine.yaml", "paper.yaml"]
)
def test_configurations_that_ship_can_be_planned(tmp_path: Path, configuration: str) -> None:
    needs_openmpt(configuration)
    config = yaml.safe_load((REPOSITORY / "config" / configuration).read_text(encoding="utf-8"))
    # They run in a folder inside the clone.
    (tmp_path / "experiments").symlink_to(REPOSITORY / "experiments")
    (tmp_path / "run").mkdir()
    planned = Run(tmp_path / "run", config=config).planned()
    count = config["mixes"]["count"]
    size = config["mixes"].get("per_shard", 200)
    rule = "features" if config["mixes"].get("keep_audio", True) else "render_features"
    assert planned[rule] == sum(-(-number // size) for number in count.values())
    assert planned.get("demo", 0) == (configuration == "config.yaml")
    # Its sounds and its songs, and two sets of modules.
    parts = {"paper.yaml": 2, "shipped.yaml": 4, "fine.yaml": 4}
    assert planned.get("gather_packages", 0) == parts.get(configuration, 0)
    models = config["models"].values()
    assert planned["evaluate"] == len(models)
    assert planned["train"] == sum("file" not in model for model in models)


@pytest.mark.parametrize(
    ("configuration", "style", "rules"),
    [
        ("config.yaml", "paper", ["plan", "render", "features"]),
        ("config.yaml", {"paper": 1, "scenes": 1}, ["plan", "plan_scenes", "render", "features"]),
        ("fine.yaml", "struck", ["plan_scenes", "render_features"]),
        (
            "fine.yaml",
            {"scenes": 1, "modules": 1},
            ["plan_scenes", "plan_modules", "render_features"],
        ),
    ],
)
@pytest.mark.parametrize("name", ["slurm", "cluster-generic", "kubernetes"])
def test_small_stages_are_one_job_of_a_cluster(
    tmp_path: Path, name: str, configuration: str, style: Any, rules: list[str]
) -> None:
    needs_openmpt(configuration)
    config = yaml.safe_load((REPOSITORY / "config" / configuration).read_text(encoding="utf-8"))
    config["mixes"]["style"] = style
    run = Run(tmp_path, config=config)
    outcome = run.snakemake("--profile", str(REPOSITORY / "profiles" / name), "--dry-run")
    assert outcome.code == 0, outcome.text
    shards = outcome.rules[rules[0]]
    assert shards > 1
    assert [outcome.rules[rule] for rule in rules] == [shards] * len(rules)
    assert outcome.text.count("Group job shard ") == shards
    # Only jobs of a group are indented; the messages of a shard's jobs end in its split and number.
    of_shards = re.findall(
        r"^( *)Job \d+: .+ (?:train|validation|test) \d{4}$", outcome.text, flags=re.MULTILINE
    )
    assert len(of_shards) == shards * len(rules)
    assert all(of_shards)
    if configuration == "config.yaml":
        for group in ("corpus", "tables"):
            assert outcome.text.count(f"Group job {group} ") == 1
        alone = re.findall(r"^Job \d+: (\w+)", outcome.text, flags=re.MULTILINE)
        assert set(alone) == {"Train", "Evaluate", "Extract"}


def test_the_root_needs_no_arguments() -> None:
    done = call("snakemake", "--dry-run", "--quiet", "rules", "--workflow-profile", "none")
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" not in done.stderr


def test_a_wheel_has_what_is_looked_for_beside_the_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    copies = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    asked = {Path(place).parent.as_posix() for place in SHIPPED_MODELS.values()}
    assert copies == {folder: f"deep_plunder/{folder}" for folder in asked}
    assert shipped_model_path().is_relative_to(REPOSITORY / "resources")


def test_environments_are_in_step_with_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = {}
    for line in project["dependencies"] + project["optional-dependencies"]["workflow"]:
        name, bound = re.match(r"([\w-]+)(.*?)(?:;.*)?$", line).groups()  # type: ignore[union-attr]
        bounds[name.lower()] = bound.strip()
    other = {"soundfile": "pysoundfile", "soxr": "soxr-python", "matplotlib": "matplotlib-base"}
    expected = {other.get(name, name): bound for name, bound in bounds.items()}
    # Snakemake starts the jobs, the CPU wheel is a matter of the package index, and only the
    # command uses the others.
    for name in ("snakemake", "tensorflow-cpu", "mido", "rich", "shtab"):
        del expected[name]
    expected["python"] = project["requires-python"]
    together: dict[str, str] = {}
    for path in (REPOSITORY / "envs").glob("*.yaml"):
        environment = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert environment["channels"] == ["conda-forge"]
        for line in environment["dependencies"]:
            name, bound = line.split()
            assert bound == expected[name], f"{path.name}: {line}"
            together[name] = bound
    assert together == expected
