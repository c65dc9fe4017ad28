"""The gallery in a real browser: it plays, filters, keeps and saves choices, by mouse and keys."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.audio.identity import digest_of_song
from deep_plunder.cli.main import main
from deep_plunder.corpus.choices import read_choices
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.song import extract_song
from deep_plunder.util.rng import generator
from deep_plunder.util.tables import read_records
from tests.browser import assert_it_fits, assert_it_stands_out, chromium, set_view
from tests.unit.extraction.test_song import LoudIsSound

RATE = 44100
ODD = "50% <!--<script>#1 \"é'.wav"
NOTE_PLAYS = """
window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const source = () => decodeURI(this.currentSrc);
  const note = () => played.push([source(), this.currentTime, this.error?.code ?? 0]);
  this.addEventListener("pause", note, {once: true});
  return play.call(this);
};
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Extract two songs of three sounds, of which one is struck again at half its level."""
    top = tmp_path_factory.mktemp("gallery")
    for number, (name, container) in enumerate([("Tide.wav", "wav"), (ODD, "aiff")]):
        rng = generator(number, "gallery")
        fall = np.exp(-np.arange(round(0.4 * RATE)) / 4000)[:, None]
        first, second = (0.6 * rng.uniform(-1, 1, (len(fall), 2)) * fall for _ in range(2))
        song = np.zeros((4 * RATE, 2))
        for onset, sound in [(0.5, first), (1.5, second), (2.5, 0.5 * first)]:
            song[round(onset * RATE) :][: len(sound)] = sound
        (top / "songs").mkdir(exist_ok=True)
        soundfile.write(top / "songs" / name, song, RATE, subtype="PCM_24")
        folder = top / "out" / ("Tide" if number == 0 else "odd % #1")
        extract_song(LoudIsSound(), top / "songs" / name, folder,
                     options=ClipOptions(container=container))  # fmt: skip
    assert main(["gallery", str(top / "out")]) == 0
    return top / "out"


@pytest.fixture
def page(tmp_path, run):
    with chromium(tmp_path) as page:
        set_view(page)
        page.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NOTE_PLAYS})
        page.get((run / "index.html").as_uri())
        yield page
        assert [entry["message"] for entry in page.get_log("browser")] == []


def cards(page):
    return page.find_elements("css selector", ".clips > .clip")


def within(seconds, true):
    """Return the first true value of a function, asked again and again."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)
    return value


def choose(page, css, value):
    page.execute_script(
        "const control = document.querySelector(arguments[0]); control.value = arguments[1];"
        "control.dispatchEvent(new Event('input'));", css, value,
    )  # fmt: skip


def status(page):
    return page.find_element("css selector", ".status").text


def all_waves(page):
    waves = page.find_elements("css selector", ".wave")
    return waves if len(waves) == 6 else []


def test_every_clip_and_duplicate_plays(page):
    assert status(page) == "4 of 4 sounds · 0 accepted · 0 rejected"
    for summary in page.find_elements("css selector", ".clips summary"):
        summary.click()
    waves = within(5, lambda: all_waves(page))
    for number, wave in enumerate(waves, start=1):
        wave.click()
        within(10, lambda number=number: len(page.execute_script("return played")) == number)
    played = page.execute_script("return played")
    assert [error for _, _, error in played] == [0] * 6
    sources = [source.split(":")[0] + Path(source.split("#t")[0]).suffix for source, _, _ in played]
    # WAV from its file, AIFF as MP3 in the page, and a duplicate from its song.
    assert sorted(sources)[:2] == ["data"] * 2 and sources.count("file.wav") == 4
    for source, end, _ in played:
        if "#t=" in source:
            assert end == pytest.approx(float(source.rsplit(",", 1)[1]), abs=0.3)
        else:
            assert 0.2 <= end <= 0.6


def test_filters_and_orders_choose_the_sounds_shown(page, run):
    search = page.find_element("css selector", "[type=search]")
    search.send_keys("tide")
    assert status(page).startswith("2 of 4 sounds")
    search.send_keys(" nothing")
    assert status(page).startswith("0 of 4 sounds")
    assert page.find_element("css selector", ".none").text == "No sound fits these filters."
    choose(page, "[type=search]", "")
    choose(page, ".by-song select", "odd % #1")
    assert status(page).startswith("2 of 4 sounds")
    choose(page, ".by-song select", "")
    regions = [
        (region.score, region.loudness_lufs)
        for name in ("Tide", "odd % #1")
        for region in read_records(run / name / "regions.tsv", ExtractedRegion)
        if region.clip
    ]
    middle = (regions[0][0] + max(score for score, _ in regions)) / 2
    choose(page, ".by-score input", str(middle))
    assert status(page).startswith(f"{sum(score >= middle for score, _ in regions)} of 4 sounds")
    choose(page, ".by-score input", "0")
    choose(page, ".by-order select", "loudness")
    levels = page.execute_script(
        "return [...document.querySelectorAll('.clips > .clip')].map("
        "(card) => card.clip.region.loudness_lufs)"
    )
    assert levels == sorted(levels, reverse=True)
    assert levels == pytest.approx(sorted((level for _, level in regions), reverse=True), abs=1e-3)


