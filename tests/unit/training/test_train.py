"""Training: what is minimized and logged, what is chosen, and going on after a kill."""

import dataclasses
import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.dataset.shard_set import ShardSet
from deep_plunder.dataset.shards import write_shard
from deep_plunder.decoding.regions import score_spans
from deep_plunder.decoding.settings import Calibration, Decoder, DetectionSpec
from deep_plunder.errors import ConfigError, InputError, ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.card import digest_of_model, write_decoder
from deep_plunder.models.model_file import load_model
from deep_plunder.models.record import read_record
from deep_plunder.models.registry import network
from deep_plunder.training import checkpoints, fit
from deep_plunder.training import train as train_module
from deep_plunder.training.batches import epoch_batches
from deep_plunder.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from deep_plunder.training.compiling import compile_model
from deep_plunder.training.figures import draw_history
from deep_plunder.training.spec import HistoryRow, TrainingSpec
from deep_plunder.training.train import train
from deep_plunder.truth.labels import FRAME, IGNORED, ONSET, OUTPUTS, encode
from deep_plunder.util.resources import shipped_model_path
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records, write_records

SPEC = FeatureSpec(mel_bands=16)
SIZES = {"channels": 16, "front": [8, 8], "dilations": [1, 2, 4], "l2": 0.001}
FRAMES = 120


def toy(name, count):
    """Noise, in which a burst of some neighbouring bands is a lone sound."""
    rng = generator(1, "toy", name)
    for _ in range(count):
        features = rng.normal(0, 1, (FRAMES, 16)).astype(np.float32)
        starts = np.sort(rng.choice(np.arange(2, FRAMES - 12, 14), 3, replace=False))
        regions = np.stack([starts, starts + rng.integers(3, 11, 3)], axis=1)
        for left, right in regions:
            low = rng.integers(0, 10)
            features[left:right, low : low + 6] += 4
        yield features, encode(regions * 0.032, frames=FRAMES, frame_rate=31.25)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    for name, count in (("train_0", 20), ("train_1", 13), ("validation", 7)):
        write_shard(folder / f"{name}.npy", toy(name, count), count=count, frames=FRAMES, spec=SPEC)
    return folder


def arguments(data, out, seed=3, sizes=SIZES, **spec):
    chosen = {"batch_size": 4, "steps_per_epoch": 4, "epochs": 3, "validate_every": 2} | spec
    return {
        "architecture": "conv",
        "sizes": sizes,
        "spec": SPEC,
        "train_shards": [data / "train_0.npy", data / "train_1.npy"],
        "validation_shards": [data / "validation.npy"],
        "training": TrainingSpec(**chosen),
        "seed": seed,
        "model_path": out / "model.keras",
        "history_path": out / "history.tsv",
        "checkpoint_dir": out / "checkpoint",
    }


def plain(history):
    """Rows without the seconds, NaN as None so that rows can be compared."""
    rows = [dataclasses.asdict(row) | {"seconds": 0} for row in history]
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]


def same(first, second):
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        expected = dataclasses.asdict(dataclasses.replace(b, seconds=a.seconds))
        assert dataclasses.asdict(a) == pytest.approx(expected, rel=1e-3, abs=1e-6, nan_ok=True)


def cross_entropy(target, probability):
    target = target.astype(np.float64)
    # As Keras does: a probability may be rounded to 0 or 1.
    probability = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    return -np.mean(target * np.log(probability) + (1 - target) * np.log(1 - probability))


LEARNING = {
    "batch_size": 8,
    "steps_per_epoch": 12,
    "epochs": 8,
    "validate_every": 3,
    "learning_rate": 5e-3,
    "average": 0.5,
}


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """One whole training: its folder and its history."""
    folder = tmp_path_factory.mktemp("trained")
    return folder, train(**arguments(data, folder, **LEARNING))


def test_it_learns(data, trained):
    folder, history = trained
    assert history[-1].loss < 0.5 * history[0].loss
    assert history[-1].val_frame_loss < 0.2
    features, labels = ShardSet([data / "validation.npy"]).batch(range(7))
    found = load_model(folder / "model.keras").predict(features)[:, :, 2] > 0.5
    truth = labels[:, :, 2] == 1
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.9


