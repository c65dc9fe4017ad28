"""Encoded audio holds what was given, and the same bytes each time."""

import av
import numpy as np
import pytest
import soundfile

from deep_plunder.audio import encoding
from deep_plunder.errors import InputError

RATE = 44100


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [("wav", "PCM_16"), ("wav", "FLOAT"), ("flac", "PCM_24"), ("ogg", ""), ("mp3", "")],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_encoded_audio_is_what_was_given(tmp_path, suffix, subtype, channels):
    time = np.arange(3 * RATE) / RATE
    audio = np.stack([0.5 * np.sin(2 * np.pi * f * time) for f in (440, 660)][:channels], axis=1)
    path = tmp_path / f"tone.{suffix}"
    encoding.encode(path, audio.astype(np.float32), RATE, subtype=subtype)
    decoded, rate = soundfile.read(path, always_2d=True)
    assert rate == RATE
    assert decoded.shape == audio.shape
    assert np.abs(decoded - audio)[2000:-2000].max() < (1e-4 if subtype else 0.02)


@pytest.mark.parametrize(("subtype", "tolerance"), [("AAC", 0.05), ("ALAC", 1e-4)])
def test_m4a_holds_the_audio(tmp_path, subtype, tolerance):
    time = np.arange(3 * RATE) / RATE
    audio = np.stack([0.5 * np.sin(2 * np.pi * f * time) for f in (440, 660)], axis=1)
    encoding.encode(tmp_path / "tone.m4a", audio.astype(np.float32), RATE, subtype=subtype)
    with av.open(str(tmp_path / "tone.m4a")) as container:
        to_float = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        blocks = [
            block.to_ndarray()
            for frame in container.decode(audio=0)
            for block in to_float.resample(frame)
        ]
    decoded = np.concatenate(blocks, axis=1).T
    shift = len(decoded) - len(audio)
    assert 0 <= shift < 4096
    ends = slice(5000, 100_000)
    assert np.abs(decoded[ends] - audio[ends]).max() < tolerance


def test_ogg_pages_stay_valid_with_another_serial(tmp_path):
    path = tmp_path / "noise.ogg"
    audio = np.random.default_rng(0).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    encoding.encode(path, audio, RATE)
    data = path.read_bytes()
    again = encoding._with_serial(encoding._with_serial(data, serial=0xDEADBEEF), serial=1)
    assert again == data
    # The decoder drops pages with a wrong checksum: all samples must still be there.
    path.write_bytes(encoding._with_serial(data, serial=77))
    assert soundfile.info(path).frames == RATE


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.wav", "PCM_16"), ("a.wav", "FLOAT"), ("a.ogg", ""), ("a.m4a", "ALAC"), ("a.m4a", "AAC")],
)
def test_audio_that_cannot_be_written_is_named_with_the_cause(tmp_path, small_files, name, subtype):
    noise = np.random.default_rng(0).uniform(-1, 1, (4 * RATE, 2)).astype(np.float32)
    with small_files(5000), pytest.raises(OSError, match=rf"File too large: '.*/{name}'$"):
        encoding.encode(tmp_path / name, noise, RATE, subtype=subtype)
    assert list(tmp_path.iterdir()) == []


def test_unknown_format_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="no encoder"):
        encoding.encode(tmp_path / "x.wma", np.zeros((10, 1), np.float32), RATE)
    assert list(tmp_path.iterdir()) == []


def test_mp3_has_the_bit_rate_asked_for(tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.1, (10 * 44100, 2)).astype(np.float32)
    sizes = {}
    for kbps in (128, 320):
        encoding.encode(tmp_path / "noise.mp3", noise, 44100, mp3_kbps=kbps)
        sizes[kbps] = (tmp_path / "noise.mp3").stat().st_size * 8 / 10 / 1000
    assert sizes == pytest.approx({128: 128, 320: 320}, rel=0.02)
