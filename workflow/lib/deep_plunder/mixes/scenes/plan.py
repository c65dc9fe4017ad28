"""Plan scenes: what every track plays and when, with every parameter drawn, before any audio.

A scene owns a generator named by the seed, its split and its number: it is the same whatever
else is planned. Times lie on the scene's grid of rows, a quarter of a beat or so each, and are
seconds; a note is written with the time until something cuts it, and may end sooner.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.scenes.patterns import SCALES, Hit, draw_pattern, draw_style
from deep_plunder.mixes.scenes.rows import SceneRow, write_settings
from deep_plunder.mixes.scenes.settings import Settings
from deep_plunder.mixes.scenes.spec import PANNINGS, ROLES, SECTIONS, SceneSpec
from deep_plunder.mixes.scenes.timbres import Instrument, Palette
from deep_plunder.util.rng import chance, generator, log_uniform, pick, uniform, weighted

__all__ = ["ScenePlanner"]

_LONGEST_S = 8.0
_LONGEST_POLYPHONIC_S = 2.5
_SHORTEST_S = 0.01


@dataclass
class _Track:
    """A track while it is planned."""

    instruments: list[Instrument]
    patterns: list[list[Hit]]
    rows: int
    gain_db: float
    monophonic: bool
    gate: int
    release_s: float
    settings: Settings
    group: int
    late: int = 0
    balance: float = 0.0


@dataclass(frozen=True)
class _Section:
    """Some rows in which the same tracks play."""

    start: int
    stop: int
    playing: list[int]
    stops: bool


@dataclass(frozen=True)
class _Grid:
    """The rows of a scene in time."""

    row_s: float
    swing_s: float
    rows: int

    def time(self, row: int) -> float:
        return row * self.row_s + (self.swing_s if row % 2 else 0.0)


class ScenePlanner:
    """Plans the scenes of one split.

    Parameters
    ----------
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    seed : int
        The seed of the configuration.
    sounds, songs : sequence
        What the split may draw from, in any order. Songs may be empty.
    spec : SceneSpec
        How scenes are made.
    duration_s : float
        Length of each.

    Raises
    ------
    InputError
        If there is no sound.
    """

    def __init__(
        self,
        *,
        split: str,
        seed: int,
        sounds: Sequence[Sound],
        songs: Sequence[Song],
        spec: SceneSpec,
        duration_s: float,
    ) -> None:
        self._split, self._seed, self._spec = split, seed, spec
        self._duration_s = duration_s
        self._palette = Palette(sounds, songs, spec)

    def plan(self, index: int) -> list[SceneRow]:
        """Draw one scene.

        Parameters
        ----------
        index : int
            Number of the mix in its split, from 0.

        Returns
        -------
        rows : list of SceneRow
            Master, sections, tracks with their instruments, notes in order of time, excerpts.
        """
        rng = generator(self._seed, "scene", self._split, index)
        grid = self._grid(rng)
        key, scale = int(rng.integers(-3, 4)), pick(rng, SCALES)
        count = weighted(rng, range(1, 9), self._spec.track_weights)
        tracks = [self._track(rng, grid, key, scale, group) for group in range(count)]
        tracks += self._layers(rng, tracks)
        tracks += self._echoes(rng, tracks)
        mono = self._place(rng, tracks)
        songs = bool(self._palette.songs) and chance(rng, self._spec.songs)
        sections = self._sections(rng, grid, tracks, songs=songs)
        master = self._master(rng) | {"mono": float(mono)}
        rows = [
            SceneRow(
                index, 0, "master", duration_s=self._duration_s, settings=write_settings(master)
            ),
            *self._section_rows(index, rng, grid, sections),
        ]
        for number, track in enumerate(tracks):
            rows += self._track_rows(index, number, len(rows), track)
        first = {row.track: row.row + 1 for row in rows if row.kind == "track"}
        notes: list[SceneRow] = []
        for number, track in enumerate(tracks):
            active = np.zeros(grid.rows, bool)
            for section in sections:
                active[section.start : section.stop] = number in section.playing
            stops = [section.start for section in sections if section.stops]
            jitter_s = uniform(rng, 0.001, 0.01) if chance(rng, self._spec.jitter) else 0.0
            notes += self._notes(rng, grid, number, track, first[number], active, stops, jitter_s)
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

    def _track(
        self,
        rng: np.random.Generator,
        grid: _Grid,
        key: int,
        scale: tuple[int, ...],
        group: int,
    ) -> _Track:
        spec, palette = self._spec, self._palette
        role = weighted(rng, ROLES, spec.role_weights)
        drums: list[Instrument] = []
        tones: list[Instrument] = []
        if role in ("kit", "mixed"):
            drums = palette.kit(rng)
        elif role == "drum":
            drums = [palette.drum(rng)]
        elif role == "effects":
            drums = [palette.effect(rng) for _ in range(int(rng.integers(1, 3)))]
        elif role == "loop":
            loop = palette.loop(rng)
            drums = [palette.drum(rng) if loop is None else loop]
        if role in ("melody", "bass", "mixed"):
            tones = [palette.melodic(rng) for _ in range(1 if chance(rng, 0.75) else 2)]
        monophonic = chance(rng, spec.monophonic)
        style = draw_style(
            rng,
            spec,
            role=role,
            key=key,
            scale=scale,
            drums=range(len(drums)),
            tones=range(len(drums), len(drums) + len(tones)),
            together=not monophonic and chance(rng, spec.chords),
        )
        patterns = [draw_pattern(rng, style) for _ in range(int(rng.integers(1, 4)))]
        settings: Settings = {}
        if chance(rng, spec.reverb):
            settings["reverb_db"] = uniform(rng, -30, -8)
        if chance(rng, spec.delay):
            settings["delay_db"] = uniform(rng, -24, -5)
            settings["delay_s"] = pick(rng, (1, 2, 3, 3, 4)) * grid.row_s
            settings["delays"] = pick(rng, (1, 2, 3))
        return _Track(
            instruments=drums + tones,
            patterns=patterns,
            rows=style.rows,
            gain_db=-uniform(rng, 0, 16),
            monophonic=monophonic,
            gate=pick(rng, (1, 1, 2, 4)) if chance(rng, spec.gate) else 0,
            release_s=weighted(rng, (0.0005, 0.001, 0.003, 0.008, 0.02), (0.3, 0.3, 0.2, 0.1, 0.1)),
            settings=settings,
            group=group,
        )

    def _layers(self, rng: np.random.Generator, tracks: Sequence[_Track]) -> list[_Track]:
        """Draw tracks that strike together with another: two sounds in what sounds like one."""
        layers = []
        count = pick(rng, (1, 1, 2)) if chance(rng, self._spec.layer) else 0
        # Two or three on one track are chords, as trackers play them: a channel for each note.
        leaders = [
            leader
            for leader in rng.integers(len(tracks), size=count).tolist()
            for _ in range(pick(rng, (1, 1, 1, 2, 3)))
        ]
        for leader in leaders:
            track = tracks[leader]
            doubled = chance(rng, self._spec.doubled)
            drums = chance(rng, 0.6)
            sounds = [self._palette.drum(rng) if drums else self._palette.melodic(rng)]
            sounds.append(self._palette.drum(rng))
            interval = float(pick(rng, (0, 0, 3, 4, 5, 7, 12, 12, -12, 19, 24)))
            if doubled and interval == 0:
                interval = uniform(rng, -0.3, 0.3)
            kept, second = pick(rng, (1.0, 0.75, 0.5)), 0.2
            patterns = [
                [
                    replace(
                        hit,
                        place=hit.place if doubled else int(chance(rng, second)),
                        semitones=hit.semitones + interval,
                    )
                    for hit in pattern
                    if chance(rng, kept)
                ]
                for pattern in track.patterns
            ]
            layers.append(
                replace(
                    track,
                    instruments=track.instruments if doubled else sounds,
                    patterns=patterns,
                    gain_db=track.gain_db + uniform(rng, -20, 6),
                )
            )
        return layers

    def _echoes(self, rng: np.random.Generator, tracks: Sequence[_Track]) -> list[_Track]:
        """Draw tracks that repeat another one later and quieter, as trackers make echoes."""
        if not chance(rng, self._spec.echo):
            return []
        # A plain wave over its own echo is what sounds most like one sound.
        plain = [track for track in tracks if track.instruments[-1].source.startswith("wave:")]
        echoes = []
        for _ in range(pick(rng, (1, 1, 2))):
            track = pick(rng, plain if plain and chance(rng, 0.6) else tracks)
            late, loss_db = int(rng.integers(1, 5)), uniform(rng, 3, 16)
            echoes += [
                replace(track, late=late * turn, gain_db=track.gain_db - loss_db * turn)
                for turn in range(1, pick(rng, (1, 1, 2)) + 1)
            ]
        return echoes

    def _place(self, rng: np.random.Generator, tracks: Sequence[_Track]) -> bool:
        """Give each track a balance, -1 (left) to 1; tell if the scene is mono."""
        panning = weighted(rng, PANNINGS, self._spec.panning_weights)
        width = pick(rng, (1.0, 0.3, 0.3, uniform(rng, 0.1, 1)))
        for number, track in enumerate(tracks):
            if panning == "sides":
                # The four channels of the Amiga: left, right, right, left.
                track.balance = width * (-1, 1, 1, -1)[number % 4]
            elif panning == "spread":
                track.balance = width * uniform(rng, -1, 1)
        for track in tracks:
            if track.late and chance(rng, 0.6):
                track.balance = tracks[track.group].balance
        return panning == "mono"

    def _sections(
        self, rng: np.random.Generator, grid: _Grid, tracks: Sequence[_Track], *, songs: bool
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
            settings: Settings = {"tracks": len(section.playing)}
            level = uniform(rng, 0.3, 1)
            if levelled:
                settings["level"] = level
            rows.append(
                SceneRow(
                    index, number, "section", start_s=round(section.start * grid.row_s, 6),
                    duration_s=round((section.stop - section.start) * grid.row_s, 6),
                    settings=write_settings(settings),
                )
            )  # fmt: skip
        return rows

    def _track_rows(self, index: int, number: int, first: int, track: _Track) -> list[SceneRow]:
        settings: Settings = {"balance": track.balance, "release_s": track.release_s}
        settings["monophonic"] = float(track.monophonic)
        rows = [
            SceneRow(
                index, first, "track", track=number, gain_db=round(track.gain_db, 3),
                settings=write_settings(settings | track.settings),
            )
        ]  # fmt: skip
        for instrument in track.instruments:
            rows.append(
                SceneRow(
                    index, first + len(rows), "instrument", track=number,
                    source=instrument.source,
                    source_start_s=round(instrument.source_start_s, 6),
                    semitones=round(instrument.semitones, 3),
                    settings=write_settings(instrument.settings),
                )
            )  # fmt: skip
        return rows

    def _notes(
        self,
        rng: np.random.Generator,
        grid: _Grid,
        number: int,
        track: _Track,
        first: int,
        active: NDArray[np.bool_],
        stops: Sequence[int],
        jitter_s: float,
    ) -> list[SceneRow]:
        hits: list[tuple[int, float, Hit]] = []
        for turn in range(grid.rows // track.rows + 1):
            varied = chance(rng, 0.5)
            pattern = pick(rng, track.patterns) if varied else track.patterns[0]
            for hit in pattern:
                row = turn * track.rows + hit.row + track.late
                if row < grid.rows and active[row] and not chance(rng, 0.05):
                    start_s = grid.time(row) + float(rng.normal()) * jitter_s
                    hits.append((row, max(0.0, start_s), hit))
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
                    settings=write_settings(hit.motion),
                )
            )  # fmt: skip
        return notes

    def _excerpts(
        self, rng: np.random.Generator, grid: _Grid, sections: Sequence[_Section]
    ) -> list[SceneRow]:
        """Draw excerpts of songs: alone where no track plays, under or over some sections."""
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
                    settings=write_settings({"fade_s": log_uniform(rng, 0.003, 0.3)}),
                )
            )  # fmt: skip
        return rows

    def _master(self, rng: np.random.Generator) -> Settings:
        spec = self._spec
        settings: Settings = {"level_db": uniform(rng, *spec.level_db)}
        settings["reverb_s"] = log_uniform(rng, 0.15, 2.0)
        settings["reverb_hz"] = log_uniform(rng, 1500, 7500)
        drawn: tuple[tuple[float, dict[str, float]], ...] = (
            (spec.tilt, {"tilt_db": uniform(rng, -4, 4)}),
            (
                spec.compression,
                {"ratio": uniform(rng, 1.5, 6), "threshold_db": uniform(rng, -24, -10)},
            ),
            (spec.drive, {"drive": uniform(rng, 1, 3)}),
            (spec.low_pass, {"low_pass_hz": log_uniform(rng, 2500, 7900)}),
            (spec.high_pass, {"high_pass_hz": log_uniform(rng, 30, 200)}),
            (spec.noise, {"noise_db": uniform(rng, -85, -58)}),
            (spec.vinyl, {"vinyl_db": uniform(rng, -50, -25), "clicks_hz": uniform(rng, 1, 20)}),
            (spec.degraded, {"bits": pick(rng, (8, 8, 10)), "divide": pick(rng, (1, 1, 2))}),
            (spec.coded, {"quality": uniform(rng, 0.0, 0.9)}),
        )
        for probability, values in drawn:
            if chance(rng, probability):
                settings.update(values)
        settings["seed"] = float(rng.integers(2**16))
        return settings
