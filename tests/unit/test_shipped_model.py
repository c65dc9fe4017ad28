"""The model that ships loads, runs and scores as its card says (resources/models/default.md)."""

from __future__ import annotations

import re

import numpy as np
import pytest

from deep_plunder import audio
from deep_plunder.demo.sounds import write_library
from deep_plunder.detection import detect_song
from deep_plunder.library import scan_library
from deep_plunder.modelfile import load_model
from deep_plunder.realbench import score, score_song
from deep_plunder.scenes.plan import ScenePlanner
from deep_plunder.scenes.render import SceneRenderer
from deep_plunder.scenes.spec import SceneSpec
from deep_plunder.shipped import default_model_path
from deep_plunder.trackers import exact_truth

CARD = default_model_path().with_suffix(".md")
RATE, SECONDS, SCENES = 44100, 30.0, 6


def stated(name: str) -> float:
    """A figure of the small case, as the card has it."""
    found = re.search(rf"^\| {re.escape(name)} \| ([0-9.]+) \|$", CARD.read_text(), re.MULTILINE)
    assert found, f"{CARD}: no figure {name}"
    return float(found[1])


@pytest.fixture(scope="module")
def model():
    return load_model(default_model_path())


@pytest.fixture(scope="module")
def figures(model, tmp_path_factory):
    """Scores on scenes of the embedded demo's sounds, none of which it was trained on."""
    folder = tmp_path_factory.mktemp("shipped")
    (folder / "library").mkdir()
    write_library(folder / "library", seed=2020, sounds=60)
    sounds, rejected = scan_library(folder / "library")
    assert len(sounds) == 60, rejected
    spec = SceneSpec(songs=0.0, coded=0.0)
    planner = ScenePlanner(
        split="test", seed=2020, sounds=sounds, songs=[], spec=spec, duration_s=SECONDS
    )
    renderer = SceneRenderer(sounds, [], spec=spec, rate=RATE, duration_s=SECONDS)
    songs = []
    for index in range(SCENES):
        mix = renderer.render(planner.plan(index))
        path = folder / f"{index}.wav"
        audio.write(path, mix.audio.astype(np.float32) / 32768, RATE)
        truth = exact_truth(str(index), mix.truth)
        clips = detect_song(model, path)
        songs.append(score_song(truth, [(c.onset_s, c.offset_s, c.score) for c in clips]))
    return score(songs)


def test_the_file_is_small_and_says_what_it_is(model):
    assert default_model_path().stat().st_size < 10_000_000
    assert model.architecture == "default"
    assert model.model.count_params() < 3_000_000
    assert model.decoder is not None
    assert f"{model.model.count_params() / 1e6:.2f} million" in CARD.read_text()


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("frame F1", "frame_macro_f1"),
        ("note F1", "note_macro_f1"),
        ("usable clips", "clip_usable"),
        ("regions found", "found"),
    ],
)
def test_it_scores_as_its_card_says(figures, name, field):
    assert getattr(figures, field) == pytest.approx(stated(name), abs=1.0)
