"""Waveforms come back from the spool as they went in, from memory and from the disk."""

import numpy as np
import pytest

from deep_plunder.description import spool
from deep_plunder.description.groups import Waveform, find_groups
from deep_plunder.description.spool import WaveformSpool
from deep_plunder.util.rng import generator


def drawn(count: int) -> list[Waveform]:
    random = generator(0, "spool")
    found = []
    for _ in range(count):
        spectrum = random.random(106).astype(np.float32)
        samples = random.normal(size=random.integers(0, 3308)).astype(np.float32)
        found.append(Waveform(samples, spectrum / np.linalg.norm(spectrum)))
    # Some of the sounds are struck twice.
    return found + found[::3]


@pytest.mark.parametrize("in_memory", [1 << 25, 1000])
def test_waveforms_come_back(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(spool, "_IN_MEMORY", in_memory)
    waveforms = drawn(40)
    with WaveformSpool() as held:
        held.extend(waveforms[:7])
        assert len(held) == 7
        np.testing.assert_array_equal(held[3].samples, waveforms[3].samples)
        held.extend(waveforms[7:])
        assert len(held) == len(waveforms)
        for place in (5, 0, len(waveforms) - 1, 20, -1):
            np.testing.assert_array_equal(held[place].samples, waveforms[place].samples)
            assert held[place].spectrum is waveforms[place].spectrum
        assert [len(each.samples) for each in held[2:9:3]] == [
            len(each.samples) for each in waveforms[2:9:3]
        ]
        assert len(list(held)) == len(waveforms)
        assert find_groups(held) == find_groups(waveforms)
        assert len(set(find_groups(held))) < len(waveforms)
    with pytest.raises(ValueError, match="closed"):
        held[0]
