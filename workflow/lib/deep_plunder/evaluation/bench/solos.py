"""Render recorded songs with solo phrases: a bench of true notes, and of certainly false clips.

The songs are those of `evaluation.bench.stems`. Each phrase is laid once into a pause of a song and
once over a song (`evaluation.bench.solo_plan`). Its notes are marked on the phrase alone
(`evaluation.bench.solo_notes`).

In a pause, the notes are the true regions. What sounds in the phrase beside them is not scored, and
in silence there is nothing to find. Everywhere else there is no true region. It is certain that
several sounds are heard where the two recordings of the song sound together, or the song and a
phrase. All other time is not scored.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deep_plunder.errors import AudioError, InputError
from deep_plunder.evaluation.bench.find import UnreadSong
from deep_plunder.evaluation.bench.kinds import phrase_files
from deep_plunder.evaluation.bench.rendered import exact_truth, write_song
from deep_plunder.evaluation.bench.solo_notes import PhraseNotes, mark_notes
from deep_plunder.evaluation.bench.solo_plan import PAUSE, LaidPhrase, plan_solos
from deep_plunder.evaluation.bench.stems import RATE, read_songs, read_stem, together
from deep_plunder.truth.isolation import ALONE, NOT_ALONE, STEP_S, UNKNOWN, IsolationTruth
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import SafeNames
from deep_plunder.util.tables import write_records

__all__ = ["Phrase", "lay_phrases", "render_solos"]

_log = logging.getLogger(__name__)

_PEAK = 0.9
# Silence before and after a phrase in a pause, and the fades of the song around it.
_REST_S = 0.5
_FADE = round(0.01 * RATE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A solo phrase.

    Attributes
    ----------
    audio : ndarray of float32, shape (n, 2)
        At 44.1 kHz.
    marked : PhraseNotes
        Its notes.
    """

    audio: Float32Array
    marked: PhraseNotes


def _rms(audio: Float32Array) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if len(audio) else 0.0


def _paused(stem: Float32Array, pauses: Sequence[tuple[int, int]]) -> Float32Array:
    """Insert silence at samples of a recording, with short fades around it."""
    stem = stem.copy()
    parts, last = [], 0
    for at, length in pauses:
        stem[max(0, at - _FADE) : at] *= np.linspace(1, 0, min(at, _FADE), dtype=np.float32)[
            :, None
        ]
        after = stem[at : at + _FADE]
        after *= np.linspace(0, 1, len(after), dtype=np.float32)[:, None]
        parts += [stem[last:at], np.zeros((length, 2), np.float32)]
        last = at
    return np.concatenate([*parts, stem[last:]])


