"""A network that tells one sound from several learns it from the labels of the isolation."""

import numpy as np

from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.registry import network
from deep_plunder.training.fit import Fitting
from deep_plunder.training.spec import TrainingSpec
from deep_plunder.truth.labels import ISOLATION_UNKNOWN

SPEC = FeatureSpec(
    sample_rate=48000, n_fft=6144, hop=768, mel_bands=20, short_bands=10, short_n_fft=1024,
    short_steps=3,
)  # fmt: skip
SIZES = {"channels": 8, "front": [4, 4], "fine": [3, 4, 3], "group_channels": 12, "head": 6,
         "dilations": [1], "before": [1], "after": [1]}  # fmt: skip


class Struck:
    """Frames in which the level of the short bands says how many sounds are heard."""

    frames = 64

    def __init__(self, *, known: bool = True) -> None:
        rng = np.random.default_rng(0)
        several = rng.random((8, 16)) < 0.5
        wide = np.repeat(several, 4, axis=1)
        self.features = rng.integers(60, 70, (8, 64, SPEC.bands)).astype(np.uint8)
        self.features[:, :, 20:] += (60 * wide[:, :, None]).astype(np.uint8)
        self.labels = np.zeros((8, 64, 4), np.uint8)
        self.labels[:, :, 3] = np.where(wide, 3, 40) if known else ISOLATION_UNKNOWN

    def __len__(self):
        return 8

    def batch(self, indices, *, starts=None, frames=None):
        return self.features[indices], self.labels[indices]

    def onsets(self, item):
        return np.empty(0, np.int64)


def fitted(items, teacher=None):
    training = TrainingSpec(
        batch_size=8, steps_per_epoch=20, epochs=3, validate_every=1, learning_rate=0.01
    )
    run = Fitting(
        network("fine", **SIZES).build(SPEC), training, 0, items, items, spec=SPEC, teacher=teacher
    )
    while not run.finished:
        run.step()
    return run


def test_one_sound_is_told_from_several():
    run = fitted(Struck())
    losses = [row.val_several_loss for row in run.history]
    assert losses[-1] < 0.3
    assert losses[-1] < losses[0]
    items = Struck()
    found = np.asarray(run.model(items.features.astype(np.float32))["several"])[:, :, 0]
    several = items.labels[:, :, 3] < 15
    assert found[several].mean() > found[~several].mean() + 0.3


def test_what_is_not_known_is_not_learnt():
    run = fitted(Struck(known=False))
    assert {row.several_loss for row in run.history} == {0.0}
    assert run.history[-1].isolation_loss == 0


def test_a_teacher_without_the_output_leaves_it_to_the_labels():
    items = Struck()
    run = fitted(items, teacher=lambda features: np.full((*features.shape[:2], 4), 0.5, np.float32))
    assert run.history[-1].val_several_loss < run.history[0].several_loss
