"""The forest of classes learns from timbres, and is measured on sources that it has not heard."""

from pathlib import Path

import numpy as np
import soundfile

from deep_plunder.corpus.library import scan_library
from deep_plunder.description.classes import ClassForest, class_of
from deep_plunder.training.classes import measure_classes, timbres_of, train_classes
from deep_plunder.util.rng import generator

RATE = 22050


def make_library(folder: Path) -> None:
    """Write tones and noises of four sources."""
    times = np.arange(RATE // 2) / RATE
    for number in range(24):
        random = generator(number, "sound")
        tone = np.sin(2 * np.pi * random.uniform(200, 800) * times)
        for name, sound in (("tone", tone), ("noise", random.normal(size=len(times)))):
            (folder / name).mkdir(parents=True, exist_ok=True)
            fall = np.exp(-random.uniform(5, 20) * times)
            path = folder / name / f"source{number % 4}__{number}.wav"
            soundfile.write(path, 0.3 * fall * sound / np.abs(sound).max(), RATE)


def test_tones_and_noises_are_told_apart_by_the_file_that_is_written(tmp_path: Path) -> None:
    make_library(tmp_path / "library")
    sounds, _ = scan_library(tmp_path / "library")
    timbres, classes = timbres_of(sounds), [sound.sound_class for sound in sounds]
    scores, confusion = measure_classes(sounds, timbres)
    assert len(sounds) == 48 and all(score.right > 95 for score in scores)
    assert sum(row.count for row in confusion) == 4 * 48
    train_classes(timbres, classes).save(tmp_path / "classes.npz")
    forest = ClassForest.load(tmp_path / "classes.npz")
    again = train_classes(timbres, classes)
    np.testing.assert_array_equal(forest.trees.shares, again.trees.shares)
    stated = [class_of(whole, forest=forest) for whole in timbres[:, 0]]
    assert stated == classes
