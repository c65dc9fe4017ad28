"""The settings that shape a mix.

Defaults are the paper's (section 3.4) where it states them; where it does not, the attribute
says so.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from deep_plunder.errors import ConfigError

__all__ = ["PITCH_METHODS", "MixSpec"]

PITCH_METHODS = ("phase_vocoder", "resample")


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSpec:
    """How mixes are made: the keys of the configuration's section ``mixes`` that shape audio.

    How many mixes there are and how they are divided into shards is left out: no mix may
    depend on it. Pairs are the lowest and the highest value, drawn uniformly.

    Attributes
    ----------
    duration_s : float
        Length of every mix. Default one minute: section 3.4.1.
    sample_rate : int
        Hz, of every mix. Default 44,100: section 3.4.1.
    sound_probability : float, 0 to 1
        That an event is a sound, not an excerpt. The paper does not say: one half.
    overlap_s : float
        How long two neighbours sound together; negative is a gap. Default 0: section 3.4.3.
        Never more than half of either neighbour, so that three never meet.
    rebalance_cap : float, at least 1
        See `deep_plunder.mixes.queues.class_turns`. Default 30: section 3.4.2.
    semitones : pair of int
        Change of pitch of sounds. Default -3 to 3: section 3.4.3.
    pitch_method : {"phase_vocoder", "resample"}
        Whether a sound keeps its duration (librosa, as in section 3.4.3) or plays faster or
        slower, as a sampler plays it.
    sound_gain_db, song_gain_db : pair of float
        Change of level. Default none, as in the paper.
    excerpt_s : pair of float
        Duration of excerpts of songs. The paper says "short sections".
    fade_in_s, fade_out_s : pair of float
        Fades of excerpts, at most half of the excerpt each. `fade_out_s` also holds for
        sounds that are cut. The paper says "random sharpness": the curve is drawn as well.
    long_sound_s : float
        A sound longer than this is cut. Default 4 s: section 3.4.3.
    long_sound_cut_s : pair of float
        What it is cut to. The paper says "a randomly shorter duration".

    Raises
    ------
    ConfigError
        If a value cannot be: all faults at once.
    """

    duration_s: float = 60.0
    sample_rate: int = 44100
    sound_probability: float = 0.5
    overlap_s: float = 0.0
    rebalance_cap: float = 30
    semitones: tuple[int, int] = (-3, 3)
    pitch_method: str = "phase_vocoder"
    sound_gain_db: tuple[float, float] = (0.0, 0.0)
    song_gain_db: tuple[float, float] = (0.0, 0.0)
    excerpt_s: tuple[float, float] = (1.0, 5.0)
    fade_in_s: tuple[float, float] = (0.01, 0.5)
    fade_out_s: tuple[float, float] = (0.01, 0.5)
    long_sound_s: float = 4.0
    long_sound_cut_s: tuple[float, float] = (1.0, 4.0)

    def __post_init__(self) -> None:
        faults = []
        for name in self.names():
            value = getattr(self, name)
            if isinstance(value, list | tuple):
                value = tuple(value)
                object.__setattr__(self, name, value)
                if len(value) != 2 or not value[0] <= value[1]:
                    faults.append(
                        f"mixes.{name}: must be a lowest and a highest value, got {value}"
                    )
                elif name.endswith("_s") and value[0] < 0:
                    faults.append(f"mixes.{name}: must not be negative, got {value}")
            elif name != "pitch_method" and not math.isfinite(value):
                faults.append(f"mixes.{name}: must be a finite number, got {value}")
        for name in ("duration_s", "sample_rate", "long_sound_s"):
            if getattr(self, name) <= 0:
                faults.append(f"mixes.{name}: must be positive, got {getattr(self, name)}")
        for name in ("excerpt_s", "long_sound_cut_s"):
            if getattr(self, name)[-1] <= 0:
                faults.append(f"mixes.{name}: must reach above 0, got {getattr(self, name)}")
        if not 0 <= self.sound_probability <= 1:
            faults.append(
                f"mixes.sound_probability: must be between 0 and 1, got {self.sound_probability}"
            )
        if self.rebalance_cap < 1:
            faults.append(f"mixes.rebalance_cap: must be at least 1, got {self.rebalance_cap}")
        if self.pitch_method not in PITCH_METHODS:
            faults.append(
                f"mixes.pitch_method: must be one of {', '.join(PITCH_METHODS)}, "
                f"got {self.pitch_method!r}"
            )
        if faults:
            raise ConfigError(faults)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Name the keys that shape audio, in order.

        Returns
        -------
        names : tuple of str
        """
        return tuple(field.name for field in dataclasses.fields(cls))
