"""The same seed gives the same bytes: compiled or loaded, after a kill, for any threads."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from deep_plunder.dataset.shards import write_shard
from deep_plunder.features.spec import FeatureSpec

SPEC = FeatureSpec(mel_bands=24)
FRAMES = 150
# Stopped after so many epochs, a training goes on from its checkpoint.
SCRIPT = """
import hashlib, json, sys
from pathlib import Path
import numpy as np
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.model_file import load_model
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.training.train import train

(shards, out), (bfloat16, stop) = map(Path, sys.argv[1:3]), sys.argv[3:]
class Killed(BaseException): pass
epoch = Fitting.epoch
def limited(run):
    if stop and len(run.history) == int(stop):
        raise Killed
    return epoch(run)
Fitting.epoch = limited
try:
    train(
        architecture="paper", sizes={"units": [20, 9], "combining_units": 11},
        spec=FeatureSpec(mel_bands=24), train_shards=[shards / "train.npy"],
        validation_shards=[shards / "validation.npy"],
        training=TrainingSpec(
            batch_size=5, steps_per_epoch=3, epochs=4, validate_every=2, bfloat16=bfloat16 == "yes",
            norm_batches=2,
        ),
        seed=1, model_path=out / "model.keras", history_path=out / "history.tsv",
        checkpoint_dir=out / "checkpoint",
    )
except Killed:
    sys.exit()
model = load_model(out / "model.keras").model
rows = [line.split("\\t") for line in (out / "history.tsv").read_text().splitlines()]
place = rows[0].index("seconds")
digest = hashlib.sha256(b"".join(np.asarray(w).tobytes() for w in model.get_weights()))
print(json.dumps([[r[:place] + r[place + 1 :] for r in rows], digest.hexdigest()]))
"""


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    rng = np.random.default_rng(0)
    for name, count in (("train", 11), ("validation", 5)):
        items = [
            (
                rng.normal(0.4, 1.6, (FRAMES, 24)).astype(np.float32),
                (rng.random((FRAMES, 3)) < 0.1).astype(np.uint8),
            )
            for _ in range(count)
        ]
        write_shard(folder / f"{name}.npy", items, count=count, frames=FRAMES, spec=SPEC)
    return folder


def outcome(shards, out, cache, *, bfloat16, stop="", threads=2):
    """Train in a process of its own; give the history without its seconds, and the weights."""
    out.mkdir(exist_ok=True)
    variables = [f"TF_NUM_{kind}_THREADS" for kind in ("INTRAOP", "INTEROP")]
    numbers = dict.fromkeys([*variables, "OMP_NUM_THREADS"], str(threads))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(shards), str(out), "yes" if bfloat16 else "no", stop],
        capture_output=True, text=True, check=False, timeout=600,
        env=os.environ | numbers | {"NUMBA_CACHE_DIR": str(cache)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


@pytest.mark.parametrize("bfloat16", [False, True])
def test_history_and_weights_have_the_same_bytes(shards, tmp_path, bfloat16):
    cache = tmp_path / "numba"
    compiled = outcome(shards, tmp_path / "compiled", cache, bfloat16=bfloat16)
    assert any(cache.rglob("*.nbc"))
    loaded = outcome(shards, tmp_path / "loaded", cache, bfloat16=bfloat16)
    assert loaded == compiled
    assert outcome(shards, tmp_path / "one", cache, bfloat16=bfloat16, threads=1) == compiled
    # Stopped where it was compiled anew, and ended with the code of before.
    other = tmp_path / "other"
    assert outcome(shards, tmp_path / "again", other, bfloat16=bfloat16, stop="3") is None
    again = outcome(shards, tmp_path / "again", cache, bfloat16=bfloat16)
    assert again == compiled
