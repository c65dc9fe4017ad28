"""A training that is ended at any batch goes on there, and ends with the same bytes."""

import dataclasses
import math
import os
import signal

import numpy as np
import pytest

from deep_plunder.dataset.shards import write_shard
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model
from deep_plunder.training import train as train_module
from deep_plunder.training.checkpoints import write_checkpoint
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.training.train import train
from deep_plunder.util.signals import hold_back, raise_on_termination

SPEC = FeatureSpec(mel_bands=24, hop=256, short_bands=8)
FRAMES = 48
# Random parts, their augmentation, dropout and a running mean of the weights: all that a
# checkpoint must hold. An epoch has three batches of training and three of validation.
TRAINING = TrainingSpec(
    batch_size=2, steps_per_epoch=3, epochs=2, validate_every=1, average=0.7, crop_frames=24,
    positive_share=0.5, gain_db=(-9, 6), masks=0.5, mirror=True,
)  # fmt: skip
SIZES = {"channels": 8, "dilations": [1], "dropout": 0.3}


class Killed(BaseException):
    """Ends a training as SIGKILL does: nothing is written afterwards."""


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    rng = np.random.default_rng(0)
    for name, count in (("train", 7), ("validation", 5)):
        items = [
            (
                rng.integers(0, 256, (FRAMES, SPEC.bands), np.uint8),
                (rng.random((FRAMES, 4)) < 0.1).astype(np.uint8),
            )
            for _ in range(count)
        ]
        write_shard(folder / f"{name}.npy", items, count=count, frames=FRAMES, spec=SPEC)
    return folder


def trained(shards, out, **options):
    """Train to the end; return the history without its seconds, and the weights."""
    history = train(
        architecture="grouped",
        sizes=SIZES,
        spec=SPEC,
        train_shards=[shards / "train.npy"],
        validation_shards=[shards / "validation.npy"],
        training=TRAINING,
        seed=1,
        model_path=out / "model.keras",
        history_path=out / "history.tsv",
        checkpoint_dir=out / "checkpoint",
        **options,
    )
    rows = [dataclasses.astuple(dataclasses.replace(row, seconds=0)) for row in history]
    weights = load_model(out / "model.keras", in_keras=True).model.get_weights()
    return [[None if math.isnan(x) else x for x in row] for row in rows], [
        values.tobytes() for values in weights
    ]


@pytest.fixture
def end_after(monkeypatch):
    """Call a function after some batches of the next training, before they are saved."""

    def use(batches, function):
        run, done = Fitting._run, 0

        def limited(*arguments, **options):
            nonlocal done
            for _ in run(*arguments, **options):
                done += 1
                if done == batches:
                    function()
                yield

        monkeypatch.setattr(Fitting, "_run", limited)

    with monkeypatch.context():
        yield use


def kill():
    raise Killed


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def test_ended_again_and_again_it_ends_as_if_it_had_not_been(
    shards, tmp_path, monkeypatch, end_after
):
    run = Fitting._run
    whole = trained(shards, tmp_path / "whole")
    out = tmp_path / "ended"
    monkeypatch.setattr(train_module, "CHECKPOINT_S", 0)
    # What is saved: the first batch; the second of the first validation; the first of the second
    # epoch; the last batch of training in it.
    for batches, end in [(2, kill), (4, terminate), (3, kill), (2, terminate)]:
        end_after(batches, end)
        with raise_on_termination(), pytest.raises((Killed, SystemExit)):
            trained(shards, out)
        monkeypatch.setattr(Fitting, "_run", run)
        assert not (out / "model.keras").exists()
    assert trained(shards, out) == whole


def test_checkpoints_are_written_in_time_and_when_asked_to_end(
    shards, tmp_path, monkeypatch, end_after
):
    written, seconds = [], iter(range(0, 1000, 20))

    def write(folder, mark, state):
        written.append(state.progress["epoch"]["train"]["batches"])
        write_checkpoint(folder, mark, state)

    monkeypatch.setattr(train_module, "write_checkpoint", write)
    monkeypatch.setattr(train_module.time, "monotonic", lambda: float(next(seconds)))
    end_after(5, terminate)
    with raise_on_termination(), pytest.raises(SystemExit) as ended:
        trained(shards, tmp_path)
    assert ended.value.code == 128 + signal.SIGTERM
    # 20 s a batch: after 60 s, and at once when asked.
    assert written == [3, 3]


def test_signals_are_held_back_and_passed_on():
    reached = []
    with raise_on_termination():
        with pytest.raises(SystemExit) as ended, hold_back() as asked:
            assert not asked()
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            assert asked()
            reached.append("saved")
        with hold_back() as asked:
            assert not asked()
    assert (ended.value.code, reached) == (128 + signal.SIGTERM, ["saved"])
    with pytest.raises(KeyboardInterrupt), hold_back():
        os.kill(os.getpid(), signal.SIGINT)
