"""Songs to regions and clips with the model that ships, against decoding them with soundfile.

The model is loaded once. No pictures are drawn.
"""

from __future__ import annotations

import soundfile

from deep_plunder.extraction import extract_song
from deep_plunder.modelfile import load_model
from deep_plunder.shipped import default_model_path

from .catalogue import Setup
from .harness import Result, compare


def run(setup: Setup) -> Result:
    """Compare."""
    songs = setup.corpus.songs[:1] if setup.quick else setup.corpus.songs
    minutes = sum(song.seconds for song in songs) / 60
    model = load_model(default_model_path())

    def ours() -> None:
        for song in songs:
            extract_song(model, song.path, setup.folder / song.song, picture=False)

    def peer() -> None:
        for song in songs:
            soundfile.read(song.path, dtype="float32")

    return compare(
        setup.name, ours, peer, unit="s/min", rounds=setup.rounds,
        ours_amount=minutes, peer_amount=minutes,
    )  # fmt: skip
