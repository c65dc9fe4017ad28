"""Ogg files in which several streams follow each other."""

import io
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deep_plunder.audio import reading
from tests.unit.audio.test_odd_mp3 import assert_parts, joined
from tests.unit.audio.test_reading import encode, music


def ogg(frames: int, rate: int, channels: int, subtype: str, seed: int = 0) -> bytes:
    file = io.BytesIO()
    samples = music(frames / rate + 0.01, rate, channels, seed)[:frames]
    with soundfile.SoundFile(file, "w", rate, channels, format="OGG", subtype=subtype) as sound:
        # In pieces: libsndfile's Vorbis encoder overflows its stack on long blocks.
        for start in range(0, len(samples), 16384):
            sound.write(samples[start : start + 16384])
    return file.getvalue()


LINKS = st.lists(
    st.one_of(
        st.tuples(
            st.integers(1, 60_000),
            st.sampled_from([48000, 44100, 22050, 8000]),
            st.sampled_from([1, 2]),
            st.just("VORBIS"),
        ),
        st.tuples(
            st.integers(1, 30_000),
            st.sampled_from([48000, 24000]),
            st.sampled_from([1, 2]),
            st.just("OPUS"),
        ),
    ),
    min_size=2,
    max_size=5,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(links=LINKS)
def test_a_chain_is_each_of_its_links(
    tmp_path: Path, links: list[tuple[int, int, int, str]]
) -> None:
    wholes, contents = [], []
    for seed, link in enumerate(links):
        contents.append(ogg(*link, seed))
        (tmp_path / "part.ogg").write_bytes(contents[-1])
        wholes.append(reading.read(tmp_path / "part.ogg"))
    path = tmp_path / "chain.ogg"
    path.write_bytes(b"".join(contents))
    expected, rate = joined(wholes)
    whole, found = reading.read(path)
    assert (whole.shape, found) == (expected.shape, rate)
    np.testing.assert_allclose(whole, expected, atol=2e-6)
    assert_parts(path, whole)


def test_a_link_that_is_cut_off_does_not_hide_the_next(tmp_path: Path) -> None:
    first, second = ogg(60_000, 44100, 2, "VORBIS"), ogg(50_000, 44100, 2, "VORBIS", 1)
    path = tmp_path / "a.ogg"
    path.write_bytes(second)
    end, _ = reading.read(path)
    for share in (0.5, 0.9, 0.999):
        path.write_bytes(first[: int(share * len(first))] + second)
        whole, _ = reading.read(path)
        assert 50_000 < len(whole) <= 110_000
        np.testing.assert_array_equal(whole[-50_000:], end)
        assert_parts(path, whole)


def test_links_of_other_codecs_are_decoded(tmp_path: Path) -> None:
    encode(tmp_path / "a.ogg", music(1, 32000, 1), 32000, "flac")
    (tmp_path / "b.ogg").write_bytes(ogg(20_000, 44100, 2, "VORBIS"))
    wholes = [reading.read(tmp_path / name) for name in ("a.ogg", "b.ogg")]
    path = tmp_path / "chain.ogg"
    path.write_bytes(b"".join((tmp_path / name).read_bytes() for name in ("a.ogg", "b.ogg")))
    expected, rate = joined(wholes)
    whole, found = reading.read(path)
    assert (whole.shape, found) == (expected.shape, rate)
    np.testing.assert_allclose(whole, expected, atol=2e-6)
    assert_parts(path, whole)
