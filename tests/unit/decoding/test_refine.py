"""Edges of clips go to where the recording changes, to a few milliseconds."""

import itertools
import math

import numpy as np
import pytest
import soundfile

from deep_plunder.audio import reading
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.refine import change, refine_clips
from deep_plunder.errors import AudioError
from deep_plunder.util.rng import generator

HOP = 0.016
NEAR = 0.006


def note(hertz, seconds, rate, *, decay=6.0, level=0.4):
    t = np.arange(round(seconds * rate)) / rate
    harmonics = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 9))
    return level * np.exp(-decay * t) * harmonics * np.minimum(1, t / 0.001) / 2


def song(path, notes, *, rate=44100, channels=2, seconds=3.0, noise=1e-5):
    """Write notes of (onset, pitch, length), each cutting what sounds before it."""
    floor = noise * generator(3, "noise").standard_normal(round(seconds * rate))
    mono = floor.copy()
    for onset, hertz, length in notes:
        first = round(onset * rate)
        mono[first:] = floor[first:]
        sound = note(hertz, length, rate)
        mono[first : first + len(sound)] = sound[: len(mono) - first]
    soundfile.write(path, np.repeat(mono[:, None], channels, 1), rate, subtype="PCM_24")
    return path


@pytest.mark.parametrize("late", [-1.4, -0.5, 0.0, 0.5, 1.4])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (96000, 6)])
def test_an_attack_is_found(tmp_path, rate, channels, late):
    path = song(tmp_path / "a.wav", [(1.0, 220, 0.5)], rate=rate, channels=channels)
    (clip,) = refine_clips(path, [Clip(1.0 + late * HOP, 1.4, 0.5)], hop_s=HOP)
    assert clip.onset_s == pytest.approx(1.0, abs=NEAR)
    assert clip.score == 0.5


def test_a_note_that_cuts_a_louder_one_begins_where_it_cuts(tmp_path):
    # No energy rises here: the second note is softer from its first sample on.
    rate = 44100
    loud = note(440, 0.5, rate, decay=0)
    sound = np.concatenate([loud, note(311, 0.5, rate, decay=0, level=0.2)])
    soundfile.write(tmp_path / "a.wav", sound, rate)
    clips = [Clip(0.0, 0.49, 0.9), Clip(0.51, 0.9, 0.8)]
    first, second = refine_clips(tmp_path / "a.wav", clips, hop_s=HOP)
    assert second.onset_s == pytest.approx(0.5, abs=NEAR)
    assert 0.48 < first.offset_s < 0.5


@pytest.mark.parametrize("late", [-1.4, 0.0, 1.4])
def test_a_clip_ends_before_the_next_attack_and_not_after_it(tmp_path, late):
    path = song(tmp_path / "a.wav", [(1.0, 220, 0.5), (1.5, 330, 0.5)])
    (clip,) = refine_clips(path, [Clip(1.0, 1.5 + late * HOP, 0.5)], hop_s=HOP)
    assert 1.48 < clip.offset_s < 1.5


def test_a_clip_ends_where_its_sound_has_decayed(tmp_path):
    path = song(tmp_path / "a.wav", [(1.0, 220, 0.4)], seconds=9.0)
    (clip,) = refine_clips(path, [Clip(1.0, 8.0, 0.5)], hop_s=HOP)
    assert clip.offset_s == pytest.approx(1.4, abs=0.006)


def test_where_nothing_changes_the_networks_times_are_kept(tmp_path):
    rate = 44100
    tone = note(440, 3.0, rate, decay=0)
    soundfile.write(tmp_path / "a.wav", tone, rate)
    clips = [Clip(1.0, 1.3, 0.5), Clip(2.0, 2.3, 0.5)]
    assert refine_clips(tmp_path / "a.wav", clips, hop_s=HOP) == clips


