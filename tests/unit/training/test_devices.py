"""Several devices that share a batch have the losses of one."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from deep_plunder.dataset.shards import write_shard
from deep_plunder.errors import ConfigError, InputError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.training.devices import Devices, find_gpus
from deep_plunder.truth.labels import IGNORED

SPEC = FeatureSpec(mel_bands=16)
FRAMES = 60
# Batch normalization, l2 terms, clipped gradients, ignored labels that differ between the shares,
# a running mean of the weights, and a validation batch of an odd number of items.
SCRIPT = """
import json, sys
from pathlib import Path
import tensorflow as tf
(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.training.train import train

class Killed(BaseException): pass
folder, found = Path(sys.argv[1]), []
names = [device.name for device in tf.config.list_logical_devices("CPU")]
def trained(name, devices):
    out = folder / name
    out.mkdir(exist_ok=True)
    rows = train(
        architecture="conv",
        sizes={"channels": 8, "front": [4, 4], "dilations": [1], "dropout": 0.0, "l2": 0.01},
        spec=FeatureSpec(mel_bands=16), train_shards=[folder / "train.npy"],
        validation_shards=[folder / "validation.npy"],
        training=TrainingSpec(
            batch_size=4, steps_per_epoch=3, epochs=2, validate_every=1, clip_norm=0.05,
            learning_rate=0.01, average=0.5,
        ),
        seed=1, model_path=out / "model.keras", history_path=out / "history.tsv",
        checkpoint_dir=out / "checkpoint", devices=devices,
    )
    weights = load_model(out / "model.keras", in_keras=True).model.get_weights()
    return [[row.loss, row.onset_loss, row.l2_loss, row.val_loss] for row in rows], weights
one, one_weights = trained("one", [])
two, two_weights = trained("two", names)
# The second epoch again, by a training that went on after the first.
epoch, whole = Fitting.epoch, (folder / "two" / "model.keras").read_bytes()
def killed(run):
    if run.history:
        raise Killed
    return epoch(run)
Fitting.epoch = killed
try:
    trained("again", names)
except Killed:
    pass
Fitting.epoch = epoch
again, again_weights = trained("again", names)
far = max(abs(a - b).max() for a, b in zip(one_weights, two_weights))
same = all((a == b).all() for a, b in zip(two_weights, again_weights))
print(json.dumps([one, two, again, float(far), bool(same)]))
"""


def test_two_devices_have_the_losses_of_one(tmp_path):
    rng = np.random.default_rng(0)
    for name, count in (("train", 8), ("validation", 5)):
        items = []
        for item in range(count):
            labels = (rng.random((FRAMES, 3)) < 0.1).astype(np.uint8)
            labels[: 7 * item] = IGNORED
            items.append((rng.normal(0, 1, (FRAMES, 16)).astype(np.float32), labels))
        write_shard(tmp_path / f"{name}.npy", items, count=count, frames=FRAMES, spec=SPEC)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    one, two, again, far, same = json.loads(done.stdout)
    np.testing.assert_allclose(two, one, rtol=1e-5)
    assert far < 1e-4
    assert (again, same) == (two, True)


def test_what_cannot_be_divided_is_refused():
    with pytest.raises(ConfigError, match=r"batch_size: must be a multiple of the 3 .* 5$"):
        Devices(["a", "b", "c"], batch_size=5)


def test_missing_gpus_are_an_error():
    import tensorflow as tf

    there = len(tf.config.list_physical_devices("GPU"))
    with pytest.raises(InputError, match=f"must not exceed the {there} GPUs .* got {there + 1}$"):
        find_gpus(there + 1)
