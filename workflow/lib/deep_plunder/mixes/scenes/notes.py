"""Play the notes of a scene: add each to the two channels and to the reverb send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from deep_plunder.mixes.scenes.rows import SceneRow, read_settings, row_fault
from deep_plunder.mixes.scenes.settings import NoteSettings, TrackSettings
from deep_plunder.mixes.scenes.stems import Played, powers_of
from deep_plunder.mixes.scenes.voices import bend, play
from deep_plunder.util.arrays import Float32Array

__all__ = ["DryMix", "play_notes"]


@dataclass(slots=True)
class DryMix:
    """The notes of a scene before reverberation and levels.

    Attributes
    ----------
    sides : ndarray of float32, shape (2, samples)
        The left and the right channel.
    sends : ndarray of float32, shape (2, samples), or None
        The input of the reverberation. None if no note has a send.
    played : list of Played
        The notes and echoes, in the order of rows.
    """

    sides: Float32Array
    sends: Float32Array | None = None
    played: list[Played] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Track:
    """The settings of a track, converted for mixing its notes."""

    gain_db: float
    balance: float
    release_s: float
    reverb: float
    echoes: tuple[tuple[float, float], ...]

    @classmethod
    def read(cls, row: SceneRow) -> _Track:
        settings = read_settings(row, TrackSettings)
        reverb = 0.0 if settings.reverb_db is None else 10 ** (settings.reverb_db / 20)
        echoes: tuple[tuple[float, float], ...] = ()
        if delay := settings.delay:
            echoes = tuple(
                (number * delay.delay_s, 10 ** (number * delay.delay_db / 20))
                for number in range(1, delay.delays + 1)
            )
        return cls(row.gain_db, settings.balance, settings.release_s, reverb, echoes)


class _Player:
    """The notes of a scene that have been played so far."""

    def __init__(self, *, duration_s: float, rate: int) -> None:
        self._duration_s, self._rate = duration_s, rate
        self._total = round(duration_s * rate)
        self._pitched: dict[tuple[int, float], Float32Array] = {}
        self.mix = DryMix(np.zeros((2, self._total), np.float32))

    def play(
        self, note: SceneRow, instrument: SceneRow, wave: Float32Array, track: _Track, single: bool
    ) -> None:
        """Add a note and its echoes to the mix."""
        start = round(note.start_s * self._rate)
        length = min(round(note.duration_s * self._rate), self._total - start)
        if start < 0 or length <= 0:
            raise row_fault(note, f"must lie in 0..{self._duration_s} s, got {note.start_s} s")
        samples = min(length + round(track.release_s * self._rate), self._total - start)
        sound = self._at_pitch(note, instrument, wave, samples)
        sound = sound * np.float32(10 ** ((note.gain_db + track.gain_db) / 20))
        if sound.shape[1] > length:
            release = np.linspace(1, 0, samples - length, dtype=np.float32)
            sound[:, length:] *= release[: sound.shape[1] - length]
        self._add(sound, start, length, track, single, instrument.source)
        for late_s, level in track.echoes:
            late = start + round(late_s * self._rate)
            if late < self._total:
                echo = sound[:, : self._total - late] * np.float32(level)
                self._add(echo, late, length, track, False, instrument.source)

    def _at_pitch(
        self, note: SceneRow, instrument: SceneRow, wave: Float32Array, samples: int
    ) -> Float32Array:
        """Return the sound of an instrument at the pitch of a note, of at most some samples."""
        semitones = note.semitones + instrument.semitones
        if not -96 <= semitones <= 96:
            rule = "semitones, with the instrument's own, must be in -96..96"
            raise row_fault(note, f"{rule}, got {semitones}")
        if note.settings:
            motion = read_settings(note, NoteSettings)
            return play(wave, bend(motion, semitones, samples, self._rate), samples)
        key = (instrument.row, semitones)
        speed = 2.0 ** (semitones / 12)
        whole = wave.shape[1] if speed == 1.0 else int((wave.shape[1] - 1) / speed)
        if key not in self._pitched or self._pitched[key].shape[1] < min(samples, whole):
            self._pitched[key] = play(wave, speed, max(samples, self._rate // 2))
        return self._pitched[key][:, :samples]

    def _add(
        self, sound: Float32Array, start: int, length: int, track: _Track, single: bool, name: str
    ) -> None:
        """Add a sound to the channels and the send, and record its power."""
        mix = self.mix
        gains = np.float32(1 - track.balance), np.float32(1 + track.balance)
        span = slice(start, start + sound.shape[1])
        for side, gain in enumerate(gains):
            mix.sides[side, span] += sound[-side] * gain
        if track.reverb:
            if mix.sends is None:
                mix.sends = np.zeros_like(mix.sides)
            for side, gain in enumerate(gains):
                mix.sends[side, span] += sound[-side] * (gain * np.float32(track.reverb))
        power = powers_of(sound[0], start, self._rate) * (gains[0] ** 2 / 2)
        power += powers_of(sound[-1], start, self._rate) * (gains[1] ** 2 / 2)
        mix.played.append(Played(start, length, power, track.reverb, single, name))


def play_notes(
    notes: Iterable[SceneRow],
    *,
    tracks: Iterable[SceneRow],
    instruments: Iterable[SceneRow],
    waves: Mapping[int, Float32Array],
    is_song: Callable[[str], bool],
    duration_s: float,
    rate: int,
) -> DryMix:
    """Play the notes of a scene.

    Parameters
    ----------
    notes, tracks, instruments : iterable of SceneRow
        The rows of these kinds of one scene.
    waves : mapping of int to ndarray of float32, shape (1 or 2, samples)
        The sound of each instrument, by the number of its row. An instrument without a sound is
        silent.
    is_song : callable
        Whether a source is a song; an excerpt of one is more than one sound.
    duration_s : float
        Length of the scene, in seconds.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    mix : DryMix

    Raises
    ------
    InputError
        If a note names no instrument or track of the scene, lies outside of it, or has a pitch
        out of bounds.

    Examples
    --------
    >>> settings = "balance=0 release_s=0.01 monophonic=0"
    >>> track = SceneRow(0, 0, "track", track=0, settings=settings)
    >>> kick = SceneRow(0, 1, "instrument", track=0, source="kick/a.wav")
    >>> note = SceneRow(0, 2, "note", track=0, instrument=1, start_s=0.5, duration_s=0.2)
    >>> mix = play_notes(
    ...     [note], tracks=[track], instruments=[kick], waves={1: np.ones((1, 3200), np.float32)},
    ...     is_song=lambda name: False, duration_s=1.0, rate=16000,
    ... )
    >>> [(played.start, played.length) for played in mix.played]
    [(8000, 3200)]
    """
    settings = {row.track: _Track.read(row) for row in tracks}
    by_row = {row.row: row for row in instruments}
    player = _Player(duration_s=duration_s, rate=rate)
    for note in notes:
        if note.instrument not in by_row or note.track not in settings:
            rule = "must name an instrument and a track of its mix, got"
            raise row_fault(note, f"{rule} {note.instrument} and {note.track}")
        if note.instrument in waves:
            instrument, wave = by_row[note.instrument], waves[note.instrument]
            single = not is_song(instrument.source)
            player.play(note, instrument, wave, settings[note.track], single)
    return player.mix
