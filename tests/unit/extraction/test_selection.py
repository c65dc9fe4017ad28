from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.audio.writing import Container
from deep_plunder.cli.main import parser
from deep_plunder.extraction.options import BITS, CONTAINERS, ClipOptions
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.selection import choose_rows


def region(onset_s, length_s, score, group, kept, sound_class="kick"):
    return ExtractedRegion(
        onset_s=onset_s, offset_s=onset_s + length_s, score=score, group=group, kept=kept,
        sound_class=sound_class, note="", cents=float("nan"), note_confidence=0.0,
        loudness_lufs=-20.0, attacks=1, clip="", source="song.wav",
    )  # fmt: skip


@st.composite
def songs(draw):
    lengths = draw(st.lists(st.integers(1, 40), max_size=12))
    groups = [draw(st.integers(1, 4)) for _ in lengths]
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups), start=1)}
    rows = [
        (float(n), length / 10, draw(st.integers(0, 20)) / 20, numbers[group],
         draw(st.sampled_from(["kick", "snare"])))
        for n, (length, group) in enumerate(zip(lengths, groups, strict=True))
    ]  # fmt: skip
    best = {row[3]: n for n, row in enumerate(rows)}
    return [
        region(*row[:4], int(best[row[3]] == n), sound_class=row[4]) for n, row in enumerate(rows)
    ]


options = st.builds(
    ClipOptions,
    best=st.none() | st.integers(1, 5),
    min_length_s=st.sampled_from([0.0, 0.5, 1.0]),
    max_length_s=st.none() | st.sampled_from([1.0, 2.5]),
    classes=st.sampled_from([(), ("kick",), ("kick", "snare")]),
    keep_duplicates=st.booleans(),
)


@given(songs(), options)
def test_what_is_chosen_fits_the_options_and_nothing_better_is_left_out(regions, wanted):
    rows = choose_rows(regions, wanted)
    assert rows == sorted(set(rows))
    longest = wanted.max_length_s or float("inf")

    def fits(row):
        length = round(regions[row].offset_s - regions[row].onset_s, 6)
        return wanted.min_length_s <= length <= longest and (
            not wanted.classes or regions[row].sound_class in wanted.classes
        )

    fitting = [row for row in range(len(regions)) if fits(row)]
    assert set(rows) <= set(fitting)
    groups = [regions[row].group for row in rows]
    if wanted.keep_duplicates:
        candidates = len(fitting)
    else:
        assert len(set(groups)) == len(groups)
        candidates = len({regions[row].group for row in fitting})
    assert len(rows) == min(candidates, wanted.best or candidates)
    for row in rows:
        rivals = [r for r in fitting if regions[r].group == regions[row].group]
        if not wanted.keep_duplicates and any(regions[r].kept for r in rivals):
            assert regions[row].kept
    if wanted.best and wanted.keep_duplicates:
        least = min((regions[row].score for row in rows), default=1.0)
        assert all(regions[row].score <= least for row in set(fitting) - set(rows))


def test_the_command_offers_the_formats_that_there_are():
    help_text = parser().parse_args(["extract", "a.wav", "-o", "out"])
    assert help_text.format in CONTAINERS == get_args(Container)
    for container in CONTAINERS:
        parser().parse_args(["extract", "a.wav", "-o", "out", "--format", container])
    for bits in BITS:
        parser().parse_args(["extract", "a.wav", "-o", "out", "--bits", str(bits)])
