import itertools

from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.description.record import note_name
from deep_plunder.kits.mapping import DRUM_KEYS, KitSound, map_keys

notes = st.just("") | st.integers(21, 108).map(note_name)
sounds = st.lists(
    st.builds(KitSound, st.sampled_from([*DRUM_KEYS, "keys", "other"]), notes, st.floats(0, 1)),
    max_size=40,
)


@given(sounds)
def test_every_sound_can_be_played(kit):
    zones = map_keys(kit)
    assert len(zones) == len(kit)
    turns: dict[int, set[int]] = {}
    for sound, zone in zip(kit, zones, strict=True):
        assert 0 <= zone.lowest <= zone.key <= zone.highest <= 127
        assert 1 <= zone.turn <= zone.turns
        assert zone.turn not in turns.setdefault(zone.key, set())
        turns[zone.key].add(zone.turn)
        if sound.sound_class in DRUM_KEYS:
            assert zone.key == DRUM_KEYS[sound.sound_class]
    for zone in zones:
        assert turns[zone.key] == set(range(1, zone.turns + 1))


@given(sounds)
def test_pitched_sounds_stay_chromatic_and_do_not_overlap(kit):
    zones = map_keys(kit)
    pitched = [
        (sound, zone) for sound, zone in zip(kit, zones, strict=True)
        if sound.note and sound.sound_class not in DRUM_KEYS
    ]  # fmt: skip
    names = [note_name(key) for key in range(128)]
    shifts = {zone.key - names.index(sound.note) for sound, zone in pitched}
    assert len(shifts) <= 1 and all(shift % 12 == 0 for shift in shifts)
    spans = sorted({(zone.lowest, zone.highest) for _, zone in pitched})
    assert all(a[1] < b[0] for a, b in itertools.pairwise(spans))


@given(sounds)
def test_the_best_of_a_key_comes_first(kit):
    zones = map_keys(kit)
    for sound, zone in zip(kit, zones, strict=True):
        for other, place in zip(kit, zones, strict=True):
            if zone.key == place.key and zone.turn < place.turn:
                assert sound.score >= other.score