def test_it_begins_with_another_model(data, trained, tmp_path):
    known = trained[0] / "model.keras"
    curve = Calibration((0.1, 1.0), (0.1, 0.9))
    decoder = Decoder(spec=DetectionSpec(), calibration=curve, min_score=0.3)
    write_decoder(known, tmp_path / "known.keras", decoder)
    settings = LEARNING | {"epochs": 1, "learning_rate": 1e-6, "validate_every": 1}
    # Dropout is of the training, not of the weights.
    sizes = SIZES | {"dropout": 0.3}
    options = arguments(data, tmp_path, sizes=sizes, **settings)
    (row,) = train(**options, start=tmp_path / "known.keras")
    best = np.nanmin([row.val_loss for row in trained[1]])
    assert row.val_loss == pytest.approx(best, rel=0.05)
    assert load_model(tmp_path / "model.keras").decoder == decoder
    # The state of a training that began otherwise is not gone on with.
    write_decoder(known, tmp_path / "known.keras", dataclasses.replace(decoder, min_score=0.4))
    train(**options, start=tmp_path / "known.keras")
    assert load_model(tmp_path / "model.keras").decoder.min_score == 0.4


def test_rejected_kinds_lose_score_and_accepted_ones_keep_it(data, trained, tmp_path):
    def kinds(name, count):
        """Bursts of all bands, which the listener rejects, and of a few, which are accepted."""
        rng = generator(1, "choices", name)
        for _ in range(count):
            features = rng.normal(0, 1, (FRAMES, 16)).astype(np.float32)
            labels = np.full((FRAMES, 3), IGNORED, np.uint8)
            for left, bands, accepted in ((20, 16, 0), (60, 6, 1)):
                features[left : left + 8, :bands] += 4
                labels[left : left + 8] = 0
                labels[left : left + 8, FRAME] = accepted
                labels[left, ONSET] = accepted
            yield features, labels

    def scores(model):
        features = np.stack([features for features, _ in kinds("other", 20)])
        outputs = model.predict(features)
        spans = [(20 * 0.032, 28 * 0.032), (60 * 0.032, 68 * 0.032)]
        each = [score_spans(o, spans, spec=DetectionSpec(), hop_s=0.032) for o in outputs]
        return np.mean(each, axis=0)

    choices = tmp_path / "choices.npy"
    write_shard(choices, kinds("chosen", 2), count=2, frames=FRAMES, spec=SPEC)
    train(**arguments(data, tmp_path, **LEARNING), choice_shards=[choices], choice_share=0.2)
    rejected_before, accepted_before = scores(load_model(trained[0] / "model.keras"))
    rejected, accepted = scores(load_model(tmp_path / "model.keras"))
    assert rejected_before > 0.5 * accepted_before
    assert rejected < 0.2 * rejected_before
    assert accepted > 0.8 * accepted_before


def test_the_mean_of_the_weights_is_kept_and_not_trained(data, tmp_path):
    def weights(epochs, **more):
        folder = tmp_path / f"{epochs} {more}"
        folder.mkdir()
        steps = {"steps_per_epoch": 1, "epochs": epochs, "validate_every": epochs}
        history = train(**arguments(data, folder, **steps, **more))
        model = load_model(folder / "model.keras").model
        return history, [np.asarray(variable) for variable in model.trainable_variables]

    steps = [weights(epochs) for epochs in (1, 2, 3)]
    history, kept = weights(3, average=0.8)
    assert [row.loss for row in history] == [row.loss for row in steps[-1][0]]
    for variable, *each in zip(kept, *(found for _, found in steps), strict=True):
        mean = each[0]
        for value in each[1:]:
            mean = 0.8 * mean + 0.2 * value
        np.testing.assert_allclose(variable, mean, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": SIZES | {"channels": 8}}, r"known\.keras: channels must be 8 to .*, got 16"),
        ({"architecture": "paper", "sizes": {}}, "architecture must be paper .*, got conv"),
    ],
)
def test_another_network_to_begin_with_is_refused(data, trained, tmp_path, changes, message):
    shutil.copy(trained[0] / "model.keras", tmp_path / "known.keras")
    options = arguments(data, tmp_path) | changes
    with pytest.raises(InputError, match=message):
        train(**options, start=tmp_path / "known.keras")
    assert not (tmp_path / "model.keras").exists()


