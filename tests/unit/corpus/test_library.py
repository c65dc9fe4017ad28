import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from deep_plunder.audio import reading, writing
from deep_plunder.corpus.library import (
    Rejected,
    Sound,
    read_classes,
    scan_library,
)
from deep_plunder.corpus.onset_table import write_onsets_json
from deep_plunder.errors import InputError
from deep_plunder.util.tables import read_records, write_records


def one_shot(path: Path, *, rate: int = 22050, channels: int = 1, seed: int = 0) -> None:
    rng = np.random.default_rng([seed, *os.fsencode(path.name)])
    t = np.arange(rate // 4) / rate
    sound = np.exp(-20 * t) * np.sin(2 * np.pi * rng.uniform(100, 900) * t) * 0.5
    writing.write(path, np.stack([sound] * channels, axis=1).astype(np.float32), rate)


@pytest.fixture
def wild(tmp_path: Path) -> Path:
    """A library as they come: each fault once, beside sounds that are good."""
    root = tmp_path / "wild"
    for name in ("kick/a.wav", "kick/deep/b.wav", "snare/c.WAV", "loose.wav"):
        one_shot(root / name)
    one_shot(root / "perc/eight bit.wav")
    samples, rate = reading.read(root / "perc/eight bit.wav")
    writing.write(root / "perc/eight bit.wav", samples, rate, subtype="PCM_U8")
    one_shot(root / "perc/high.wav", rate=192_000)
    one_shot(root / "perc/six.wav", channels=6)
    for odd in ('quote".wav', "line\nfeed.wav", "🥁 $x$.wav", "tab\t.wav"):
        one_shot(root / "odd" / odd)
    (root / "odd/mislabelled.mp3").write_bytes((root / "kick/a.wav").read_bytes()[:-400])
    content = bytearray((root / "kick/a.wav").read_bytes())
    content[4:8] = (len(content) - 408).to_bytes(4, "little")
    content[40:44] = (len(content) - 444).to_bytes(4, "little")
    (root / "odd/mislabelled.mp3").write_bytes(content[:-400])
    bad = root / "bad"
    bad.mkdir()
    (bad / "empty.wav").write_bytes(b"")
    (bad / "text.wav").write_text("this is no sound")
    (bad / "cut.wav").write_bytes((root / "kick/a.wav").read_bytes()[:3000])
    writing.write(bad / "silent.wav", np.zeros(22050, np.int16), 22050)
    writing.write(bad / "long.wav", np.ones(61 * 8000, np.int16), 8000)
    writing.write(bad / "nan.wav", np.full(900, np.nan, np.float32), 8000, subtype="FLOAT")
    shutil.copy(root / "kick/a.wav", bad / "z copy.wav")
    shutil.copy(root / "kick/a.wav", root / "kick/._a.wav")
    (root / "kick/.DS_Store").write_bytes(b"x")
    (root / "kick/readme.txt").write_text("x")
    (root / "kick/nosuffix").write_text("x")
    (root / ".hidden").mkdir()
    one_shot(root / ".hidden/x.wav")
    (root / "kick/loop").symlink_to(root)
    (root / "kick/self.wav").symlink_to("self.wav")
    (root / "aaa").symlink_to(root / "snare")
    (root / "bad/gone.wav").symlink_to("nowhere.wav")
    return root


GOOD = {
    "kick/a.wav": "kick",
    "kick/deep/b.wav": "kick",
    "loose.wav": "unsorted",
    "odd/line\nfeed.wav": "odd",
    "odd/mislabelled.mp3": "odd",
    'odd/quote".wav': "odd",
    "odd/tab\t.wav": "odd",
    "odd/🥁 $x$.wav": "odd",
    "perc/eight bit.wav": "perc",
    "perc/high.wav": "perc",
    "perc/six.wav": "perc",
    "snare/c.WAV": "snare",
}
BAD = {
    "bad/cut.wav": "truncated",
    "bad/empty.wav": "empty",
    "bad/gone.wav": "missing",
    "bad/long.wav": "too long",
    "bad/nan.wav": "not finite",
    "bad/silent.wav": "silent",
    "bad/text.wav": "not audio",
    "kick/._a.wav": "hidden",
    "kick/nosuffix": "not audio",
    "kick/readme.txt": "not audio",
    "kick/self.wav": "missing",
}


def test_a_wild_library(wild: Path) -> None:
    sounds, rejected = scan_library(wild)
    # A copy goes by its name: bad/z copy.wav comes before kick/a.wav.
    good = {name: kind for name, kind in GOOD.items() if name != "kick/a.wav"}
    assert {s.sound: s.sound_class for s in sounds} == good | {"bad/z copy.wav": "bad"}
    assert {r.file: r.reason for r in rejected} == BAD | {"kick/a.wav": "duplicate"}
    assert [s.sound for s in sounds] == sorted(s.sound for s in sounds)
    assert [r.file for r in rejected] == sorted(r.file for r in rejected)
    assert all("\n" not in r.detail for r in rejected)
    for sound in sounds:
        assert Path(sound.path) == wild / sound.sound
        assert 0 <= sound.onset_s < 0.01
        assert 0.2 < sound.offset_s <= sound.seconds <= 0.25
    kinds = {s.sound: (s.rate, s.channels) for s in sounds}
    assert kinds["perc/high.wav"] == (192_000, 1)
    assert kinds["perc/six.wav"] == (22_050, 6)


def test_workers_and_time_do_not_matter(wild: Path) -> None:
    first = scan_library(wild)
    assert scan_library(wild, workers=4) == first
    assert scan_library(wild) == first


def test_tables_hold_any_name(wild: Path, tmp_path: Path) -> None:
    sounds, rejected = scan_library(wild)
    write_records(tmp_path / "sounds.tsv", Sound, sounds)
    write_records(tmp_path / "rejected.tsv", Rejected, rejected)
    assert read_records(tmp_path / "sounds.tsv", Sound) == sounds
    assert read_records(tmp_path / "rejected.tsv", Rejected) == rejected


def test_a_name_of_any_bytes(tmp_path: Path) -> None:
    one_shot(tmp_path / "lib/a.wav")
    odd = os.fsencode(tmp_path / "lib") + b"/\xff\xfe.wav"
    try:
        (tmp_path / "lib/a.wav").rename(os.fsdecode(odd))
    except OSError:
        pytest.skip("this file system wants names in Unicode")
    sounds, rejected = scan_library(tmp_path / "lib")
    assert [s.sound for s in sounds] == [os.fsdecode(b"\xff\xfe.wav")]
    write_records(tmp_path / "sounds.tsv", Sound, sounds)
    assert read_records(tmp_path / "sounds.tsv", Sound) == sounds
    write_onsets_json(tmp_path / "onsets.json", sounds)
    assert rejected == []


def test_classes_from_a_table(wild: Path, tmp_path: Path) -> None:
    table = tmp_path / "classes.tsv"
    rows = "drum\tkick/a.wav\tx\r\n\r\ndrum\tsnare/c.WAV\t\r\ndrum\tsnare\t\r\n"
    table.write_text("class\tfile\textra\r\n" + rows)
    sounds, rejected = scan_library(wild, classes=table)
    assert {s.sound: s.sound_class for s in sounds} == {"kick/a.wav": "drum", "snare/c.WAV": "drum"}
    assert {r.reason for r in rejected} == {"no class", "hidden", "not audio", "missing"}
    assert [r.file for r in rejected if r.reason == "missing"] == ["snare"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: lacks the column 'file'"),
        ("file\tkind\n", "line 1: lacks the column 'class'"),
        ("file\tclass\na.wav\t\n", "line 2: gives 'a.wav' no class"),
        ("file\tclass\na.wav\n", "line 2: gives 'a.wav' no class"),
        ("file\tclass\na.wav\tx\na.wav\ty\n", "line 3: 'a.wav' is 'y', was 'x'"),
    ],
)
def test_faults_of_the_table_of_classes(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "classes.tsv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_classes(tmp_path / "classes.tsv")


def test_nothing_usable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none: there is no such folder"):
        scan_library(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: is not a folder"):
        scan_library(tmp_path / "file")
    (tmp_path / "file").unlink()
    with pytest.raises(InputError, match="no usable sound in it \\(no file\\)"):
        scan_library(tmp_path)
    (tmp_path / "a.wav").write_bytes(b"")
    (tmp_path / "b.wav").write_bytes(b"")
    with pytest.raises(InputError, match="no usable sound in it \\(2 empty\\)"):
        scan_library(tmp_path)


def test_a_folder_that_cannot_be_read(
    own_folder: Path, as_user: Callable[[], AbstractContextManager[None]]
) -> None:
    one_shot(own_folder / "kick/a.wav")
    (own_folder / "locked").mkdir(mode=0)
    with as_user():
        sounds, rejected = scan_library(own_folder)
    assert len(sounds) == 1
    assert [(r.file, r.reason) for r in rejected] == [("locked", "unreadable")]


def test_same_samples_of_another_file_are_a_copy(tmp_path: Path) -> None:
    one_shot(tmp_path / "a/x.wav")
    content = (tmp_path / "a/x.wav").read_bytes()
    tag = b"LIST\x10\0\0\0INFOICMT\x04\0\0\0hi!\0"
    size = (len(content) + len(tag) - 8).to_bytes(4, "little")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/y.wav").write_bytes(content[:4] + size + content[8:] + tag)
    sounds, rejected = scan_library(tmp_path)
    assert [s.sound for s in sounds] == ["a/x.wav"]
    assert rejected == [Rejected("b/y.wav", "duplicate", "the same samples as a/x.wav")]


def test_methods_differ(tmp_path: Path) -> None:
    rate = 22050
    t = np.arange(4 * rate) / rate
    sound = 0.5 * np.exp(-1.5 * t) * np.sin(2 * np.pi * 220 * t)
    writing.write(tmp_path / "kick/a.wav", sound.astype(np.float32), rate)
    (decay,), _ = scan_library(tmp_path)
    (flip,), _ = scan_library(tmp_path, offset_method="flip")
    assert decay.offset_s > 3.9
    assert flip.offset_s != decay.offset_s


def test_real_sounds(shared: Path) -> None:
    folder = shared / "data" / "library" / "tom"
    sounds, rejected = scan_library(folder)
    assert len(sounds) == len(list(folder.iterdir()))
    assert rejected == []
    assert all(s.onset_s < 0.1 for s in sounds)
