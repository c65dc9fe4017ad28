"""The app in a real browser, from the upload to the kit, with the model that ships."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("uvicorn", reason="the app is not installed (pip install '.[app]')")

from deep_plunder import app
from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.choices import read_choices
from deep_plunder.util.rng import generator
from tests.browser import assert_it_fits, assert_it_stands_out, chromium, set_view

RATE = 44100
NOTE_PLAYS = """
window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  this.addEventListener("playing", () => played.push(this.currentSrc));
  return play.call(this);
};
"""
START = "from deep_plunder.cli.main import main; raise SystemExit(main())"


def write_song(path: Path, *, seconds: int) -> Path:
    """Write a song of struck notes, each alone."""
    rng = generator(1, "app", path.name)
    song = np.zeros((seconds * RATE, 2), np.float32)
    time_s = np.arange(round(0.7 * RATE)) / RATE
    for onset in range(seconds):
        pitch = 110 * 2 ** (rng.integers(0, 36) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * n * time_s) / n for n in range(1, 9))
        song[onset * RATE :][: len(tone)] += (0.3 * np.exp(-6 * time_s) * tone)[:, None]
    soundfile.write(path, song, RATE)
    return path


@contextlib.contextmanager
def running(folder):
    """Run the command; yield the address of the page."""
    command = [sys.executable, "-c", START, "app", str(folder), "--no-browser"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("http://127.0.0.1:"), line
            yield line.split(" ")[0]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130


def within(seconds, true):
    """Return the first true value of a function, asked again and again."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)
    return value


class Page:
    """The page of the app in a browser."""

    def __init__(self, driver, address):
        self.driver = driver
        driver.get(address)
        self.all("#app")

    def all(self, css):
        return self.driver.find_elements("css selector", css)

    def one(self, css, *, seconds=60):
        return within(seconds, lambda: self.all(css))[0]

    def send(self, *paths):
        self.one("#files").send_keys("\n".join(map(str, paths)))

    def wait_for(self, title, state):
        """Wait until a song has a state."""
        return within(900, lambda: self.states().get(title) == state)

    def states(self):
        script = (
            "return [...document.querySelectorAll('#songs > li')].map((row) => "
            "[row.querySelector('.title').textContent, row.dataset.state])"
        )
        return dict(self.driver.execute_script(script))

    def faults(self):
        """List what the console says, without the icon that browsers ask for."""
        return [entry["message"] for entry in self.driver.get_log("browser")]


def press(page, title, action):
    (row,) = (row for row in page.all("#songs > li") if title in row.text)
    (button,) = (
        each for each in row.find_elements("css selector", "button") if action in each.text
    )
    button.click()


def test_from_the_upload_to_the_kit(tmp_path):
    tide = write_song(tmp_path / "Tide.wav", seconds=6)
    long = write_song(tmp_path / "Long.flac", seconds=240)
    text = tmp_path / "Text.mp3"
    text.write_text("not a song")
    notes = tmp_path / "notes.txt"
    notes.write_text("no audio")
    with chromium(tmp_path / "downloads") as driver:
        set_view(driver)
        with running(tmp_path / "app") as address:
            page = Page(driver, address)
            page.send(tide, text, long, notes)
            assert "1 of 4 files left out: not audio" in page.one("#notice").text
            # A second song plays while others are searched, and one that runs is cancelled.
            page.wait_for("Tide.wav", "done")
            page.wait_for("Text.mp3", "failed")
            assert page.one("#songs .reason:not([hidden])").text.startswith("Text.mp3: not audio")
            page.wait_for("Long.flac", "running")
            press(page, "Long.flac", "Cancel")
            page.wait_for("Long.flac", "cancelled")
            assert [path.name for path in (tmp_path / "app/clips").iterdir()] == ["Tide"]
            for width, dark in ((400, False), (400, True), (1600, True), (1600, False)):
                set_view(driver, width=width, dark=dark)
                assert_it_fits(driver, "#drop .button, #songs .title, #songs button, #kits > a")
                for css in ("#about", "#notice", "#songs .state", "#songs .reason"):
                    assert_it_stands_out(driver, css, "body", dark=dark)
            # Hear and choose.
            clips = within(60, lambda: page.all("#gallery .clips > .clip"))
            assert len(clips) >= 2
            driver.execute_script(NOTE_PLAYS)
            page.one(".clip .wave").click()
            played = within(30, lambda: driver.execute_script("return played"))
            assert "/clips/Tide/clips/" in played[0]
            page.one(".clip .accepted").click()
            page.all(".clip .rejected")[1].click()
            choices = tmp_path / "app" / "choices.json"
            within(30, lambda: choices.exists() and read_choices(choices)[0].rejected)
            # All is there after a reload.
            driver.refresh()
            within(60, lambda: len(page.all("#gallery .clips > .clip")) == len(clips))
            assert page.states() == {
                "Tide.wav": "done", "Text.mp3": "failed", "Long.flac": "cancelled"
            }  # fmt: skip
            marks = [clip.get_attribute("data-mark") for clip in page.all(".clips > .clip")]
            assert sorted(mark for mark in marks if mark) == ["accepted", "rejected"]
            page.one("#kit-accepted:not([aria-disabled])").click()
            kit = within(60, lambda: list((tmp_path / "downloads").glob("kit.zip")))[0]
            with zipfile.ZipFile(kit) as archive:
                names = archive.namelist()
            assert {"kit/kit.sfz", "kit/Tide/Tide.sfz", "kit/Tide/Tide.mid"} <= set(names)
            assert sum(name.endswith(".wav") for name in names) == 1
            within(30, lambda: not list((tmp_path / "app").glob(".kit*")))
            assert page.faults() == []
            # A page that is open would ask on when the app is gone.
            driver.get("about:blank")
        # And after the app was started again; what was searched is not searched again.
        with running(tmp_path / "app") as address:
            page = Page(driver, address)
            within(60, lambda: len(page.all("#gallery .clips > .clip")) == len(clips))
            assert page.all(".clip[data-mark=accepted]")
            page.wait_for("Tide.wav", "done")
            press(page, "Tide.wav", "Remove")
            within(30, lambda: "Tide.wav" not in page.states())
            assert not (tmp_path / "app/clips/Tide").exists()
            assert page.faults() == []
    songs = json.loads((tmp_path / "app/queue.json").read_text())["songs"]
    assert [song["title"] for song in songs] == ["Text.mp3", "Long.flac"]


def test_a_song_that_runs_when_the_app_ends_is_finished_by_the_next(tmp_path):
    tide = write_song(tmp_path / "Tide.wav", seconds=20)
    with chromium(tmp_path) as driver:
        set_view(driver)
        with running(tmp_path / "app") as address:
            page = Page(driver, address)
            page.send(tide)
            page.wait_for("Tide.wav", "running")
        assert list((tmp_path / "app/clips").iterdir()) == []
        with running(tmp_path / "app") as address:
            Page(driver, address).wait_for("Tide.wav", "done")


def test_the_page_takes_all_files_that_may_hold_audio():
    script = (Path(app.__file__).parent / "app.js").read_text(encoding="utf-8")
    pattern = re.compile(re.search("ENDINGS = /(.+)/i;", script)[1], re.IGNORECASE)
    assert [suffix for suffix in AUDIO_SUFFIXES if not pattern.search(f"song{suffix}")] == []
