"""Choose the regions of a song that become files."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deep_plunder.description.classes import ClassForest, load_classes
from deep_plunder.description.record import OTHER
from deep_plunder.errors import OptionError
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.util.names import one_line

__all__ = ["choose_rows", "meant_classes"]


def meant_classes(classes: Sequence[str], classifier: ClassForest | None = None) -> tuple[str, ...]:
    """Return the classes that an option means: each with those that belong to it.

    Parameters
    ----------
    classes : sequence of str
    classifier : ClassForest, optional
        The forest that recognises the classes, by default the one that ships.

    Returns
    -------
    meant : tuple of str
        The classes, each once. A wider class is followed by those that belong to it.

    Raises
    ------
    OptionError
        If the forest has no such class.

    Examples
    --------
    >>> meant_classes(["kick", "melodic"])
    ('kick', 'melodic', 'bass', 'guitar', 'keys', 'strings', 'synth', 'vox', 'wind')
    >>> meant_classes(["kik"])
    Traceback (most recent call last):
    deep_plunder.errors.OptionError: classes: must be among bass, clap, cymbal, guitar, hihat, \
keys, kick, perc, snare, strings, synth, tom, vox, wind, melodic, other, got 'kik'
    """
    forest = load_classes() if classifier is None else classifier
    names, wider = forest.names.tolist(), forest.wider.tolist()
    known = [*(name for name in names if name != OTHER), *forest.wider_names, OTHER]
    meant = []
    for name in classes:
        if name not in known:
            rule = f"must be among {', '.join(known)}"
            raise OptionError("classes", f"{rule}, got {one_line(name)!r}")
        meant += [name, *(own for own, above in zip(names, wider, strict=True) if above == name)]
    return tuple(dict.fromkeys(meant))


def choose_rows(regions: Sequence[ExtractedRegion], options: ClipOptions) -> list[int]:
    """Return the rows of the regions that become files.

    Length and class are checked first. Of each group one region stays: its best, or the one with
    the highest score if the best is left out. Then the highest scores stay.

    Parameters
    ----------
    regions : sequence of ExtractedRegion
    options : ClipOptions

    Returns
    -------
    rows : list of int
        In ascending order.

    Examples
    --------
    >>> facts = dict(sound_class="kick", note="", cents=0.0, note_confidence=0.0,
    ...              loudness_lufs=-20.0, attacks=1, clip="", source="song.wav")
    >>> regions = [
    ...     ExtractedRegion(onset_s=1.0, offset_s=1.5, score=0.6, group=1, kept=0, **facts),
    ...     ExtractedRegion(onset_s=2.0, offset_s=2.5, score=0.7, group=1, kept=1, **facts),
    ...     ExtractedRegion(onset_s=3.0, offset_s=3.1, score=0.9, group=2, kept=1, **facts),
    ... ]
    >>> choose_rows(regions, ClipOptions())
    [1, 2]
    >>> choose_rows(regions, ClipOptions(min_length_s=0.2, keep_duplicates=True))
    [0, 1]
    """
    longest = math.inf if options.max_length_s is None else options.max_length_s
    rows = [
        row
        for row, region in enumerate(regions)
        if options.min_length_s <= round(region.offset_s - region.onset_s, 6) <= longest
        and (not options.classes or region.sound_class in options.classes)
    ]

    def quality(row: int) -> tuple[int, float, int]:
        return regions[row].kept, regions[row].score, -row

    if not options.keep_duplicates:
        best: dict[int, int] = {}
        for row in rows:
            group = regions[row].group
            best[group] = max(best.get(group, row), row, key=quality)
        rows = sorted(best.values())
    if options.best is not None:
        first = sorted(rows, key=lambda row: (-regions[row].score, row))[: options.best]
        rows = sorted(first)
    return rows
