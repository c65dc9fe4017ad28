"""Plan scenes: draw every note with all its parameters before any audio is read.

The random generator of a scene is named by the seed, the split and the number of the scene. A
scene is therefore the same whatever else is planned. Notes lie on a grid of rows, each about a
quarter of a beat. Times are in seconds. The duration of a note is the time until something cuts
it; its sound may end sooner.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deep_plunder.mixes.scenes.cells import write_cell
from deep_plunder.mixes.scenes.finish import draw_master
from deep_plunder.mixes.scenes.patterns import SCALES, Hit
from deep_plunder.mixes.scenes.planner import Planner
from deep_plunder.mixes.scenes.rows import SceneRow
from deep_plunder.mixes.scenes.settings import (
    ExcerptSettings,
    SectionSettings,
    TrackSettings,
)
from deep_plunder.mixes.scenes.spec import MOST_TRACKS, SECTIONS
from deep_plunder.mixes.scenes.tracks import (
    Track,
    draw_echoes,
    draw_layers,
    draw_track,
    place_tracks,
)
from deep_plunder.util.rng import chance, generator, log_uniform, pick, uniform, weighted

__all__ = ["ScenePlanner"]

_LONGEST_S = 8.0
_LONGEST_POLYPHONIC_S = 2.5
_SHORTEST_S = 0.01


@dataclass(frozen=True)
class _Section:
    """A span of rows in which the same tracks play."""

    start: int
    stop: int
    playing: list[int]
    stops: bool


@dataclass(frozen=True)
class _Entry:
    """A row on which several tracks begin at once, after some rows of rest."""

    row: int
    rest: int


@dataclass(frozen=True)
class _Grid:
    """The times of the rows of a scene."""

    row_s: float
    swing_s: float
    rows: int

    def time(self, row: int) -> float:
        return row * self.row_s + (self.swing_s if row % 2 else 0.0)


class ScenePlanner(Planner):
    """Planner of the scenes of one split."""

    def plan(self, index: int) -> list[SceneRow]:
        """Draw one scene.

        Parameters
        ----------
        index : int
            Number of the mix in its split, from 0.

        Returns
        -------
        rows : list of SceneRow
            The master, sections, tracks with their instruments, notes in order of time, and
            excerpts.
        """
        rng = generator(self._seed, "scene", self._split, index)
        grid = self._grid(rng)
        key, scale = int(rng.integers(-3, 4)), pick(rng, SCALES)
        count = weighted(rng, range(1, MOST_TRACKS + 1), self._spec.track_weights)
        spec, palette = self._spec, self._palette
        tracks = [
            draw_track(rng, spec, palette, row_s=grid.row_s, key=key, scale=scale, group=group)
            for group in range(count)
        ]
        tracks += draw_layers(rng, spec, palette, tracks)
        tracks += draw_echoes(rng, spec, tracks)
        mono = place_tracks(rng, spec, tracks)
        songs = bool(palette.songs) and chance(rng, spec.songs)
        sections = self._sections(rng, grid, tracks, songs=songs)
        master = draw_master(rng, self._spec, mono=mono)
        rows = [
            SceneRow(index, 0, "master", duration_s=self._duration_s, settings=write_cell(master)),
            *self._section_rows(index, rng, grid, sections),
        ]
        for number, track in enumerate(tracks):
            rows += self._track_rows(index, number, len(rows), track)
        entries = self._entries(index, sections)
        first = {row.track: row.row + 1 for row in rows if row.kind == "track"}
        notes: list[SceneRow] = []
        for number, track in enumerate(tracks):
            active = np.zeros(grid.rows, bool)
            for section in sections:
                active[section.start : section.stop] = number in section.playing
            stops = [section.start for section in sections if section.stops]
            stops = sorted({*stops, *(entry.row - entry.rest for entry in entries)})
            jitter_s = uniform(rng, 0.001, 0.01) if chance(rng, self._spec.jitter) else 0.0
            hits = self._hits(rng, grid, track, active, entries, jitter_s)
            notes += self._notes(hits, grid, track, stops, number=number, first=first[number])
        notes.sort(key=lambda note: (note.start_s, note.track))
        if songs:
            notes += self._excerpts(rng, grid, sections)
        return rows + [
            replace(note, mix=index, row=number) for number, note in enumerate(notes, len(rows))
        ]

    def _grid(self, rng: np.random.Generator) -> _Grid:
        beat_s = 60 / uniform(rng, *self._spec.tempo_bpm)
        row_s = float(np.clip(beat_s / pick(rng, (2, 3, 4, 4, 4, 4, 6, 8)), 0.055, 0.4))
        swing_s = row_s * uniform(rng, 0.05, 0.3) if chance(rng, self._spec.swing) else 0.0
        return _Grid(row_s, swing_s, int(self._duration_s / row_s) + 1)

    def _sections(
        self, rng: np.random.Generator, grid: _Grid, tracks: Sequence[Track], *, songs: bool
    ) -> list[_Section]:
        sections, row = [], 0
        while row < grid.rows:
            stop = row + pick(rng, (8, 16, 16, 32, 32, 64))
            kind = weighted(rng, SECTIONS, self._spec.section_weights)
            shuffled = rng.permutation(len(tracks)).tolist()
            some = max(1, len(tracks) // 2)
            count = {"solo": 1, "pair": 2, "some": some, "all": len(tracks)}.get(kind, 0)
            along = chance(rng, self._spec.along)
            if songs and chance(rng, self._spec.song_between):
                count = 0
            elif kind == "none":
                stop = row + 4
            playing = shuffled[:count]
            if along:
                heard = {tracks[number].group for number in playing}
                playing += [n for n in shuffled[count:] if tracks[n].group in heard]
            sections.append(
                _Section(row, min(stop, grid.rows), playing, chance(rng, self._spec.stop))
            )
            row = stop
        return sections

    def _entries(self, index: int, sections: Sequence[_Section]) -> list[_Entry]:
        # A generator of its own leaves scenes without entries as they are.
        rng = generator(self._seed, "entries", self._split, index)
        return [
            _Entry(section.start, min(section.start, int(rng.integers(2, 9))))
            for section in sections
            if len(section.playing) > 1 and chance(rng, self._spec.entries)
        ]

    def _section_rows(
        self,
        index: int,
        rng: np.random.Generator,
        grid: _Grid,
        sections: Sequence[_Section],
    ) -> list[SceneRow]:
        levelled = chance(rng, self._spec.levelled)
        rows = []
        for number, section in enumerate(sections, start=1):
            level = uniform(rng, 0.3, 1)
            settings = SectionSettings(
                tracks=len(section.playing), level=level if levelled else None
            )
            rows.append(
                SceneRow(
                    index, number, "section", start_s=round(section.start * grid.row_s, 6),
                    duration_s=round((section.stop - section.start) * grid.row_s, 6),
                    settings=write_cell(settings),
                )
            )  # fmt: skip
        return rows

    def _track_rows(self, index: int, number: int, first: int, track: Track) -> list[SceneRow]:
        settings = TrackSettings(
            balance=track.balance,
            release_s=track.release_s,
            monophonic=track.monophonic,
            reverb_db=track.reverb_db,
            delay=track.delay,
        )
        rows = [
            SceneRow(
                index, first, "track", track=number, gain_db=round(track.gain_db, 3),
                settings=write_cell(settings),
            )
        ]  # fmt: skip
        for instrument in track.instruments:
            rows.append(
                SceneRow(
                    index, first + len(rows), "instrument", track=number,
                    source=instrument.source,
                    source_start_s=round(instrument.source_start_s, 6),
                    semitones=round(instrument.semitones, 3),
                    settings=write_cell(instrument.settings),
                )
            )  # fmt: skip
        return rows

    def _hits(
        self,
        rng: np.random.Generator,
        grid: _Grid,
        track: Track,
        active: NDArray[np.bool_],
        entries: Sequence[_Entry],
        jitter_s: float,
    ) -> list[tuple[int, float, Hit]]:
        """Draw the hits of a track in the rows in which it is active, with their times."""
        hits: list[tuple[int, float, Hit]] = []
        for turn in range(grid.rows // track.rows + 1):
            varied = chance(rng, 0.5)
            pattern = pick(rng, track.patterns) if varied else track.patterns[0]
            for hit in pattern:
                row = turn * track.rows + hit.row + track.late
                if row < grid.rows and active[row] and not chance(rng, 0.05):
                    start_s = grid.time(row) + float(rng.normal()) * jitter_s
                    hits.append((row, max(0.0, start_s), hit))
        for entry in entries:
            hits = [hit for hit in hits if not entry.row - entry.rest <= hit[0] < entry.row]
            is_there = any(row == entry.row for row, _, _ in hits)
            if active[entry.row] and track.patterns[0] and not (is_there or track.late):
                hits.append((entry.row, grid.time(entry.row), track.patterns[0][0]))
        return sorted(hits, key=lambda hit: hit[0])

    def _notes(
        self,
        hits: Sequence[tuple[int, float, Hit]],
        grid: _Grid,
        track: Track,
        stops: Sequence[int],
        *,
        number: int,
        first: int,
    ) -> list[SceneRow]:
        """Write the hits of a track as notes, each until something cuts it."""
        rows = [row for row, _, _ in hits]
        notes = []
        for row, start_s, hit in hits:
            longest_s = _LONGEST_S if track.monophonic else _LONGEST_POLYPHONIC_S
            end_s = min(self._duration_s, start_s + longest_s)
            following = bisect.bisect_right(rows, row)
            if track.monophonic and following < len(rows):
                end_s = min(end_s, hits[following][1])
            if track.gate:
                end_s = min(end_s, start_s + track.gate * grid.row_s * 0.98)
            stop = bisect.bisect_right(stops, row)
            if stop < len(stops):
                end_s = min(end_s, stops[stop] * grid.row_s)
            if end_s - start_s < _SHORTEST_S or start_s > self._duration_s - 0.05:
                continue
            notes.append(
                SceneRow(
                    0, 0, "note", track=number, instrument=first + hit.place,
                    start_s=round(start_s, 6), duration_s=round(end_s - start_s, 6),
                    semitones=round(hit.semitones, 3),
                    gain_db=round(20 * float(np.log10(hit.velocity)), 3),
                    settings=write_cell(hit.motion),
                )
            )  # fmt: skip
        return notes

    def _excerpts(
        self, rng: np.random.Generator, grid: _Grid, sections: Sequence[_Section]
    ) -> list[SceneRow]:
        """Draw excerpts of songs: in all sections without tracks, and in some of the others."""
        rows = []
        for section in sections:
            start_s = section.start * grid.row_s
            length_s = min((section.stop - section.start) * grid.row_s, self._duration_s - start_s)
            if section.playing:
                if not chance(rng, self._spec.song_under):
                    continue
                start_s += uniform(rng, 0, 0.5) * length_s
                length_s = min(length_s, self._duration_s - start_s) * uniform(rng, 0.2, 1)
            song = pick(rng, self._palette.songs)
            length_s = min(length_s, song.seconds - 0.1)
            if length_s < 0.1:
                continue
            rows.append(
                SceneRow(
                    0, 0, "excerpt", source=song.song, start_s=round(start_s, 6),
                    duration_s=round(length_s, 6),
                    source_start_s=round(uniform(rng, 0, song.seconds - 0.1 - length_s), 6),
                    gain_db=round(uniform(rng, *self._spec.song_gain_db), 3),
                    settings=write_cell(ExcerptSettings(fade_s=log_uniform(rng, 0.003, 0.3))),
                )
            )  # fmt: skip
        return rows
