"""Teachers: what they say, who may be one, and a network that learns from one alone."""

import numpy as np
import pytest

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import write_shard
from deep_plunder.errors import InputError, ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.training import distillation
from deep_plunder.training.distillation import blended, load_teacher
from deep_plunder.training.train import train
from deep_plunder.truth.labels import (
    IGNORED,
    ISOLATION_FULL_DB,
    ISOLATION_UNKNOWN,
    OUTPUTS,
    widened,
)
from tests.unit.training.test_train import (
    FRAMES,
    LEARNING,
    SIZES,
    SPEC,
    arguments,
    data,
    plain,
    trained,
)

__all__ = ["data", "trained"]

DETAILED = FeatureSpec(mel_bands=24, hop=256, short_bands=8)
SMALL = {
    "front": (4, 4, 4),
    "channels": 8,
    "before": (1,),
    "after": (1,),
    "group_channels": 8,
    "dilations": (1,),
    "head": 4,
    "group": 4,
    "dropout": 0.0,
}


@pytest.fixture
def two_rate_file(tmp_path):
    """Write a small `two_rate` of a seed and return its file."""

    def write(seed):
        model = network("two_rate", **SMALL).build(DETAILED, seed=seed)
        path = tmp_path / f"{seed}.keras"
        save_model(path, model, architecture="two_rate", sizes=SMALL, spec=DETAILED)
        return path

    return write


def test_a_network_learns_from_a_teacher_what_no_label_says(data, trained, tmp_path):
    teacher = trained[0] / "model.keras"
    unlabelled = [
        (features, np.zeros_like(labels))
        for name in ("train_0", "train_1")
        for features, labels in zip(*ShardSet([data / f"{name}.npy"]).batch(range(13)), strict=True)
    ]
    path = tmp_path / "unlabelled.npy"
    write_shard(path, unlabelled, count=len(unlabelled), frames=FRAMES, spec=SPEC)
    options = arguments(data, tmp_path, **LEARNING) | {"train_shards": [path]}
    features, labels = ShardSet([data / "validation.npy"]).batch(range(7))

    def found(**more):
        train(**options, **more)
        return load_model(tmp_path / "model.keras").predict(features)[:, :, 2] > 0.5

    truth = labels[:, :, 2] == 1
    assert not found().any()
    taught = found(teachers=[teacher])
    assert 2 * (taught & truth).sum() / (taught.sum() + truth.sum()) > 0.9


def test_two_teachers_say_their_mean(two_rate_file, monkeypatch):
    paths = [two_rate_file(1), two_rate_file(2)]
    features = np.random.default_rng(0).integers(0, 255, (2, 10, DETAILED.bands), dtype=np.uint8)
    names = (*OUTPUTS, "isolation")
    said = load_teacher(paths, spec=DETAILED, outputs=names)(features)
    one, other = (load_model(path).predict(features) for path in paths)
    mean = (one + other) / 2
    np.testing.assert_allclose(said[:, :, :3], mean[:, :, :3], rtol=1e-6)
    np.testing.assert_allclose(said[:, :, 3], mean[:, :, 3] * ISOLATION_FULL_DB, rtol=1e-6)
    # Where a student is trained on a GPU, so are the teachers run.
    monkeypatch.setattr(distillation, "_on_gpu", lambda: True)
    near = load_teacher(paths, spec=DETAILED, outputs=names, bfloat16=True)(features)
    np.testing.assert_allclose(near, said, rtol=0.05)
    assert not np.array_equal(near, said)
    # What gives the isolation too teaches a network that does not.
    assert load_teacher(paths, spec=DETAILED, outputs=OUTPUTS)(features).shape == (2, 10, 3)


def test_labels_are_blended_in_where_they_say_something():
    taught = np.full((1, 6, 4), 0.4, np.float32)
    taught[:, :, 3] = 20
    labels = np.zeros((1, 6, 4), np.uint8)
    labels[0, 2, 0] = 1
    labels[0, 3, 0] = labels[0, 5, 2] = IGNORED
    labels[0, 2:5, 2] = 1
    labels[0, :, 3] = [0, 10, 60, 40, ISOLATION_UNKNOWN, ISOLATION_UNKNOWN]
    found = blended(taught, labels, share=0.5)
    np.testing.assert_allclose(found[0, :, 0], [0.2, 0.2, 0.7, 0.4, 0.2, 0.2])
    np.testing.assert_allclose(found[0, :, 1], 0.2)
    np.testing.assert_allclose(found[0, :, 2], [0.2, 0.2, 0.7, 0.7, 0.7, 0.4])
    np.testing.assert_allclose(found[0, :, 3], [10, 15, 30, 30, 20, 20])
    # Beside an onset, its neighbours are told too, ignored or not.
    near = blended(taught, widened(labels, spread=0.3), share=0.5)
    np.testing.assert_allclose(near[0, :, 0], [0.2, 0.35, 0.7, 0.35, 0.2, 0.2])
    np.testing.assert_array_equal(near[:, :, 1:], found[:, :, 1:])
    np.testing.assert_array_equal(blended(taught, labels, share=0), taught)
    sure = blended(taught[:, :, :3], labels, share=1)
    assert sure[0, :, 2].tolist() == pytest.approx([0, 0, 1, 1, 1, 0.4])


def test_a_network_learns_from_labels_beside_a_teacher(data, tmp_path):
    # One that has learnt nothing: what is found comes from the labels.
    known = tmp_path / "fresh.keras"
    model = network("conv", **SIZES).build(SPEC, seed=9)
    save_model(known, model, architecture="conv", sizes=SIZES, spec=SPEC)
    features, labels = ShardSet([data / "validation.npy"]).batch(range(7))
    truth = labels[:, :, 2] == 1

    def found(**more):
        train(**arguments(data, tmp_path, **LEARNING, **more), teachers=[known])
        return load_model(tmp_path / "model.keras").predict(features)[:, :, 2] > 0.5

    taught = found(label_share=0.9)
    assert 2 * (taught & truth).sum() / (taught.sum() + truth.sum()) > 0.9
    assert not np.array_equal(found(), taught)


def test_who_is_no_teacher(data, trained, two_rate_file, tmp_path):
    known = trained[0] / "model.keras"
    with pytest.raises(InputError, match=r"0\.keras: a teacher's features must be .*=16.*=24"):
        train(**arguments(data, tmp_path), teachers=[known, two_rate_file(0)])
    with pytest.raises(InputError, match=r"model\.keras: a teacher must give isolation, gives"):
        load_teacher([known], spec=SPEC, outputs=(*OUTPUTS, "isolation"))
    (tmp_path / "bad.keras").write_text("no model")
    with pytest.raises(ModelError, match=r"bad\.keras"):
        train(**arguments(data, tmp_path), teachers=[tmp_path / "bad.keras"])
    assert not (tmp_path / "model.keras").exists()


def test_a_training_with_other_teachers_begins_anew(data, trained, tmp_path):
    known, other = trained[0] / "model.keras", tmp_path / "other.keras"
    model = network("conv", **SIZES).build(SPEC, seed=9)
    save_model(other, model, architecture="conv", sizes=load_model(known).sizes, spec=SPEC)
    options = arguments(data, tmp_path)
    first = train(**options, teachers=[known])
    again = train(**options, teachers=[known])
    # Even the seconds are those of the first time: nothing was left to do.
    assert [row.seconds for row in again] == [row.seconds for row in first]
    for teachers in ([other], [known, other], []):
        changed = train(**options, teachers=teachers)
        assert [row["loss"] for row in plain(changed)] != [row["loss"] for row in plain(first)]
