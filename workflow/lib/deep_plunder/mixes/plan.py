"""Plan mixes: draw every event with all its parameters before any audio is read.

A mix is a chain of events that fills its duration. An event is a library sound or an excerpt of a
song. A plan is a small table with one row per event: it can be read, compared and edited. The same
plan always renders to the same audio, as in Scaper [1]_.

Times are in seconds and lie exactly on samples of the mix (``n / sample_rate``). The random
generator of a mix is named by the seed, the split and the number of the mix. That number also
decides where the mix enters the queues. A mix is therefore the same whatever else is planned. Each
event draws one random number per parameter, used or not. A changed range therefore changes only
its own parameter.

Deviations from the paper (section 3.4):

- The paper does not say how a thread chooses between sounds and songs; here each event chooses
  with a set probability.
- A sound that is cut fades out over a drawn part of its new duration.
- Every other sound ends in a fade of 5 ms, so that it does not click.

References
----------
.. [1] J. Salamon et al., "Scaper: A library for soundscape synthesis and augmentation", WASPAA
   2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from deep_plunder.audio.easings import EASINGS
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import InputError
from deep_plunder.mixes.events import SONG, SOUND, Event, sounding_samples
from deep_plunder.mixes.queues import SongQueue, SoundQueue
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.util.rng import generator

__all__ = ["Planner"]

END_FADE_S = 0.005
END_FADE = "sine_inout"

_DRAWS: tuple[str, ...] = (
    "kind",
    "semitones",
    "length",
    "position",
    "fade_in_s",
    "fade_in",
    "fade_out_s",
    "fade_out",
    "gain_db",
)


def _within(pair: tuple[float, float], draw: float) -> float:
    return pair[0] + draw * (pair[1] - pair[0])


def _choose(count: int, draw: float) -> int:
    return min(int(draw * count), count - 1)


class Planner:
    """Planner of the mixes of one split.

    Parameters
    ----------
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    seed : int
        The seed of the configuration.
    sounds, songs : sequence
        The sounds and songs of the split, in any order.
    spec : MixSpec
        Settings of the mixes.

    Raises
    ------
    InputError
        If the split has no sound or no song although the sound probability needs one.
    """

    def __init__(
        self,
        *,
        split: str,
        seed: int,
        sounds: Sequence[Sound],
        songs: Sequence[Song],
        spec: MixSpec,
    ) -> None:
        for kind, found, needed in (
            (SOUND, sounds, spec.sound_probability > 0),
            (SONG, songs, spec.sound_probability < 1),
        ):
            if needed and not found:
                raise InputError(
                    f"split {split}: has no {kind}, and mixes.sound_probability "
                    f"{spec.sound_probability} needs at least one: add {kind}s, give the split "
                    f"a larger share, or set the probability to {int(kind == SONG)}"
                )
        self._split, self._seed, self._spec = split, seed, spec
        self._sounds = {sound.sound: sound for sound in sounds}
        self._songs = {song.song: song for song in songs}
        mean_s = 0.0
        if spec.sound_probability > 0:
            self._sound_queue = SoundQueue(
                [sound.sound for sound in sounds],
                [sound.sound_class for sound in sounds],
                seed,
                split,
                spec.rebalance_cap,
            )
            mean_s += spec.sound_probability * self._mean_sound_s()
        if spec.sound_probability < 1:
            self._song_queue = SongQueue(self._songs, seed, split)
            mean_s += (1 - spec.sound_probability) * sum(spec.excerpt_s) / 2
        step_s = max(mean_s - sum(spec.overlap_s) / 2, mean_s / 2, 1 / spec.sample_rate)
        draws = spec.duration_s / step_s
        # Distance between the places where two mixes enter the queues: one mix's average use.
        self._sound_stride = math.ceil(draws * spec.sound_probability)
        self._song_stride = math.ceil(draws * (1 - spec.sound_probability))

    def _mean_sound_s(self) -> float:
        spec, turns = self._spec, self._sound_queue.turns
        sizes = dict.fromkeys(turns, 0)
        totals = dict.fromkeys(turns, 0.0)
        for sound in self._sounds.values():
            length = sounding_samples(sound, 0, spec) / spec.sample_rate
            if length > spec.long_sound_s:
                length = min(length, sum(spec.long_sound_cut_s) / 2)
            sizes[sound.sound_class] += 1
            totals[sound.sound_class] += length
        summed = sum(turns[name] * totals[name] / sizes[name] for name in turns)
        return summed / len(self._sound_queue)

    def plan(self, index: int) -> list[Event]:
        """Draw one mix.

        Parameters
        ----------
        index : int
            Number of the mix in its split, from 0.

        Returns
        -------
        events : list of Event
            The events in order of time. Without overlap or gap, the sum of their durations is the
            duration of the mix.
        """
        spec = self._spec
        rng = generator(self._seed, "mix", self._split, index)
        sound_position, song_position = index * self._sound_stride, index * self._song_stride
        total = round(spec.duration_s * spec.sample_rate)
        # Of its own, so that the other parameters of a mix do not depend on it.
        spacing = generator(self._seed, "mix", self._split, index, "overlap")
        events: list[Event] = []
        end = previous = 0
        while end < total:
            draw = dict(zip(_DRAWS, rng.random(len(_DRAWS)).tolist(), strict=True))
            blank = Event(mix=index, event=len(events))
            if draw["kind"] < spec.sound_probability:
                event = self._draw_sound(blank, self._sound_queue[sound_position], draw)
                sound_position += 1
            else:
                event = self._draw_excerpt(blank, self._song_queue[song_position], draw)
                song_position += 1
            length = round(event.duration_s * spec.sample_rate)
            overlap = round(_within(spec.overlap_s, spacing.random()) * spec.sample_rate)
            start = end - min(overlap, previous // 2, length // 2) if events else 0
            if start >= total:
                break
            end, previous = start + length, length
            events.append(self._place(event, start, min(end, total)))
        return events

    def _draw_sound(self, blank: Event, name: str, draw: Mapping[str, float]) -> Event:
        spec, sound = self._spec, self._sounds[name]
        low, high = spec.semitones
        semitones = low + _choose(high - low + 1, draw["semitones"])
        length = sounding_samples(sound, semitones, spec)
        fade_out_s, fade_out = END_FADE_S, END_FADE
        if length > spec.long_sound_s * spec.sample_rate:
            cut = _within(spec.long_sound_cut_s, draw["length"]) * spec.sample_rate
            length = max(1, min(length, round(cut)))
            fade_out_s = _within(spec.fade_out_s, draw["fade_out_s"])
            fade_out = EASINGS[_choose(len(EASINGS), draw["fade_out"])]
        return replace(
            blank,
            kind=SOUND,
            source=name,
            duration_s=length / spec.sample_rate,
            source_start_s=sound.onset_s,
            semitones=semitones,
            fade_out_s=fade_out_s,
            fade_out=fade_out,
            gain_db=_within(spec.sound_gain_db, draw["gain_db"]),
        )

    def _draw_excerpt(self, blank: Event, name: str, draw: Mapping[str, float]) -> Event:
        spec, song = self._spec, self._songs[name]
        whole = int(song.seconds * spec.sample_rate)
        wanted = round(_within(spec.excerpt_s, draw["length"]) * spec.sample_rate)
        length = max(1, min(wanted, whole))
        return replace(
            blank,
            kind=SONG,
            source=name,
            duration_s=length / spec.sample_rate,
            source_start_s=draw["position"] * max(0, whole - length) / spec.sample_rate,
            fade_in_s=_within(spec.fade_in_s, draw["fade_in_s"]),
            fade_in=EASINGS[_choose(len(EASINGS), draw["fade_in"])],
            fade_out_s=_within(spec.fade_out_s, draw["fade_out_s"]),
            fade_out=EASINGS[_choose(len(EASINGS), draw["fade_out"])],
            gain_db=_within(spec.song_gain_db, draw["gain_db"]),
        )

    def _place(self, event: Event, start: int, end: int) -> Event:
        rate = self._spec.sample_rate
        half_s = (end - start) / rate / 2
        return replace(
            event,
            start_s=start / rate,
            duration_s=(end - start) / rate,
            fade_in_s=min(event.fade_in_s, half_s),
            fade_out_s=min(event.fade_out_s, half_s),
            onset_s=start / rate if event.kind == SOUND else math.nan,
            offset_s=end / rate if event.kind == SOUND else math.nan,
        )
