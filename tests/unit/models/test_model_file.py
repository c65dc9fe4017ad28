"""Model files: what was saved comes back, and nothing else is taken for one."""

import json
import resource
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.errors import ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.card import CARD, digest_of_model
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util import resources
from deep_plunder.util.resources import (
    SHIPPED_MODELS,
    model_path,
    option_model_path,
    shipped_model_path,
)

SPEC = FeatureSpec(mel_bands=20, hop=256)
SIZES = {
    "conv": {"channels": 8, "front": [4, 4], "dilations": [1, 2]},
    "paper": {"units": [5], "combining_units": 3},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A good conv file and the network that it was made of; not to be changed."""
    path = tmp_path_factory.mktemp("model") / "small.keras"
    model = network("conv", **SIZES["conv"]).build(SPEC, seed=3)
    save_model(path, model, architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    return path, model


def rewritten(source, target, *, drop=(), **members):
    """Copy a model file, with some members replaced, added or left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        contents = {info.filename: old.read(info) for info in old.infolist()} | members
        for name, content in contents.items():
            if name not in drop:
                new.writestr(name, content)
    return target


def with_card(saved, target, **changes):
    with zipfile.ZipFile(saved) as archive:
        card = json.loads(archive.read(CARD))
    return rewritten(saved, target, **{CARD: json.dumps(card | changes)})


@pytest.mark.parametrize("architecture", SIZES)
def test_what_was_saved_comes_back(tmp_path, architecture):
    sizes = SIZES[architecture]
    model = network(architecture, **sizes).build(SPEC, seed=1)
    path = tmp_path / "folder" / "mine.keras"
    save_model(path, model, architecture=architecture, sizes=sizes, spec=SPEC)
    loaded = load_model(path)
    assert (loaded.architecture, loaded.name, loaded.spec) == (architecture, "mine", SPEC)
    assert loaded.context_frames == network(architecture, **sizes).receptive_frames
    features = np.random.default_rng(0).normal(size=(2, 30, 20)).astype(np.float32)
    found = loaded.predict(features)
    assert found.shape == (2, 30, 3)
    assert found.dtype == np.float32
    expected = model.predict_on_batch(features)
    for column, name in enumerate(OUTPUTS):
        np.testing.assert_allclose(found[:, :, column], expected[name][:, :, 0], atol=1e-6)
    # A network that was loaded can be saved again.
    save_model(path, loaded.model, architecture=architecture, sizes=loaded.sizes, spec=SPEC)
    np.testing.assert_array_equal(load_model(path).predict(features), found)


@pytest.mark.parametrize("architecture", SIZES)
def test_weights_of_16_bits_come_back_rounded_in_half_the_size(tmp_path, architecture):
    import keras

    # Large enough for the weights to outweigh the rest of the file.
    large = {"conv": {"channels": 256}, "paper": {"units": [64], "combining_units": 64}}
    sizes = SIZES[architecture] | large[architecture]
    options = {"architecture": architecture, "sizes": sizes, "spec": SPEC}
    model = network(architecture, **sizes).build(SPEC, seed=1)
    full, half = tmp_path / "full.keras", tmp_path / "half.keras"
    save_model(full, model, **options)
    save_model(half, model, **options, half=True)
    weights = 2 * sum(values.size for values in model.get_weights())
    saved = full.stat().st_size - half.stat().st_size
    assert abs(saved - weights) < 0.02 * weights
    rounded = [values.astype(np.float16).astype(np.float32) for values in model.get_weights()]
    loaded = load_model(half)
    for found in (loaded.model, keras.saving.load_model(half, safe_mode=True)):
        assert all(map(np.array_equal, found.get_weights(), rounded))
    features = np.random.default_rng(0).normal(size=(2, 30, 20)).astype(np.float32)
    np.testing.assert_allclose(
        loaded.predict(features), load_model(full).predict(features), atol=2e-3
    )
    # It can be saved again without a further loss.
    save_model(tmp_path / "again.keras", loaded.model, **options, half=True)
    assert digest_of_model(tmp_path / "again.keras") == digest_of_model(half)


def test_weights_beyond_16_bits_are_refused(tmp_path):
    options = {"architecture": "conv", "sizes": SIZES["conv"], "spec": SPEC}
    model = network("conv", **SIZES["conv"]).build(SPEC, seed=1)
    model.set_weights([values + 1e5 for values in model.get_weights()])
    with pytest.raises(ModelError, match="weights must be below 65504, the largest is 1000"):
        save_model(tmp_path / "half.keras", model, **options, half=True)
    assert not list(tmp_path.iterdir())


def test_a_digest_tells_models_apart_whatever_they_are_called(saved, tmp_path):
    digest = digest_of_model(saved[0])
    assert load_model(saved[0]).digest == digest
    assert digest_of_model(shutil.copy(saved[0], tmp_path / "other name.keras")) == digest
    save_model(tmp_path / "a.keras", saved[1], architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    assert digest_of_model(tmp_path / "a.keras") == digest
    weights = network("conv", **SIZES["conv"]).build(SPEC, seed=4)
    again = tmp_path / "again" / saved[0].name
    save_model(again, weights, architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    decoder = with_card(saved[0], tmp_path / "b.keras", decoding={"min_score": 0.5})
    features = with_card(saved[0], tmp_path / "c.keras", features={"mel_bands": 20, "hop": 512})
    assert len({digest, *map(digest_of_model, (again, decoder, features))}) == 4
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(ModelError, match="is not a model file"):
        digest_of_model(tmp_path / "text.keras")


def test_the_state_of_training_is_not_saved(saved, tmp_path):
    trained = network("conv", **SIZES["conv"]).build(SPEC)
    trained.compile("adam", "mse", jit_compile=False)
    trained.train_on_batch(np.zeros((1, 9, 20)), dict.fromkeys(OUTPUTS, np.zeros((1, 9, 1))))
    save_model(tmp_path / "a.keras", trained, architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    sizes = [path.stat().st_size for path in (saved[0], tmp_path / "a.keras")]
    assert abs(sizes[0] - sizes[1]) < 2000


def test_keras_itself_opens_the_file(saved):
    import keras

    path, model = saved
    opened = keras.saving.load_model(path, safe_mode=True)
    assert all(map(np.array_equal, opened.get_weights(), model.get_weights()))


def test_predict_takes_any_length_and_only_its_own_bands(saved):
    loaded = load_model(saved[0])
    assert loaded.predict(np.zeros((1, 1, 20), np.float32)).shape == (1, 1, 3)
    assert loaded.predict(np.zeros((1, 0, 20), np.float32)).shape == (1, 0, 3)
    with pytest.raises(ValueError, match=r"must be \(batch, frames, 20\), got \(1, 5, 21\)"):
        loaded.predict(np.zeros((1, 5, 21), np.float32))


def test_nothing_in_the_file_is_run(saved, tmp_path):
    hostile = {"config.json": '{"module": "os", "class_name": "system", "config": {"x": "false"}}'}
    assert load_model(rewritten(saved[0], tmp_path / "a.keras", **hostile)).architecture == "conv"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"architecture": "transformer"},
            "architecture: must be one of paper, conv, two_rate, fine, grouped, onf_conv, got",
        ),
        ({"architecture": "paper"}, "sizes.front: paper has no such size"),
        ({"architecture": "paper", "sizes": {}}, "do not fit the architecture paper"),
        ({"architecture": 7}, "is not what Deep Plunder writes: architecture must be text"),
        ({"sizes": SIZES["conv"] | {"channels": 9}}, "do not fit the architecture conv"),
        ({"sizes": SIZES["conv"] | {"dilations": [1]}}, "do not fit the architecture conv"),
        ({"sizes": SIZES["conv"] | {"channels": -1}}, "sizes.channels: must be at least 1"),
        ({"features": {"mel_bands": 80}}, "do not fit the architecture conv"),
        ({"features": {"mel_bands": "x"}}, "features.mel_bands must be a number, got 'x'"),
        ({"features": {"bands": 3}}, "is not what Deep Plunder writes"),
        ({"features": {"hop": 0}}, "features.hop: must be at least 16, got 0"),
        ({"features": None}, "is not what Deep Plunder writes"),
        ({"format": 1}, "format must be 2, got 1"),
        ({"format": 2.0}, "format must be 2, got 2.0"),
        ({"weights": "0"}, "do not fit .*: they are not those that were saved"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(saved, tmp_path, change, message):
    path = with_card(saved[0], tmp_path / "bad.keras", **change)
    with pytest.raises(ModelError, match=message) as caught:
        load_model(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_other_files_are_refused(saved, tmp_path):
    def refused(path, message):
        with pytest.raises(ModelError, match=message) as caught:
            load_model(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)

    bad = tmp_path / "bad.keras"
    refused(bad, "there is no such model file")
    refused(tmp_path, "cannot be read")
    for content in (b"", b"RIFF not a zip", b"PK\x03\x04" + bytes(100)):
        bad.write_bytes(content)
        refused(bad, "is not a model file, or a damaged one")
    good = saved[0].read_bytes()
    for length in (len(good) // 3, len(good) - 30):
        bad.write_bytes(good[:length])
        refused(bad, "is not a model file, or a damaged one")
    refused(rewritten(saved[0], bad, drop=[CARD]), f"is not a Deep Plunder model, it lacks {CARD}")
    refused(rewritten(saved[0], bad, drop=["model.weights.h5"]), "lacks model.weights.h5")
    refused(rewritten(saved[0], bad, **{CARD: b"{"}), "is not what Deep Plunder writes")
    refused(rewritten(saved[0], bad, **{CARD: b"\xff\xfe"}), "is not what Deep Plunder writes")
    refused(rewritten(saved[0], bad, **{CARD: b"[]"}), "is not what Deep Plunder writes")
    refused(rewritten(saved[0], bad, **{CARD: b"{}"}), "lacks 'format'")
    refused(rewritten(saved[0], bad, **{"model.weights.h5": b"no HDF5"}), "weights do not fit")
    with zipfile.ZipFile(saved[0]) as archive:
        weights = archive.read("model.weights.h5")
    refused(rewritten(saved[0], bad, **{"model.weights.h5": weights[:3000]}), "weights do not fit")


def test_flipped_bytes_are_found(saved, tmp_path):
    with zipfile.ZipFile(saved[0]) as archive:
        info = archive.getinfo("model.weights.h5")
    content = bytearray(saved[0].read_bytes())
    content[info.header_offset + info.compress_size // 2] ^= 0xFF
    path = tmp_path / "bad.keras"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        load_model(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    model = network("conv", **SIZES["conv"]).build(SPEC)
    model.set_weights([values * np.nan for values in model.get_weights()])
    save_model(tmp_path / "a.keras", model, architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    with pytest.raises(ModelError, match="its weights are not finite numbers"):
        load_model(tmp_path / "a.keras")


def test_a_full_disk_leaves_the_old_file_and_no_other(saved, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: .*/model\.keras'$"):
            save_model(path, saved[1], architecture="conv", sizes=SIZES["conv"], spec=SPEC)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_saving_another_network_or_name_is_a_fault_of_the_caller(saved, tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.keras"):
        save_model(tmp_path / "a.h5", saved[1], architecture="conv", sizes={}, spec=SPEC)
    with pytest.raises(ValueError, match="weights"):
        save_model(tmp_path / "a.keras", saved[1], architecture="conv", sizes={}, spec=SPEC)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_a_shipped_model_is_in_the_package_or_the_repository_or_said_to_be_missing(
    monkeypatch, tmp_path, name
):
    package = tmp_path / "workflow" / "lib" / "deep_plunder"
    monkeypatch.setattr(resources, "_PACKAGE", package)
    missing = (
        f"{tmp_path}/.*: this copy ships without the model '{name}', name a model file instead"
    )
    with pytest.raises(ModelError, match=missing):
        model_path(name)
    # As in a wheel, the package's own is taken before another.
    for root in (tmp_path, package):
        file = root / SHIPPED_MODELS[name]
        file.parent.mkdir(parents=True)
        file.touch()
        assert model_path(name) == shipped_model_path(name) == file
        assert option_model_path(name.removeprefix("shipped-")) == file
    assert model_path("paper") == Path("paper")


def test_weights_of_other_names_or_shapes_are_refused(saved, tmp_path):
    import h5py

    with zipfile.ZipFile(saved[0]) as archive:
        content = archive.read("model.weights.h5")
    copy = tmp_path / "weights.h5"

    def refused(change, message):
        copy.write_bytes(content)
        with h5py.File(copy, "r+") as file:
            groups = {
                group["vars"].attrs["name"]: group["vars"] for group in file["layers"].values()
            }
            change(groups["residual_2"])
        bad = rewritten(saved[0], tmp_path / "bad.keras", **{"model.weights.h5": copy.read_bytes()})
        with pytest.raises(ModelError, match=f"do not fit the architecture conv .*: {message}"):
            load_model(bad)

    def renamed(group):
        group.attrs["name"] = "residual_3"

    def longer(group):
        del group["0"]
        group["0"] = np.zeros((3, 8, 9), np.float32)

    def changed(group):
        group["0"][0, 0, 0] += 1

    refused(renamed, r"those of residual_2 must be \(3, 8, 8\), got none")
    refused(longer, r"those of residual_2 must be \(3, 8, 8\), got \(3, 8, 9\)")
    refused(changed, "they are not those that were saved")
