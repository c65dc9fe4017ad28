"""The public corpus, from packages that the tests make."""

import dataclasses
import gzip
import os
import stat
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from deep_plunder.corpus.gather.archive import unpack
from deep_plunder.corpus.gather.classes import class_of_key, class_of_name, class_of_program
from deep_plunder.corpus.gather.levelling import LONGEST_S, RATE, levelled, loudness_course
from deep_plunder.corpus.gather.library import write_library
from deep_plunder.corpus.gather.licences import Licence
from deep_plunder.corpus.gather.modules import write_modules
from deep_plunder.corpus.gather.packages import (
    PARTS,
    Package,
    obtain_packages,
    read_packages,
)
from deep_plunder.corpus.gather.patches import read_patch
from deep_plunder.corpus.gather.sampler import play
from deep_plunder.corpus.gather.songs import write_songs
from deep_plunder.corpus.gather.soundfont import Generator, SoundFont
from deep_plunder.corpus.songs import select_songs
from deep_plunder.errors import InputError
from deep_plunder.util.tables import read_records, write_records
from tests.packages import (
    COPYRIGHT,
    ar,
    deb,
    encoded,
    package,
    patch,
    song,
    soundfont,
    struck,
    tar,
    write_corpus_packages,
)

ROOT = Path(__file__).resolve().parents[3]
KIT = "usr/share/hydrogen/data/drumkits/kit"


def anything(_name: PurePosixPath) -> bool:
    return True


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# Packages


def test_unpack_writes_the_wanted_files_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(deb({"usr/a b.txt": b"one", "usr/c/d.xm": b"2" * 99999}))
    written = unpack(tmp_path / "a.deb", tmp_path / "all", wanted=anything)
    assert contents(tmp_path / "all") == {"usr/a b.txt": b"one", "usr/c/d.xm": b"2" * 99999}
    assert written == [tmp_path / "all/usr/a b.txt", tmp_path / "all/usr/c/d.xm"]
    unpack(tmp_path / "a.deb", tmp_path / "some", wanted=lambda name: name.suffix == ".xm")
    assert list(contents(tmp_path / "some")) == ["usr/c/d.xm"]


@pytest.mark.parametrize(("name", "pack"), [("data.tar", bytes), ("data.tar.gz/", gzip.compress)])
def test_unpack_reads_other_compressions(tmp_path: Path, name: str, pack: type) -> None:
    (tmp_path / "a.deb").write_bytes(ar({"debian-binary": b"2.0", name: pack(tar({"a": b"b"}))}))
    unpack(tmp_path / "a.deb", tmp_path / "out", wanted=anything)
    assert contents(tmp_path / "out") == {"a": b"b"}


def test_unpack_never_writes_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.deb").write_bytes(deb({"../../evil": b"", "//elsewhere/evil": b"", "good": b""}))
    unpack(tmp_path / "a.deb", tmp_path / "x/y/out", wanted=anything)
    assert sorted(contents(tmp_path / "x")) == ["y/out/elsewhere/evil", "y/out/good"]


@pytest.mark.parametrize("content", [b"", b"text" * 50, ar({"debian-binary": b"2.0\n"}),
                                     ar({"data.tar.xz": b"no xz"})])  # fmt: skip
def test_unpack_names_a_file_that_is_no_package(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.deb").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.deb: is not a readable Debian package"):
        unpack(tmp_path / "a.deb", tmp_path / "out", wanted=anything)


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 600))
def test_unpack_tells_a_package_that_ends_too_soon(tmp_path_factory, cut: int) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("cut")
    whole = deb({"a": np.random.default_rng(0).bytes(5000)})
    (folder / "a.deb").write_bytes(whole[: len(whole) - 900 - cut])
    with pytest.raises(InputError, match=r"a\.deb: is not a readable Debian package"):
        unpack(folder / "a.deb", folder / "out", wanted=anything)