def test_choices_are_kept_saved_and_built_into_a_kit(page, run, tmp_path, capsys):
    first, second = cards(page)[:2]
    first.find_element("css selector", ".accepted").click()
    second.find_element("css selector", ".rejected").click()
    assert status(page).endswith("1 accepted · 1 rejected")
    names = [card.find_element("css selector", ".name").text for card in (first, second)]
    page.refresh()
    assert status(page).endswith("1 accepted · 1 rejected")
    choose(page, ".by-mark select", "accepted")
    assert [card.find_element("css selector", ".name").text for card in cards(page)] == names[:1]
    page.find_element("css selector", ".download").click()
    path = tmp_path / "choices.json"
    within(10, path.is_file)
    songs = read_choices(path)
    assert sum(len(song.accepted) for song in songs) == 1
    assert sum(len(song.rejected) for song in songs) == 1
    assert {song.digest for song in songs} <= {
        digest_of_song(file) for file in (run.parent / "songs").iterdir()
    }
    capsys.readouterr()
    kit = tmp_path / "kit"
    assert main(["kit", str(run), "--choices", str(path), "-o", str(kit)]) == 0
    assert [file.name for file in kit.rglob("samples/*")] == names[:1]
    # The song's own page shows the same marks, and loads the file again where they are gone.
    [chosen] = [song for song in songs if song.accepted]
    page.execute_script("localStorage.clear()")
    page.get((run / chosen.name / "index.html").as_uri())
    assert status(page).endswith("0 accepted · 0 rejected")
    page.find_element("css selector", "[type=file]").send_keys(str(path))
    within(5, lambda: " 1 accepted" in status(page))
    notice = page.find_element("css selector", ".notice").text
    here = len(chosen.accepted + chosen.rejected)
    rest = "" if here == 2 else f"; {2 - here} are of other clips"
    assert notice == f"Choices loaded: {here}{rest}."


def test_an_accepted_duplicate_is_said_to_be_in_no_kit(page):
    page.find_element("css selector", ".clips summary").click()
    other = within(5, lambda: page.find_elements("css selector", ".others > .clip"))[0]
    notice = page.find_element("css selector", ".notice")
    other.find_element("css selector", ".accepted").click()
    assert notice.text == "Accepted, but it has no file: a kit leaves it out."
    other.find_element("css selector", ".accepted").click()
    assert notice.text == ""


def test_sounds_without_a_file_are_shown_where_asked_for(page, run, tmp_path):
    def control():
        return page.find_element("css selector", ".by-all > input")

    # Here every sound has a file.
    assert not control().is_displayed()
    extract_song(LoudIsSound(), run.parent / "songs/Tide.wav", tmp_path / "Tide",
                 options=ClipOptions(best=1))  # fmt: skip
    assert main(["gallery", str(tmp_path / "Tide")]) == 0
    page.get((tmp_path / "Tide/index.html").as_uri())
    assert status(page).startswith("1 of 1 sounds") and control().is_displayed()
    control().click()
    assert status(page).startswith("2 of 2 sounds")
    texts = [each.text for each in page.find_elements("css selector", ".clips .name")]
    assert len(texts) == 2 and "no file" in texts


def test_keys_play_and_choose(page):
    active = "return document.activeElement.closest('.clip')?.clip.key"
    keys = page.execute_script(
        "return [...document.querySelectorAll('.clips > .clip')].map((card) => card.clip.key)"
    )

    def press(key):
        page.switch_to.active_element.send_keys(key)

    press("j")
    assert page.execute_script(active) == keys[0]
    press("\ue014")  # right
    assert page.execute_script(active) == keys[1]
    press("k")
    press(" ")
    within(5, lambda: len(page.find_elements("css selector", ".playing")) == 1)
    press("\ue00c")  # escape
    assert page.find_elements("css selector", ".playing") == []
    press("a")
    assert page.execute_script(active) == keys[1]
    press("r")
    marks = json.loads(page.execute_script("return localStorage['deep-plunder marks']"))
    assert marks == {keys[0]: "accepted", keys[1]: "rejected"}
    press("k")
    press("u")
    marks = json.loads(page.execute_script("return localStorage['deep-plunder marks']"))
    assert marks == {keys[0]: "accepted"}
    press("/")
    press("tide")
    assert page.find_element("css selector", "[type=search]").get_attribute("value") == "tide"


def test_every_control_has_a_role_and_a_name(page):
    for summary in page.find_elements("css selector", ".clips summary"):
        summary.click()
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    seen: dict[str, list[str]] = {}
    for node in nodes:
        if not node["ignored"]:
            seen.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    for role in ("button", "combobox", "searchbox", "slider", "link"):
        assert seen[role] and all(seen[role]), role
    assert len(seen["main"]) == len(seen["search"]) == len(seen["status"]) == 1
    assert "Sounds" in seen["list"] and seen["listitem"]
    assert sum(name.startswith("Play Tide_00") for name in seen["button"]) == 2


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_the_window_and_its_text_stands_out(run, tmp_path, width, dark):
    with chromium(tmp_path) as page:
        set_view(page, width=width, dark=dark)
        page.get((run / "index.html").as_uri())
        assert_it_fits(page, ".gallery .bar > *, .marks > button, .clip > .wave, .zoom > button")
        assert_it_stands_out(page, ".status", "html", dark=dark)
        assert_it_stands_out(page, ".details", ".clip", dark=dark)
