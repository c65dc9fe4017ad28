"""Render plans of scenes to audio and truth.

The same rows and files yield the same bytes, whatever was rendered before. Memory is bounded by
one scene and a cache of fixed size. An instrument or excerpt whose file cannot be read is silent,
and a rejected row names the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np

from deep_plunder.corpus.library import Rejected, Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import AudioError, InputError
from deep_plunder.mixes.rendered import RenderedMix
from deep_plunder.mixes.scenes.instruments import Instruments
from deep_plunder.mixes.scenes.levels import gains_of
from deep_plunder.mixes.scenes.master import mastered, reverberated
from deep_plunder.mixes.scenes.notes import play_notes
from deep_plunder.mixes.scenes.rows import KINDS, SceneRow, read_settings, row_fault
from deep_plunder.mixes.scenes.settings import ExcerptSettings, MasterSettings
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.mixes.scenes.stems import find_truth, powers_of, step_at
from deep_plunder.mixes.store import Store
from deep_plunder.truth.regions import Region
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import shown
from deep_plunder.util.tables import broken_rule

__all__ = ["SceneRenderer", "render_scenes"]

_log = logging.getLogger(__name__)


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
                raise row_fault(row, fault)
            self._rows[row.kind].append(row)
        if len(self._rows["master"]) != 1:
            count = len(self._rows["master"])
            raise InputError(f"plan: mix {self._mix}: must have one master row, has {count}")
        self._master = read_settings(self._rows["master"][0], MasterSettings)
        self._instruments, self._spec, self._rate = instruments, spec, rate
        self._duration_s = duration_s
        self._rejected: list[Rejected] = []

    def render(self) -> RenderedMix:
        dry = play_notes(
            self._rows["note"],
            tracks=self._rows["track"],
            instruments=self._rows["instrument"],
            waves=self._waves(),
            is_song=self._instruments.is_song,
            duration_s=self._duration_s,
            rate=self._rate,
        )
        sides = dry.sides
        if dry.sends is not None:
            sides += reverberated(dry.sends, self._master, self._rate)
        levels = gains_of(
            sides, self._rows["section"], level_db=self._master.level_db, rate=self._rate
        )
        sides *= levels
        truth = find_truth(
            dry.played,
            self._add_excerpts(sides, alone=not dry.played),
            spec=self._spec,
            duration_s=self._duration_s,
            levels=levels,
            reverb_s=self._master.reverb_s,
            rate=self._rate,
        )
        sides = mastered(sides, self._master, self._rate)
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

    def _reject(self, row: SceneRow, error: AudioError) -> None:
        detail = f"mix {row.mix}, row {row.row}, {shown(row.source)}: {error}"
        _log.warning("%s", detail)
        path = self._instruments.path(row.source)
        self._rejected.append(Rejected(file=path, reason=error.reason, detail=detail))

    def _waves(self) -> dict[int, Float32Array]:
        """Build the sound of each instrument; one whose file cannot be read has none."""
        waves = {}
        for row in self._rows["instrument"]:
            try:
                waves[row.row] = self._instruments.wave(row)
            except AudioError as error:
                self._reject(row, error)
        return waves

    def _add_excerpts(self, sides: Float32Array, *, alone: bool) -> list[tuple[int, Float32Array]]:
        """Add the excerpts, and return the first step and the powers of each.

        An excerpt follows the peak of the notes. `alone` says that the scene has none.
        """
        powers = []
        for row in self._rows["excerpt"]:
            start = round(row.start_s * self._rate)
            length = min(round(row.duration_s * self._rate), sides.shape[1] - start)
            try:
                part = self._instruments.read(row, row.duration_s)[:, : max(0, length)]
            except AudioError as error:
                self._reject(row, error)
                continue
            if part.shape[1] < 2:
                continue
            loud = float(np.abs(part).max())
            level = 0.5 if alone else float(np.abs(sides).max())
            gain = 10 ** (row.gain_db / 20) * max(level, 0.1) / max(loud, 1e-3)
            fade = round(read_settings(row, ExcerptSettings).fade_s * self._rate)
            fade = max(1, min(fade, part.shape[1] // 2))
            ramp = np.ones(part.shape[1], np.float32)
            ramp[:fade] = np.linspace(0, 1, fade)
            ramp[-fade:] = ramp[:fade][::-1]
            part = part * (ramp * np.float32(gain))
            for side in range(2):
                sides[side, start : start + part.shape[1]] += part[-side]
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