def test_the_table_that_ships_can_be_read_and_lists_no_package_that_a_bench_is_made_of() -> None:
    table = ROOT / "resources/corpus/packages.tsv"
    packages = [package for part in PARTS for package in read_packages(table, part)]
    assert len(packages) == len(read_records(table, Package))
    assert all(package.licence for package in packages)
    # No bench trains: these make a bench alone.
    packages = [package for package in packages if package.part != "solos"]
    barred = ("fretsonfire", "gcompris", "pingus", "tuxmath")
    assert not [p.package for p in packages if p.package.startswith(barred)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"part": "films"},
            "part must be one of library, songs, modules, games, solos, got 'films'",
        ),
        ({"sha256": "ab"}, "music: sha256 must be 64 hexadecimal digits, got 'ab'"),
        ({"part": "library"}, "lists no package for the songs"),
    ],
)
def test_a_faulty_table_is_told(tmp_path: Path, change: dict[str, str], told: str) -> None:
    row = Package("songs", "music", "1.0", "all", "0" * 64, "")
    write_records(tmp_path / "t.tsv", Package, [dataclasses.replace(row, **change)])
    with pytest.raises(InputError, match=told):
        read_packages(tmp_path / "t.tsv", "songs")


def test_a_folder_stands_in_whatever_form_the_names_have(tmp_path: Path) -> None:
    rows = [package(tmp_path, "songs", name, {}) for name in ("one", "two")]
    (tmp_path / "two_1%3a1.0-1_all.deb").rename(tmp_path / "two_1.0-1_all.deb")
    files = obtain_packages(rows, debs=tmp_path, cache=tmp_path / "cache")
    assert [path.name for path in files] == ["one_1%3a1.0-1_all.deb", "two_1.0-1_all.deb"]
    assert not (tmp_path / "cache").exists()


def test_missing_and_altered_packages_are_told_in_one_line(tmp_path: Path) -> None:
    rows = [package(tmp_path, "songs", name, {}) for name in ("one", "two", "three")]
    (tmp_path / rows[0].file_names[0]).unlink()
    with (tmp_path / rows[2].file_names[0]).open("ab") as file:
        file.write(b"!")
    with pytest.raises(InputError) as caught:
        obtain_packages(rows, debs=tmp_path, cache=tmp_path)
    text = str(caught.value)
    assert "one_1%3a1.0-1_all.deb is not there" in text
    assert f"three_1%3a1.0-1_all.deb: altered: sha256 must be {rows[2].sha256}, is " in text
    assert "two_" not in text
    assert "\n" not in text


def test_a_stand_in_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gather\.debs: .*gone: there is no such folder"):
        obtain_packages([], debs=tmp_path / "gone", cache=tmp_path)


