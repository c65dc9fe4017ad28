"""Mixes of either style: the paper's, scenes, or both by turns.

Which style a mix has depends on its number alone, so that a plan can be made in parts.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator

from .library import Sound
from .mixspec import MixSpec
from .plan import Event
from .render import RenderedMix, Renderer, render_mixes
from .scenes.rows import Row
from .scenes.spec import SceneSpec
from .songs import Song
from .store import Store
from .tables import read_records

__all__ = ["PAPER", "SCENES", "numbers_of", "render_tables"]

PAPER, SCENES = "paper", "scenes"


def numbers_of(kind: str, mixes: Iterable[int], *, style: str) -> list[int]:
    """Choose the mixes of one kind.

    Parameters
    ----------
    kind : {"paper", "scenes"}
    mixes : iterable of int
        Numbers of mixes in their split.
    style : {"paper", "scenes", "both"}
        What the split is made of. Of both, those of odd number are scenes.

    Returns
    -------
    numbers : list of int
    """
    if style in (PAPER, SCENES):
        return list(mixes) if style == kind else []
    return [number for number in mixes if (number % 2 == 1) == (kind == SCENES)]


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
        Table of `Row`: scenes.
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
    rows = read_records(scenes_plan, Row) if scenes_plan else []
    if first_only:
        events = [event for event in events if event.mix == events[0].mix]
        rows = [row for row in rows if row.mix == rows[0].mix]
    corpus = read_records(sounds, Sound), read_records(songs, Song)
    parts: list[Iterator[RenderedMix]] = []
    if events:
        parts.append(render_mixes(events, Renderer(*corpus, spec, store=store)))
    if rows:
        # The paper's mixes need nothing of what this imports.
        from .scenes.render import SceneRenderer, render_scenes

        renderer = SceneRenderer(
            *corpus, spec=scenes, rate=spec.sample_rate, duration_s=spec.duration_s, store=store
        )
        parts.append(render_scenes(rows, renderer))
    yield from heapq.merge(*parts, key=lambda mix: mix.mix)
