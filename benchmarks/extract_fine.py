"""Songs to regions and clips with the network that `config/fine.yaml` trains, against decoding.

The network has random weights, since the time does not depend on them. So that there are as many
regions as in practice, they are found in the outputs of the model that ships, which are computed
before the clock starts.
"""

from __future__ import annotations

import itertools
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import soundfile
import yaml

from deep_plunder.audio.reading import Reader
from deep_plunder.extraction import song as extraction
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.inference import predict_song
from deep_plunder.models.model_file import LoadedModel, load_model, save_model
from deep_plunder.models.registry import network
from deep_plunder.util.resources import shipped_model_path

from .catalogue import Setup
from .harness import ROOT, Result, compare

_ARCHITECTURE = "fine"


def run(setup: Setup) -> Result:
    """Compare."""
    songs = setup.corpus.songs[:1] if setup.quick else setup.corpus.songs
    minutes = sum(song.seconds for song in songs) / 60
    shipped = load_model(shipped_model_path())
    recipe = yaml.safe_load((ROOT / "config" / "fine.yaml").read_text(encoding="utf-8"))
    spec, path = FeatureSpec(**recipe["features"]), setup.folder / "fine.keras"
    save_model(
        path, network(_ARCHITECTURE).build(spec), architecture=_ARCHITECTURE, sizes={}, spec=spec,
        decoder=shipped.decoder,
    )  # fmt: skip
    model = load_model(path)
    known = {song.path: predict_song(shipped, song.path) for song in songs}

    def outputs(model: LoadedModel, recording: Reader, **options: Any) -> npt.NDArray[np.float32]:
        predict_song(model, recording, **options)
        return known[recording.info.path]

    turns = itertools.count()

    def ours() -> None:
        # A new folder each time: to replace a folder is not part of the work.
        folder = setup.folder / f"ours-{next(turns)}"
        with mock.patch.object(extraction, "predict_song", outputs):
            for song in songs:
                extraction.extract_song(model, song.path, folder / song.song, picture=False)

    def theirs() -> None:
        for song in songs:
            soundfile.read(song.path, dtype="float32")

    return compare(
        setup.name, ours, theirs, unit="s/min", rounds=setup.rounds,
        ours_amount=minutes, peer_amount=minutes,
    )  # fmt: skip
