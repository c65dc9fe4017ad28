"""Write MIDI files that play a kit at the times at which its sounds were found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from deep_plunder.util.files import atomic_path

__all__ = ["Note", "velocity_of", "write_midi"]

_TICKS_PER_BEAT, _TEMPO_US = 1000, 500_000
_TICKS_PER_S = _TICKS_PER_BEAT * 1_000_000 / _TEMPO_US
# Percussion in General MIDI; samplers listen to every channel.
_CHANNEL = 9
_LOUDEST = 127


@dataclass(frozen=True, slots=True)
class Note:
    """A note.

    Attributes
    ----------
    onset_s, offset_s : float
        Beginning and end, in seconds of the song.
    key : int
        MIDI note.
    velocity : int
        1..127.
    """

    onset_s: float
    offset_s: float
    key: int
    velocity: int = _LOUDEST


def velocity_of(level_db: float) -> int:
    """Return the velocity that plays a clip at a level.

    SFZ players square the velocity by default: 127 plays a clip as it is.

    Parameters
    ----------
    level_db : float
        Level relative to the clip, in dB. Levels above 0 count as 0.

    Returns
    -------
    velocity : int
        1..127.

    Examples
    --------
    >>> velocity_of(0.0), velocity_of(-12.0)
    (127, 64)
    """
    return min(_LOUDEST, max(1, round(_LOUDEST * 10 ** (level_db / 40))))


def write_midi(path: str | os.PathLike[str], notes: Sequence[Note], *, name: str) -> None:
    """Write a MIDI file, whole or not at all.

    Parameters
    ----------
    path : path-like
        The file to write.
    notes : sequence of Note
        Times are kept to half a millisecond, at 120 beats per minute. A note ends before the next
        one on its key begins.
    name : str
        Name of the track.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> write_midi("song.mid", [Note(0.5, 1.25, 36)], name="song")
    """
    import mido

    events: list[tuple[int, int, int, int]] = []
    for note in notes:
        start = round(note.onset_s * _TICKS_PER_S)
        stop = max(start + 1, round(note.offset_s * _TICKS_PER_S))
        # At one time, ends come before beginnings.
        events += [(start, 1, note.key, note.velocity), (stop, 0, note.key, 0)]
    text = name.encode("ascii", "replace").decode()
    track = mido.MidiTrack(
        [mido.MetaMessage("track_name", name=text), mido.MetaMessage("set_tempo", tempo=_TEMPO_US)]
    )
    now = 0
    for tick, is_on, key, velocity in sorted(events):
        kind = "note_on" if is_on else "note_off"
        track.append(
            mido.Message(kind, note=key, velocity=velocity, channel=_CHANNEL, time=tick - now)
        )
        now = tick
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_BEAT, tracks=[track])
    with atomic_path(path) as temporary:
        file.save(temporary)
