"""The settings of the probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le

from deep_plunder.util.settings import Settings

__all__ = ["PROBES", "ProbeSpec"]

PROBES = "probes"
"""Name of the bench of probes, which no bench of `realbench` may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec(Settings):
    """Probes, which show whether finders distinguish one sound from several."""

    section: ClassVar[str] = "probes"

    events: Annotated[int, Ge(0), Le(500)] = 0
    """Most events per probe; a probe of single sounds has at most one per test sound. 0 makes no
    probes. Unit: events. Source: ours."""
    bench: str | None = None
    """The bench of `realbench` whose songs are changed in ways that a listener does not hear.
    Models must find the same clips in them. null changes none. Source: ours."""
    songs: Annotated[int, Ge(1), Le(1000)] = 10
    """Most songs of `probes.bench` that are changed, by name. Songs with fewer than five clips do
    not count. Unit: songs. Source: ours."""
