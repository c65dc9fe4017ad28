"""Render mixes from the tables of their plans."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.plan import Event
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import RenderedMix
from deep_plunder.mixes.scenes.rows import SceneRow
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.store import Store
from deep_plunder.util.tables import read_records

__all__ = ["render_tables"]


def render_tables(
    plan: str | os.PathLike[str] | None,
    scenes_plan: str | os.PathLike[str] | None,
    *,
    sounds: str | os.PathLike[str],
    songs: str | os.PathLike[str],
    spec: MixSpec,
    scenes: SceneSpec,
    store: Store | None = None,
    first_only: bool = False,
) -> Iterator[RenderedMix]:
    """Render the mixes that plans hold, few in memory at a time.

    Parameters
    ----------
    plan : path-like, optional
        Table of `Event`: mixes in the paper's manner.
    scenes_plan : path-like, optional
        Table of `SceneRow`: scenes.
    sounds, songs : path-like
        Tables of what the plans draw from.
    spec : MixSpec
        How the paper's mixes were planned; gives the length and sample rate of all.
    scenes : SceneSpec
        What counts as alone in scenes.
    store : Store, optional
        Keeps decoded and re-pitched audio on disk. It changes no audio.
    first_only : bool
        Whether only the first mix of each plan is rendered.

    Yields
    ------
    mix : RenderedMix
        In order of their numbers.

    Raises
    ------
    InputError
        If a table cannot be read. See also `Renderer.render` and `SceneRenderer.render`.
    """
    events = read_records(plan, Event) if plan else []
    rows = read_records(scenes_plan, SceneRow) if scenes_plan else []
    if first_only:
        events = [event for event in events if event.mix == events[0].mix]
        rows = [row for row in rows if row.mix == rows[0].mix]
    corpus = read_records(sounds, Sound), read_records(songs, Song)
    parts: list[Iterator[RenderedMix]] = []
    if events:
        parts.append(render_mixes(events, Renderer(*corpus, spec, store=store)))
    if rows:
        # The paper's mixes need nothing of what this imports.
        from deep_plunder.mixes.scenes.render import SceneRenderer, render_scenes

        renderer = SceneRenderer(
            *corpus, spec=scenes, rate=spec.sample_rate, duration_s=spec.duration_s, store=store
        )
        parts.append(render_scenes(rows, renderer))
    yield from heapq.merge(*parts, key=lambda mix: mix.mix)
