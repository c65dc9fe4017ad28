"""The settings of the extraction: the section ``extraction`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, Len

from deep_plunder.util.bounds import Fraction, Must, NonNegative, Text
from deep_plunder.util.resources import SHIPPED
from deep_plunder.util.settings import Settings

__all__ = ["ExtractionSpec"]

_Songs = Annotated[
    Literal["test", "all"] | Annotated[tuple[Text, ...], Len(1)],
    Must(lambda songs: True, "must be 'test', 'all' or a list of files", whole=True),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionSpec(Settings):
    """Which model cuts clips from which songs."""

    section: ClassVar[str] = "extraction"

    model: str = SHIPPED
    """The model that cuts the clips: a name from `models`, shipped (the model made for songs), or
    shipped-paper (the paper's network, resources/models/paper.md). Source: ours."""
    songs: _Songs = "test"
    """The songs to cut clips from: test (those of the test split), all, or a list of files.
    Source: ours, songs that the model has not heard."""
    mixes: Annotated[int, Ge(0)] = 0
    """Number of test mixes to cut clips from as well. Above 0 it needs `mixes.keep_audio`. Unit:
    mixes. Source: the paper, section 5.2, cuts its test mixes; how many is ours."""
    shards: Annotated[int, Ge(1), Le(9999)] = 1
    """Number of jobs that share the songs. Unit: jobs. Source: ours."""
    onset_threshold: Fraction | None = None
    """Least onset output that begins a clip. null takes the model's own threshold, or 0.2 if it
    has none. Unit: probability. Source: the paper, section 5.2, has 0.2."""
    frame_threshold: Fraction | None = None
    """A clip ends at the latest where the frame output falls below this, and is left out if the
    output never reaches it. A calibrated model also ends a clip where the output falls below a
    share of its highest value. null takes the model's own threshold, or 0.2 if it has none. Unit:
    probability. Source: the paper, section 5.2, has 0.2."""
    min_duration_s: NonNegative | None = None
    """Shorter clips are left out. null takes the model's own limit, or 0 if it has none. Unit: s.
    Source: the paper has no such limit."""
    min_score: Fraction | None = None
    """Clips with a lower score are left out. null takes the model's own limit, or 0 if it has
    none. Unit: probability. Source: the paper has no such limit."""
    classifier: Text | None = None
    """File of the forest that recognises the classes of clips: results/classes/classes.npz, which
    the workflow then trains on the library, or a copy of such a file. null takes the forest that
    ships. Source: ours."""
    keep_duplicates: bool = False
    """Whether to write the clips of all regions. Otherwise only the best of each group of regions
    that hold the same sound becomes a file. Source: ours."""
    curves: bool = False
    """Whether to write each song's onset and frame outputs as layers for Sonic Visualiser. Source:
    the paper, section 5.3, looks at them; off is ours."""
    picture: bool = True
    """Whether to draw each song's spectrogram with its regions. Source: ours."""
