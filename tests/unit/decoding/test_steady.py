"""A clip under a steady sound that the network does not hear is told from one that has none."""

import numpy as np
import pytest
import soundfile

from deep_plunder.audio import reading
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.decode import decode
from deep_plunder.decoding.refine import refine_clips
from deep_plunder.decoding.steady import is_under_steady
from deep_plunder.evaluation.probes.kinds import Noise
from deep_plunder.evaluation.probes.noises import noise_of
from deep_plunder.util.rng import generator

RATE = 44100
ONSET, OFFSET = 0.5, 0.9


def band(low_hz, high_hz, level_db):
    """Make noise of a band at a level in dB of full scale."""
    noise = Noise(level_db, low_hz, high_hz)
    return noise_of(noise, round(1.5 * RATE), RATE, generator(1, "steady"))[:, 0]


def tone(onset_s=ONSET, offset_s=OFFSET, level=0.5, hertz=220):
    t = np.arange(round(1.5 * RATE)) / RATE
    return np.where((t >= onset_s) & (t < offset_s), level * np.sin(2 * np.pi * hertz * t), 0)


def gated(noise, *spans, decay=0.0):
    """Keep spans of a noise, each of which decays by so many dB per second."""
    t = np.arange(len(noise)) / RATE
    kept = np.zeros(len(noise))
    for first_s, last_s in spans:
        inside = (t >= first_s) & (t < last_s)
        kept[inside] = (noise * 10 ** (-decay * (t - first_s) / 20))[inside]
    return kept


def is_under(tmp_path, mono, *, rate=RATE, onset_s=ONSET, offset_s=OFFSET, above_hz=8000.0):
    soundfile.write(tmp_path / "a.wav", np.stack([mono, mono], 1), rate, subtype="FLOAT")
    with reading.reader(tmp_path / "a.wav") as file:
        return is_under_steady(file, onset_s, offset_s - 0.012, above_hz=above_hz)


@pytest.mark.parametrize(("level_db", "found"), [(-22, True), (-33, True), (-45, False)])
def test_a_steady_sound_counts_from_30_db_below_the_clip(tmp_path, level_db, found):
    # The tone's level is -9 dB.
    assert is_under(tmp_path, tone() + band(9500, 16000, level_db)) is found
    quiet = 10 ** (-20 / 20) * (tone() + band(9500, 16000, level_db))
    assert is_under(tmp_path, quiet) is found


@pytest.mark.parametrize("low_hz", [200, 4000])
def test_what_lies_below_the_frequency_does_not_count(tmp_path, low_hz):
    assert not is_under(tmp_path, tone() + band(low_hz, 7900, -22))
    assert is_under(tmp_path, tone() + band(low_hz, 7900, -22), above_hz=low_hz * 1.2)


@pytest.mark.parametrize(
    "spans", [[(ONSET, OFFSET)], [(ONSET, 1.5)], [(0, OFFSET)], [(0, ONSET), (OFFSET, 1.5)]]
)
def test_what_begins_or_ends_with_the_clip_is_part_of_it(tmp_path, spans):
    assert not is_under(tmp_path, tone() + gated(band(9500, 16000, -22), *spans))


@pytest.mark.parametrize("notes", [(110, 147, 131), (440, 523, 392)])
def test_a_melody_of_bright_tones_is_no_steady_sound(tmp_path, notes):
    t = np.arange(round(1.5 * RATE)) / RATE
    hertz = np.select([t < ONSET, t < OFFSET], notes[:2], notes[2])
    phase = np.cumsum(hertz) / RATE
    melody = 0.5 * (phase % 1 - 0.5)
    assert not is_under(tmp_path, melody)
    assert is_under(tmp_path, 0.3 * melody + band(9500, 16000, -22))


@pytest.mark.parametrize("decay", [40, 120])
def test_struck_cymbals_that_cut_each_other_off_are_no_steady_sound(tmp_path, decay):
    spans = [(0.1, ONSET), (ONSET, OFFSET), (OFFSET, 1.5)]
    cymbals = gated(band(300, 20000, -12), *spans, decay=decay)
    assert not is_under(tmp_path, cymbals)
    assert is_under(tmp_path, 0.2 * cymbals + band(9500, 16000, -22))


def test_a_cymbal_that_decays_is_no_steady_sound(tmp_path):
    cymbal = gated(band(300, 20000, -12), (ONSET, 1.5), decay=20)
    assert not is_under(tmp_path, cymbal, offset_s=1.4)


@pytest.mark.parametrize(("onset_s", "offset_s"), [(0.0, 0.9), (0.5, 1.512), (0.0, 1.512)])
def test_the_ends_of_a_recording_are_no_trouble(tmp_path, onset_s, offset_s):
    hiss = band(9500, 16000, -22)
    spans = {"onset_s": onset_s, "offset_s": offset_s}
    # Where nothing surrounds a clip, nothing tells that a sound goes on.
    whole = onset_s == 0 and offset_s > 1.5
    assert is_under(tmp_path, tone(onset_s, offset_s) + hiss, **spans) is not whole
    assert not is_under(tmp_path, tone(onset_s, offset_s), **spans)


def test_a_recording_that_ends_below_the_frequency_has_no_such_sound(tmp_path):
    noise = 0.1 * generator(2, "low").standard_normal(24000)
    for rate in (100, 8000, 16000):
        assert not is_under(tmp_path, noise, rate=rate)


def test_clips_under_a_steady_sound_are_left_out(tmp_path):
    clips = [Clip(ONSET, OFFSET, 0.5)]
    for hiss, kept in ((0, 1), (band(9500, 16000, -22), 0)):
        soundfile.write(tmp_path / "a.wav", tone() + hiss, RATE)
        given = {"hop_s": 0.016}
        assert len(refine_clips(tmp_path / "a.wav", clips, heard_hz=(0, 8000), **given)) == kept
        assert len(refine_clips(tmp_path / "a.wav", clips, **given)) == 1


def test_no_decoder_no_refinement(tmp_path):
    outputs = np.zeros((50, 3), np.float32)
    outputs[10, 0], outputs[10:30, 2] = 0.9, 0.8
    assert len(decode(outputs, decoder=None, hop_s=0.016, heard_hz=(0, 8000))) == 1
