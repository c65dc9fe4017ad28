"""The forest of classes learns from traits, and is measured on sources that it has not heard."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.corpus.library import Sound, scan_library
from deep_plunder.description.classes import ClassForest
from deep_plunder.training import classes as module
from deep_plunder.training.class_scores import score_classes, wider_classes
from deep_plunder.training.classes import train_classes, traits_of
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
    measured = traits_of(sounds)
    trained = train_classes(measured, sounds)
    assert len(sounds) == 48
    assert [(s.sounds, s.sound_class, s.count) for s in trained.scores] == [
        ("whole", "all", 48), ("whole", "noise", 24), ("whole", "tone", 24),
        ("cut", "all", 96), ("cut", "noise", 48), ("cut", "tone", 48),
    ]  # fmt: skip
    assert all(score.precision > 95 and score.recall > 90 for score in trained.scores)
    assert sum(row.count for row in trained.confusion) == 3 * 48
    trained.forest.save(tmp_path / "classes.npz")
    forest = ClassForest.load(tmp_path / "classes.npz")
    again = train_classes(measured, sounds).forest
    np.testing.assert_array_equal(forest.trees.shares, again.trees.shares)
    np.testing.assert_array_equal(forest.least, again.least)
    stated = [forest.class_of(whole) for whole in measured[:, 0]]
    assert stated == [sound.sound_class for sound in sounds]


def test_a_class_is_stated_from_the_share_of_votes_with_which_it_is_right_often_enough() -> None:
    votes = np.linspace(1.0, 0.51, 50)
    right = np.ones(50, bool)
    right[16:] = False
    best = np.zeros(50, int)
    least = module._least_votes(votes, best, right, ["a"] * 50, count=2)
    # 16 of the first 18 are right, and 16 of 19 too few; the second class is never voted for.
    assert least[0] == np.float32(votes[17]) and least[1] > 1
    # The right ones are of one source, the wrong ones of two: these weigh more.
    sources = ["a"] * 16 + ["b", "c"]
    least = module._least_votes(votes[:18], best[:18], right[:18], sources, count=1)
    assert least[0] == np.float32(votes[15])
    assert module._least_votes(votes[:9], best[:9], right[:9], sources[:9], count=1)[0] > 1


def test_sources_are_packages_kits_and_families() -> None:
    def source(name: str) -> str:
        return module._source(Sound(name, "kick", name, 1.0, 44100, 1, 0.0, 1.0))

    assert source("kick/opl3-soundfont__a.flac") != source("kick/freepats__a.flac")
    assert source("a/fluid-soundfont-gm__a.flac") == source("b/musescore-general-soundfont__b.flac")
    kits = [f"kick/hydrogen-drumkits__{kit}.flac" for kit in ("BJA_Pacific_BD", "VariBreaks_K")]
    assert source(kits[0]) != source(kits[1])
    folds = module._folds(["a"] * 5 + ["b"] * 3 + ["c"] * 3 + ["d", "e", "f"])
    assert len(set(folds[:5])) == 1
    assert sorted(np.bincount(folds)) == [1, 2, 3, 3, 5]


def test_classes_that_sound_alike_are_stated_as_the_wider_class(tmp_path: Path) -> None:
    make_library(tmp_path / "library")
    (tmp_path / "library/noise").rename(tmp_path / "library/snare")
    tones = sorted((tmp_path / "library/tone").iterdir())
    # The same tones under two names, which nothing tells apart.
    for number, path in enumerate(tones):
        name = ("keys", "wind")[number % 8 < 4]
        (tmp_path / "library" / name).mkdir(exist_ok=True)
        path.rename(tmp_path / "library" / name / path.name)
    (tmp_path / "library/tone").rmdir()
    sounds, _ = scan_library(tmp_path / "library")
    trained = train_classes(traits_of(sounds), sounds)
    assert trained.forest.wider.tolist() == ["melodic", "", "melodic"]
    scores = {(row.sounds, row.sound_class): row for row in trained.scores}
    assert [row.sound_class for row in trained.scores[:5]] == [
        "all", "keys", "snare", "wind", "melodic"
    ]  # fmt: skip
    assert scores["whole", "melodic"].count == 24
    assert scores["whole", "melodic"].precision > 90 and scores["whole", "melodic"].answered > 90
    assert scores["whole", "keys"].recall + scores["whole", "wind"].recall < 100
    assert {row.stated for row in trained.confusion if row.true == "keys"} >= {"melodic"}


def test_a_wider_class_is_right_for_each_of_its_classes() -> None:
    true = np.array(["kick", "keys", "wind"])
    stated = np.array([["melodic"], ["melodic"], ["wind"]])
    every, keys, kick, wind, melodic = score_classes(
        true, stated, wider=wider_classes(["keys", "kick", "wind"])
    )[0]
    assert (every.answered, every.precision, every.recall) == (100.0, 66.7, 66.7)
    assert (keys.answered, keys.precision, keys.recall) == (100.0, 0.0, 0.0)
    assert (kick.recall, wind.precision, wind.recall) == (0.0, 100.0, 100.0)
    assert (melodic.count, melodic.precision, melodic.recall) == (2, 50.0, 50.0)


def test_a_class_for_a_sound_of_no_kind_is_wrong() -> None:
    true = np.array(["kick", "other", "other"])
    stated = np.array([["kick"], ["kick"], ["other"]])
    every, kick = score_classes(true, stated)[0]
    assert (every.count, every.answered, every.precision, every.recall) == (1, 100, 50, 100)
    assert (kick.count, kick.precision) == (1, 50)


@pytest.mark.parametrize("versions", [1, 3])
def test_scores_count_what_is_stated(versions: int) -> None:
    true = np.array(["kick", "kick", "snare"])
    stated = np.array([["kick"] * 3, ["other"] * 3, ["kick"] * 3])[:, :versions]
    scores, confusion = score_classes(true, stated)
    every, kick, snare = scores[:3]
    assert (every.count, every.answered, every.precision, every.recall) == (3, 66.7, 50.0, 33.3)
    assert (kick.answered, kick.precision, kick.recall) == (50.0, 50.0, 50.0)
    assert (snare.answered, snare.precision, snare.recall) == (100.0, 0.0, 0.0)
    assert len(scores) == (3 if versions == 1 else 6)
    assert [(row.true, row.stated, row.count) for row in confusion] == [
        ("kick", "kick", versions), ("kick", "other", versions), ("snare", "kick", versions),
    ]  # fmt: skip
