"""Trained models in a configuration: read, compared with the features, or refused in one line."""

from pathlib import Path
from typing import Any

import pytest

from deep_plunder.config.validate import validate
from deep_plunder.errors import ConfigError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import save_model
from deep_plunder.models.registry import network
from deep_plunder.util import resources

SIZES = {"channels": 8, "front": [4, 4], "dilations": [1, 2]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "list.txt").touch()
    return tmp_path


def save(path: Path, **features: int) -> Path:
    spec = FeatureSpec(**features)
    model = network("conv", **SIZES).build(spec)
    save_model(path, model, architecture="conv", sizes=SIZES, spec=spec)
    return path


def checked(root: Path, **changes: Any) -> dict[str, Any]:
    config = {
        "library": {"path": "sounds"},
        "songs": {"sources": ["list.txt"]},
        "models": {"mine": {"file": "mine.keras"}},
    }
    return validate(config | changes, source="c.yaml", root=root)


def faults(root: Path, **changes: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        checked(root, **changes)
    return list(caught.value.faults)


def test_a_model_of_a_file_has_the_network_of_the_file(root: Path) -> None:
    save(root / "mine.keras")
    model = checked(root)["models"]["mine"]
    assert model["architecture"] == "conv"
    assert model["sizes"] == network("conv", **SIZES).size_values()
    assert model["file"] == "mine.keras"


def test_files_that_are_no_use_are_named_in_one_line_each(root: Path) -> None:
    save(root / "mine.keras", hop=256)
    content = (root / "mine.keras").read_bytes()
    (root / "short.keras").write_bytes(content[: len(content) // 2])
    names = ("gone", "mine", "short")
    models = {name: {"file": f"{name}.keras"} for name in names}
    gone, short, mine = sorted(
        faults(root, models=models), key=lambda line: "mine" in line, reverse=False
    )
    assert gone == "c.yaml: models.gone.file: must be there, but 'gone.keras' is not"
    assert short.startswith(f"c.yaml: models.short.file: {root}/short.keras: is not a model file")
    assert mine == (
        "c.yaml: models.mine.file: was trained with features.hop 256, but features.hop is 512"
    )
    assert "\n" not in short


def test_another_model_of_the_configuration_is_no_file(root: Path) -> None:
    models = {"a": {"architecture": "conv"}, "b": {"file": "a"}}
    expected = ["c.yaml: models.b.file: must be there, but 'a' is not"]
    assert faults(root, models=models) == expected


def test_models_that_ship_are_known_by_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", root / "package")
    file = save(root / "package" / resources.SHIPPED_MODELS["shipped-paper"])
    used = {"models": {"paper": {"file": "shipped-paper"}}, "extraction": {"model": "paper"}}
    assert checked(root, **used)["models"]["paper"]["architecture"] == "conv"
    checked(root, **(used | {"extraction": {"model": "shipped-paper"}}))
    start = {"a": {"architecture": "conv", "sizes": SIZES, "start": "shipped-paper"}}
    checked(root, **(used | {"models": start, "extraction": {"model": "a"}}))
    file.unlink()
    rule = ": this copy ships without the model 'shipped-paper', name a model file instead"
    assert faults(root, **used)[0].endswith(rule)
    (line,) = faults(root, models=start, extraction={"model": "a"})
    assert line.startswith("c.yaml: models.a.start: ")
    assert line.endswith(rule)
