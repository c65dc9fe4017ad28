"""Render plans of mixes to audio and labels.

Audio is float32 of shape (samples, channels) while it is processed, and int16 of shape
(samples, 2) in a finished mix. The same events and files yield the same bytes, whatever was
rendered before. Memory is bounded by one mix and the cache of `deep_plunder.mixes.recordings`.

Mono recordings play on both sides. Recordings keep their level unless the plan has a gain. Samples
beyond full scale are clipped. Where a file is missing or cannot be decoded, the mix has silence
and no label, and the rejected rows name the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from deep_plunder.audio.fades import ease
from deep_plunder.corpus.library import Rejected, Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import AudioError, InputError
from deep_plunder.mixes.events import SONG, SOUND, Event
from deep_plunder.mixes.recordings import Recordings
from deep_plunder.mixes.rendered import RenderedMix
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.store import Store
from deep_plunder.truth.regions import Region
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import shown
from deep_plunder.util.tables import broken_rule

__all__ = ["Renderer", "render_mixes"]

_log = logging.getLogger(__name__)


class Renderer:
    """Renderer of mixes in the paper's style.

    Parameters
    ----------
    sounds, songs : iterable
        The sounds and songs that the plans name, in any order.
    spec : MixSpec
        Settings with which the mixes were planned.
    cache_bytes : int
        Memory for re-pitched sounds, in bytes. It does not affect the audio.
    store : Store, optional
        Store of decoded and re-pitched audio on disk. It does not affect the audio.
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
            Its audio, regions and rejected events.

        Raises
        ------
        InputError
            If an event names a sound or song that is not in the tables, has a value out of bounds,
            or if the files of more than half of the events cannot be read.
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
                f"read, at most half may fail; the first: {rejected[0].detail}"
            )
        return RenderedMix(mix, _quantised(sides), tuple(regions), tuple(rejected))

    def _check(self, event: Event) -> None:
        fault = broken_rule(event)
        known: Container[str] = self._sounds if event.kind == SOUND else self._songs
        duration_s = self._spec.duration_s
        rules: tuple[tuple[str, bool, str], ...] = (
            ("source", event.source in known, f"must be in the table of {event.kind}s"),
            ("start_s", 0 <= event.start_s < duration_s, f"must be in 0 .. {duration_s}"),
            ("duration_s", 0 < event.duration_s <= duration_s, f"must be in 0 .. {duration_s}"),
            (
                "onset_s",
                event.kind == SONG or event.onset_s < event.offset_s,
                "must be below offset_s",
            ),
        )
        for name, kept, rule in rules:
            if not (fault or kept):
                fault = f"{name} {rule}, got {getattr(event, name)!r}"
        if fault:
            raise InputError(f"plan: mix {event.mix}, event {event.event}: {fault}")

    def _rejection(self, event: Event, error: AudioError) -> Rejected:
        source = (self._sounds if event.kind == SOUND else self._songs)[event.source]
        name = shown(event.source)
        detail = f"mix {event.mix}, event {event.event}, {event.kind} {name}: {error}"
        _log.warning("%s", detail)
        return Rejected(file=source.path, reason=error.reason, detail=detail)


def _shaped(part: Float32Array, event: Event, rate: int) -> Float32Array:
    """Return the audio of an event with its gain and fades."""
    shaped = part * np.float32(10 ** (event.gain_db / 20))
    if event.fade_in:
        fade = min(round(event.fade_in_s * rate), len(shaped))
        shaped[:fade] *= _ramp(event.fade_in, fade)
    if event.fade_out:
        fade = min(round(event.fade_out_s * rate), len(shaped))
        shaped[len(shaped) - fade :] *= _ramp(event.fade_out, fade)[::-1]
    return shaped


def _ramp(name: str, length: int) -> Float32Array:
    """Return the gains of a fade-in from exact silence, shape (length, 1)."""
    return ease(name, np.arange(length) / max(1, length))[:, np.newaxis].astype(np.float32)


def _quantised(sides: Float32Array) -> npt.NDArray[np.int16]:
    # The inverse of reading 16-bit files: an unchanged sample keeps its value exactly.
    np.rint(np.multiply(sides, 32768, out=sides), out=sides)
    return np.clip(sides, -32768, 32767, out=sides).astype(np.int16)


def render_mixes(events: Iterable[Event], renderer: Renderer) -> Iterator[RenderedMix]:
    """Render a plan, one mix in memory at a time.

    Parameters
    ----------
    events : iterable of Event
        The plan, in any order.
    renderer : Renderer
        The renderer of a single mix.

    Yields
    ------
    mix : RenderedMix
        One mix, in order of number.

    Raises
    ------
    InputError
        See `Renderer.render`.

    Examples
    --------
    >>> from deep_plunder.audio import writing
    >>> from deep_plunder.mixes.plan import Planner
    >>> writing.write("kick.wav", np.full((22050, 1), 0.5, np.float32), 44100)
    >>> kick = Sound("kick.wav", "kick", "kick.wav", 0.5, 44100, 1, 0.0, 0.5)
    >>> spec = MixSpec(duration_s=3, sound_probability=1, semitones=(0, 0))
    >>> planner = Planner(split="train", seed=1, sounds=[kick], songs=[], spec=spec)
    >>> [mix] = render_mixes(planner.plan(0), Renderer([kick], [], spec))
    >>> mix.audio.shape, [region.sound_class for region in mix.regions][:2]
    ((132300, 2), ['kick', 'kick'])
    """
    ordered = sorted(events, key=lambda event: (event.mix, event.event))
    for _, mix in groupby(ordered, key=lambda event: event.mix):
        yield renderer.render(list(mix))
