from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.patches import Circle

from deep_plunder.audio import writing
from deep_plunder.corpus.figures import choose_sounds, plot_onsets
from deep_plunder.corpus.library import Sound
from deep_plunder.util.plotting import OFFSET, ONSET, SPECTROGRAM, new_figure, save


def sound(name: str, sound_class: str, seconds: float = 1.0, path: str = "") -> Sound:
    return Sound(name, sound_class, path, seconds, 8000, 1, 0.0, seconds)


def test_choice_covers_the_classes_and_their_lengths() -> None:
    sounds = [sound(f"{c}/{i}", c, 0.1 * (i + 1)) for c in "abc" for i in range(9)]
    sounds.append(sound("d/0", "d"))
    chosen = choose_sounds(sounds, 10)
    assert [s.sound_class for s in chosen] == list("aaabbbcccd")
    assert [s.sound for s in chosen[:3]] == ["a/1", "a/4", "a/7"]
    assert choose_sounds(sounds[::-1], 10) == chosen
    assert len(choose_sounds(sounds, 2)) == 2
    assert len(choose_sounds(sounds, 99)) == len(sounds)


def test_figure_one_shows_both_lines_and_is_reproducible(tmp_path: Path) -> None:
    import matplotlib.image

    t = np.arange(8000) / 8000
    sounds = []
    for i in range(3):
        path = tmp_path / f"{i}.wav"
        writing.write(path, (0.5 * np.exp(-9 * t) * np.sin(900 * t)).astype(np.float32), 8000)
        sounds.append(sound(f"kick/odd $name_{i}^ \né\udcff.wav", "kick $\n\udce9", 0.5, str(path)))
    for name in ("a.png", "b.png"):
        plot_onsets(sounds, tmp_path / name, columns=2)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    image = matplotlib.image.imread(tmp_path / "a.png")[..., :3]
    for colour in (ONSET, OFFSET):
        wanted = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        assert (np.abs(image - wanted).max(axis=-1) < 0.02).sum() > 100


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_saved_figures_are_reproducible(tmp_path: Path, suffix: str) -> None:
    for name in "ab":
        figure = new_figure(3, 2)
        axes = figure.subplots()
        axes.imshow(np.eye(3), cmap=SPECTROGRAM)
        axes.plot([1, 3, 2], color=ONSET, label="$x_1$ é", clip_path=Circle((1, 1), 1))
        axes.fill_between([0, 1], [0, 2], color=OFFSET)
        axes.legend()
        save(figure, tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_a_figure_is_drawn_for_screens_and_for_print(tmp_path: Path) -> None:
    figure = new_figure(3, 2)
    figure.subplots().plot([1, 3, 2], color=ONSET)
    save(figure, tmp_path / "both.v1.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["both.v1.png", "both.v1.svg"]
    assert (tmp_path / "both.v1.png").read_bytes().startswith(b"\x89PNG")
    picture = ElementTree.parse(tmp_path / "both.v1.svg")
    assert picture.getroot().get("viewBox") == "0 0 216 144"
    text = (tmp_path / "both.v1.svg").read_text(encoding="utf-8")
    assert ONSET in text and "<dc:date>" not in text
    save(figure, tmp_path / "alone.svg", formats=())
    assert not (tmp_path / "alone.png").exists()
