"""Draw the figures of docs/explanation from the code and the model that ships.

    python docs/draw_explanations.py [FIGURE...]

writes docs/images/FIGURE.png, and FIGURE.svg, to which the page links. The scene and the song are
synthesized; no recording is needed.
"""

from __future__ import annotations

import ast
import sys
import tempfile
from pathlib import Path

import numpy as np
from draw_layers import PACKAGE, imported

from deep_plunder.audio import writing
from deep_plunder.corpus.library import Sound
from deep_plunder.decoding import calibration
from deep_plunder.demo.songs import render_song
from deep_plunder.mixes.scenes.plan import ScenePlanner
from deep_plunder.mixes.scenes.render import SceneRenderer
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.models.detect import decode_song
from deep_plunder.models.inference import predict_song
from deep_plunder.models.model_file import load_model
from deep_plunder.truth.isolation import STEP_S
from deep_plunder.truth.labels import FRAME, ONSET, OUTPUTS, encode
from deep_plunder.util.plotting import COLOURS, OFFSET, REGION, new_figure, save, tidy
from deep_plunder.util.plotting import ONSET as ONSET_COLOUR
from deep_plunder.util.resources import shipped_model_path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SCENE_S, SCENE, RATE = 12.0, 1, 16000
SONG, SONG_RATE, PART_S = 9, 22050, (0.0, 9.0)


def draw_scene() -> None:
    """Draw the notes of a scene, the isolation measured on its tracks, and its regions."""
    classes = ("kick", "snare", "hihat", "bass", "piano", "synth")
    sounds = [Sound(f"{name}/1.wav", name, "", 1.0, RATE, 1, 0.0, 1.0) for name in classes]
    spec = SceneSpec(synths=1.0, layer=0.0, echo=0.0)
    planner = ScenePlanner(
        split="train", seed=2020, sounds=sounds, songs=[], spec=spec, duration_s=SCENE_S
    )
    rows = planner.plan(SCENE)
    mix = SceneRenderer(sounds=sounds, songs=[], spec=spec, rate=RATE, duration_s=SCENE_S).render(
        rows
    )
    assert mix.truth is not None
    figure = new_figure(9, 4.2)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1.4])
    tracks = 1 + max(row.track for row in rows)
    for row in rows:
        if row.kind == "note":
            upper.barh(
                row.track, row.duration_s, left=row.start_s, height=0.6, align="center",
                color=COLOURS[row.track % len(COLOURS)], edgecolor="white", linewidth=0.8,
            )  # fmt: skip
        elif row.kind == "section":
            upper.axvline(row.start_s, color="#999999", linewidth=1, linestyle=":")
    upper.set_yticks(range(tracks), [f"track {number + 1}" for number in range(tracks)])
    upper.set_ylim(tracks - 0.5, -0.5)
    times = np.arange(len(mix.truth.isolation_db)) * STEP_S
    lower.plot(times, mix.truth.isolation_db, color=COLOURS[0], linewidth=0.9)
    for level, name in ((spec.isolated_db, "isolated"), (spec.margin_db, "margin")):
        lower.axhline(level, color="#999999", linewidth=1, linestyle="--")
        lower.text(SCENE_S, level, f" {name}", va="center", fontsize=9)
    for region in mix.regions:
        for axes in (upper, lower):
            axes.axvspan(region.onset_s, region.offset_s, color=REGION, alpha=0.3, linewidth=0)
    lower.set(xlabel="time (s)", ylabel="isolation (dB)", xlim=(0, SCENE_S), ylim=(-20, 62))
    for axes in (upper, lower):
        tidy(axes)
    save(figure, IMAGES / "scene.png")


def draw_labels() -> None:
    """Draw two regions and their label vectors."""
    regions, hop_s, frames = [(0.045, 0.17), (0.17, 0.30)], 0.032, 12
    labels = encode(regions, frames=frames, frame_rate=1 / hop_s)
    figure = new_figure(8, 2.6)
    axes = figure.subplots()
    for number, (onset_s, offset_s) in enumerate(regions):
        axes.barh(3, offset_s - onset_s, left=onset_s, height=0.6, color=REGION, edgecolor="white")
        middle = (onset_s + offset_s) / 2
        axes.text(middle, 3, f"region {number + 1}", ha="center", va="center")
    for column, colour in enumerate((ONSET_COLOUR, OFFSET, COLOURS[0])):
        for frame in range(frames):
            on = bool(labels[frame, column])
            axes.barh(
                2 - column, hop_s, left=frame * hop_s, height=0.7, edgecolor="#bbbbbb",
                color=colour if on else "white", linewidth=0.8, alpha=0.85,
            )  # fmt: skip
            axes.text(
                (frame + 0.5) * hop_s, 2 - column, str(int(on)), ha="center", va="center",
                color="white" if on else "#888888", fontsize=9,
            )  # fmt: skip
    axes.set_yticks([3, 2, 1, 0], ["regions", *OUTPUTS])
    axes.set(xlabel="time (s)", xlim=(0, frames * hop_s))
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, IMAGES / "labels.png")