def test_without_apt_get_the_packages_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = package(tmp_path / "debs", "songs", "music", {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as caught:
        obtain_packages([row], debs=None, cache=tmp_path / "cache")
    assert "apt-get is not there to download music 1:1.0-1" in str(caught.value)
    assert "gather.debs may name a folder" in str(caught.value)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an apt-get in front that takes packages from a folder, and notes what it is asked."""
    program = tmp_path / "bin/apt-get"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/asked
shift 2
for wanted in "$@"; do
    cp {tmp_path}/mirror/"${{wanted%%=*}}"_*.deb . 2>/dev/null && continue
    echo "W: something" >&2
    echo "E: Version '${{wanted#*=}}' for '${{wanted%%=*}}' was not found" >&2
    exit 100
done
"""
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "mirror"


def test_downloads_are_kept_and_not_repeated(tmp_path: Path, mirror: Path) -> None:
    rows = [package(mirror, "songs", name, {}) for name in ("one", "two")]
    cache = tmp_path / "cache"
    files = obtain_packages(rows, debs=None, cache=cache)
    assert [path.read_bytes() for path in files] == [
        (mirror / row.file_names[0]).read_bytes() for row in rows
    ]
    asked = (tmp_path / "asked").read_text()
    assert asked == "download -qq one=1:1.0-1 two=1:1.0-1\n"
    obtain_packages(rows, debs=None, cache=cache)
    assert (tmp_path / "asked").read_text() == asked
    files[1].write_bytes(b"altered")
    obtain_packages(rows, debs=None, cache=cache)
    assert (tmp_path / "asked").read_text() == asked + "download -qq two=1:1.0-1\n"
    assert sorted(path.name for path in cache.iterdir()) == sorted(path.name for path in files)


def test_what_can_be_downloaded_is_kept_where_something_is_gone(
    tmp_path: Path, mirror: Path
) -> None:
    rows = [package(mirror, "songs", name, {}) for name in ("gone", "old", "there")]
    (mirror / rows[0].file_names[0]).unlink()
    (mirror / rows[1].file_names[0]).write_bytes(b"another build")
    cache = tmp_path / "cache"
    with pytest.raises(InputError) as caught:
        obtain_packages(rows, debs=None, cache=cache)
    text = str(caught.value)
    assert "gone 1:1.0-1 cannot be downloaded: Version '1:1.0-1' for 'gone' was not found" in text
    assert "old_1%3a1.0-1_all.deb: altered" in text
    assert "gather.debs" in text
    assert [path.name for path in cache.iterdir()] == ["there_1%3a1.0-1_all.deb"]


# Sounds


def test_classes() -> None:
    assert [class_of_key(key) for key in (36, 38, 39, 42, 49, 81)] == [
        "kick", "snare", "clap", "hihat", "cymbal", "perc",
    ]  # fmt: skip
    assert [class_of_program(number) for number in (0, 24, 33, 47, 48, 53, 73, 81, 98, 115, 127)
            ] == ["keys", "guitar", "bass", "tom", "strings", "vox", "wind", "synth", "synth",
                  "perc", "fx"]  # fmt: skip
    assert class_of_name("BD_hard.wav") == "kick"
    assert class_of_name("unknown.wav") == "perc"
    assert {class_of_program(number) for number in range(128)} <= {
        "keys", "guitar", "bass", "tom", "strings", "vox", "wind", "synth", "perc", "fx",
    }  # fmt: skip


def frequency(samples: np.ndarray) -> float:
    """Frequency of the highest peak, between bins by a parabola."""
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) + 1e-12)
    peak = int(np.argmax(spectrum))
    low, middle, high = spectrum[peak - 1 : peak + 2]
    return (peak + (low - high) / (2 * (low - 2 * middle + high))) * RATE / len(samples)


SINE = np.sin(2 * np.pi * 441 * np.arange(4000) / 44100)
LOOP = (2000, 3000)


def font(tmp_path: Path, *, vorbis: bool = False, **generators: int) -> SoundFont:
    values = {Generator[name]: value for name, value in generators.items()}
    content = soundfont(SINE, rate=44100, key=69, generators=values, loop=LOOP, vorbis=vorbis)
    (tmp_path / "a.sf2").write_bytes(content)
    return SoundFont(tmp_path / "a.sf2")


def note(tmp_path: Path, key: int = 69, *, vorbis: bool = False, held_s: float = 1.0,
         **generators: int) -> np.ndarray:  # fmt: skip
    opened = font(tmp_path, vorbis=vorbis, **generators)
    return play(opened, opened.presets[0], key=key, velocity=127, held_s=held_s, after_s=0.5,
                rate=RATE)  # fmt: skip


