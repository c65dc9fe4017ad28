"""Render plans of scenes to audio and truth.

The same rows and files yield the same bytes, whatever was rendered before. Memory is bounded by
one scene and a cache of fixed size. An instrument or excerpt whose file cannot be read is silent,
and a rejected row names the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy.ndimage import uniform_filter1d

from deep_plunder.corpus.library import Rejected, Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import AudioError, InputError
from deep_plunder.mixes.rendered import RenderedMix
from deep_plunder.mixes.scenes.instruments import Instruments
from deep_plunder.mixes.scenes.master import mastered, reverberated
from deep_plunder.mixes.scenes.rows import KINDS, SceneRow, read_settings
from deep_plunder.mixes.scenes.settings import (
    ExcerptSettings,
    MasterSettings,
    NoteSettings,
    SectionSettings,
    TrackSettings,
)
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.scenes.stems import Played, find_truth, powers_of, step_at
from deep_plunder.mixes.scenes.voices import bend, play
from deep_plunder.mixes.store import Store
from deep_plunder.truth.regions import Region
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import shown
from deep_plunder.util.tables import broken_rule

__all__ = ["SceneRenderer", "render_scenes"]

_log = logging.getLogger(__name__)

_TARGET_RMS = 0.12
_LEVEL_RAMP_S = 0.005


class SceneRenderer:
    """Renderer of scenes.

    Parameters
    ----------
    sounds, songs : iterable
        The sounds and songs that the plans name, in any order.
    spec : SceneSpec
        Limits of isolation; the other settings only affect planning.
    rate : int
        Sample rate of the scenes, in Hz.
    duration_s : float
        Length of a scene, in seconds.
    cache_bytes : int
        Memory for decoded sounds, in bytes. It does not affect the audio.
    store : Store, optional
        Store of decoded audio on disk. It does not affect the audio.
    """

    def __init__(
        self,
        sounds: Iterable[Sound],
        songs: Iterable[Song],
        *,
        spec: SceneSpec,
        rate: int,
        duration_s: float,
        cache_bytes: int = 256 * 2**20,
        store: Store | None = None,
    ) -> None:
        self._instruments = Instruments(
            sounds, songs, rate=rate, cache_bytes=cache_bytes, store=store or Store()
        )
        self._spec, self.sample_rate, self._duration_s = spec, rate, duration_s

    def render(self, rows: Sequence[SceneRow]) -> RenderedMix:
        """Render one scene.

        Parameters
        ----------
        rows : sequence of SceneRow
            All rows of the scene.

        Returns
        -------
        mix : RenderedMix
            Its audio and truth.

        Raises
        ------
        InputError
            If the plan does not have exactly one master, names a source that is not in the tables,
            or has a value out of bounds.
        """
        return _Scene(
            rows, self._instruments, self._spec, self.sample_rate, self._duration_s
        ).render()


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


class _Scene:
    """The state of rendering one scene."""

    def __init__(
        self,
        rows: Sequence[SceneRow],
        instruments: Instruments,
        spec: SceneSpec,
        rate: int,
        duration_s: float,
    ) -> None:
        self._mix = rows[0].mix
        self._rows: dict[str, list[SceneRow]] = {kind: [] for kind in KINDS}
        for row in sorted(rows, key=lambda row: row.row):
            if fault := broken_rule(row):
                raise self._fault(row, fault)
            self._rows[row.kind].append(row)
        if len(self._rows["master"]) != 1:
            count = len(self._rows["master"])
            raise InputError(f"plan: mix {self._mix}: must have one master row, has {count}")
        self._master = read_settings(self._rows["master"][0], MasterSettings)
        self._instruments, self._spec, self._rate = instruments, spec, rate
        self._duration_s = duration_s
        self._total = round(duration_s * rate)
        self._sides = np.zeros((2, self._total), np.float32)
        self._sends: Float32Array | None = None
        self._played: list[Played] = []
        self._rejected: list[Rejected] = []

    def render(self) -> RenderedMix:
        self._play_notes()
        if self._sends is not None:
            self._sides += reverberated(self._sends, self._master, self._rate)
        levels = self._levels()
        self._sides *= levels
        truth = find_truth(
            self._played,
            self._add_excerpts(),
            spec=self._spec,
            duration_s=self._duration_s,
            levels=levels,
            reverb_s=self._master.reverb_s,
            rate=self._rate,
        )
        sides = mastered(self._sides, self._master, self._rate)
        quantised = np.clip(np.rint(sides.T * 32768), -32768, 32767).astype(np.int16)
        regions = tuple(
            Region(
                self._mix,
                onset_s,
                offset_s,
                name,
                self._instruments.sound_class(name),
                isolation_db,
            )
            for onset_s, offset_s, isolation_db, name in truth.regions
        )
        return RenderedMix(self._mix, quantised, regions, tuple(self._rejected), truth)

    def _fault(self, row: SceneRow, rule: str) -> InputError:
        return InputError(f"plan: mix {row.mix}, row {row.row}: {rule}")

    def _reject(self, row: SceneRow, error: AudioError) -> None:
        detail = f"mix {row.mix}, row {row.row}, {shown(row.source)}: {error}"
        _log.warning("%s", detail)
        path = self._instruments.path(row.source)
        self._rejected.append(Rejected(file=path, reason=error.reason, detail=detail))

    def _play_notes(self) -> None:
        tracks = {row.track: _Track.read(row) for row in self._rows["track"]}
        instruments = {row.row: row for row in self._rows["instrument"]}
        waves: dict[int, Float32Array] = {}
        for number, row in instruments.items():
            try:
                waves[number] = self._instruments.wave(row)
            except AudioError as error:
                self._reject(row, error)
        pitched: dict[tuple[int, float], Float32Array] = {}
        for note in self._rows["note"]:
            if note.instrument not in instruments or note.track not in tracks:
                rule = "must name an instrument and a track of its mix, got"
                raise self._fault(note, f"{rule} {note.instrument} and {note.track}")
            if note.instrument not in waves:
                continue
            track, instrument = tracks[note.track], instruments[note.instrument]
            start = round(note.start_s * self._rate)
            length = min(round(note.duration_s * self._rate), self._total - start)
            if start < 0 or length <= 0:
                raise self._fault(
                    note, f"must lie in 0..{self._duration_s} s, got {note.start_s} s"
                )
            samples = min(length + round(track.release_s * self._rate), self._total - start)
            sound = self._pitched(note, instrument, waves[note.instrument], pitched, samples)
            gain = np.float32(10 ** ((note.gain_db + track.gain_db) / 20))
            sound = sound * gain
            if sound.shape[1] > length:
                sound[:, length:] *= np.linspace(1, 0, samples - length, dtype=np.float32)[
                    : sound.shape[1] - length
                ]
            single = not self._instruments.is_song(instrument.source)
            self._add(sound, start, length, track, single, instrument.source)
            for late_s, level in track.echoes:
                late = start + round(late_s * self._rate)
                if late < self._total:
                    echo = sound[:, : self._total - late] * np.float32(level)
                    self._add(echo, late, length, track, False, instrument.source)

    def _pitched(
        self,
        note: SceneRow,
        instrument: SceneRow,
        wave: Float32Array,
        pitched: dict[tuple[int, float], Float32Array],
        samples: int,
    ) -> Float32Array:
        semitones = note.semitones + instrument.semitones
        if not -96 <= semitones <= 96:
            rule = "semitones, with the instrument's own, must be in -96..96"
            raise self._fault(note, f"{rule}, got {semitones}")
        if note.settings:
            motion = read_settings(note, NoteSettings)
            return play(wave, bend(motion, semitones, samples, self._rate), samples)
        key = (instrument.row, semitones)
        speed = 2.0 ** (semitones / 12)
        whole = wave.shape[1] if speed == 1.0 else int((wave.shape[1] - 1) / speed)
        if key not in pitched or pitched[key].shape[1] < min(samples, whole):
            pitched[key] = play(wave, speed, max(samples, self._rate // 2))
        return pitched[key][:, :samples]

    def _add(
        self, sound: Float32Array, start: int, length: int, track: _Track, single: bool, name: str
    ) -> None:
        """Add a note to the scene and its send, and record its power."""
        gains = np.float32(1 - track.balance), np.float32(1 + track.balance)
        span = slice(start, start + sound.shape[1])
        for side, gain in enumerate(gains):
            self._sides[side, span] += sound[-side] * gain
        if track.reverb:
            if self._sends is None:
                self._sends = np.zeros_like(self._sides)
            for side, gain in enumerate(gains):
                self._sends[side, span] += sound[-side] * (gain * np.float32(track.reverb))
        power = powers_of(sound[0], start, self._rate) * (gains[0] ** 2 / 2)
        power += powers_of(sound[-1], start, self._rate) * (gains[1] ** 2 / 2)
        self._played.append(Played(start, length, power, track.reverb, single, name))

    def _levels(self) -> Float32Array:
        """Compute the gain of each sample from the levels of the sections and of the scene."""
        gains = np.ones(self._total, np.float32)
        for row in self._rows["section"]:
            level = read_settings(row, SectionSettings).level
            if level is None:
                continue
            span = slice(
                round(row.start_s * self._rate),
                round((row.start_s + row.duration_s) * self._rate),
            )
            part = self._sides[:, span]
            rms = float(np.sqrt(np.square(part).mean())) if part.size else 0.0
            if rms > 1e-4:
                gains[span] = np.clip(_TARGET_RMS / rms, 0.4, 4) ** level
        width = round(_LEVEL_RAMP_S * self._rate)
        if (gains != 1).any():
            padded = np.pad(gains, (width // 2, width - 1 - width // 2), mode="edge")
            gains = uniform_filter1d(padded, width)[width // 2 :][: self._total]
        sparse = np.abs(self._sides[:, ::5] * gains[::5])
        # The peak counts only in part: otherwise one click would make everything else faint.
        peak = float(np.percentile(sparse, 99.5)) + 0.15 * float(sparse.max(initial=0)) + 1e-6
        gains *= np.float32(10 ** (self._master.level_db / 20) / peak)
        return gains

    def _add_excerpts(self) -> list[tuple[int, Float32Array]]:
        powers = []
        for row in self._rows["excerpt"]:
            start = round(row.start_s * self._rate)
            length = min(round(row.duration_s * self._rate), self._total - start)
            try:
                part = self._instruments.read(row, row.duration_s)[:, : max(0, length)]
            except AudioError as error:
                self._reject(row, error)
                continue
            if part.shape[1] < 2:
                continue
            loud = float(np.abs(part).max())
            level = float(np.abs(self._sides).max()) if self._played else 0.5
            gain = 10 ** (row.gain_db / 20) * max(level, 0.1) / max(loud, 1e-3)
            fade = round(read_settings(row, ExcerptSettings).fade_s * self._rate)
            fade = max(1, min(fade, part.shape[1] // 2))
            ramp = np.ones(part.shape[1], np.float32)
            ramp[:fade] = np.linspace(0, 1, fade)
            ramp[-fade:] = ramp[:fade][::-1]
            part = part * (ramp * np.float32(gain))
            for side in range(2):
                self._sides[side, start : start + part.shape[1]] += part[-side]
            power = sum(
                (powers_of(part[-side], start, self._rate) for side in range(2)),
                np.float32(0),
            )
            powers.append((step_at(start, self._rate), np.asarray(power / 2, np.float32)))
        return powers


def render_scenes(rows: Iterable[SceneRow], renderer: SceneRenderer) -> Iterator[RenderedMix]:
    """Render the scenes of a plan, one in memory at a time.

    Parameters
    ----------
    rows : iterable of SceneRow
        The plan, in any order.
    renderer : SceneRenderer
        The renderer of a single scene.

    Yields
    ------
    mix : RenderedMix
        One scene, in order of number.

    Raises
    ------
    InputError
        See `SceneRenderer.render`.

    Examples
    --------
    >>> from deep_plunder.corpus.library import Sound
    >>> from deep_plunder.mixes.scenes.plan import ScenePlanner
    >>> kick = Sound("kick/a.wav", "kick", "kick/a.wav", 1.0, 44100, 1, 0.0, 1.0)
    >>> spec = SceneSpec(synths=1.0, songs=0.0)  # no recording is read
    >>> planner = ScenePlanner(
    ...     split="train", seed=1, sounds=[kick], songs=[], spec=spec, duration_s=5,
    ... )
    >>> renderer = SceneRenderer(sounds=[kick], songs=[], spec=spec, rate=16000, duration_s=5)
    >>> [mix] = render_scenes(planner.plan(0), renderer)
    >>> mix.audio.shape, len(mix.truth.state)
    ((80000, 2), 1250)
    """
    ordered = sorted(rows, key=lambda row: (row.mix, row.row))
    for _, scene in groupby(ordered, key=lambda row: row.mix):
        yield renderer.render(list(scene))
