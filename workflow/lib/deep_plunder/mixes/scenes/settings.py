"""The settings of the rows of a scene: their names, bounds, and which need which.

A plan is a table that can be edited by hand. A name that nothing reads would be silently without
effect, a value out of bounds would fill the memory or make sound of no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["WAVES", "Settings", "setting_fault"]

WAVES = ("pulse", "saw", "triangle", "fm", "sine", "detuned", "noise", "square")
"""Kinds of synthesized waves, which instruments name as ``wave:KIND``."""

Settings = dict[str, float | str]

_FLAG = (0.0, 1.0)
_LEVEL_DB = (-200.0, 60.0)
_TIME_S = (0.0, 60.0)
_SPAN_S = (1e-4, 60.0)
_SEED = (0.0, 2.0**32 - 1)
_HZ = (1.0, 1e5)
_SEMITONES = (-96.0, 96.0)

_BOUNDS: dict[str, dict[str, tuple[float, float]]] = {
    "master": {
        "level_db": _LEVEL_DB, "seed": _SEED, "reverb_s": _SPAN_S, "reverb_hz": _HZ,
        "tilt_db": (-60, 60), "ratio": (1, 1000), "threshold_db": _LEVEL_DB, "drive": (0.001, 1000),
        "low_pass_hz": _HZ, "high_pass_hz": _HZ, "noise_db": _LEVEL_DB, "vinyl_db": _LEVEL_DB,
        "clicks_hz": (0, 1000), "bits": (2, 32), "divide": (1, 1000), "quality": _FLAG,
        "mono": _FLAG,
    },
    "section": {"tracks": (0, 1000), "level": (0, 10)},
    "track": {
        "balance": (-1, 1), "release_s": _TIME_S, "monophonic": _FLAG, "reverb_db": _LEVEL_DB,
        "delay_db": _LEVEL_DB, "delay_s": _TIME_S, "delays": (0, 16),
    },
    "instrument": {
        "seed": _SEED, "divide": (1, 1000), "filter": _FLAG, "hold": _FLAG, "dull_hz": _HZ,
        "dull_order": (1, 8), "peak_hz": _HZ, "peak_db": (-60, 60), "peak_q": (0.01, 100),
        "decay_s": (1e-4, 1000), "wet_s": _SPAN_S, "wet_db": _LEVEL_DB, "wet_hz": _HZ,
        "bits": (2, 32), "wide_ms": (0, 1000), "wide_db": _LEVEL_DB, "length_s": _TIME_S,
        "note": (0, 127), "held_s": (0.001, 10), "stereo": _FLAG, "loop_s": _TIME_S,
        "periods": (1, 1024), "seam": (0, 65536), "sustain_s": _TIME_S, "hz": (1, 20_000),
        "harmonics": (1, 1000), "attack_s": _SPAN_S, "duty": _FLAG, "detune": (-1, 1),
        "ratio": (0, 100), "index": (0, 100), "index_s": _SPAN_S, "steps": (1, 10_000),
        "fall_s": _SPAN_S, "level": _FLAG,
    },
    "note": {
        "slide": _SEMITONES, "slide_s": _SPAN_S, "vibrato": _SEMITONES, "vibrato_hz": (0, 1000),
        "arpeggio_1": _SEMITONES, "arpeggio_2": _SEMITONES, "tick_s": _SPAN_S,
    },
    "excerpt": {"fade_s": _TIME_S},
}  # fmt: skip
# What is read together; the first is what turns it on.
_TOGETHER = {
    "master": (
        ("reverb_s", "reverb_hz"), ("reverb_hz", "reverb_s"), ("ratio", "threshold_db"),
        ("vinyl_db", "clicks_hz"), ("bits", "divide"),
    ),
    "instrument": (
        ("divide", "filter", "hold"), ("dull_hz", "dull_order"), ("wet_s", "wet_db", "wet_hz"),
        ("wide_ms", "wide_db"), ("loop_s", "periods", "seam", "sustain_s"),
    ),
    "note": (
        ("slide", "slide_s"), ("vibrato", "vibrato_hz"), ("arpeggio_1", "arpeggio_2", "tick_s"),
    ),
}  # fmt: skip
_PEAK = re.compile(r"peak_[1-9]_(hz|db|q)")


def setting_fault(kind: str, settings: Mapping[str, float | str]) -> str:
    """Return the rule that the settings of a row break, if any.

    Parameters
    ----------
    kind : str
        What the row is, one of `rows.KINDS`.
    settings : mapping of str to float or str

    Returns
    -------
    fault : str
        Name, rule and value; empty if all is well.

    Examples
    --------
    >>> setting_fault("section", {"tracks": 2.0})
    ''
    >>> setting_fault("section", {"tracks": -1.0})
    "tracks must be in 0 .. 1000, got '-1.0'"
    """
    bounds = _BOUNDS[kind]
    for name, value in settings.items():
        plain = _PEAK.sub(r"peak_\1", name)
        if plain not in bounds or (plain != name) != plain.startswith("peak_"):
            return f"{kind} has no setting {name[:80]!r}"
        low, high = bounds[plain]
        if isinstance(value, str) or not low <= value <= high:
            return f"{name} must be in {low:g} .. {high:g}, got {str(value)[:80]!r}"
    together = list(_TOGETHER.get(kind, ()))
    peaks = {name.rsplit("_", 1)[0] for name in settings if _PEAK.fullmatch(name)}
    together += [(f"{peak}_hz", f"{peak}_db", f"{peak}_q") for peak in sorted(peaks)]
    for first, *others in together:
        lacking = [name for name in others if name not in settings]
        if first in settings and lacking:
            return f"{first} needs {lacking[0]}"
    return ""
