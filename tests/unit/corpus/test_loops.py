"""Loops are told from sounds that merely move."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.audio import reading, writing
from deep_plunder.corpus.library import scan_library
from deep_plunder.corpus.loops import Thresholds, attacks, band_energy, find_attacks
from deep_plunder.demo.sounds import write_library

RATE = 44100


def hit(seconds: float = 1.0, *, decay_s: float = 0.08, rate: int = RATE, seed: int = 0):
    t = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0, 0.2, len(t))
    sound = np.exp(-t / decay_s) * (np.sin(2 * np.pi * 180 * t) + noise)
    return (0.5 * sound).astype(np.float32)


def hits(times, levels=None, *, seconds: float = 4.0, rate: int = RATE, decay_s: float = 0.08):
    audio = np.zeros(int(seconds * rate), np.float32)
    for number, time in enumerate(times):
        sound = hit(rate=rate, decay_s=decay_s, seed=number)
        begin = round(time * rate)
        sound = sound[: len(audio) - begin]
        audio[begin : begin + len(sound)] += sound * (1 if levels is None else levels[number])
    return audio


@settings(deadline=None)
@given(
    count=st.integers(2, 8),
    step_s=st.floats(0.16, 0.45),
    first_s=st.floats(0, 0.3),
    rate=st.sampled_from([8000, 22050, 44100, 96000]),
)
def test_each_hit_of_a_loop_is_an_attack(count, step_s, first_s, rate):
    times = [first_s + step_s * number for number in range(count)]
    found = find_attacks(hits(times, rate=rate, decay_s=0.04), rate)
    assert np.allclose(found, times, atol=0.02)


@settings(deadline=None)
@given(gain=st.floats(1e-4, 1.0), channels=st.integers(1, 3))
def test_neither_level_nor_channels_matter(gain, channels):
    audio = hits([0.1, 0.6, 1.1])
    expected = find_attacks(audio, RATE)
    copies = np.stack([audio * np.float32(gain)] * channels, axis=1)
    assert len(expected) == 3
    assert find_attacks(copies, RATE) == expected


def tone(modulation, *, seconds: float = 3.0):
    t = np.arange(int(seconds * RATE)) / RATE
    return t, (0.4 * modulation(t) * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


ONE_SHOTS = {
    "one hit": lambda: hits([0.2]),
    "tremolo": lambda: tone(lambda t: 0.5 - 0.5 * np.cos(2 * np.pi * 6 * t))[1],
    "vibrato": lambda: np.sin(
        2 * np.pi * 440 * np.arange(3 * RATE) / RATE
        + 8 * np.sin(2 * np.pi * 6 * np.arange(3 * RATE) / RATE)
    ).astype(np.float32),
    "flam": lambda: hits([0.1, 0.135]),
    "clap": lambda: hits([0.1, 0.111, 0.122, 0.135], decay_s=0.01),
    "strum": lambda: hits([0.1 + 0.018 * n for n in range(6)], decay_s=1.0),
    "drum roll": lambda: hits([0.06 * n for n in range(30)]),
    "echo": lambda: hits([0.1, 0.5, 0.9], [1, 0.12, 0.014]),
    "noise": lambda: np.random.default_rng(1).normal(0, 0.1, 3 * RATE).astype(np.float32),
    "fade in": lambda: tone(lambda t: t / 3)[1],
    "beating": lambda: tone(lambda t: np.cos(2 * np.pi * 3 * t))[1],
    "silence": lambda: np.zeros(RATE, np.float32),
    "a sample": lambda: np.ones(1, np.float32),
    "nothing": lambda: np.zeros(0, np.float32),
}


@pytest.mark.parametrize("name", ONE_SHOTS)
def test_what_is_no_loop(name):
    assert len(find_attacks(ONE_SHOTS[name](), RATE)) <= 1


def test_stricter_thresholds_find_no_more():
    energy = band_energy(hits([0.1, 0.5, 0.9, 1.3], [1, 0.5, 0.2, 0.7]), RATE)
    counts = [len(attacks(energy, Thresholds(weaker_db=db))) for db in (20, 10, 4, 1)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 4


def test_the_library_sets_loops_aside(tmp_path: Path):
    for name, audio in (("hit", hits([0.0])), ("loop", hits([0.0, 0.5, 1.0]))):
        writing.write(tmp_path / "drums" / f"{name}.wav", audio, RATE)
    sounds, rejected = scan_library(tmp_path)
    assert [sound.sound for sound in sounds] == ["drums/hit.wav"]
    (row,) = rejected
    assert (row.file, row.reason) == ("drums/loop.wav", "loop")
    assert re.fullmatch(r"3 strong attacks, the second at 0\.(49|50|51) s", row.detail)
    sounds, rejected = scan_library(tmp_path, keep_loops=True)
    assert [sound.sound for sound in sounds] == ["drums/hit.wav", "drums/loop.wav"]
    assert rejected == []


def test_the_greatest_length_is_a_choice(tmp_path: Path):
    writing.write(tmp_path / "a.wav", hits([0.0], seconds=1.0), RATE)
    writing.write(tmp_path / "b.wav", hits([0.1], seconds=2.0), RATE)
    _, (row,) = scan_library(tmp_path, max_duration_s=1.5)
    assert (row.file, row.detail) == ("b.wav", "lasts 2.0 s, one sound lasts at most 1.5 s")
    assert scan_library(tmp_path, max_duration_s=2.5)[1] == []


def test_no_sound_of_the_demo_is_a_loop(tmp_path: Path):
    write_library(tmp_path, seed=2020, sounds=240)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert [path for path in files if len(find_attacks(*reading.read(path))) > 1] == []