def test_clips_never_overlap_and_short_ones_are_left_out(tmp_path):
    notes = [(1 + 0.1 * k, 200 + 40 * k, 0.1) for k in range(8)]
    path = song(tmp_path / "a.wav", notes)
    random = generator(5, "clips")
    given = [
        Clip(on + random.uniform(-0.02, 0.02), on + 0.1 + random.uniform(-0.02, 0), 0.5)
        for on, *_ in notes
    ]
    clips = refine_clips(path, given, hop_s=HOP, min_s=0.05)
    assert len(clips) == len(notes)
    for before, after in itertools.pairwise(clips):
        assert before.offset_s <= after.onset_s
    assert refine_clips(path, given, hop_s=HOP, min_s=0.2) == []


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.3])
def test_the_ends_of_a_recording_are_no_trouble(tmp_path, seconds):
    rate = 44100
    sound = note(300, 0.3, rate)[: max(1, round(seconds * rate))]
    soundfile.write(tmp_path / "a.wav", sound, rate)
    for clip in refine_clips(tmp_path / "a.wav", [Clip(0.0, seconds, 0.5)], hop_s=HOP):
        assert 0 <= clip.onset_s < clip.offset_s <= seconds + 1e-9
    assert refine_clips(tmp_path / "a.wav", [], hop_s=HOP) == []
    with pytest.raises(AudioError, match=r"gone\.wav"):
        refine_clips(tmp_path / "gone.wav", [Clip(0, 1, 1)], hop_s=HOP)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (96000, 6)])
@pytest.mark.parametrize("seconds", [0.08, 0.4, 2.7])
def test_a_clip_that_lies_mostly_below_what_is_heard_is_left_out(tmp_path, seconds, rate, channels):
    t = np.arange(round(3.0 * rate)) / rate
    tone, rumble = np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 14 * t + 1)
    clips = [Clip(0.1, 0.1 + seconds, 0.5)]

    def kept(path, *parts, lowest_hz=30.0):
        mono = 0.3 * sum(parts)
        soundfile.write(path, np.repeat(mono[:, None], channels, 1), rate, subtype="PCM_24")
        return len(refine_clips(path, clips, hop_s=HOP, heard_hz=(lowest_hz, math.inf)))

    path = tmp_path / "a.wav"
    assert kept(path, tone) == 1
    assert kept(path, tone, 0.5 * rumble) == 1
    assert kept(path, tone, 2.5 * rumble) == 0
    assert kept(path, tone, 2.5 * rumble, lowest_hz=0.0) == 1
    # A bass of 41 Hz, the lowest string of the instrument, is heard.
    assert kept(path, np.sin(2 * np.pi * 41.2 * t)) == 1


@pytest.mark.parametrize("offsets", [(0.02, 0.02), (-0.05, 0.02), (0.0, 0.1)])
def test_a_constant_offset_moves_no_clip(tmp_path, offsets):
    notes = [(0.5, 220, 0.3), (1.0, 330, 0.06), (1.4, 440, 0.5)]
    song(tmp_path / "a.wav", notes)
    plain, rate = soundfile.read(tmp_path / "a.wav", always_2d=True)
    clips = [Clip(0.5, 0.97, 0.5), Clip(1.0, 1.3, 0.6), Clip(1.4, 2.8, 0.7)]
    found = []
    for samples in (plain, plain + offsets):
        soundfile.write(tmp_path / "b.wav", samples, rate, subtype="FLOAT")
        found.append(refine_clips(tmp_path / "b.wav", clips, hop_s=HOP, heard_hz=(30.0, math.inf)))
    assert len(found[0]) == len(found[1]) == 3
    for one, other in zip(*found, strict=True):
        assert other.onset_s == pytest.approx(one.onset_s, abs=NEAR)
        assert other.offset_s == pytest.approx(one.offset_s, abs=NEAR)


def test_only_what_lies_around_edges_is_read(tmp_path, monkeypatch):
    # The noise is heard to the end of the clip.
    path = song(tmp_path / "a.wav", [(1.0, 220, 1.0)], seconds=10.0, noise=0.01)
    read = []

    def spy(self, start=0, stop=None, _read=reading.Reader.read):
        read.append(stop - start)
        return _read(self, start, stop)

    monkeypatch.setattr(reading.Reader, "read", spy)
    refine_clips(path, [Clip(1.0, 9.6, 0.5)], hop_s=HOP)
    # The first ten seconds show a constant offset.
    assert read.pop(0) == 10 * 44100
    assert max(read) <= 1.01 * 44100
    assert sum(read) <= 2.5 * 44100
    # To weigh the whole of it, it is read by the second.
    read.clear()
    refine_clips(path, [Clip(1.0, 9.6, 0.5)], hop_s=HOP, heard_hz=(30.0, math.inf))
    assert read.pop(0) == 10 * 44100
    assert max(read) <= 1.01 * 44100


