import itertools

import numpy as np
import pytest

from deep_plunder.corpus.onsets import find_offset, find_onset, find_region, level

METHODS = ("decay", "flip")


def one_shot(
    rate: int,
    decay_s: float,
    *,
    kind: str = "tone",
    before_s: float = 0.1,
    after_s: float = 0.4,
    cut_s: float = np.inf,
    depth_db: float = 60,
    noise_db: float = -np.inf,
    constant: float = 0.0,
    seed: int = 0,
) -> tuple[np.ndarray, float, float]:
    """A sound that decays by 60 dB in `decay_s`, and the times of its beginning and of -60 dB."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(rate * min(decay_s * depth_db / 60, cut_s))) / rate
    if kind == "noise":
        sound = 0.25 * rng.standard_normal(len(t))
    elif kind == "fm":
        pitch = 2 * np.pi * rng.uniform(80, 400) * t
        sound = 0.7 * np.sin(pitch + 3 * np.sin(1.41 * pitch))
    else:
        sound = 0.7 * np.sin(2 * np.pi * rng.uniform(60, 900) * t)
    sound *= 10 ** (-3 * t / decay_s) * np.minimum(1, t / 0.003 + 1e-3)
    before, after = np.zeros(round(rate * before_s)), np.zeros(round(rate * after_s))
    audio = np.concatenate([before, sound, after]) + constant
    audio += 10 ** (noise_db / 20) * rng.standard_normal(len(audio))
    return audio.astype(np.float32), before_s, before_s + min(decay_s, len(t) / rate)


def sounds(decays: tuple[float, ...], **options: float) -> list[tuple[np.ndarray, float, float]]:
    kinds = ("tone", "noise", "fm")
    return [
        one_shot(22050, decay, kind=kind, seed=seed, **options)
        for decay in decays
        for seed, kind in enumerate(kinds)
    ]


def errors(method: str, items: list) -> tuple[np.ndarray, np.ndarray]:
    found = np.array([find_region(audio, 22050, method=method) for audio, _, _ in items])
    true = np.array([(onset, offset) for _, onset, offset in items])
    return found[:, 0] - true[:, 0], found[:, 1] - true[:, 1]


def test_short_and_long_tails_end_where_they_end() -> None:
    for decays, tolerance in (((0.08, 0.3), 0.005), ((2.0, 4.0, 8.0), 0.06)):
        onset, offset = errors("decay", sounds(decays))
        assert np.abs(onset).max() < 0.001
        assert np.abs(offset).max() < tolerance
        assert np.median(np.abs(offset)) < 0.005


def test_the_paper_method_errs_on_long_tails() -> None:
    # As recordings are: the tail goes on below -60 dB, down to the dither of 16 bits.
    items = sounds((3.0, 6.0), depth_db=95, noise_db=-98)
    flip, decay = errors("flip", items)[1], errors("decay", items)[1]
    print("median error of the offset:", np.median(flip), "s flip,", np.median(decay), "s decay")
    assert np.median(np.abs(decay)) < 0.1
    assert np.median(np.abs(flip)) > 1.0


def test_cut_sounds_end_at_the_cut() -> None:
    for after in (0.0, 0.3):
        items = [
            one_shot(22050, 4.0, kind=kind, cut_s=1.5, after_s=after)
            for kind in ("tone", "noise", "fm")
        ]
        onset, offset = errors("decay", items)
        assert np.abs(onset).max() < 0.001
        assert np.abs(offset).max() < 0.005


def test_a_sustained_sound_lasts_to_the_end_of_its_file() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(44100) / 22050
    organ = 0.3 * np.sin(2 * np.pi * 220 * t)
    for sound in (organ, 0.1 * rng.standard_normal(44100), np.sign(organ), np.abs(organ)):
        onset, offset = find_region(sound.astype(np.float32), 22050)
        assert onset < 0.005
        assert offset > 1.995


@pytest.mark.parametrize("noise_db", [-70, -55, -45])
def test_tails_end_where_they_sink_into_the_noise(noise_db: float) -> None:
    for decay in (0.3, 2.0, 6.0):
        for seed, kind in enumerate(("tone", "fm", "noise")):
            audio, true_onset, true_offset = one_shot(
                22050, decay, kind=kind, noise_db=noise_db, after_s=1.0, seed=seed
            )
            onset, offset = find_region(audio, 22050)
            assert onset == pytest.approx(true_onset, abs=0.003)
            # The sound has about -5 dB at its beginning and sinks below the noise in between.
            below = true_onset + decay * (-5 - noise_db) / 60
            assert offset <= true_offset + 0.01
            assert offset == pytest.approx(min(below, true_offset), abs=0.01 + 0.2 * decay)


def test_a_constant_offset_of_the_recording_is_no_sound() -> None:
    for decay in (0.3, 2.0):
        audio, onset, offset = one_shot(22050, decay, constant=0.05)
        assert find_region(audio, 22050) == pytest.approx((onset, offset), abs=0.03)


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 192000])
def test_the_rate_does_not_matter(rate: int) -> None:
    audio, onset, offset = one_shot(rate, 0.5, kind="tone")
    assert find_region(audio, rate) == pytest.approx((onset, offset), abs=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_channels_and_gain_do_not_matter(method: str) -> None:
    audio, _, _ = one_shot(22050, 0.5, kind="fm")
    mono = find_region(audio, 22050, method=method)
    assert find_region(audio[:, None], 22050, method=method) == mono
    assert find_region(np.stack([audio] * 6, axis=1), 22050, method=method) == mono
    opposite = np.stack([audio, -audio], axis=1)
    assert find_region(opposite, 22050, method=method) == pytest.approx(mono, abs=0.001)
    # librosa adds a fixed 1e-10 to energies before it takes decibels.
    tolerance = 1e-4 if method == "decay" else 0.1
    assert find_region(audio / 8, 22050, method=method) == pytest.approx(mono, abs=tolerance)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("frames", [1, 2, 10, 43, 44, 45, 500, 1500])
def test_any_length_gives_a_region_inside_it(method: str, frames: int) -> None:
    rng = np.random.default_rng(frames)
    for audio in (rng.standard_normal(frames), np.zeros(frames), np.ones(frames)):
        onset, offset = find_region(audio.astype(np.float32), 44100, method=method)
        assert 0 <= onset < offset <= frames / 44100


@pytest.mark.filterwarnings("ignore::UserWarning:librosa")
def test_flip_is_librosa_on_sounds_and_on_their_reverse() -> None:
    import librosa

    def first(audio: np.ndarray, rate: int) -> float:
        times = librosa.onset.onset_detect(y=audio, sr=rate, units="time")
        return float(times[0]) if len(times) else 0.0

    offsets = set()
    for rate in (22050, 44100):
        for seed, (kind, decay_s, before_s) in enumerate(
            itertools.product(("tone", "noise", "fm"), (0.02, 0.2, 1.5), (0.0, 0.3))
        ):
            audio, _, _ = one_shot(rate, decay_s, kind=kind, before_s=before_s, seed=seed)
            assert find_onset(audio, rate, method="flip") == first(audio, rate)
            length, backward = len(audio) / rate, np.ascontiguousarray(audio[::-1])
            offset = length - first(backward, rate)
            assert find_offset(audio, rate, method="flip") == offset
            offsets.add(offset)
    assert len(offsets) > 10


def test_both_ends_apart_are_the_region() -> None:
    audio, _, _ = one_shot(22050, 1.0, kind="noise")
    for method in METHODS:
        region = find_onset(audio, 22050, method=method), find_offset(audio, 22050, method=method)
        assert find_region(audio, 22050, method=method) == region


def test_unknown_methods_are_refused() -> None:
    for find in (find_onset, find_offset, find_region):
        with pytest.raises(ValueError, match="method must be one of"):
            find(np.ones(10, np.float32), 44100, method="best")


def test_level() -> None:
    assert level(np.zeros(100, np.float32), 8000) == -np.inf
    assert level(np.zeros((0, 2), np.float32), 8000) == -np.inf
    square = np.tile(np.float32([0.1, -0.1]), 4000)
    assert level(square, 8000) == pytest.approx(-20, abs=0.01)
    assert level(np.stack([square, square], axis=1), 8000) == pytest.approx(-20, abs=0.01)
