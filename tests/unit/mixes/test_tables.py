"""Rendering from tables: each style imports only itself, as its rules' code versions assume."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np
from deep_plunder.audio import writing
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.tables import render_tables
from deep_plunder.util.tables import write_records

style, rate = sys.argv[1], 16000
noise = np.random.default_rng(0).normal(0, 0.1, (rate, 1)).astype(np.float32)
writing.write(Path("a.wav"), noise, rate)
sound = Sound("a", "kick", "a.wav", 1.0, rate, 1, 0.0, 0.5)
write_records("sounds.tsv", Sound, [sound])
write_records("songs.tsv", Song, [])
spec = MixSpec(duration_s=2, sample_rate=rate)
plan = scenes = None
if style == "paper":
    plan = "plan.tsv"
    event = Event(0, 0, source="a", duration_s=0.5, onset_s=0, offset_s=0.5)
    write_records(plan, Event, [event])
else:
    from deep_plunder.mixes.scenes.plan import ScenePlanner
    from deep_plunder.mixes.scenes.rows import SceneRow
    from deep_plunder.mixes.scenes.spec import SceneSpec

    scenes = "scenes.tsv"
    planner = ScenePlanner(
        split="train", seed=1, sounds=[sound], songs=[], spec=SceneSpec(), duration_s=2
    )
    write_records(scenes, SceneRow, planner.plan(0))
mixes = list(render_tables(plan, scenes, sounds="sounds.tsv", songs="songs.tsv", spec=spec))
assert len(mixes) == 1 and mixes[0].audio.any()
print(json.dumps(sorted(name for name in sys.modules if name.startswith("deep_plunder."))))
"""


@pytest.mark.parametrize(
    ("style", "other"),
    [
        ("paper", ("mixes.scenes", "mixes.modules", "synths")),
        ("scenes", ("mixes.render", "mixes.modules")),
    ],
)
def test_a_style_does_not_import_the_other(
    tmp_path: Path, style: str, other: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, style],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout.splitlines()[-1])
    packages = tuple(f"deep_plunder.{name}" for name in other)
    found = [name for name in imported if f"{name}.".startswith(tuple(f"{p}." for p in packages))]
    assert found == []
