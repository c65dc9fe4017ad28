"""Render plans of mixes to audio and labels.

Conventions: audio is float32 (samples, channels) within, int16 (samples, 2) once rendered; the
same events and files give the same bytes, whatever was rendered before and in which order.
Memory is bounded by one mix and what `deep_plunder.recordings` keeps.

Mono is heard on both sides. Levels are the recordings' own unless the plan says otherwise; what
exceeds full scale is clipped. A file that has gone or cannot be decoded leaves silence in its
place, no label, and a row that says why.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import audio
from .easing import EASINGS, ease
from .errors import AudioError, InputError
from .files import atomic_directory
from .labels import Region
from .library import Rejected, Sound
from .mixspec import MixSpec
from .plan import SONG, SOUND, Event
from .recordings import Recordings
from .scenes.truth import Truth, write_truth
from .songs import Song
from .store import Store
from .tables import write_records
from .writing import naming

__all__ = ["Annotation", "RenderedMix", "Renderer", "SceneAnnotation", "render_mixes",
           "write_mixes"]  # fmt: skip

Array = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Annotation:
    """A row of the table beside a mix: one labelled sound.

    Attributes
    ----------
    onset_s, offset_s : float
        Where it is heard, in seconds of the mix.
    sound, sound_class : str
        Which sound it is.
    """

    onset_s: float
    offset_s: float
    sound: str
    sound_class: str


@dataclass(frozen=True, slots=True)
class SceneAnnotation(Annotation):
    """A row of the table beside a scene.

    Attributes
    ----------
    isolation_db : float
        How far all else lies below the sound where that is least.
    """

    isolation_db: float


@dataclass(frozen=True, slots=True)
class RenderedMix:
    """A mix as audio.

    Attributes
    ----------
    mix : int
        Number of the mix in its split.
    audio : ndarray of int16, shape (samples, 2)
        At the sample rate of the `MixSpec`.
    regions : tuple of Region
        Where sounds are heard, in order of time.
    rejected : tuple of Rejected
        A row for each event that is silent because its file fails.
    truth : deep_plunder.scenes.truth.Truth, optional
        What is known of every moment of a scene; None for a mix in the paper's manner.
    """

    mix: int
    audio: npt.NDArray[np.int16]
    regions: tuple[Region, ...]
    rejected: tuple[Rejected, ...]
    truth: Truth | None = None


class Renderer:
    """Renders mixes.

    Parameters
    ----------
    sounds, songs : sequence
        What the plans draw from, in any order.
    spec : MixSpec
        How the mixes were planned.
    cache_bytes : int
        Memory for re-pitched sounds that may be heard again. It changes no audio.
    store : Store, optional
        Keeps decoded and re-pitched audio on disk. It changes no audio.
    """

    def __init__(
        self,
        sounds: Iterable[Sound],
        songs: Iterable[Song],
        spec: MixSpec,
        *,
        cache_bytes: int = 256 * 2**20,
        store: Store | None = None,
    ) -> None:
        self._sounds = {sound.sound: sound for sound in sounds}
        self._songs = {song.song: song for song in songs}
        self._spec = spec
        self._recordings = Recordings(
            self._sounds.values(),
            self._songs.values(),
            spec,
            cache_bytes=cache_bytes,
            store=store or Store(),
        )

    def render(self, events: Sequence[Event]) -> RenderedMix:
        """Render one mix.

        Parameters
        ----------
        events : sequence of Event
            All events of the mix.

        Returns
        -------
        mix : RenderedMix

        Raises
        ------
        InputError
            If the plan names a sound or song that is not in the tables or holds a value that
            cannot be, or if the files of more than half of the events fail.
        """
        spec = self._spec
        total = round(spec.duration_s * spec.sample_rate)
        sides = np.zeros((total, 2), np.float32)
        regions, rejected = [], []
        for event in sorted(events, key=lambda event: event.event):
            self._check(event)
            start = round(event.start_s * spec.sample_rate)
            length = min(round(event.duration_s * spec.sample_rate), total - start)
            try:
                part = self._recordings.part(event, length)
            except AudioError as error:
                rejected.append(self._rejection(event, error))
                continue
            sides[start : start + length] += _shaped(part, event, spec.sample_rate)
            if event.kind == SOUND:
                sound_class = self._sounds[event.source].sound_class
                regions.append(
                    Region(event.mix, event.onset_s, event.offset_s, event.source, sound_class)
                )
        mix = events[0].mix
        if 2 * len(rejected) > len(events):
            raise InputError(
                f"mix {mix}: the files of {len(rejected)} of its {len(events)} events cannot be "
                f"used, more than half; the first: {rejected[0].detail}"
            )
        return RenderedMix(mix, _quantised(sides), tuple(regions), tuple(rejected))

    def _check(self, event: Event) -> None:
        known: dict[str, Container[str]] = {SOUND: self._sounds, SONG: self._songs}
        duration_s = self._spec.duration_s
        rules: tuple[tuple[str, bool, str], ...] = (
            ("kind", event.kind in known, "must be sound or song"),
            (
                "source",
                event.source in known.get(event.kind, ()),
                f"must be in the table of {event.kind}s",
            ),
            ("start_s", 0 <= event.start_s < duration_s, f"must be in 0 .. {duration_s}"),
            ("duration_s", 0 < event.duration_s <= duration_s, f"must be in 0 .. {duration_s}"),
            ("source_start_s", 0 <= event.source_start_s < math.inf, "must not be negative"),
            ("semitones", -48 <= event.semitones <= 48, "must be in -48 .. 48"),
            ("gain_db", -200 <= event.gain_db <= 200, "must be in -200 .. 200"),
            ("fade_in_s", 0 <= event.fade_in_s < math.inf, "must not be negative"),
            ("fade_out_s", 0 <= event.fade_out_s < math.inf, "must not be negative"),
            ("fade_in", event.fade_in in ("", *EASINGS), "must be an easing or empty"),
            ("fade_out", event.fade_out in ("", *EASINGS), "must be an easing or empty"),
        )
        for name, kept, rule in rules:
            if not kept:
                value = getattr(event, name)
                raise InputError(
                    f"plan: mix {event.mix}, event {event.event}: {name} {rule}, got {value!r}"
                )

    def _rejection(self, event: Event, error: AudioError) -> Rejected:
        source = (self._sounds if event.kind == SOUND else self._songs)[event.source]
        name = audio.shown(event.source)
        detail = f"mix {event.mix}, event {event.event}, {event.kind} {name}: {error}"
        _log.warning("%s", detail)
        return Rejected(file=source.path, reason=error.reason, detail=detail)


def _shaped(part: Array, event: Event, rate: int) -> Array:
    """Apply the gain and the fades of an event."""
    shaped = part * np.float32(10 ** (event.gain_db / 20))
    if event.fade_in:
        fade = min(round(event.fade_in_s * rate), len(shaped))
        shaped[:fade] *= _ramp(event.fade_in, fade)
    if event.fade_out:
        fade = min(round(event.fade_out_s * rate), len(shaped))
        shaped[len(shaped) - fade :] *= _ramp(event.fade_out, fade)[::-1]
    return shaped


def _ramp(name: str, length: int) -> Array:
    """Evaluate a fade-in from exact silence, (length, 1)."""
    return ease(name, np.arange(length) / max(1, length))[:, np.newaxis].astype(np.float32)


def _quantised(sides: Array) -> npt.NDArray[np.int16]:
    # The inverse of how 16-bit files are read: a sample that nothing touched comes back.
    np.rint(np.multiply(sides, 32768, out=sides), out=sides)
    return np.clip(sides, -32768, 32767, out=sides).astype(np.int16)


def render_mixes(events: Iterable[Event], renderer: Renderer) -> Iterator[RenderedMix]:
    """Render a plan, one mix in memory at a time.

    Parameters
    ----------
    events : iterable of Event
        The plan, in any order.
    renderer : Renderer
        Renders each mix.

    Yields
    ------
    mix : RenderedMix
        In order of their numbers.

    Raises
    ------
    InputError
        See `Renderer.render`.
    """
    ordered = sorted(events, key=lambda event: (event.mix, event.event))
    for _, mix in groupby(ordered, key=lambda event: event.mix):
        yield renderer.render(list(mix))


def write_mixes(
    mixes: Iterable[RenderedMix], folder: str | os.PathLike[str], *, rate: int
) -> list[Rejected]:
    """Write mixes as WAV files, each with a table of its regions.

    Parameters
    ----------
    mixes : iterable of RenderedMix
        Taken one after another.
    folder : path-like
        Gets ``mix_NNNNNN.wav`` (16 bit, stereo) and ``mix_NNNNNN.tsv`` (rows of `Annotation`)
        for each mix; for a scene rows of `SceneAnnotation`, and ``mix_NNNNNN.truth.npz``
        (`deep_plunder.scenes.truth.write_truth`). It is replaced as a whole, or not at all.
    rate : int
        Hz.

    Returns
    -------
    rejected : list of Rejected
        What could not be used, a row an event.

    Raises
    ------
    InputError
        See `Renderer.render`.
    OSError
        If a file cannot be written: with the name of the folder.
    """
    rejected: list[Rejected] = []
    with naming(folder), atomic_directory(folder) as temporary:
        for mix in mixes:
            rejected.extend(mix.rejected)
            _write(mix, temporary / f"mix_{mix.mix:06d}", rate)
    return rejected


def _write(mix: RenderedMix, stem: Path, rate: int) -> None:
    audio.write(stem.with_suffix(".wav"), mix.audio, rate)
    table = stem.with_suffix(".tsv")
    columns = [(r.onset_s, r.offset_s, r.sound, r.sound_class) for r in mix.regions]
    if mix.truth is None:
        write_records(table, Annotation, [Annotation(*row) for row in columns])
        return
    isolations = [region.isolation_db for region in mix.regions]
    rows = [SceneAnnotation(*row, db) for row, db in zip(columns, isolations, strict=True)]
    write_records(table, SceneAnnotation, rows)
    write_truth(stem.with_suffix(".truth.npz"), mix.truth)