def test_the_history_says_what_the_losses_are(data, trained):
    folder, history = trained
    assert [row.epoch for row in history] == list(range(1, 9))
    assert [row.epoch for row in history if not math.isnan(row.val_loss)] == [3, 6, 8]
    for row in history:
        terms = row.onset_loss + row.offset_loss + row.frame_loss + row.l2_loss
        assert row.loss == pytest.approx(terms, rel=1e-6)
        assert row.l2_loss > 0
    best = min(history, key=lambda row: math.inf if math.isnan(row.val_loss) else row.val_loss)
    features, labels = ShardSet([data / "validation.npy"]).batch(range(7))
    loaded = load_model(folder / "model.keras")
    found = loaded.predict(features)
    for column, name in enumerate(OUTPUTS):
        expected = cross_entropy(labels[:, :, column], found[:, :, column])
        assert getattr(best, f"val_{name}_loss") == pytest.approx(expected, rel=1e-3)
    kernels = [loaded.model.get_layer(f"residual_{k}").kernel for k in (1, 2, 3)]
    expected = 0.001 * sum(float(np.sum(np.asarray(kernel) ** 2)) for kernel in kernels)
    assert best.val_l2_loss == pytest.approx(expected, rel=1e-4)
    rates = [0.005 * 0.98 ** ((12 * epoch - 1) / 10000) for epoch in range(1, 9)]
    assert [row.learning_rate for row in history] == pytest.approx(rates)
    assert plain(read_records(folder / "history.tsv", HistoryRow)) == plain(history)
    header, first = (folder / "history.tsv").read_text().splitlines()[:2]
    assert header.split("\t")[:4] == ["epoch", "seconds", "learning_rate", "loss"]
    assert first.endswith("\t\t\t\t")


def test_the_history_has_the_rate_of_the_last_step_of_a_half_cosine_too(data, tmp_path):
    spec = {"schedule": "cosine", "epochs": 2, "steps_per_epoch": 4, "learning_rate": 0.01}
    rows = train(**arguments(data, tmp_path, **spec))
    expected = [0.01 * (1 + math.cos(math.pi * step / 8)) / 2 for step in (3, 7)]
    assert [row.learning_rate for row in rows] == pytest.approx(expected, rel=1e-5)


def test_the_optimizer_is_the_papers():
    model = network("conv", **SIZES).build(SPEC)
    compile_model(model, TrainingSpec())
    optimizer = model.optimizer
    assert (optimizer.clipnorm, optimizer.global_clipnorm) == (3.0, None)
    schedule = optimizer.get_config()["learning_rate"]["config"]
    assert schedule["initial_learning_rate"] == 6e-4
    assert (schedule["decay_rate"], schedule["decay_steps"]) == (0.98, 10000)
    assert not schedule["staircase"]
    # Each variable by its own norm: a large gradient of one leaves that of another alone.
    large, small = optimizer._clip_gradients([np.full(4, 9.0), np.full(4, 0.5)])
    np.testing.assert_allclose(np.asarray(large), np.full(4, 1.5))
    np.testing.assert_allclose(np.asarray(small), np.full(4, 0.5))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 9), st.integers(1, 6), st.integers(0, 9))
def test_epochs_go_round_the_items(items, batch_size, steps, seed):
    spec = TrainingSpec(batch_size=batch_size, steps_per_epoch=steps)
    drawn = [
        batch
        for epoch in range(1, 6)
        for batch in epoch_batches(epoch, items=items, training=spec, seed=seed)
    ]
    assert len(drawn) == 5 * steps
    assert all(len(batch) == batch_size for batch in drawn)
    sequence = np.concatenate(drawn)
    for start in range(0, len(sequence) - items + 1, items):
        assert sorted(sequence[start : start + items]) == list(range(items))


SCRIPT = """
import json, sys
from pathlib import Path
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.training.train import train
given = json.loads(sys.argv[1])
given |= {"spec": FeatureSpec(**given["spec"]), "training": TrainingSpec(**given["training"])}
train(**given)
"""