def draw_decoding() -> None:
    """Draw what the model that ships outputs for the start of a song, and its clips."""
    model = load_model(shipped_model_path())
    begin, end = (round(second * SONG_RATE) for second in PART_S)
    audio = render_song(SONG, seed=2020, rate=SONG_RATE)[begin:end]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "song.wav"
        writing.write(path, audio, SONG_RATE)
        outputs = predict_song(model, path)
        clips = decode_song(model, outputs, path)
    figure = new_figure(9, 4)
    wave, curves = figure.subplots(2, 1, sharex=True)
    mono = audio.mean(axis=1)
    wave.plot(np.arange(len(mono)) / SONG_RATE, mono, color=COLOURS[0], linewidth=0.4)
    wave.set_ylabel("samples")
    times = (np.arange(len(outputs)) + 0.5) * model.spec.hop_s
    curves.plot(times, outputs[:, ONSET], color=ONSET_COLOUR, linewidth=1, label="onset")
    curves.plot(times, outputs[:, FRAME], color=COLOURS[0], linewidth=1, label="frame")
    curves.set(xlabel="time (s)", ylabel="output", ylim=(0, 1.05), xlim=(0, PART_S[1] - PART_S[0]))
    curves.legend(loc="upper right", fontsize=9)
    for clip in clips:
        for axes in (wave, curves):
            axes.axvspan(clip.onset_s, clip.offset_s, color=REGION, alpha=0.35, linewidth=0)
    for axes in (wave, curves):
        tidy(axes)
    save(figure, IMAGES / "decoding.png")


def draw_calibration() -> None:
    """Draw the calibration curve of the model that ships."""
    decoder = load_model(shipped_model_path()).decoder
    assert decoder is not None
    curve = decoder.calibration
    raw = np.linspace(0, 1.15 * curve.scores[-1], 400)
    figure = new_figure(6, 3.4)
    axes = figure.subplots()
    axes.plot(raw, calibration.apply(curve, raw), color=COLOURS[0], linewidth=1.6)
    axes.plot(curve.scores, curve.probabilities, "o", color=COLOURS[1], label="knots")
    axes.axhline(
        decoder.min_score, color=OFFSET, linestyle="--", linewidth=1.2, label="least score"
    )
    axes.set(xlabel="raw score", ylabel="probability that the clip is usable", ylim=(0, 1))
    axes.legend(loc="upper left", fontsize=9)
    tidy(axes)
    save(figure, IMAGES / "calibration.png")


def draw_code_versions() -> None:
    """Draw which script's code version depends on which package."""
    scripts = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
    used = {
        script.stem: {module.split(".")[0] for module in modules_used(script)}
        for script in scripts
        if "run(main, snakemake)" in script.read_text(encoding="utf-8")
    }
    packages = sorted(set.union(*used.values()), key=lambda name: (-_uses(used, name), name))
    names = sorted(used, key=lambda name: (len(used[name]), name))
    grid = np.array([[package in used[name] for package in packages] for name in names])
    figure = new_figure(8, 0.26 * len(names) + 1.2)
    axes = figure.subplots()
    axes.imshow(np.where(grid, 0.75, 0.0), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(packages)), packages, rotation=45, ha="left")
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(names)), [f"{name}.py" for name in names])
    axes.set_xticks(np.arange(len(packages) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    save(figure, IMAGES / "code_versions.png")


def modules_used(script: Path) -> set[str]:
    """Return the modules of the package that a script imports, directly or by another module."""
    found: set[str] = set()
    waiting = [script]
    while waiting:
        for name in imported(ast.parse(waiting.pop().read_text(encoding="utf-8"))):
            parts = name.split(".")[1:]
            for stop in range(1, len(parts) + 1):
                path = PACKAGE.joinpath(*parts[:stop]).with_suffix(".py")
                module = ".".join(parts[:stop])
                if name.startswith(PACKAGE.name) and path.is_file() and module not in found:
                    found.add(module)
                    waiting.append(path)
    return found


def _uses(used: dict[str, set[str]], package: str) -> int:
    return sum(package in packages for packages in used.values())


FIGURES = {
    "scene": draw_scene,
    "labels": draw_labels,
    "decoding": draw_decoding,
    "calibration": draw_calibration,
    "code_versions": draw_code_versions,
}

if __name__ == "__main__":
    for figure_name in sys.argv[1:] or FIGURES:
        FIGURES[figure_name]()
