"""Find clips with much of their power below the frequencies that a network hears.

In such a clip neither the network nor a listener hears other sounds. A constant offset of the
recording (`audio.offsets`) does not count.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from deep_plunder.audio.offsets import constant_offset
from deep_plunder.audio.reading import Reader

__all__ = ["is_deep"]

# Greatest share of a clip's power, chosen on a bench of real music.
_DEEP = 0.4
# Seconds over which samples are summed.
_STEP_S = 0.0014
# Seconds of a clip that are read at a time.
_BLOCK_S = 1.0


def is_deep(recording: Reader, onset_s: float, offset_s: float, *, below_hz: float) -> bool:
    """Return whether more than 0.4 of a clip's power lies below a frequency.

    Parameters
    ----------
    recording : Reader
        The recording, at its own sample rate.
    onset_s, offset_s : float
        Beginning and end of the clip, in seconds.
    below_hz : float
        At 0 no clip is deep.

    Returns
    -------
    is_deep : bool

    Raises
    ------
    AudioError
        If the recording cannot be read.

    Examples
    --------
    >>> from deep_plunder.audio import reading, writing
    >>> seconds = np.arange(44100)[:, np.newaxis] / 44100
    >>> for hertz in (20, 40):
    ...     tone = np.sin(2 * np.pi * hertz * seconds).astype(np.float32) / 2
    ...     writing.write(f"{hertz}.wav", tone, 44100)
    >>> for name in ("20.wav", "40.wav"):
    ...     with reading.reader(name) as recording:
    ...         is_deep(recording, 0.0, 1.0, below_hz=30)
    True
    False
    """
    from scipy.fft import next_fast_len, rfft

    if not below_hz:
        return False
    rate, constant = recording.info.rate, constant_offset(recording)
    # Sums of a few samples keep such low frequencies, and the window hardly changes within them.
    size = max(1, round(_STEP_S * rate))
    first, stop = round(onset_s * rate), round(offset_s * rate)
    count = -(-(stop - first) // max(1, round(_BLOCK_S * rate)))
    edges = np.linspace(first, stop, count + 1).astype(int)
    below = power = 0.0
    for begin, end in itertools.pairwise(edges.tolist()):
        heard = recording.read(begin, end) - constant
        steps = len(heard) // size
        if not steps:
            continue
        parts = np.ascontiguousarray(heard[: steps * size].T).reshape(-1, steps, size)
        window = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, steps, dtype=np.float32))
        sums = parts @ np.ones(size, np.float32)
        # Only a few bins lie below: zero padding makes them finer, so that no single one decides.
        padded = int(next_fast_len(4 * steps, real=True))
        spectrum = rfft(sums * window, padded, axis=1)
        deep = np.square(np.abs(spectrum[:, : math.ceil(below_hz * padded * size / rate)]))
        below += float(deep.sum())
        # Parseval's theorem for the one-sided spectrum, in which only 0 Hz has no counterpart.
        whole = np.einsum("cij,cij->i", parts, parts) @ window**2 * padded * size
        power += float(whole + deep[:, 0].sum()) / 2
    return below > _DEEP * power