@pytest.mark.parametrize("vorbis", [False, True])
@pytest.mark.parametrize(
    ("key", "generators", "cents"),
    [
        (69, {}, 0),
        (57, {}, -1200),
        (76, {}, 700),
        (69, {"ROOT_KEY": 64}, 500),
        (76, {"SCALE_TUNING": 50}, 350),
        (69, {"COARSE_TUNE": -2, "FINE_TUNE": 30}, -170),
    ],
)
def test_a_looped_sample_sounds_as_long_as_its_key_is_held_and_at_its_pitch(
    tmp_path: Path, vorbis: bool, key: int, generators: dict[str, int], cents: int
) -> None:
    sound = note(tmp_path, key, vorbis=vorbis, LOOP_MODE=1, **generators)
    assert sound.shape == (round(1.5 * RATE), 2)
    held = sound[RATE // 10 : RATE, 0]
    assert frequency(held) == pytest.approx(441 * 2 ** (cents / 1200), rel=1e-3)
    assert np.abs(held[-2000:]).max() == pytest.approx(np.sqrt(0.5), abs=0.02)
    assert np.abs(sound[RATE + 200 :]).max() == 0


def test_a_sample_without_a_loop_ends(tmp_path: Path) -> None:
    sound = note(tmp_path)
    assert np.abs(sound[3000:3900]).max() > 0.6
    assert np.abs(sound[4200:]).max() < 1e-4


def test_envelope_decays_to_its_sustained_level_and_is_released(tmp_path: Path) -> None:
    # 20 dB down within 0.1 s, after an attack of 0.125 s; then released at 100 dB per second.
    sound = note(tmp_path, LOOP_MODE=1, ATTACK=-3600, DECAY=-1200, SUSTAIN=200, RELEASE=0)
    level = np.array([np.abs(part).max() for part in np.array_split(sound[:, 0], 150)])
    full = np.sqrt(0.5)
    assert level[5] == pytest.approx(full * 0.06 / 0.125, rel=0.1)
    assert level[12] == pytest.approx(full, rel=0.1)
    assert level[60] == pytest.approx(full / 10, rel=0.05)
    assert level[120] == pytest.approx(full / 100, rel=0.15)


def test_the_filter_takes_what_lies_above_its_cutoff(tmp_path: Path) -> None:
    open_, closed = note(tmp_path, LOOP_MODE=1), note(tmp_path, LOOP_MODE=1, FILTER_CUTOFF=4500)
    # 8.176 Hz * 2 ** (4500 / 1200) = 110 Hz, two octaves below: 24 dB.
    ratio = np.abs(closed[RATE // 2 : RATE]).max() / np.abs(open_[RATE // 2 : RATE]).max()
    assert 20 * np.log10(ratio) == pytest.approx(-24, abs=1)
    opening = note(tmp_path, LOOP_MODE=1, FILTER_CUTOFF=4500, MODULATION_TO_FILTER=7000)
    assert np.abs(opening[RATE // 2 : RATE]).max() > 0.6


@pytest.mark.parametrize(("pan", "left", "right"), [(-500, 1, 0), (0, 0.5, 0.5), (500, 0, 1)])
def test_pan_keeps_the_power(tmp_path: Path, pan: int, left: float, right: float) -> None:
    power = np.square(note(tmp_path, LOOP_MODE=1, PAN=pan)[1000:40000]).mean(axis=0)
    assert power / 0.5 == pytest.approx([left, right], abs=0.01)


def test_zones_sound_in_their_range_alone(tmp_path: Path) -> None:
    # Keys 60 to 70.
    opened = font(tmp_path, KEY_RANGE=60 | 70 << 8)
    heard = [key for key in range(128) if opened.zones(opened.presets[0], key=key, velocity=1)]
    assert heard == list(range(60, 71))


@pytest.mark.parametrize("cut", [0, 4, 11, 100, 8100])
def test_a_file_that_is_no_whole_soundfont_is_told(tmp_path: Path, cut: int) -> None:
    content = soundfont(SINE, rate=44100, key=69, generators={}, loop=LOOP)
    (tmp_path / "a.sf2").write_bytes(content[:cut])
    with pytest.raises(InputError, match=r"a\.sf2: is not a readable soundfont"):
        SoundFont(tmp_path / "a.sf2")


def test_a_soundfont_that_shrinks_while_it_is_read_is_named(tmp_path: Path) -> None:
    opened = font(tmp_path)
    sample = opened.zones(opened.presets[0], key=69, velocity=1)[0].sample
    os.truncate(tmp_path / "a.sf2", 500)
    with pytest.raises(InputError, match=r"a\.sf2: a sample cannot be read: ends at byte 500"):
        opened.recording(sample)


def test_patches(tmp_path: Path) -> None:
    (tmp_path / "a.pat").write_bytes(patch(SINE, rate=22050))
    ((samples, rate),) = read_patch(tmp_path / "a.pat")
    assert rate == 22050
    assert samples[:, 0] == pytest.approx(SINE, abs=1e-4)
    (tmp_path / "a.pat").write_bytes(patch(SINE, rate=22050, loop=LOOP))
    ((samples, _),) = read_patch(tmp_path / "a.pat", held_s=1)
    # The loop holds ten periods: the sine goes on.
    assert samples[:, 0] == pytest.approx(
        np.sin(2 * np.pi * 441 / 44100 * np.arange(22050)), abs=1e-4
    )
    for content in (b"GF1", patch(SINE, rate=22050)[:300]):
        (tmp_path / "a.pat").write_bytes(content)
        with pytest.raises(InputError, match=r"a\.pat: "):
            read_patch(tmp_path / "a.pat")


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 99), peak=st.floats(0.004, 4), rate=st.sampled_from([22050, 44100, 48000]),
    before=st.floats(0, 0.5), seconds=st.floats(0.2, 5), channels=st.integers(1, 2),
)  # fmt: skip
def test_levelled_sounds_begin_at_once_and_keep_their_bounds(
    seed: int, peak: float, rate: int, before: float, seconds: float, channels: int
) -> None:
    sound = struck(seed, seconds, rate)
    sound *= peak / np.abs(sound).max()
    samples = np.concatenate([np.zeros(int(before * rate)), sound]).astype(np.float32)
    result = levelled(np.tile(samples[:, None], channels), rate)
    assert result is not None
    # Equal channels are one.
    assert result.shape[1] == 1
    assert len(result) <= LONGEST_S * RATE
    level = np.abs(result)
    assert 0.19 <= level.max() <= 0.981
    assert level[: int(0.01 * RATE)].max() > level.max() * 10 ** (-50 / 20)


def test_levelled_leaves_out_silence_and_clicks() -> None:
    assert levelled(np.zeros((1000, 2), np.float32), 44100) is None
    assert levelled(np.zeros((0, 1), np.float32), 44100) is None
    assert levelled(np.ones((100, 1), np.float32), 44100) is None


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), gain=st.floats(0.3, 3), decay=st.floats(2, 40))
def test_the_course_of_loudness_is_that_of_a_copy_at_any_level(
    seed: int, gain: float, decay: float
) -> None:
    sound = levelled(struck(seed)[:, None].astype(np.float32), RATE)
    assert sound is not None
    course = loudness_course(sound)
    # A level at the border of two steps may fall on either side.
    assert np.abs(np.subtract(loudness_course(gain * sound), course)).max() <= 1
    # A third of a second on, the other is 6 dB lower or more.
    faster = sound * np.exp(-decay * np.arange(len(sound)) / RATE)[:, None]
    assert loudness_course(faster) != course


# Parts


def test_the_library_is_in_classes_without_copies_and_the_same_each_time(tmp_path: Path) -> None:
    kick, snare = struck(1), struck(2)
    rows = [
        package(tmp_path, "library", "drums", {
            f"{KIT}/kick.wav": encoded(kick, 44100),
            f"{KIT}/Snare 1.flac": encoded(snare, 44100, "FLAC"),
            f"{KIT}/broken.wav": b"no sound",
            f"{KIT}/readme.txt": b"",
        }),
        package(tmp_path, "library", "others", {
            "usr/share/sonic-pi/samples/copy.wav": encoded(kick, 44100),
            "usr/share/sonic-pi/samples/loop_beat.wav": encoded(struck(3), 44100),
            "usr/share/lmms/samples/basses/b.wav": encoded(struck(4, rate=48000), 48000),
            "usr/share/midi/Tone_000/073_Flute.pat": patch(struck(5), rate=44100),
            "usr/share/sounds/sf2/One.sf2": soundfont(
                SINE, rate=44100, key=60, generators={Generator.LOOP_MODE: 1}, loop=LOOP),
            "usr/share/elsewhere/x.wav": encoded(struck(6), 44100),
        }),
    ]  # fmt: skip
    debs = obtain_packages(rows, debs=tmp_path, cache=tmp_path)
    for name in ("a", "b"):
        counts = write_library(tmp_path / name, tmp_path / f"{name}l", packages=rows, debs=debs)
    files = contents(tmp_path / "a")
    assert files == contents(tmp_path / "b")
    by_hand = {name for name in files if "One_" not in name}
    assert by_hand == {
        "kick/drums__kit_kick.flac", "snare/drums__kit_Snare_1.flac", "bass/others__b.flac",
        "wind/others__tone_073_Flute_0.flac",
    }  # fmt: skip
    # A soundfont of one preset is a drum kit.
    assert counts.total() == len(files)
    assert "perc/others__One_kit0_k27.flac" in files
    for name in files:
        info = soundfile.info(tmp_path / "a" / name)
        assert (info.samplerate, info.subtype) == (RATE, "PCM_16")
    licences = read_records(tmp_path / "al/licences.tsv", Licence)
    assert [row.file for row in licences] == sorted(files)
    assert {(row.package, row.version, row.licence) for row in licences} == {
        ("drums", "1:1.0-1", "CC0-1.0"), ("others", "1:1.0-1", "CC0-1.0"),
    }  # fmt: skip
    assert {(tmp_path / "al" / row.text).read_bytes() for row in licences} == {COPYRIGHT}


def test_songs_of_one_to_six_minutes_are_taken_as_they_are(tmp_path: Path) -> None:
    right = song(1, 61)
    row = package(tmp_path, "songs", "music", {
        "usr/share/m/right: 1.ogg": right,
        "usr/share/m/short.ogg": song(2, 59),
        "usr/share/m/copy.ogg": right,
        "usr/share/m/thin.ogg": encoded(np.zeros((62 * 32000, 2)), 32000, "OGG", "VORBIS"),
        "usr/share/m/broken.ogg": b"no sound",
    })  # fmt: skip
    debs = obtain_packages([row], debs=tmp_path, cache=tmp_path)
    out = tmp_path / "songs"
    songs = write_songs(out, tmp_path / "l", tmp_path / "list.txt", packages=[row], debs=debs)
    assert contents(out) == {"music__copy.ogg": right}
    assert [song.title for song in songs] == ["copy"]
    chosen, rejected = select_songs(
        [tmp_path / "list.txt"],
        path_map=[f"Macintosh HD:Users:me:Music:iTunes:iTunes Media:Music:={out}/"],
        min_bit_rate_kbps=80,
    )
    assert [Path(song.path).name for song in chosen] == ["music__copy.ogg"]
    assert rejected == []
    assert (tmp_path / "list.txt").read_bytes().startswith(b"\xff\xfeN\0a\0m\0e\0")


def test_modules_are_taken_as_they_are(tmp_path: Path) -> None:
    row = package(tmp_path, "modules", "game", {
        "usr/a/One.XM": b"1" * 5000, "usr/b/car.mod": b"2" * 1000, "usr/c/two.it": b"3" * 5000,
    })  # fmt: skip
    debs = obtain_packages([row], debs=tmp_path, cache=tmp_path)
    assert write_modules(tmp_path / "m", tmp_path / "l", packages=[row], debs=debs) == 2
    assert contents(tmp_path / "m") == {"game__One.XM": b"1" * 5000, "game__two.it": b"3" * 5000}


def test_a_package_of_nothing_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    write_corpus_packages(tmp_path / "debs")
    table = tmp_path / "debs/packages.tsv"
    rows = read_packages(table, "modules")
    debs = obtain_packages(rows, debs=tmp_path / "debs", cache=tmp_path)
    write_modules(tmp_path / "m", tmp_path / "l", packages=rows, debs=debs)
    before = contents(tmp_path / "m")
    with pytest.raises(InputError, match=r"empty 1:1\.0-1: holds no module"):
        empty = package(tmp_path, "modules", "empty", {"usr/a.txt": b""})
        write_modules(
            tmp_path / "m", tmp_path / "l", packages=[*rows, empty],
            debs=[*debs, tmp_path / empty.file_names[0]],
        )  # fmt: skip
    assert contents(tmp_path / "m") == before
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"debs", "m", "l"}
