"""The settings of the demo: the section ``demo`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le

from deep_plunder.util.settings import Settings

__all__ = ["DemoSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSpec(Settings):
    """The synthesized corpus, made only where a path of the configuration lies in results/demo."""

    section: ClassVar[str] = "demo"

    sounds: Annotated[int, Ge(30), Le(100_000)] = 240
    """Sounds in the synthesized library. Unit: sounds. Source: ours, small enough for minutes."""
    songs: Annotated[int, Ge(5), Le(1000)] = 14
    """Songs to synthesize. Unit: songs. Source: ours, small enough for minutes."""
