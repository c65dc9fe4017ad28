"""Similarities equal those of a slow search, and thresholds are judged by them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.description.similarity import SHIFT, Similarities, similarity
from deep_plunder.util.rng import generator

QUARTERS = 4


def searched(one: np.ndarray, other: np.ndarray) -> float:
    """Return the similarity by a correlation with four times as many samples."""
    size = 1 << (len(one) + len(other)).bit_length()
    spectra = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    products = QUARTERS * np.fft.irfft(spectra, QUARTERS * size)
    found = [0.0]
    for shift in range(-SHIFT, SHIFT + 1):
        first, second = max(shift, 0), max(-shift, 0)
        common = min(len(one) - first, len(other) - second)
        if common >= SHIFT:
            energies = [np.sum(clip[at : at + common] ** 2.0) for clip, at in
                        ((one, first), (other, second))]  # fmt: skip
            nearest = products[QUARTERS * shift + np.arange(-2, 3)].max()
            found.append(nearest / np.sqrt(max(energies[0] * energies[1], 1e-20)))
    return max(found[1:], default=0.0)


def clips(seed: int, lengths: tuple[int, int]) -> list[np.ndarray]:
    """Return two clips that share a part of their sound: high, low or noise."""
    random = generator(seed, "similarity")
    times = np.arange(4000)
    tones = [np.sin(random.uniform(0.01, 3) * times + random.uniform(0, 6)) for _ in range(3)]
    shared = sum(tones) + random.uniform(0, 3) * random.normal(size=4000)
    shared *= np.exp(-random.uniform(0, 0.01) * times)
    found = []
    for length in lengths:
        begin = random.integers(0, 300)
        own = random.uniform(0, 1) * random.normal(size=length)
        found.append((shared[begin : begin + length] + own).astype(np.float32))
    return found


def pair(*clips: np.ndarray) -> Similarities:
    return Similarities([len(clip) for clip in clips], clips.__getitem__)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    lengths=st.tuples(st.integers(1, 3308), st.integers(1, 3308)),
    least=st.floats(0.3, 0.99),
)
def test_it_equals_a_slow_search(seed: int, lengths: tuple[int, int], least: float) -> None:
    one, other = clips(seed, lengths)
    expected = searched(one.astype(np.float64), other.astype(np.float64))
    assert similarity(one, other) == pytest.approx(expected, abs=1e-9)
    if abs(expected - least) > 1e-6:
        assert pair(one, other).reach(0, 1, least) == (expected >= least)


def test_silence_is_like_nothing() -> None:
    silence, noise = np.zeros(3000, np.float32), clips(1, (3000, 1))[0]
    assert similarity(silence, noise) == pytest.approx(0, abs=1e-9)
    assert not pair(silence, noise).reach(0, 1, 0.5)
