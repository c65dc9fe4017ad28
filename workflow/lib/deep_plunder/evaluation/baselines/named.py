"""Return baselines by name: finders of regions without a network.

`onsets`
    A slice from every onset that librosa finds to the next one, as users of samplers cut.
`silence`
    A slice between silences of 30 dB below the song's peak (`librosa.effects.split`).
`forest`
    A random forest on features of frames, a method for finding drum breaks.

The paper (section 6) asks for such baselines and names none.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.baselines.slices import (
    onset_frames,
    onset_slices,
    silence_slices,
)
from deep_plunder.evaluation.spec import BASELINES
from deep_plunder.util.arrays import Float32Array

__all__ = ["baseline"]


def baseline(
    name: str,
    *,
    forest: str | os.PathLike[str] | None = None,
    threshold: float | None = None,
) -> Callable[[Float32Array], list[Clip]]:
    """Return a baseline by its name.

    Parameters
    ----------
    name : str
        One of `BASELINES`.
    forest : path-like, optional
        File of a trained forest (`util.trees.Trees.save`). The baseline ``forest`` needs it.
    threshold : float, optional
        Threshold of the forest's probabilities; see `evaluation.baselines.forest.forest_clips`.

    Returns
    -------
    find : callable
        Function from a mono signal at `RATE` to its regions with scores.

    Raises
    ------
    InputError
        If there is no such baseline, or the forest is missing or cannot be read.
    """
    if name == "onsets":
        return onset_slices
    if name == "silence":
        return silence_slices
    if name != "forest":
        raise InputError(f"baseline: must be one of {', '.join(BASELINES)}, got {name!r}")
    if forest is None:
        raise InputError("baseline: forest needs the file of a trained forest")
    from deep_plunder.evaluation.baselines.forest import LOWEST, forest_clips, read_forest

    trained = read_forest(forest)
    lowest = LOWEST if threshold is None else threshold

    def find(signal: Float32Array) -> list[Clip]:
        onsets, _ = onset_frames(signal)
        return forest_clips(trained, signal, onsets, threshold=lowest)

    return find
