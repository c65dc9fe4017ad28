"""Draw the master chain of a scene (`mixes.scenes.master`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from deep_plunder.mixes.scenes.settings import Compression, Crackle, Degradation, MasterSettings
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.util.rng import chance, log_uniform, pick, uniform

__all__ = ["draw_master"]


def draw_master(rng: np.random.Generator, spec: SceneSpec, *, mono: bool) -> MasterSettings:
    """Draw the master chain of a scene.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    spec : SceneSpec
        Settings of the scenes.
    mono : bool
        Whether the scene is mono.

    Returns
    -------
    master : MasterSettings

    Examples
    --------
    >>> from deep_plunder.util.rng import generator
    >>> draw_master(generator(1, "master"), SceneSpec(), mono=True).mono
    True
    """
    level_db = uniform(rng, *spec.level_db)
    reverb_s, reverb_hz = log_uniform(rng, 0.15, 2.0), log_uniform(rng, 1500, 7500)
    # All values are drawn, so that a changed probability affects no other effect.
    drawn: tuple[tuple[float, str, object], ...] = (
        (spec.tilt, "tilt_db", uniform(rng, -4, 4)),
        (
            spec.compression,
            "compression",
            Compression(ratio=uniform(rng, 1.5, 6), threshold_db=uniform(rng, -24, -10)),
        ),
        (spec.drive, "drive", uniform(rng, 1, 3)),
        (spec.low_pass, "low_pass_hz", log_uniform(rng, 2500, 7900)),
        (spec.high_pass, "high_pass_hz", log_uniform(rng, 30, 200)),
        (spec.noise, "noise_db", uniform(rng, -85, -58)),
        (
            spec.vinyl,
            "crackle",
            Crackle(vinyl_db=uniform(rng, -50, -25), clicks_hz=uniform(rng, 1, 20)),
        ),
        (
            spec.degraded,
            "degradation",
            Degradation(bits=pick(rng, (8, 8, 10)), divide=pick(rng, (1, 1, 2))),
        ),
        (spec.coded, "quality", uniform(rng, 0.0, 0.9)),
    )
    steps: dict[str, Any] = {
        name: value for probability, name, value in drawn if chance(rng, probability)
    }
    return MasterSettings(
        level_db=level_db,
        reverb_s=reverb_s,
        reverb_hz=reverb_hz,
        **steps,
        seed=int(rng.integers(2**16)),
        mono=mono,
    )
