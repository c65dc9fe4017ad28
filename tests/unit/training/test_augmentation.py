"""Augmentation: levels move by the decibels drawn, and nothing else."""

import numpy as np

from deep_plunder.features.layout import band_places
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.training.augmentation import augmented, crop_starts


def features(seed=0):
    return np.random.default_rng(seed).integers(3, 200, (4, 6, 41)).astype(np.uint8)


def varied(data, seed=1, **changes):
    places = band_places(FeatureSpec(mel_bands=20, short_bands=10, hop=256))
    options = {"gain_db": (0.0, 0.0), "masks": 0.0, "mirror": False, "places": places} | changes
    return augmented(data.copy(), np.random.default_rng(seed), **options)


def test_nothing_asked_for_changes_nothing():
    np.testing.assert_array_equal(varied(features()), features())


def test_a_gain_moves_all_levels_alike_and_leaves_the_direction_and_silence():
    data = features()
    data[0, 0, :5] = 1
    found = varied(data, gain_db=(6.0, 6.0))
    assert (found[0, 0, :5] == 1).all()
    # 6 dB are 0.69 in the natural logarithm, 11 steps of 1/16.
    np.testing.assert_array_equal(found[1:, :, :-1], np.minimum(data[1:, :, :-1] + 11.0, 255))
    np.testing.assert_array_equal(found[:, :, -1], data[:, :, -1])


def test_a_curve_moves_bands_by_what_lies_between_its_points_alike_in_both_windows():
    data = np.full((30, 6, 41), 100, np.uint8)
    moved = varied(data, curve_db=6.0)[:, :, :-1].astype(int) - 100
    # 6 dB are 11 steps.
    assert (moved == moved[:, :1]).all() and 8 <= np.abs(moved).max() <= 11
    assert len({tuple(item[0]) for item in moved}) == 30
    np.testing.assert_array_equal(moved[:, :, 20:30], moved[:, :, 30:])
    assert (np.abs(moved[:, :, [0, 19]] - moved[:, :, [20, 29]]) == 0).all()
    assert np.abs(np.diff(moved[:, 0, :20], axis=1)).mean() < 3


def test_a_limited_band_is_silent_above_a_frequency_in_all_windows():
    found = varied(features(), band_limit=1.0, limits=(0.45, 0.55))
    hidden = (found == 1).all(axis=1)
    for bands in (slice(0, 20), slice(20, 30), slice(30, 40)):
        width = bands.stop - bands.start
        assert hidden[:, bands][:, int(0.6 * width) :].all()
        assert not hidden[:, bands][:, : int(0.4 * width)].any()
    np.testing.assert_array_equal(found[:, :, 40], features()[:, :, 40])


def test_a_floor_fills_silence_softly_and_leaves_what_is_loud_and_the_direction():
    data = np.full((200, 50, 41), 1, np.uint8)
    data[:, :10, :-1] = 200
    found = varied(data, floor=1.0)
    np.testing.assert_array_equal(found[:, :, 40], data[:, :, 40])
    # 30 dB are 55 steps; levels of a noise vary by 2 dB.
    assert np.abs(found[:, :10, :-1].astype(int) - 200).max() <= 1
    silent = found[:, 10:, :-1].astype(int)
    assert silent.max() <= 200 - 55 + 5 * 4
    filled = (silent > 5).mean(axis=1) > 0.9
    hums = ~filled[:, 19]
    assert 70 < hums.sum() < 130
    assert not filled[hums][:, 2:20].any()
    assert filled[hums][:, 0].all()
    assert filled[~hums][:, :30].all()
    # The channels differ in half of the noises.
    assert 0.35 < filled[~hums][:, 30:40].all(axis=1).mean() < 0.65
    steady = silent[~hums][:, :, 5].astype(float)
    assert np.abs(steady[:, :20].mean(axis=1) - steady[:, 20:].mean(axis=1)).max() < 4


def test_powers_of_a_floor_add_up():
    data = np.full((400, 500, 41), 1, np.uint8)
    data[:, 0, :-1] = 200
    noise = varied(data, floor=1.0)[:, 1:, 5].astype(float).mean(axis=1)
    equal = data.copy()
    equal[:, 1:, 5] = np.round(noise)[:, np.newaxis]
    both = varied(equal, floor=1.0)[:, 1:, 5].astype(float).mean(axis=1)
    broad = noise > 5
    # Twice a power is 3 dB, 5.5 steps.
    assert np.abs(both[broad] - noise[broad] - 5.5).max() < 1.0
    np.testing.assert_array_equal(both[~broad], np.round(noise[~broad]))


def test_masks_and_mirrors():
    data = features()
    masked = varied(data, masks=1.0)
    hidden = (masked == 0).all(axis=1)
    assert hidden.any(axis=1).all()
    assert (masked[~np.repeat(hidden[:, None], 6, axis=1)] > 0).all()
    mirrored = varied(data, mirror=True)
    changed = (mirrored[:, :, -1] != data[:, :, -1]).all(axis=1)
    assert 0 < changed.sum() < 4
    np.testing.assert_array_equal(mirrored[changed][:, :, -1], 255 - data[changed][:, :, -1])


def test_parts_lie_inside_and_reach_both_ends():
    starts = crop_starts(np.random.default_rng(0), items=500, frames=10, crop=8)
    assert set(starts.tolist()) == {0, 1, 2}


def test_parts_around_onsets_hold_one_where_the_item_has_one():
    places = {0: [3], 1: [], 2: [0, 99], 3: [50, 51, 52]}
    options = {"items": 4, "frames": 100, "crop": 20}
    firsts = np.array(
        [
            crop_starts(
                np.random.default_rng(seed),
                positive_share=1.0,
                onsets=lambda item: np.array(places[item], np.int64),
                **options,
            )
            for seed in range(400)
        ]
    )
    plain = np.array([crop_starts(np.random.default_rng(seed), **options) for seed in range(400)])
    assert firsts.min() >= 0
    assert firsts.max() <= 80
    for item in (0, 2, 3):
        held = np.array(places[item])[:, None] - firsts[:, item]
        assert ((held >= 0) & (held < 20)).any(axis=0).all()
    # An item without onsets is cut as it is without the option.
    np.testing.assert_array_equal(firsts[:, 1], plain[:, 1])
    # An onset may lie anywhere in its part, and each onset of an item is taken.
    assert set((50 - firsts[:, 3]).tolist()) >= set(range(17))
    assert {0, 80} == {first for first in firsts[:, 2].tolist() if first in (0, 80)}


def test_half_of_the_parts_are_drawn_around_onsets():
    starts = crop_starts(
        np.random.default_rng(1),
        items=4000,
        frames=1000,
        crop=10,
        positive_share=0.5,
        onsets=lambda item: np.array([500]),
    )
    holds = (starts <= 500) & (starts > 490)
    assert 0.47 < holds.mean() < 0.54