def test_change_by_hand():
    rate = 16000
    sound = np.zeros((rate // 10, 1), np.float32)
    sound[800:, 0] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(800) / rate)
    values, first_s = change(sound, rate, fall=0)
    assert first_s + values.argmax() * 0.001 == pytest.approx(0.05, abs=0.005)
    rising, falling = (change(part, rate, fall=0.0)[0].max() for part in (sound, sound[::-1]))
    assert rising > falling
    assert change(sound[::-1], rate, fall=1.0)[0].max() == pytest.approx(rising, rel=0.05)
    assert len(change(sound[:100], rate, fall=0)[0]) == 0


def test_what_comes_after_a_stretch_says_only_how_loud_it_is():
    rate, after_s = 16000, 0.04
    t = np.arange(rate // 5) / rate
    quiet = (0.001 * np.sin(2 * np.pi * 500 * t)).astype(np.float32)[:, None]
    quiet[1600:] *= 4
    measured = quiet[: round(0.15 * rate)]
    alone, first_s = change(measured, rate, fall=0)
    louder = np.concatenate([measured, 500 * quiet[: round(after_s * rate)]])
    after, same_s = change(louder, rate, fall=0, after_s=after_s)
    assert (len(after), same_s) == (len(alone), first_s)
    # Beside what is 50 dB louder nothing of it is heard.
    assert after.max() < 0.2 * alone.max()


@pytest.mark.parametrize(("share", "kept"), [(0.35, True), (0.45, False)])
def test_what_is_deep_does_not_hang_on_the_length_of_a_clip(tmp_path, share, kept):
    rate = 44100
    t = np.arange(2 * rate) / rate
    low, high = np.sin(2 * np.pi * 15 * t), np.sin(2 * np.pi * 300 * t)
    both = 0.5 * (np.sqrt(share) * low + np.sqrt(1 - share) * high)
    soundfile.write(tmp_path / "a.wav", both, rate, subtype="FLOAT")
    for seconds in np.geomspace(0.15, 1.4, 30):
        clip = Clip(0.2, 0.2 + float(seconds), 0.5)
        found = refine_clips(tmp_path / "a.wav", [clip], hop_s=HOP, heard_hz=(30.0, math.inf))
        assert bool(found) is kept, seconds


def test_unlikely_clips_are_left_out_and_bound_their_neighbours(tmp_path):
    notes = [(1 + 0.2 * k, 200 + 60 * k, 0.2) for k in range(4)]
    path = song(tmp_path / "a.wav", notes)
    given = [
        Clip(onset_s, onset_s + 0.19, score)
        for (onset_s, *_), score in zip(notes, (0.1, 0.6, 0.2, 0.7), strict=True)
    ]
    every = refine_clips(path, given, hop_s=HOP)
    assert len(every) == 4
    assert refine_clips(path, given, hop_s=HOP, min_score=0.5) == [every[1], every[3]]


def test_change_is_told_at_any_rate():
    noise = generator(8, "rates").normal(0, 0.2, (1000, 2)).astype(np.float32)
    for rate in range(1, 2001):
        values, first_s = change(noise, rate, fall=0.5)
        assert len(values), rate
        assert np.isfinite(values).all(), rate
        assert first_s > 0


@pytest.mark.parametrize("rate", [100, 687, 1150])
def test_clips_of_a_recording_of_a_very_low_rate_are_refined(tmp_path, rate):
    sound = 1e-5 * generator(3, "noise").standard_normal(3 * rate)
    sound[rate : 2 * rate] += generator(4, "burst").uniform(-0.5, 0.5, rate)
    soundfile.write(tmp_path / "a.wav", sound, rate, subtype="PCM_24")
    clips = [Clip(1.0 - HOP, 2.0 + HOP, 0.5)]
    # At 100 Hz most of noise is deep.
    lowest_hz = min(30.0, rate / 10)
    (clip,) = refine_clips(tmp_path / "a.wav", clips, hop_s=HOP, heard_hz=(lowest_hz, math.inf))
    # A sample lasts 10 ms at 100 Hz.
    assert clip.onset_s == pytest.approx(1.0, abs=max(NEAR, 2 / rate))
    assert clip.onset_s < clip.offset_s <= 2.0 + HOP
