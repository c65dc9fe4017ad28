"""The rows of a plan in the paper's style, which planning writes and rendering reads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from deep_plunder.audio.easings import EASINGS
from deep_plunder.corpus.library import Sound
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.util.tables import Bounds, Number, Seconds, Words

__all__ = ["SONG", "SOUND", "Event", "sounding_samples"]

SOUND, SONG = "sound", "song"
"""Kinds of events."""


@dataclass(frozen=True, slots=True)
class Event:
    """One sound or excerpt in a mix: a row of a plan.

    Attributes
    ----------
    mix, event : int
        Number of the mix in its split, and number of the event in its mix, from 0.
    kind : {"sound", "song"}
        Whether the source is a library sound or a song.
    source : str
        Name of the source: `Sound.sound` or `Song.song`.
    start_s, duration_s : float
        Position in the mix and length, in seconds.
    source_start_s : float
        Position in the recording at which the event begins, in seconds.
    semitones : int
        Change of pitch; 0 for songs.
    fade_in_s, fade_out_s : float
        Length of the fades within the duration, in seconds; 0 for none.
    fade_in, fade_out : str
        Curves of the fades, from `deep_plunder.audio.easings.EASINGS`; empty for none.
    gain_db : float
        Change of level, in dB.
    onset_s, offset_s : float
        The region that labels a sound, in seconds of the mix; NaN for songs.
    """

    mix: Number
    event: Number
    kind: Annotated[str, Words((SOUND, SONG))] = SOUND
    source: str = ""
    start_s: Seconds = 0.0
    duration_s: Seconds = 0.0
    source_start_s: Seconds = 0.0
    semitones: Annotated[int, Bounds(-48, 48)] = 0
    fade_in_s: Seconds = 0.0
    fade_in: Annotated[str, Words(("", *EASINGS))] = ""
    fade_out_s: Seconds = 0.0
    fade_out: Annotated[str, Words(("", *EASINGS))] = ""
    gain_db: Annotated[float, Bounds(-200, 200)] = 0.0
    onset_s: Annotated[float, Bounds(0, 1e7, missing=True)] = math.nan
    offset_s: Annotated[float, Bounds(0, 1e7, missing=True)] = math.nan


def sounding_samples(sound: Sound, semitones: int, spec: MixSpec) -> int:
    """Compute the length of a whole sound in a mix, re-pitched but not cut.

    Parameters
    ----------
    sound : Sound
        The sound, which plays from its onset to its offset.
    semitones : int
        Change of pitch.
    spec : MixSpec
        The sample rate, and the method of re-pitching: `"resample"` changes the length.

    Returns
    -------
    samples : int
        Length in samples of the mix, at least 1.

    Examples
    --------
    >>> sound = Sound("kick/a.wav", "kick", "kick/a.wav", 1.0, 44100, 1, 0.25, 0.75)
    >>> sounding_samples(sound, 3, MixSpec())
    22050
    """
    seconds = sound.offset_s - sound.onset_s
    if spec.pitch_method == "resample":
        seconds *= 2 ** (-semitones / 12)
    return max(1, round(seconds * spec.sample_rate))
