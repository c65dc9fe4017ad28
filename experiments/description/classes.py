"""Measure a forest of classes on another library: ``python -m experiments.description.classes``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deep_plunder.corpus.library import scan_library
from deep_plunder.description.classes import load_classes
from deep_plunder.description.record import OTHER
from deep_plunder.training.class_scores import ClassScore, score_classes
from deep_plunder.training.classes import traits_of
from deep_plunder.util.tables import write_records

__all__ = ["main", "measure"]


def measure(
    library: Path, *, left_out: Sequence[str] = (), classifier: Path | None = None
) -> list[ClassScore]:
    """Measure how often the class of a sound is recognised, whole and cut as clips are.

    Classes that the forest does not know count as ``other``.

    Parameters
    ----------
    library : Path
        A library with one folder per class.
    left_out : sequence of str
        Sounds whose files' names begin so are left out: sources that the forest was trained on.
    classifier : Path, optional
        The file of the forest, by default the one that ships.

    Returns
    -------
    scores : list of ClassScore
    """
    forest = load_classes(classifier)
    sounds = [
        sound
        for sound in scan_library(library)[0]
        if not Path(sound.sound).name.startswith(tuple(left_out))
    ]
    measured = traits_of(sounds)
    stated = [[forest.class_of(version) for version in versions] for versions in measured]
    classes = np.array([sound.sound_class for sound in sounds])
    classes = np.where(np.isin(classes, forest.names), classes, OTHER)
    above = {
        str(name): str(wide) for name, wide in zip(forest.names, forest.wider, strict=True) if wide
    }
    return score_classes(classes, np.array(stated), wider=above)[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    code : int
        The exit code.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path, help="a folder with one folder per class")
    parser.add_argument("--leave-out", metavar="NAME", nargs="+", default=[],
                        help="sounds whose names begin so")  # fmt: skip
    parser.add_argument("--classifier", type=Path, help="a forest (default: the one that ships)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table to write")
    chosen = parser.parse_args(arguments)
    scores = measure(chosen.library, left_out=chosen.leave_out, classifier=chosen.classifier)
    write_records(chosen.output, ClassScore, scores, checksum=False)
    print(chosen.output.read_text(encoding="utf-8"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