def test_a_killed_training_goes_on_and_ends_as_if_it_had_not_been(data, trained, tmp_path):
    folder, whole = trained
    given = arguments(data, tmp_path, **LEARNING)
    plain_given = {
        key: dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
        for key, value in given.items()
    }
    history, model = given["history_path"], given["model_path"]
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, json.dumps(plain_given, default=str)])
    try:
        limit = time.monotonic() + 600
        while not history.is_file() or len(read_records(history, HistoryRow)) < 2:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < limit
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not model.exists()
    done = read_records(history, HistoryRow)
    assert 2 <= len(done) < 8
    history.unlink()  # Snakemake removes the outputs of a job that failed.
    resumed = train(**given)
    # What was done was not done again: the same seconds.
    assert [row.seconds for row in resumed[: len(done)]] == [row.seconds for row in done]
    same(whole, resumed)
    assert plain(read_records(history, HistoryRow)) == plain(resumed)
    features = ShardSet([data / "validation.npy"]).batch(range(7))[0]
    first, second = (
        load_model(path / "model.keras").predict(features) for path in (folder, tmp_path)
    )
    np.testing.assert_allclose(first, second, atol=1e-2)
    # And a finished one is not trained again.
    model.unlink()
    finished = train(**given)
    assert [row.seconds for row in finished] == [row.seconds for row in resumed]
    assert model.is_file()


@pytest.fixture
def scripted(monkeypatch):
    """Replace the computation by losses from a list of validation (total, frame) pairs."""

    def use(values):
        pairs = iter(values)

        def batches(run, sums, items, batches, *, train):
            epoch = len(run.history) + 1
            total = frame = 9.0
            if not train:
                total, frame = next(pairs)
                run.model.set_weights([np.full_like(w, epoch) for w in run.model.get_weights()])
            # Onsets are best in epoch 6, which is neither the best total nor the best frame.
            terms = {"onset_loss": abs(6 - epoch), "offset_loss": 0.0}
            found = {"loss": total, "frame_loss": frame} | terms
            sums.add(1, found, None)
            yield

        monkeypatch.setattr(fit.Fitting, "_run", batches)

    return use


@pytest.mark.parametrize(
    ("select_by", "patience", "epochs", "best"),
    [
        ("total", None, 7, 4),
        ("total", 1, 6, 4),
        ("frame", 1, 4, 2),
        ("frame", 2, 6, 2),
        ("onset", None, 7, 6),
    ],
)
def test_the_best_model_is_kept_and_patience_ends(
    data, tmp_path, scripted, select_by, patience, epochs, best
):
    scripted([(5, 1), (4, 2), (6, 3), (7, 4)])
    history = train(**arguments(data, tmp_path, epochs=7, select_by=select_by, patience=patience))
    assert len(history) == epochs
    weights = load_model(tmp_path / "model.keras").model.get_weights()
    assert {float(value) for values in weights for value in values.flat} == {float(best)}


@pytest.fixture
def cut_off(scripted, monkeypatch):
    """Train until all is done but for the model, and say how many epochs that took."""

    def run(given):
        epochs = []
        epoch = fit.Fitting.epoch
        scripted([(1, 1)] * 9)

        def counted(run):
            epochs.append(len(run.history) + 1)
            return epoch(run)

        def killed(*given, **more):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(fit.Fitting, "epoch", counted)
            patch.setattr(train_module, "save_model", killed)
            with pytest.raises(KeyboardInterrupt):
                train(**given)
        return len(epochs)

    return run


def test_another_setting_starts_anew(data, tmp_path, cut_off):
    for change in (
        {},
        {"seed": 4},
        {"learning_rate": 1e-3},
        {"sizes": SIZES | {"dropout": 0.2}},
    ):
        given = arguments(data, tmp_path, **change)
        assert [cut_off(given), cut_off(given)] == [3, 0]


@pytest.mark.parametrize("of_labels", [False, True])
def test_other_data_start_anew_wherever_they_differ(data, tmp_path, cut_off, of_labels):
    shard, items = tmp_path / "train.npy", list(toy("many", 20))
    given = arguments(data, tmp_path) | {"train_shards": [shard]}

    def write():
        write_shard(shard, items, count=20, frames=FRAMES, spec=SPEC)

    write()
    assert [cut_off(given), cut_off(given)] == [3, 0]
    write()
    assert cut_off(given) == 0
    changed = items[-1][of_labels]
    changed[-1, -1] = 1 - changed[-1, -1]
    write()
    assert [cut_off(given), cut_off(given)] == [3, 0]