def lay_phrases(
    guitar: Float32Array,
    rest: Float32Array,
    plan: Sequence[LaidPhrase],
    phrases: Mapping[str, Phrase],
) -> tuple[Float32Array, IsolationTruth]:
    """Lay phrases into a song, and find what is heard in it.

    Parameters
    ----------
    guitar, rest : ndarray of float32, shape (n, 2)
        The recordings of the song at 44.1 kHz.
    plan : sequence of LaidPhrase
        The phrases of this song.
    phrases : mapping of str to Phrase
        The phrases by name.

    Returns
    -------
    mix : ndarray of float32, shape (m, 2)
        The song with its phrases, with a peak of 0.9.
    truth : IsolationTruth
        The notes in pauses, and where several sounds are heard. No isolation is measured.
    """
    edge = round(_REST_S * RATE)
    plan = sorted(plan, key=lambda laid: laid.at_s)
    stops = [
        (round(laid.at_s * RATE), len(phrases[laid.phrase].audio) + 2 * edge)
        for laid in plan
        if laid.place == PAUSE
    ]
    loud = _rms(guitar + rest)
    guitar, rest = _paused(guitar, stops), _paused(rest, stops)
    solo = np.zeros_like(guitar)
    inserted = 0
    pauses: list[tuple[int, Phrase]] = []
    for laid in plan:
        phrase = phrases[laid.phrase]
        start = round(laid.at_s * RATE) + inserted
        if laid.place == PAUSE:
            pauses.append((start, phrase))
            start += edge
            inserted += len(phrase.audio) + 2 * edge
        gain = loud * 10 ** (laid.level_db / 20) / max(_rms(phrase.audio), 1e-9)
        place = solo[start : start + len(phrase.audio)]
        place += phrase.audio[: len(place)] * np.float32(gain)
    band = guitar + rest
    mix = band + solo
    scale = np.float32(_PEAK / max(float(np.abs(mix).max(initial=0)), 1e-9))
    both = together(guitar * scale, rest * scale) | together(band * scale, solo * scale)
    state = np.where(both, NOT_ALONE, UNKNOWN).astype(np.uint8)
    regions: list[tuple[float, float, float, str]] = []
    for start, phrase in pauses:
        first, length = start / RATE, len(phrase.audio) / RATE + 2 * _REST_S
        state[round(first / STEP_S) : round((first + length) / STEP_S)] = NOT_ALONE
        begin = first + _REST_S
        sounds = state[round(begin / STEP_S) :][: len(phrase.marked.sounds)]
        sounds[phrase.marked.sounds[: len(sounds)]] = UNKNOWN
        for onset, offset in phrase.marked.notes:
            on, off = begin + onset, begin + offset
            state[round(on / STEP_S) : round(off / STEP_S)] = ALONE
            regions.append((on, off, np.nan, ""))
    return mix * scale, IsolationTruth(state, np.full(len(state), np.nan, np.float32), regions)


def _read_phrases(source: str | os.PathLike[str], aside: list[UnreadSong]) -> dict[str, Phrase]:
    """Read the phrases beside songs, without those that cannot be used."""
    names = SafeNames()
    phrases: dict[str, Phrase] = {}
    for path in phrase_files(source):
        try:
            audio = read_stem(path)
        except AudioError as error:
            _log.warning("rejected: %s", error)
            aside.append(UnreadSong(path.stem, error.reason, str(error)))
            continue
        phrases[names.new(path.stem)] = Phrase(audio, mark_notes(audio, RATE))
    if not phrases:
        detail = aside[-1].detail if aside else "there is none"
        raise InputError(f"{os.fspath(source)}: must hold a phrase that can be used: {detail}")
    return phrases


def render_solos(
    source: str | os.PathLike[str], folder: str | os.PathLike[str], *, seed: int
) -> None:
    """Render all songs below a folder, with solo phrases, into a bench.

    Parameters
    ----------
    source : path-like
        Folder with songs of two recordings, and with phrases in its subfolder ``phrases``.
    folder : path-like
        The bench to write (`evaluation.bench.layout`), with songs as 16-bit WAV with a peak of
        0.9. Its ``plan.tsv`` says where each phrase lies; its ``set_aside.tsv`` lists the songs and
        phrases that could not be used.
    seed : int
        The seed of the configuration.

    Raises
    ------
    InputError
        If no song or no phrase can be used.
    OSError
        If a file cannot be written. The error names the folder.
    """
    aside: list[UnreadSong] = []
    phrases = _read_phrases(source, aside)
    # Songs are read twice, since all of them do not fit into memory.
    songs = {name: len(guitar) / RATE for name, guitar, _ in read_songs(source, aside)}
    seconds = {name: len(phrase.audio) / RATE for name, phrase in phrases.items()}
    plan = plan_solos(songs, seconds, seed=seed)
    with atomic_directory(folder) as temporary:
        for name, guitar, rest in read_songs(source, []):
            here = [laid for laid in plan if laid.song == name]
            mix, found = lay_phrases(guitar, rest, here, phrases)
            write_song(temporary, exact_truth(name, found), mix, RATE)
            _log.info("%s: %d notes in pauses", name, len(found.regions))
        write_records(temporary / "plan.tsv", LaidPhrase, plan)
        write_records(temporary / "set_aside.tsv", UnreadSong, aside)
