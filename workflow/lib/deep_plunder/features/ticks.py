"""Place marks of frequency beside a spectrogram of mel bands: one per octave, at the notes A."""

from __future__ import annotations

import math

from deep_plunder.features.spec import FeatureSpec

__all__ = ["band_of", "octave_ticks"]

_LOWEST_A = 27.5


def band_of(frequency: float, spec: FeatureSpec) -> float:
    """Return where a frequency lies among the mel bands.

    Parameters
    ----------
    frequency : float
        In Hz.
    spec : FeatureSpec

    Returns
    -------
    band : float
        Number of the band whose centre it is, from 0; fractions lie between two centres.

    Examples
    --------
    >>> spec = FeatureSpec(mel_bands=99, fmin=0, fmax=700)
    >>> round(band_of(700 * (2**0.5 - 1), spec))
    49
    """
    low, high, here = (math.log1p(f / 700) for f in (spec.fmin, spec.fmax, frequency))
    return (here - low) / (high - low) * (spec.mel_bands + 1) - 1


def octave_ticks(spec: FeatureSpec, *, apart: float = 0.08) -> tuple[list[float], list[str]]:
    """Return the places and texts of marks at the octaves of A.

    Octaves are close to each other at low frequencies, since mel bands are nearly linear there.

    Parameters
    ----------
    spec : FeatureSpec
    apart : float
        Least distance of two texts, as a share of the bands. Marks between them have none.

    Returns
    -------
    bands : list of float
        See `band_of`, in ascending order.
    texts : list of str
        The frequency in Hz, or nothing.

    Examples
    --------
    >>> bands, texts = octave_ticks(FeatureSpec())
    >>> texts
    ['55', '', '220', '440', '880', '1760', '3520', '7040']
    """
    octaves = range(math.ceil(math.log2(max(spec.fmin, 1) / _LOWEST_A)), 11)
    frequencies = [_LOWEST_A * 2**octave for octave in octaves]
    bands = [(band_of(f, spec), f) for f in frequencies if spec.fmin <= f <= spec.fmax]
    texts: list[str] = []
    last = math.inf
    for band, frequency in reversed(bands):
        is_free = last - band >= apart * spec.mel_bands
        texts.insert(0, f"{frequency:g}" if is_free else "")
        last = band if is_free else last
    return [band for band, _ in bands], texts
