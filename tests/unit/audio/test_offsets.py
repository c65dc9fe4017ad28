"""A constant offset is taken away, and a recording without one keeps its samples."""

import numpy as np
import pytest
import soundfile

from deep_plunder.audio import reading
from deep_plunder.audio.offsets import centred_blocks, constant_offset

RATE = 8000


def bass(seconds=12.0, hertz=41.2, level=0.15):
    """Make a low tone that stops every half second."""
    t = np.arange(round(seconds * RATE))[:, None] / RATE
    return np.repeat(level * np.sin(2 * np.pi * hertz * t) * (t % 1 < 0.5), 2, axis=1)


def centred(path, samples, *, keep=False):
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    with reading.reader(path, keep=keep) as file:
        return np.concatenate(list(centred_blocks(file)))


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("offset", [(0.02, 0.02), (-0.05, 0.02), (0.0, 0.1)])
def test_a_constant_offset_is_taken_away(tmp_path, offset, keep):
    found = centred(tmp_path / "a.wav", bass() + offset, keep=keep)
    np.testing.assert_allclose(found, bass(), atol=1e-3)


@pytest.mark.parametrize("shape", [(1, 2), (RATE // 21, 1)])
def test_what_is_too_short_to_tell_stays_as_it_is(tmp_path, shape):
    samples = np.full(shape, 0.25, np.float32)
    np.testing.assert_array_equal(centred(tmp_path / "a.wav", samples), samples)


@pytest.mark.parametrize("offset", [0.0, 0.003])
def test_a_recording_without_offset_keeps_its_samples(tmp_path, offset):
    samples = (bass() + offset).astype(np.float32)
    np.testing.assert_array_equal(centred(tmp_path / "a.wav", samples), samples)


@pytest.mark.parametrize("offset", [0.0, 0.02, -0.1])
@pytest.mark.parametrize("resting", [0.1, 0.9])
def test_the_offset_of_an_instrument_stays(tmp_path, offset, resting):
    # It comes and goes with notes; the instrument rests in some part of each second.
    t = np.arange(12 * RATE)[:, None] / RATE
    sounds = t % 1 >= resting
    tone = np.repeat((0.06 + 0.2 * np.sin(2 * np.pi * 41.2 * t)) * sounds, 2, axis=1)
    found = centred(tmp_path / "a.wav", (tone + offset).astype(np.float32))
    np.testing.assert_allclose(found, tone, atol=1e-6)


def test_music_without_a_rest(tmp_path):
    rng = np.random.default_rng(1)
    beats = np.repeat(0.05 + 0.2 * rng.random(48), RATE // 4)[:, None]
    song = beats * rng.normal(size=(len(beats), 2)) + 0.1 * bass(len(beats) / RATE)
    plain = centred(tmp_path / "a.wav", song)
    np.testing.assert_allclose(centred(tmp_path / "b.wav", song + 0.02), plain, atol=4e-3)


def test_only_the_beginning_is_measured(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", bass(60) + 0.02, RATE, subtype="FLOAT")
    with reading.reader(tmp_path / "a.wav") as file:
        read = []
        whole = file.read
        monkeypatch.setattr(file, "read", lambda *part: read.append(part) or whole(*part))
        np.testing.assert_allclose(constant_offset(file), 0.02, atol=1e-3)
    assert read == [(0, 10 * RATE)]
