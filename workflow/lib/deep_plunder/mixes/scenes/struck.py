"""Plan struck sounds: one sound or several, struck at once or milliseconds apart.

A scene holds few moments in which several sounds begin together after silence, so a network that is
trained on scenes learns that a sound that begins after silence is alone. Here every event is one,
two, or three to five sounds. It begins after silence, where the event before it is cut, or while
that still rings. Several sounds begin together or within 25 ms, up to 14 dB apart. They are
unrelated, of one class, or notes of one instrument. Half of the mixes have a bed below: an excerpt
of a song, from far below to as loud as the sounds.

The plan is that of a scene (`mixes.scenes.rows`), with a track per instrument. So the renderer of
scenes makes the audio and measures the truth, by the same definition of one sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deep_plunder.mixes.scenes.cells import write_cell
from deep_plunder.mixes.scenes.finish import draw_master
from deep_plunder.mixes.scenes.planner import Planner
from deep_plunder.mixes.scenes.rows import SceneRow
from deep_plunder.mixes.scenes.settings import ExcerptSettings, SectionSettings, TrackSettings
from deep_plunder.mixes.scenes.timbres import Instrument
from deep_plunder.util.rng import chance, generator, log_uniform, pick, uniform, weighted

__all__ = ["StruckPlanner"]

_COUNTS, _COUNT_WEIGHTS = (1, 2, 3, 4, 5), (0.5, 0.25, 0.12, 0.08, 0.05)

_JOINS, _JOIN_WEIGHTS = ("silence", "cut", "ringing"), (0.5, 0.25, 0.25)
"""How an event follows the one before it."""

_KINDS, _KIND_WEIGHTS = ("unrelated", "class", "instrument"), (0.6, 0.15, 0.25)
"""How several sounds of an event are related."""

_APART_S, _SHORTEST_S = (0.004, 0.025), 0.01
_TOGETHER = 0.5
_QUIETER_DB = 14.0
_CHORDS = ((0, 4, 7, 12, 16), (0, 3, 7, 10, 15), (0, 5, 12, 17, 19), (0, 7, 12, 19, 24))
_INSTRUMENTS = (8, 24)
_BED, _BED_DB = 0.5, (-55.0, -3.0)
_RELEASES_S, _RELEASE_WEIGHTS = (0.0005, 0.001, 0.003, 0.008, 0.02), (0.3, 0.3, 0.2, 0.1, 0.1)


@dataclass(frozen=True)
class _Voice:
    """An instrument with its group: drums, effects or melodic."""

    instrument: Instrument
    group: str


class StruckPlanner(Planner):
    """Planner of the mixes of struck sounds of one split.

    Without songs, no mix has a bed. Of the settings of scenes, those of the instruments and of the
    master chain count.
    """

    def plan(self, index: int) -> list[SceneRow]:
        """Draw one mix.

        Parameters
        ----------
        index : int
            Number of the mix in its split, from 0.

        Returns
        -------
        rows : list of SceneRow
            The master, a section, tracks with their instruments, notes in order of time, and the
            bed, if there is one.
        """
        rng = generator(self._seed, "struck", self._split, index)
        voices = [self._voice(rng) for _ in range(int(rng.integers(*_INSTRUMENTS)))]
        mono = chance(rng, 0.15)
        master = draw_master(rng, self._spec, mono=mono)
        section = SectionSettings(tracks=len(voices))
        rows = [
            SceneRow(index, 0, "master", duration_s=self._duration_s, settings=write_cell(master)),
            SceneRow(
                index, 1, "section", duration_s=self._duration_s, settings=write_cell(section)
            ),
        ]
        for number, voice in enumerate(voices):
            rows += self._track(rng, index, number, len(rows), voice, mono=mono)
        notes = sorted(self._notes(rng, voices), key=lambda note: (note.start_s, note.track))
        if self._palette.songs and chance(rng, _BED):
            notes += self._bed(rng)
        return rows + [
            replace(note, mix=index, row=number) for number, note in enumerate(notes, len(rows))
        ]

    def _voice(self, rng: np.random.Generator) -> _Voice:
        group = weighted(rng, ("drums", "melodic", "effects"), (0.45, 0.42, 0.13))
        draw = {
            "drums": self._palette.drum,
            "melodic": self._palette.melodic,
            "effects": self._palette.effect,
        }[group]
        return _Voice(draw(rng), group)

    def _track(
        self,
        rng: np.random.Generator,
        index: int,
        number: int,
        first: int,
        voice: _Voice,
        *,
        mono: bool,
    ) -> list[SceneRow]:
        settings = TrackSettings(
            balance=0.0 if mono or chance(rng, 0.5) else uniform(rng, -0.9, 0.9),
            release_s=weighted(rng, _RELEASES_S, _RELEASE_WEIGHTS),
            monophonic=False,
            reverb_db=uniform(rng, -26, -8) if chance(rng, self._spec.reverb) else None,
        )
        instrument = voice.instrument
        return [
            SceneRow(index, first, "track", track=number, settings=write_cell(settings)),
            SceneRow(
                index, first + 1, "instrument", track=number, source=instrument.source,
                source_start_s=round(instrument.source_start_s, 6),
                semitones=round(instrument.semitones, 3), settings=write_cell(instrument.settings),
            ),
        ]  # fmt: skip

    def _notes(self, rng: np.random.Generator, voices: Sequence[_Voice]) -> list[SceneRow]:
        notes: list[SceneRow] = []
        start_s = uniform(rng, 0.1, 0.8)
        while start_s < self._duration_s - 0.1:
            join = weighted(rng, _JOINS, _JOIN_WEIGHTS)
            if join == "silence":
                length_s, gap_s = log_uniform(rng, 0.15, 2.0), uniform(rng, 0.1, 0.8)
            elif join == "cut":
                length_s, gap_s = log_uniform(rng, 0.08, 0.6), 0.0
            else:
                length_s = log_uniform(rng, 0.3, 2.5)
                gap_s = -length_s * uniform(rng, 0.3, 0.9)
            end_s = min(start_s + length_s, self._duration_s)
            notes += self._event(rng, voices, start_s, end_s)
            start_s += length_s + gap_s
        return notes

    def _event(
        self, rng: np.random.Generator, voices: Sequence[_Voice], start_s: float, end_s: float
    ) -> list[SceneRow]:
        """Draw the notes of one event, which end together."""
        count = weighted(rng, _COUNTS, _COUNT_WEIGHTS)
        struck = self._together(rng, voices, count)
        level_db = -uniform(rng, 0, 20)
        apart = not chance(rng, _TOGETHER)
        loudest = int(rng.integers(count))
        notes = []
        for number, (voice, semitones) in enumerate(struck):
            late_s = uniform(rng, *_APART_S) if apart and number else 0.0
            quieter_db = 0.0 if number == loudest else uniform(rng, 0, _QUIETER_DB)
            held_s = end_s - start_s - late_s
            if held_s < _SHORTEST_S:
                continue
            notes.append(
                SceneRow(
                    0, 0, "note", track=voice, instrument=3 + 2 * voice,
                    start_s=round(start_s + late_s, 6), duration_s=round(held_s, 6),
                    semitones=round(semitones, 3), gain_db=round(level_db - quieter_db, 3),
                )
            )  # fmt: skip
        return notes

    def _together(
        self, rng: np.random.Generator, voices: Sequence[_Voice], count: int
    ) -> list[tuple[int, float]]:
        """Draw which instruments an event strikes, and at which pitch above their own."""
        first = int(rng.integers(len(voices)))
        shift = float(rng.integers(-7, 8)) if voices[first].group == "melodic" else 0.0
        kind = weighted(rng, _KINDS, _KIND_WEIGHTS) if count > 1 else ""
        if kind == "instrument" and voices[first].group == "melodic":
            return [(first, shift + note) for note in pick(rng, _CHORDS)[:count]]
        others = [
            number
            for number, voice in enumerate(voices)
            if number != first and (kind != "class" or voice.group == voices[first].group)
        ]
        chosen = rng.permutation(others)[: count - 1].tolist() if others else []
        return [(first, shift), *((number, 0.0) for number in chosen)]

    def _bed(self, rng: np.random.Generator) -> list[SceneRow]:
        """Draw an excerpt below the whole mix, or below a part of it."""
        song = pick(rng, self._palette.songs)
        start_s, stop_s = 0.0, self._duration_s
        if chance(rng, 0.5):
            start_s = uniform(rng, 0, 0.6) * self._duration_s
            stop_s = uniform(rng, start_s / self._duration_s + 0.2, 1) * self._duration_s
        length_s = min(stop_s - start_s, song.seconds - 0.1)
        if length_s < 0.1:
            return []
        return [
            SceneRow(
                0, 0, "excerpt", source=song.song, start_s=round(start_s, 6),
                duration_s=round(length_s, 6),
                source_start_s=round(uniform(rng, 0, song.seconds - 0.1 - length_s), 6),
                gain_db=round(uniform(rng, *_BED_DB), 3),
                settings=write_cell(ExcerptSettings(fade_s=log_uniform(rng, 0.003, 0.3))),
            )
        ]  # fmt: skip
