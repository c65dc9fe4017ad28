"""Files state the facts about a clip, read back by readers that are not ours."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from deep_plunder.audio import writing
from deep_plunder.audio.wav_chunks import ClipFacts, add_chunks
from deep_plunder.errors import AudioError
from deep_plunder.util.rng import generator

RATE = 44100
FACTS = ClipFacts(
    name="clip_001", song="Tide \u2014 é.wav", comment="score 0.87, keys, A3, model shipped",
    software="deep-plunder 0.1.0", start=12345678901, note=57, cents=-25.0,
)  # fmt: skip


def chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the chunks of a RIFF file by kind; LIST chunks by their type."""
    assert data[:4] == b"RIFF" and struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, place = {}, 12
    while place < len(data):
        kind, size = data[place : place + 4], struct.unpack("<I", data[place + 4 : place + 8])[0]
        content = data[place + 8 : place + 8 + size]
        if kind == b"LIST":
            kind, content = content[:4], content[4:]
        assert kind not in found
        found[kind] = content
        place += 8 + size + size % 2
    assert place == len(data)
    return found


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("frames", [1, 2, 1001])
def test_chunks_state_the_facts_and_leave_the_samples(
    tmp_path: Path, subtype: str, frames: int
) -> None:
    samples = generator(1, "chunks").uniform(-0.5, 0.5, (frames, 1)).astype(np.float32)
    plain, tagged = tmp_path / "plain.wav", tmp_path / "tagged.wav"
    writing.write_blocks(plain, [samples], RATE, 1, subtype=subtype)
    writing.write_blocks(tagged, [samples], RATE, 1, subtype=subtype, facts=FACTS)
    before, after = chunks(plain.read_bytes()), chunks(tagged.read_bytes())
    assert all(after[kind] == content for kind, content in before.items())
    np.testing.assert_array_equal(soundfile.read(plain)[0], soundfile.read(tagged)[0])
    period, note, fraction, loops = (
        struct.unpack("<9I", after[b"smpl"])[place] for place in (2, 3, 4, 7)
    )
    assert period == round(1e9 / RATE) and loops == 0
    assert note + fraction / 2**32 == pytest.approx(57 - 0.25)
    assert struct.unpack("<I", after[b"cue "][:4]) == (1,)
    assert b"clip_001\0" in after[b"adtl"]
    # FFmpeg reads the position in the song and the texts.
    with av.open(str(tagged)) as container:
        facts = container.metadata
    assert facts["time_reference"] == "12345678901"
    assert facts["title"] == "clip_001" and facts["album"] == FACTS.song
    assert facts["comment"].endswith(FACTS.comment)
    assert facts["encoder"] == "deep-plunder 0.1.0"


@pytest.mark.parametrize(
    ("container", "subtype"), [("flac", "PCM_16"), ("aiff", "PCM_24"), ("aiff", "FLOAT")]
)
def test_flac_and_aiff_hold_the_texts_and_the_same_samples(
    tmp_path: Path, container: writing.Container, subtype: str
) -> None:
    samples = generator(2, "chunks").uniform(-0.5, 0.5, (1001, 2)).astype(np.float32)
    for name, facts in (("plain", None), ("tagged", FACTS), ("again", FACTS)):
        path = tmp_path / f"{name}.{container}"
        writing.write_blocks(
            path, [samples], RATE, 2, subtype=subtype, container=container, facts=facts
        )
    plain, tagged, again = (tmp_path / f"{n}.{container}" for n in ("plain", "tagged", "again"))
    np.testing.assert_array_equal(soundfile.read(plain)[0], soundfile.read(tagged)[0])
    assert tagged.read_bytes() == again.read_bytes()
    with av.open(str(tagged)) as read:
        texts = {name.lower(): text for name, text in read.metadata.items()}
    assert texts["title"] == "clip_001"
    assert texts["comment"] == f"{FACTS.song}: {FACTS.comment}"
    assert container == "aiff" or texts["album"] == FACTS.song


def test_a_file_of_another_format_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"fLaC" + bytes(100))
    with pytest.raises(AudioError, match=r"a\.wav: must be a RIFF WAV file"):
        add_chunks(path, FACTS)
    assert path.read_bytes() == b"fLaC" + bytes(100)
