"""Render mixes from the tables of their plans."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeVar

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.rendered import RenderedMix
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.store import Store
from deep_plunder.util.tables import read_records

__all__ = ["render_tables"]


class _Row(Protocol):
    @property
    def mix(self) -> int: ...


_R = TypeVar("_R", bound=_Row)


def _some(rows: list[_R], first_only: bool) -> list[_R]:
    """Return all rows, or only the rows of the first mix."""
    return [row for row in rows if row.mix == rows[0].mix] if first_only else rows


def render_tables(
    plan: str | os.PathLike[str] | None,
    scenes_plan: str | os.PathLike[str] | None,
    modules_plan: str | os.PathLike[str] | None = None,
    *,
    sounds: str | os.PathLike[str],
    songs: str | os.PathLike[str],
    modules: str | os.PathLike[str] | None = None,
    spec: MixSpec,
    scenes: Mapping[str, Any] | None = None,
    store: Store | None = None,
    first_only: bool = False,
) -> Iterator[RenderedMix]:
    """Render the mixes of one to three plans, with few of them in memory at a time.

    Parameters
    ----------
    plan : path-like, optional
        Table of `Event`: mixes in the paper's style.
    scenes_plan : path-like, optional
        Table of `SceneRow`: scenes and struck sounds.
    modules_plan : path-like, optional
        Table of `ModulePart`: mixes of tracker modules.
    sounds, songs, modules : path-like
        Tables of the sounds, songs and modules that the plans name. Only a `modules_plan` needs
        that of the modules.
    spec : MixSpec
        Settings with which the mixes were planned. Scenes and modules use its length and sample
        rate.
    scenes : mapping, optional
        Limits of isolation in scenes: keys of `deep_plunder.mixes.scenes.spec.SceneSpec`.
    store : Store, optional
        Store of decoded and re-pitched audio on disk. It does not affect the audio.
    first_only : bool
        Whether to render only the first mix of each plan.

    Yields
    ------
    mix : RenderedMix
        One mix, in order of number.

    Raises
    ------
    InputError
        If a table cannot be read. See also `Renderer.render`, `SceneRenderer.render` and
        `PartRenderer.render`.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> from deep_plunder.mixes.plan import Planner
    >>> from deep_plunder.util.tables import write_records
    >>> import numpy as np
    >>> writing.write("kick.wav", np.full((22050, 1), 0.5, np.float32), 44100)
    >>> kick = Sound("kick.wav", "kick", "kick.wav", 0.5, 44100, 1, 0.0, 0.5)
    >>> spec = MixSpec(duration_s=3, sound_probability=1, semitones=(0, 0))
    >>> planner = Planner(split="train", seed=1, sounds=[kick], songs=[], spec=spec)
    >>> write_records("plan.tsv", Event, planner.plan(0))
    >>> write_records("sounds.tsv", Sound, [kick])
    >>> write_records("songs.tsv", Song, [])
    >>> [mix] = render_tables("plan.tsv", None, sounds="sounds.tsv", songs="songs.tsv", spec=spec)
    >>> mix.audio.shape
    (132300, 2)
    """
    corpus = read_records(sounds, Sound), read_records(songs, Song)
    parts: list[Iterator[RenderedMix]] = []
    # Each style is imported only where it is rendered, so that the code version of a rule does not
    # depend on a style that the run does not use.
    if plan:
        from deep_plunder.mixes.render import Renderer, render_mixes

        events = _some(read_records(plan, Event), first_only)
        parts.append(render_mixes(events, Renderer(*corpus, spec, store=store)))
    if scenes_plan:
        from deep_plunder.mixes.scenes.render import SceneRenderer, render_scenes
        from deep_plunder.mixes.scenes.rows import SceneRow
        from deep_plunder.mixes.scenes.spec import SceneSpec

        renderer = SceneRenderer(
            *corpus,
            spec=SceneSpec(**scenes or {}),
            rate=spec.sample_rate,
            duration_s=spec.duration_s,
            store=store,
        )
        rows = _some(read_records(scenes_plan, SceneRow), first_only)
        parts.append(render_scenes(rows, renderer))
    if modules_plan and modules:
        from deep_plunder.corpus.modules import TrackerModule
        from deep_plunder.mixes.modules.parts import PartRenderer, render_parts
        from deep_plunder.mixes.modules.plan import ModulePart

        player = PartRenderer(
            read_records(modules, TrackerModule), rate=spec.sample_rate, duration_s=spec.duration_s
        )
        drawn = _some(read_records(modules_plan, ModulePart), first_only)
        parts.append(render_parts(drawn, player))
    yield from heapq.merge(*parts, key=lambda mix: mix.mix)