@pytest.mark.parametrize("content", [b"", b"PK nothing", None])
def test_a_damaged_checkpoint_is_not_used(tmp_path, content, caplog):
    state = Checkpoint({"epoch": 3}, [np.arange(3.0)], [np.array(7)], [])
    write_checkpoint(tmp_path, "mark", state)
    path = tmp_path / "state.npz"
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    assert read_checkpoint(tmp_path, "mark") is None
    assert "training starts anew" in caplog.text


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    assert read_checkpoint(tmp_path, "mark") is None
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(2**40), np.ones(1, np.uint32)]
    # Twelve, so that the order by name must be the order by number.
    state = Checkpoint({"loss": 0.1, "best": None}, arrays * 4, [], arrays)
    write_checkpoint(tmp_path, "mark", state)
    found = read_checkpoint(tmp_path, "mark")
    assert found is not None
    assert found.progress == state.progress
    for group in ("model", "optimizer", "best"):
        values, expected = getattr(found, group), getattr(state, group)
        assert len(values) == len(expected)
        for value, other in zip(values, expected, strict=True):
            assert value.dtype == other.dtype
            np.testing.assert_array_equal(value, other)
    assert read_checkpoint(tmp_path, "other") is None


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    state = Checkpoint({"epoch": 1}, [np.ones(4)], [], [])
    write_checkpoint(tmp_path, "mark", state)

    def full(path, **arrays):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoints.np, "savez", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_checkpoint(tmp_path, "mark", dataclasses.replace(state, progress={"epoch": 2}))
    assert caught.value.filename == str(tmp_path / "state.npz")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]
    assert read_checkpoint(tmp_path, "mark").progress == {"epoch": 1}


@pytest.mark.parametrize(("bands", "crop"), [(0, 16), (8, 0)])
def test_what_cannot_be_varied_is_refused(data, bands, crop):
    items = ShardSet([data / "validation.npy"])
    asked = {"gain_db": (-12, 7), "curve_db": 4, "masks": 0.2, "band_limit": 0.5, "floor": 0.3}
    asked["mirror"] = True
    spec = FeatureSpec(short_bands=bands)
    for key, value in asked.items():
        training = TrainingSpec(crop_frames=crop, **{key: value})
        with pytest.raises(ConfigError, match=rf"^training.{key}: must be .*, {bands}, {crop}$"):
            fit.Fitting(network("conv").build(SPEC), training, 0, items, items, spec=spec)


def test_parts_that_are_no_whole_groups_are_refused(tmp_path):
    spec = FeatureSpec(mel_bands=24, hop=256, short_bands=8)
    pairs = [(np.zeros((30, spec.bands), np.uint8), np.zeros((30, 4), np.uint8))]
    path = tmp_path / "detailed.npy"
    write_shard(path, pairs, count=1, frames=30, spec=spec)
    given = arguments(tmp_path, tmp_path, sizes={}) | {
        "architecture": "grouped", "spec": spec, "train_shards": [path],
        "validation_shards": [path],
    }  # fmt: skip
    rule = "must be a multiple of sizes.group 4, above 0 and below the 30 frames of a mix"
    with pytest.raises(ConfigError, match=rf"^training.crop_frames: {rule} .*, got 0$"):
        train(**given)


def test_losses_that_are_no_numbers_end_it(tmp_path, data):
    with pytest.raises(ModelError, match="epoch 1: the loss is not finite, try a lower"):
        train(**arguments(data, tmp_path, onset_weight=1e39))
    features = np.full((FRAMES, 16), np.nan, np.float32)
    pairs = [(features, np.zeros((FRAMES, 3), np.uint8))]
    write_shard(tmp_path / "bad.npy", pairs, count=1, frames=FRAMES, spec=SPEC)
    given = arguments(data, tmp_path) | {"train_shards": [tmp_path / "bad.npy"]}
    with pytest.raises(InputError, match="epoch 1: features of item 0 of 1 are not finite"):
        train(**given)
    assert not (tmp_path / "model.keras").exists()


