"""The paper's method of making mixes and features, as librosa's documentation shows.

A plan is rendered with `librosa.load`, `librosa.effects.pitch_shift` and `scipy.io.wavfile`. The
log-mel spectrogram is `librosa.feature.melspectrogram` with the paper's settings. librosa reads
only the part of a file that is needed, or, on request, the whole file. Both sides use our fades.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt
from scipy.io import wavfile

from deep_plunder.audio.fades import ease
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.mixes.events import SOUND, Event, sounding_samples
from deep_plunder.mixes.spec import MixSpec

__all__ = ["PaperWay", "by_mix", "log_mel"]

Single = npt.NDArray[np.float32]


def log_mel(mono: Single) -> Single:
    """Compute the log-mel spectrogram of samples at 16 kHz, shape (frames, 229)."""
    frames = -(-len(mono) // 512)
    padded = np.pad(mono, (0, (frames - 1) * 512 + 2048 - len(mono)))
    mel = librosa.feature.melspectrogram(
        y=padded, sr=16000, n_fft=2048, hop_length=512, center=False, power=1.0, n_mels=229,
        fmin=30.0, fmax=8000.0, htk=True, norm=None,
    )  # fmt: skip
    result: Single = np.log(mel + 1e-6).T
    return result


def by_mix(events: Iterable[Event]) -> list[list[Event]]:
    """Return the events of each mix of a plan."""
    return [list(mix) for _, mix in groupby(events, key=lambda event: event.mix)]


class PaperWay:
    """A renderer of plans by the paper's method.

    Parameters
    ----------
    sounds, songs, spec
        See `deep_plunder.mixes.render.Renderer`.
    whole : bool
        Whether to read the whole song for each excerpt, as the paper does.
    """

    def __init__(
        self,
        sounds: Iterable[Sound],
        songs: Iterable[Song],
        spec: MixSpec,
        *,
        whole: bool = False,
    ) -> None:
        self._whole = whole
        self._sounds = {sound.sound: sound for sound in sounds}
        self._songs = {song.song: song for song in songs}
        self._spec = spec

    def render(self, events: Sequence[Event]) -> Single:
        """Render a mix, shape (2, samples)."""
        rate = self._spec.sample_rate
        sides = np.zeros((2, round(self._spec.duration_s * rate)), np.float32)
        for event in events:
            start, length = round(event.start_s * rate), round(event.duration_s * rate)
            part = np.atleast_2d(self._load(event, length))[:, :length]
            part = part * np.float32(10 ** (event.gain_db / 20))
            for name, seconds, ends in (
                (event.fade_in, event.fade_in_s, part),
                (event.fade_out, event.fade_out_s, part[:, ::-1]),
            ):
                fade = min(round(seconds * rate), part.shape[1]) if name else 0
                if fade:
                    ends[:, :fade] *= ease(name, np.arange(fade) / fade).astype(np.float32)
            sides[:, start : start + part.shape[1]] += part
        return sides

    def _load(self, event: Event, length: int) -> Single:
        spec = self._spec
        rate = spec.sample_rate
        if event.kind != SOUND:
            song = self._songs[event.source]
            if self._whole:
                start = round(event.source_start_s * rate)
                read: Single = librosa.load(song.path, sr=rate, mono=False)[0]
                return read[..., start : start + length]
            return _load(song, event.source_start_s, length / rate, rate)
        sound = self._sounds[event.source]
        # The sound is re-pitched before it is cut, as far as any cut may reach.
        longest = math.ceil(max(spec.long_sound_s, spec.long_sound_cut_s[1]) * rate)
        samples = max(length, min(sounding_samples(sound, event.semitones, spec), longest))
        part = _load(sound, event.source_start_s, samples / rate, rate)
        if not event.semitones:
            return part
        part = np.atleast_2d(part)[:, :samples]
        if part.shape[1] < 2048:
            part = np.pad(part, ((0, 0), (0, 2048 - part.shape[1])))
        shifted: Single = librosa.effects.pitch_shift(part, sr=rate, n_steps=event.semitones)
        return shifted

    def write(self, events: Sequence[Event], folder: Path) -> None:
        """Render a mix to a WAV file with a table beside it."""
        sides = np.clip(np.rint(self.render(events) * 32768), -32768, 32767).astype(np.int16)
        stem = folder / f"mix_{events[0].mix:06d}"
        wavfile.write(stem.with_suffix(".wav"), self._spec.sample_rate, sides.T)
        with stem.with_suffix(".tsv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, delimiter="\t", lineterminator="\n")
            table.writerow(["onset_s", "offset_s", "sound", "sound_class"])
            for event in events:
                if event.kind == SOUND:
                    sound_class = self._sounds[event.source].sound_class
                    table.writerow([event.onset_s, event.offset_s, event.source, sound_class])

    def features(self, events: Sequence[Event]) -> Single:
        """Compute the features of a mix, shape (frames, 229)."""
        mono = librosa.to_mono(np.clip(self.render(events), -1, 1))
        return log_mel(librosa.resample(mono, orig_sr=self._spec.sample_rate, target_sr=16000))


def _load(source: Sound | Song, start_s: float, seconds: float, rate: int) -> Single:
    # Half a sample more, since librosa truncates where we round.
    first = (round(start_s * source.rate) + 0.5) / source.rate
    duration = (math.ceil(seconds * source.rate) + 0.5) / source.rate
    part: Single = librosa.load(source.path, sr=rate, mono=False, offset=first, duration=duration)[
        0
    ]
    return part
