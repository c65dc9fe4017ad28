"""Compute the gain of each sample of a scene from the levels of its sections and of the whole."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.ndimage import uniform_filter1d

from deep_plunder.mixes.scenes.rows import SceneRow, read_settings
from deep_plunder.mixes.scenes.settings import SectionSettings
from deep_plunder.util.arrays import Float32Array

__all__ = ["gains_of"]

_TARGET_RMS = 0.12
_RAMP_S = 0.005


def gains_of(
    sides: Float32Array, sections: Iterable[SceneRow], *, level_db: float, rate: int
) -> Float32Array:
    """Compute the gain of each sample from the levels of the sections and of the scene.

    Parameters
    ----------
    sides : ndarray of float32, shape (2, samples)
        The notes of the scene, with their reverberation.
    sections : iterable of SceneRow
        The rows of kind ``"section"``. A section with a level gets the gain that brings its root
        mean square to 0.12, within 0.4 to 4, to the power of this level.
    level_db : float
        Level of the scene, in dB below full scale.
    rate : int
        Sample rate, in Hz.

    Returns
    -------
    gains : ndarray of float32, shape (samples,)

    Raises
    ------
    InputError
        If the settings of a section cannot be read.

    Examples
    --------
    >>> sides = np.full((2, 8), 0.5, np.float32)
    >>> round(float(gains_of(sides, [], level_db=0.0, rate=16000)[0]), 2)
    1.74
    """
    total = sides.shape[1]
    gains = np.ones(total, np.float32)
    for row in sections:
        level = read_settings(row, SectionSettings).level
        if level is None:
            continue
        span = slice(round(row.start_s * rate), round((row.start_s + row.duration_s) * rate))
        part = sides[:, span]
        rms = float(np.sqrt(np.square(part).mean())) if part.size else 0.0
        if rms > 1e-4:
            gains[span] = np.clip(_TARGET_RMS / rms, 0.4, 4) ** level
    width = round(_RAMP_S * rate)
    if (gains != 1).any():
        padded = np.pad(gains, (width // 2, width - 1 - width // 2), mode="edge")
        gains = uniform_filter1d(padded, width)[width // 2 :][:total]
    sparse = np.abs(sides[:, ::5] * gains[::5])
    # The peak counts only in part: otherwise one click would make everything else faint.
    peak = float(np.percentile(sparse, 99.5)) + 0.15 * float(sparse.max(initial=0)) + 1e-6
    gains *= np.float32(10 ** (level_db / 20) / peak)
    return gains
