"""Keep the clips that a user has accepted in the gallery."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from deep_plunder.audio.identity import digest_of_song
from deep_plunder.corpus.choices import SongChoices, find_span
from deep_plunder.errors import InputError
from deep_plunder.extraction.folder import FolderRecord
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.results import SongFolder
from deep_plunder.util.counts import counted
from deep_plunder.util.names import shown

__all__ = ["accepted_songs"]


def accepted_songs(
    songs: Sequence[SongFolder], choices: Sequence[SongChoices], *, fail: Report
) -> list[SongFolder]:
    """Return songs with the clips that were accepted alone.

    Accepted regions of which no file was written, such as duplicates, are to be cut from the song.

    Parameters
    ----------
    songs : sequence of SongFolder
    choices : sequence of SongChoices
    fail : callable
        Called with a line per song and reason for which accepted clips are left out.

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
    >>> accepted_songs([], [SongChoices("Tide", "Tide.wav", 64 * "0")], fail=print)
    Traceback (most recent call last):
    deep_plunder.errors.InputError: the choices are of other songs than these
    """
    by_digest = {song.record.source_digest: song for song in songs}
    kept = []
    for choice in choices:
        song = by_digest.get(choice.digest)
        if song is None:
            onsets = [onset_s for onset_s, _ in choice.accepted]
            _leave_out(shown(choice.name), onsets, "the song is not here", fail)
            continue
        kept.append(_accepted(song, choice, fail))
    if not kept:
        raise InputError(
            "the choices are of other songs than these" if choices else "there are no choices"
        )
    if not any(song.rows or song.to_cut for song in kept):
        raise InputError("the choices accept no clip that is here")
    return kept


def _accepted(song: SongFolder, choice: SongChoices, fail: Report) -> SongFolder:
    spans = [(region.onset_s, region.offset_s) for region in song.regions]
    found = {span: find_span(span, spans) for span in choice.accepted}
    rows = {row for row in found.values() if row is not None}
    without_file = {row for row in rows if not song.regions[row].clip}
    gone, to_cut = without_file & song.gone, without_file - song.gone
    place = shown(song.folder)
    unknown = [onset_s for (onset_s, _), row in found.items() if row is None]
    _leave_out(place, unknown, "there is no such region any more", fail)
    _leave_out(place, [spans[row][0] for row in sorted(gone)], "no longer there", fail)
    if to_cut and (fault := _source_fault(song.record)):
        onsets = [spans[row][0] for row in sorted(to_cut)]
        _leave_out(place, onsets, f"no file was written, and {fault}", fail)
        to_cut = set()
    regions = [
        region if row in rows else dataclasses.replace(region, clip="")
        for row, region in enumerate(song.regions)
    ]
    return dataclasses.replace(song, regions=tuple(regions), to_cut=frozenset(to_cut))


def _source_fault(record: FolderRecord) -> str:
    """Return why clips cannot be cut from a song any more; empty if they can."""
    try:
        same = digest_of_song(record.source) == record.source_digest
    except OSError as error:
        return f"the song cannot be read: {shown(record.source)}: {error.strerror}"
    return "" if same else f"the song is another one now: {shown(record.source)}"


def _leave_out(place: str, onsets_s: Sequence[float], reason: str, fail: Report) -> None:
    """Report accepted clips that are left out, if there are any."""
    if onsets_s:
        count = counted(len(onsets_s), "accepted clip is", "accepted clips are")
        first = "at" if len(onsets_s) == 1 else "the first at"
        fail(f"{place}: {count} left out, {first} {min(onsets_s):g} s: {reason}")