def test_bad_shards_are_refused_before_anything_is_built(data, tmp_path):
    given = arguments(data, tmp_path)
    with pytest.raises(InputError, match=r"train_0\.npy: must have 17 mel bands, has 16"):
        train(**given | {"spec": FeatureSpec(mel_bands=17)})
    with pytest.raises(InputError, match="at least one is needed"):
        train(**given | {"validation_shards": []})
    write_shard(tmp_path / "empty.npy", [], count=0, frames=FRAMES, spec=SPEC)
    with pytest.raises(InputError, match=r"empty\.npy: must hold frames to train on"):
        train(**given | {"train_shards": [tmp_path / "empty.npy"]})
    with pytest.raises(ConfigError, match="the nearest is channels"):
        train(**given | {"sizes": {"chanels": 3}})


def test_impossible_settings_are_refused_at_once():
    with pytest.raises(ConfigError) as caught:
        TrainingSpec(epochs=0, learning_rate=-1.0, patience=0, select_by="offset")
    assert list(caught.value.faults) == [
        "training.epochs: must be at least 1, got 0",
        "training.learning_rate: must be above 0, got -1.0",
        "training.patience: must be at least 1, got 0",
        "training.select_by: must be 'total' or 'frame' or 'onset', got 'offset'",
    ]


def test_tensorboard_gets_the_same_numbers(data, tmp_path, scripted):
    import tensorflow as tf

    scripted([(5, 1), (4, 2)])
    given = arguments(data, tmp_path, tensorboard=True)
    train(**given, tensorboard_dir=tmp_path / "board")
    (path,) = (tmp_path / "board").iterdir()
    events = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(path))
    ]
    assert events[0].file_version == "brain.Event:2"
    logged = [(e.step, {v.tag: v.simple_value for v in e.summary.value}) for e in events[1:]]
    assert [step for step, _ in logged] == [1, 2, 3]
    assert [values.get("val_frame_loss") for _, values in logged] == [None, 1, 2]


def test_the_figure_is_drawn(tmp_path):
    rows = [
        HistoryRow(k, 1.0, 6e-4, *np.exp([2 - k / 9, -k / 9, 0.2 - k / 9, 1 - k / 9, -k / 3]))
        for k in range(1, 11)
    ]
    for k in (4, 9):
        values = {f"val_{n}": getattr(rows[k], n) * 1.3 for n in
                  ("loss", "onset_loss", "offset_loss", "frame_loss", "l2_loss")}  # fmt: skip
        rows[k] = dataclasses.replace(rows[k], **values)
    write_records(tmp_path / "history.tsv", HistoryRow, rows)
    for name in ("a.png", "b.png"):
        draw_history(tmp_path / "history.tsv", tmp_path / name, title="conv")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.png").stat().st_size > 10_000
    write_records(tmp_path / "history.tsv", HistoryRow, [])
    with pytest.raises(InputError, match="holds no epoch to draw"):
        draw_history(tmp_path / "history.tsv", tmp_path / "c.png")


def test_a_model_says_how_it_was_trained(data, tmp_path):
    configuration = {"seed": 3, "models": {"small": {"sizes": SIZES}}, "extraction": {"mixes": 4}}
    plain_path = tmp_path / "plain" / "model.keras"
    (tmp_path / "small").mkdir()
    history = train(**arguments(data, tmp_path / "small"), configuration=configuration)
    path = tmp_path / "small" / "model.keras"
    record = read_record(path)
    # Only what a training depends on.
    assert record["configuration"] == {"seed": 3, "models": {"small": {"sizes": SIZES}}}
    assert record["model"] == "small"
    assert [row["loss"] for row in record["history"]] == [row.loss for row in history]
    assert record["history"][0]["val_loss"] is None
    assert all("seconds" not in row for row in record["history"])
    copy = tmp_path / "calibrated.keras"
    write_decoder(path, copy, load_model(shipped_model_path()).decoder)
    assert read_record(copy) == record
    train(**arguments(data, plain_path.parent))
    assert read_record(plain_path) is None
    assert digest_of_model(path) == digest_of_model(plain_path)
