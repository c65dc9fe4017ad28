"""The base of planners of scenes: the sounds, songs and settings of a split."""

from __future__ import annotations

from collections.abc import Sequence

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.scenes.timbres import Palette

__all__ = ["Planner"]


class Planner:
    """Base of the planners of one split.

    Parameters
    ----------
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    seed : int
        The seed of the configuration.
    sounds, songs : sequence
        The sounds and songs of the split, in any order. It may have no songs.
    spec : SceneSpec
        Settings of the scenes.
    duration_s : float
        Length of a mix, in seconds.

    Raises
    ------
    InputError
        If the split has no sound.
    """

    def __init__(
        self,
        *,
        split: str,
        seed: int,
        sounds: Sequence[Sound],
        songs: Sequence[Song],
        spec: SceneSpec,
        duration_s: float,
    ) -> None:
        self._split, self._seed, self._spec = split, seed, spec
        self._duration_s = duration_s
        self._palette = Palette(sounds, songs, spec)
