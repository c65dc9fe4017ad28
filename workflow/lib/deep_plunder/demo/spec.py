"""The settings of the demo: the section ``demo`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le

from deep_plunder.util.settings import Settings

__all__ = ["DemoSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSpec(Settings):
    """The synthesized corpus. A run writes it only if a configured path is in results/demo."""

    section: ClassVar[str] = "demo"

    sounds: Annotated[int, Ge(30), Le(100_000)] = 240
    """Number of sounds in the library. Unit: sounds. Source: ours, for a run of a few minutes."""
    songs: Annotated[int, Ge(5), Le(1000)] = 14
    """Number of songs. Unit: songs. Source: ours, for a run of a few minutes."""
