"""Keep the clips that a user has accepted in the gallery."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from deep_plunder.corpus.choices import SongChoices, find_span
from deep_plunder.errors import InputError
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.results import SongFolder
from deep_plunder.util.names import shown

__all__ = ["accepted_songs"]


def accepted_songs(
    songs: Sequence[SongFolder], choices: Sequence[SongChoices], *, report: Report
) -> list[SongFolder]:
    """Return songs with the clips that were accepted alone.

    Parameters
    ----------
    songs : sequence of SongFolder
    choices : sequence of SongChoices
    report : callable
        Called with a line for each accepted clip that is not there, and for each song of the
        choices that is not among `songs`.

    Returns
    -------
    songs : list of SongFolder
        The songs that the choices name. Regions that were not accepted have no clip.

    Raises
    ------
    InputError
        If there are no choices, no song is among them, or no accepted clip is there.

    Examples
    --------
    >>> accepted_songs([], [SongChoices("Tide", "Tide.wav", 64 * "0")], report=lambda line: None)
    Traceback (most recent call last):
    deep_plunder.errors.InputError: the choices are of other songs than these
    """
    by_digest = {song.record.source_digest: song for song in songs}
    kept = []
    for choice in choices:
        song = by_digest.get(choice.digest)
        if song is None:
            report(f"{shown(choice.name)}: the choices name this song, but it is not here")
            continue
        kept.append(_accepted(song, choice, report))
    if not kept:
        raise InputError(
            "the choices are of other songs than these" if choices else "there are no choices"
        )
    if not any(song.rows for song in kept):
        raise InputError("the choices accept no clip that is here")
    return kept


def _accepted(song: SongFolder, choice: SongChoices, report: Report) -> SongFolder:
    spans = [(region.onset_s, region.offset_s) for region in song.regions]
    rows = set()
    for span in choice.accepted:
        row = find_span(span, spans)
        if row is None:
            report(f"{shown(song.folder)}: no clip lies at {span[0]:g} to {span[1]:g} s any more")
        elif not song.regions[row].clip:
            rule = "has no file (see extract --keep-duplicates)"
            report(f"{shown(song.folder)}: the clip accepted at {span[0]:g} s {rule}")
        else:
            rows.add(row)
    regions = [
        region if row in rows else dataclasses.replace(region, clip="")
        for row, region in enumerate(song.regions)
    ]
    return dataclasses.replace(song, regions=tuple(regions))
