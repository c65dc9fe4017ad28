"""Score a model on six scenes of the demo's sounds, which anyone can do without further data.

The model that ships was trained on synthesizers of the same kinds with other settings, and on none
of these sounds. The test shows that a model works, not how well it does elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from deep_plunder.audio import writing
from deep_plunder.corpus.library import scan_library
from deep_plunder.demo.sounds import write_library
from deep_plunder.evaluation.bench.rendered import exact_truth
from deep_plunder.evaluation.bench.scores import score, score_song
from deep_plunder.mixes.scenes.plan import ScenePlanner
from deep_plunder.mixes.scenes.render import SceneRenderer
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.models.detect import detect_song
from deep_plunder.models.model_file import LoadedModel

__all__ = ["FIGURES", "score_small_case"]

FIGURES = {
    "frame F1": "frame_macro_f1",
    "note F1": "note_macro_f1",
    "usable clips": "clip_usable",
    "regions found": "found",
}
"""The figures that the model card states, and their fields in `evaluation.bench.scores`."""

_RATE, _SECONDS, _SCENES, _SOUNDS, _SEED = 44100, 30.0, 6, 60, 2020


def score_small_case(model: LoadedModel, folder: Path) -> Any:
    """Score the clips that a model cuts by default from the scenes.

    Parameters
    ----------
    model : LoadedModel
    folder : Path
        An empty folder for the sounds and scenes.

    Returns
    -------
    figures : BenchScore
    """
    library = folder / "library"
    library.mkdir()
    write_library(library, seed=_SEED, sounds=_SOUNDS)
    sounds, rejected = scan_library(library)
    if len(sounds) != _SOUNDS:
        raise ValueError(f"{len(rejected)} sounds of the demo were rejected: {rejected}")
    spec = SceneSpec(songs=0.0, coded=0.0)
    planner = ScenePlanner(
        split="test", seed=_SEED, sounds=sounds, songs=[], spec=spec, duration_s=_SECONDS
    )
    renderer = SceneRenderer(sounds, [], spec=spec, rate=_RATE, duration_s=_SECONDS)
    songs = []
    for index in range(_SCENES):
        mix = renderer.render(planner.plan(index))
        if mix.truth is None:
            raise ValueError(f"scene {index} has no truth")
        path = folder / f"{index}.wav"
        writing.write(path, mix.audio.astype(np.float32) / 32768, _RATE)
        clips = detect_song(model, path)
        found = [(clip.onset_s, clip.offset_s, clip.score) for clip in clips]
        songs.append(score_song(exact_truth(str(index), mix.truth), found))
    return score(songs)
