"""Report an extraction on standard output: as text for people, as JSON for programs, or not at all.

Faults go to standard error, whatever the form of the report.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deep_plunder.util.console import say
from deep_plunder.util.counts import counted
from deep_plunder.util.names import shown

if TYPE_CHECKING:
    from deep_plunder.extraction.jobs import SongJob
    from deep_plunder.extraction.region import ExtractedRegion
    from deep_plunder.extraction.runs import Outcome

__all__ = ["Report"]

_BEST_SHOWN = 3


class Report:
    """The report of an extraction.

    Parameters
    ----------
    as_json : bool
        Whether to print one line of JSON per song, and nothing else.
    is_quiet : bool
        Whether to print nothing.
    """

    def __init__(self, *, as_json: bool, is_quiet: bool) -> None:
        self._as_json, self._is_quiet = as_json, is_quiet

    def line(self, text: str) -> None:
        """Print a line for people.

        Parameters
        ----------
        text : str

        Raises
        ------
        DeepPlunderError
            See `util.console.say`.
        """
        if not (self._as_json or self._is_quiet):
            say(text)

    def song(self, job: SongJob, state: str, text: str, **more: Any) -> None:
        """Print the state of a song.

        Parameters
        ----------
        job : SongJob
        state : {"skipped", "planned", "extracted", "failed"}
        text : str
            The state for people.
        **more
            More keys of the JSON.

        Raises
        ------
        DeepPlunderError
            See `util.console.say`.
        """
        if self._as_json:
            row = {"song": os.fspath(job.path), "folder": os.fspath(job.folder), "state": state}
            say(json.dumps(row | more))
        else:
            self.line(f"{shown(job.path)}: {text}")

    def outcome(self, outcome: Outcome) -> None:
        """Print the outcome for a song; people read of a fault on standard error.

        Parameters
        ----------
        outcome : Outcome

        Raises
        ------
        DeepPlunderError
            See `util.console.say`.
        """
        job = outcome.job
        if not outcome.fault:
            clips = [region for region in outcome.regions if region.clip]
            text = f"{counted(len(clips), 'clip')} in {shown(job.folder)}"
            self.song(job, "extracted", text, clips=[_row(region) for region in clips])
        elif self._as_json:
            self.song(job, "failed", "", reason=outcome.fault)

    def sum_up(self, outcomes: Sequence[Outcome]) -> None:
        """Print the number of clips, the best of them, and the meaning of their scores.

        Parameters
        ----------
        outcomes : sequence of Outcome

        Raises
        ------
        DeepPlunderError
            See `util.console.say`.
        """
        done = [outcome for outcome in outcomes if not outcome.fault]
        if not done:
            return
        clips = [
            (region.score, outcome.job.folder / region.clip)
            for outcome in done
            for region in outcome.regions
            if region.clip
        ]
        if len(done) > 1:
            songs = sum(any(region.clip for region in outcome.regions) for outcome in done)
            self.line(f"{counted(len(clips), 'clip')} from {songs} of {len(done)} songs")
        first = done[0]
        if clips:
            best = sorted(clips, key=lambda clip: -clip[0])[:_BEST_SHOWN]
            self.line("best: " + ", ".join(f"{shown(path)} ({score:.2f})" for score, path in best))
            self.line(
                f"in brackets the score: the estimated probability that a clip is usable, one "
                f"sound heard alone; {first.min_score:.2g} or more (--min-score)"
                if first.is_calibrated
                else f"the model {first.model} is not calibrated: its scores are not probabilities"
            )
        elif not any(outcome.regions for outcome in done):
            if first.min_score > 0:
                least = f"{first.min_score:.2g}"
                self.line(f"nothing scored {least} or more: --min-score 0 keeps all regions")
        else:
            self.line("no region fits the options of selection")


def _row(region: ExtractedRegion) -> dict[str, Any]:
    """Return a region as JSON has it, with null for a missing number."""
    values = dataclasses.asdict(region)
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
