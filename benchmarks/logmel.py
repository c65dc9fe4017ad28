"""A minute of 44.1 kHz stereo from a WAV file to its log-mel spectrogram, against librosa."""

from __future__ import annotations

import librosa
import numpy as np
import numpy.typing as npt

from deep_plunder.audio import reading, writing
from deep_plunder.features.log_mel import features_from_audio
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.render import Renderer
from deep_plunder.mixes.spec import MixSpec

from . import paperway
from .catalogue import Setup
from .harness import Result, Sides, agree, compare


def sides(setup: Setup) -> Sides:
    """Return both sides, after a check that they agree."""
    corpus, mixes = setup.corpus, MixSpec()
    path, spec = setup.folder / "mix.wav", FeatureSpec()
    mix = Renderer(corpus.sounds, corpus.songs, mixes).render(corpus.plans(mixes, 1))
    writing.write(path, mix.audio, mixes.sample_rate)

    def ours() -> npt.NDArray[np.float32]:
        return features_from_audio(*reading.read(path), spec)

    def peer() -> npt.NDArray[np.float32]:
        return paperway.log_mel(librosa.load(path, sr=16000)[0])

    assert ours().shape == peer().shape == (1875, 229)
    # Ours is tf.signal's, whose triangles are rounded to float32: bands far below the loudest of
    # their frame differ by more.
    apart = abs(ours() - peer())
    agree("mean difference of the logarithms", float(apart.mean()), 0.002)
    agree("99.9 % of the differences", float(np.quantile(apart, 0.999)), 0.02)
    return ours, peer, 1


def run(setup: Setup) -> Result:
    """Compare."""
    ours, peer, _ = sides(setup)
    return compare(setup.name, ours, peer, unit="s/min", rounds=setup.rounds)
