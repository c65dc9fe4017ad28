"""Plans as cases: what is read is rendered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deep_plunder.audio import writing
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.plan import Planner
from deep_plunder.mixes.scenes.plan import ScenePlanner
from deep_plunder.mixes.scenes.render import SceneRenderer, render_scenes
from deep_plunder.mixes.scenes.rows import SceneRow
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.tables import render_tables
from deep_plunder.util.tables import read_records, write_records

__all__ = ["paper_plans", "read_paper_plan", "read_scene_plan", "scene_plans"]

_RATE, _SECONDS = 8000, 1.0
_SOUNDS = [Sound(name, name, f"/nowhere/{name}.wav", 1.0, _RATE, 1, 0.0, 0.3) for name in "abc"]
_SONGS = [Song("s", "/nowhere/s.wav", "", "", 61.0, _RATE, 1, 320.0, "x", 1)]
_SPEC = MixSpec(duration_s=_SECONDS, sample_rate=_RATE, pitch_method="resample")
_SCENES = SceneSpec(synths=1.0, songs=0.0)


def scene_plans(folder: Path) -> list[bytes]:
    """Return plans of scenes."""
    planner = ScenePlanner(
        split="test", seed=1, sounds=_SOUNDS, songs=[], spec=_SCENES, duration_s=_SECONDS
    )
    contents = []
    for number in range(4):
        write_records(folder / "plan.tsv", SceneRow, planner.plan(number))
        contents.append((folder / "plan.tsv").read_bytes())
    return contents


def read_scene_plan(path: Path) -> None:
    """Render the scenes of a plan."""
    renderer = SceneRenderer(_SOUNDS, [], spec=_SCENES, rate=_RATE, duration_s=_SECONDS)
    for _ in render_scenes(read_records(path, SceneRow), renderer):
        pass


def paper_plans(folder: Path) -> list[bytes]:
    """Return plans in the paper's manner."""
    planner = Planner(split="test", seed=1, sounds=_SOUNDS, songs=_SONGS, spec=_SPEC)
    contents = []
    for number in range(4):
        events = planner.plan(number)
        write_records(folder / "plan.tsv", type(events[0]), events)
        contents.append((folder / "plan.tsv").read_bytes())
    return contents


def _write_corpus(folder: Path) -> None:
    """Write the sounds and the song beside a plan, and their tables."""
    noise = np.random.default_rng(0).normal(0, 0.1, (_RATE, 1)).astype(np.float32)
    sounds = [replace(sound, path=str(folder / f"{sound.sound}.wav")) for sound in _SOUNDS]
    songs = [replace(song, path=str(folder / f"{song.song}.wav")) for song in _SONGS]
    for sound in sounds:
        writing.write(sound.path, noise, _RATE)
    writing.write(songs[0].path, np.tile(noise, (62, 1)), _RATE)
    write_records(folder / "sounds.tsv", Sound, sounds)
    write_records(folder / "songs.tsv", Song, songs)


def read_paper_plan(path: Path) -> None:
    """Render the mixes of a plan."""
    sounds, songs = path.with_name("sounds.tsv"), path.with_name("songs.tsv")
    if not sounds.exists():
        _write_corpus(path.parent)
    for _ in render_tables(path, None, sounds=sounds, songs=songs, spec=_SPEC):
        pass
