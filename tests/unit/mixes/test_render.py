"""Rendered mixes: the same bytes always, the right audio in the right place, labels that hold."""

import errno
import math
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.audio import reading, writing
from deep_plunder.audio.fades import ease
from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.songs import Song
from deep_plunder.errors import InputError
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.figures import draw_mix
from deep_plunder.mixes.plan import Planner
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import MixAnnotation, write_mixes
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.store import Store
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import read_records, write_records

RATE = 44100
SPEC = MixSpec(duration_s=6.0, excerpt_s=(0.4, 1.5))


def tone(seconds, rate, *, frequency=440.0, level=0.4):
    return level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def make_sound(folder, name, audio, rate, *, onset_s=0.0, offset_s=None, subtype="FLOAT"):
    path = folder / f"{name}.wav"
    soundfile.write(path, audio, rate, subtype=subtype)
    seconds = len(audio) / rate
    channels = 1 if np.ndim(audio) == 1 else audio.shape[1]
    offset_s = seconds if offset_s is None else offset_s
    return Sound(name, "kick", str(path), seconds, rate, channels, onset_s, offset_s)


def make_song(folder, name, audio, rate, *, suffix=".wav"):
    path = folder / f"{name}{suffix}"
    soundfile.write(path, audio, rate)
    channels = 1 if audio.ndim == 1 else audio.shape[1]
    fields = {"title": "", "artist": "", "bit_rate_kbps": 256.0, "source": "", "row": 1}
    seconds = len(audio) / rate
    return Song(song=name, path=str(path), seconds=seconds, rate=rate, channels=channels, **fields)


def render_shard(events, renderer, folder):
    return write_mixes(render_mixes(events, renderer), folder, rate=RATE)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A few sounds and songs of several rates and channel counts."""
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(0)
    sounds = []
    for i, rate in enumerate((44100, 48000, 22050, 11025, 44100, 44100)):
        decay = np.exp(-np.arange(round((0.15 + 0.25 * i) * rate)) / (0.08 * rate))
        audio = 0.5 * decay[:, None] * rng.uniform(-1, 1, (len(decay), 1 + i % 2))
        sounds.append(make_sound(folder, f"s{i}", audio, rate, onset_s=0.01))
    songs = []
    for i, (rate, suffix) in enumerate(
        ((44100, ".ogg"), (48000, ".flac"), (44100, ".mp3"), (32000, ".wav"))
    ):
        audio = 0.3 * rng.uniform(-1, 1, (round(4 * rate), 1 + i % 2))
        songs.append(make_song(folder, f"m{i}", audio, rate, suffix=suffix))
    return sounds, songs


def plans(corpus, indices, **spec):
    sounds, songs = corpus
    spec = replace(SPEC, **spec)
    planner = Planner(split="train", seed=1, sounds=sounds, songs=songs, spec=spec)
    return [event for index in indices for event in planner.plan(index)], spec


def event(kind, source, **fields):
    fields = {"duration_s": 1.0, "start_s": 0.0} | fields
    if kind == "sound":
        fields["onset_s"] = fields["start_s"]
        fields["offset_s"] = fields["start_s"] + fields["duration_s"]
    return Event(mix=0, event=fields.pop("event", 0), kind=kind, source=source, **fields)


def frequency(audio):
    """Measure the frequency of a sine by its strongest bin, with parabolic interpolation."""
    spectrum = np.log(np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) + 1e-12)
    peak = int(spectrum.argmax())
    low, mid, high = spectrum[peak - 1 : peak + 2]
    return (peak + (low - high) / (2 * (low - 2 * mid + high))) * RATE / len(audio)


def rendered(events, renderer):
    return {mix.mix: mix.audio.tobytes() for mix in render_mixes(events, renderer)}


# Bytes


@pytest.mark.parametrize("method", ["phase_vocoder", "resample"])
def test_bytes_do_not_depend_on_cache_store_or_order(corpus, method, tmp_path):
    lengths = {"duration_s": 3.0, "long_sound_s": 0.6, "long_sound_cut_s": (0.3, 0.6)}
    events, spec = plans(corpus, range(4), pitch_method=method, **lengths)
    expected = rendered(events, Renderer(*corpus, spec))
    assert rendered(events[::-1], Renderer(*corpus, spec)) == expected
    assert rendered(events, Renderer(*corpus, spec, cache_bytes=0)) == expected
    assert rendered(events, Renderer(*corpus, spec, cache_bytes=150_000)) == expected
    for limit in (300_000, 2**28, 2**28):
        store = Store(tmp_path / str(limit), limit_bytes=limit)
        assert rendered(events, Renderer(*corpus, spec, store=store)) == expected
    warm = Renderer(*corpus, spec)
    for mix in (3, 0, 2, 1, 2):
        one = [event for event in events if event.mix == mix]
        assert warm.render(one).audio.tobytes() == expected[mix]
    reversed_corpus = [part[::-1] for part in corpus]
    assert rendered(events, Renderer(*reversed_corpus, spec)) == expected


def files(*folders):
    return {path.name: path.read_bytes() for folder in folders for path in folder.iterdir()}


def test_files_do_not_depend_on_the_shard_size(corpus, tmp_path):
    written = []
    for size in (1, 3, 5):
        folders = []
        for first in range(0, 5, size):
            events, spec = plans(corpus, range(first, min(first + size, 5)))
            folders.append(tmp_path / f"{size}_{first}")
            assert render_shard(events, Renderer(*corpus, spec), folders[-1]) == []
        written.append(files(*folders))
    assert written[0] == written[1] == written[2]
    suffixes = (".labels.txt", ".sums", ".svl", ".tsv", ".wav")
    assert sorted(written[0])[:5] == [f"mix_000000{suffix}" for suffix in suffixes]
    assert len(written[0]) == 25


def test_layers_hold_the_regions_of_the_table(corpus, tmp_path):
    events, spec = plans(corpus, range(3))
    render_shard(events, Renderer(*corpus, spec), tmp_path / "shard")
    tables = sorted((tmp_path / "shard").glob("*.tsv"))
    assert len(tables) == 3
    for table in tables:
        rows = read_records(table, MixAnnotation)
        labels = table.with_suffix(".labels.txt").read_text(encoding="utf-8").splitlines()
        expected = [f"{row.onset_s:.6f}\t{row.offset_s:.6f}\t{row.sound}" for row in rows]
        assert labels == expected
        layer = ElementTree.parse(table.with_suffix(".svl"))
        points = layer.findall("data/dataset/point")
        assert [point.get("label") for point in points] == [row.sound for row in rows]
        model = layer.find("data/model")
        assert model is not None
        assert int(model.get("sampleRate", "")) == spec.sample_rate


def test_another_process_makes_the_same_files_from_the_tables(corpus, tmp_path):
    events, spec = plans(corpus, [0, 1])
    render_shard(events, Renderer(*corpus, spec), tmp_path / "here")
    for name, kind, rows in zip(
        ("sounds", "songs", "plan"), (Sound, Song, Event), (*corpus, events), strict=True
    ):
        write_records(tmp_path / f"{name}.tsv", kind, rows)
    script = """
import sys
from pathlib import Path
from deep_plunder.mixes.figures import draw_mix
from deep_plunder.corpus.library import Sound
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import write_mixes
from deep_plunder.corpus.songs import Song
from deep_plunder.util.tables import read_records
folder = Path(sys.argv[1])
sounds, songs, plan = (
    read_records(folder / f"{name}.tsv", kind)
    for name, kind in (("sounds", Sound), ("songs", Song), ("plan", Event))
)
spec = MixSpec(duration_s=6.0, excerpt_s=(0.4, 1.5))
mixes = render_mixes(plan, Renderer(sounds, songs, spec))
write_mixes(mixes, folder / "there", rate=spec.sample_rate)
"""
    environment = {**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment)
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_wav_and_table_are_as_the_paper_has_them(corpus, tmp_path):
    events, spec = plans(corpus, [3])
    render_shard(events, Renderer(*corpus, spec), tmp_path / "shard")
    info = soundfile.info(tmp_path / "shard" / "mix_000003.wav")
    assert (info.samplerate, info.channels, info.subtype) == (RATE, 2, "PCM_16")
    assert info.frames == 6 * RATE
    table = tmp_path / "shard" / "mix_000003.tsv"
    assert table.read_text().splitlines()[0] == "onset_s\toffset_s\tsound\tsound_class"
    regions = [(row.onset_s, row.offset_s) for row in read_records(table, MixAnnotation)]
    assert regions == [(e.onset_s, e.offset_s) for e in events if e.kind == "sound"]
    assert len(regions) > 2


# Audio


def test_untouched_samples_come_through_unchanged(tmp_path):
    audio = np.random.default_rng(0).integers(-32768, 32768, (RATE, 2)).astype(np.int16)
    sound = make_sound(tmp_path, "a", audio, RATE, subtype="PCM_16")
    mix = Renderer([sound], [], SPEC).render([event("sound", "a", start_s=0.5)])
    np.testing.assert_array_equal(mix.audio[RATE // 2 : RATE // 2 + RATE], audio)
    assert not mix.audio[: RATE // 2].any()
    assert not mix.audio[RATE // 2 + RATE :].any()


@pytest.mark.parametrize("method", ["phase_vocoder", "resample"])
@pytest.mark.parametrize("semitones", [-3, -1, 2, 3])
@pytest.mark.parametrize("rate", [44100, 22050])
def test_pitch_is_shifted(tmp_path, method, semitones, rate):
    sound = make_sound(tmp_path, "a", tone(2.0, rate), rate)
    spec = replace(SPEC, pitch_method=method, duration_s=4.0)
    planner = Planner(
        split="train",
        seed=0,
        sounds=[sound],
        songs=[],
        spec=replace(spec, sound_probability=1.0, semitones=(semitones, semitones)),
    )
    one = planner.plan(0)[0]
    mix = Renderer([sound], [], spec).render([one])
    expected_s = 2.0 * (2 ** (-semitones / 12) if method == "resample" else 1)
    assert one.duration_s == pytest.approx(expected_s, abs=1 / RATE)
    end = round(one.offset_s * RATE)
    middle = mix.audio[RATE // 4 : end - RATE // 4, 0].astype(float)
    assert frequency(middle) == pytest.approx(440 * 2 ** (semitones / 12), rel=1e-3)
    level = np.abs(mix.audio[:, 0].astype(float)) / 32768
    assert level[end - RATE // 5 : end - RATE // 50].max() > 0.3
    assert not level[end:].any()


def test_short_sounds_are_shifted_too(tmp_path):
    sound = make_sound(tmp_path, "a", tone(0.01, RATE, frequency=2000), RATE)
    mix = Renderer([sound], [], SPEC).render([event("sound", "a", duration_s=0.01, semitones=3)])
    assert np.abs(mix.audio[:441]).max() > 3000
    assert not mix.audio[441:].any()


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_channels_and_rates(tmp_path, channels, rate):
    levels = np.linspace(0.1, 0.6, channels)
    audio = tone(1.0, rate)[:, None] * levels / 0.4
    sound = make_sound(tmp_path, "a", audio, rate)
    song = make_song(tmp_path, "b", audio, rate)
    for kind in ("sound", "song"):
        mix = Renderer([sound], [song], SPEC).render([event(kind, "a" if kind == "sound" else "b")])
        peaks = np.abs(mix.audio[5000:30000].astype(float)).max(axis=0) / 32768
        expected = levels if channels == 2 else [levels.mean()] * 2
        assert peaks == pytest.approx(expected, abs=0.01)
        assert frequency(mix.audio[:RATE, 0].astype(float)) == pytest.approx(440, rel=1e-3)


def test_fades_follow_their_easing(tmp_path):
    song = make_song(tmp_path, "a", np.full((2 * RATE, 2), 0.5, np.float32), RATE)
    fades = {"fade_in_s": 0.2, "fade_in": "quint_in", "fade_out_s": 0.3, "fade_out": "circ_out"}
    mix = Renderer([], [song], SPEC).render([event("song", "a", **fades)])
    heard = mix.audio[:RATE, 0] / 16384
    n_in, n_out = round(0.2 * RATE), round(0.3 * RATE)
    assert heard[:n_in] == pytest.approx(ease("quint_in", np.arange(n_in) / n_in), abs=1e-3)
    falling = ease("circ_out", np.arange(n_out) / n_out)[::-1]
    assert heard[-n_out:] == pytest.approx(falling, abs=1e-3)
    assert heard[n_in:-n_out] == pytest.approx(1, abs=1e-3)


def test_gain_and_clipping(tmp_path):
    song = make_song(tmp_path, "a", np.full((RATE, 1), 0.5, np.float32), RATE)
    renderer = Renderer([], [song], SPEC)
    quiet = renderer.render([event("song", "a", gain_db=-20.0)]).audio[100, 0]
    assert quiet == pytest.approx(1638, abs=2)
    for peak, sign in ((32767, 1), (-32768, -1)):
        loud = make_song(tmp_path, "b", np.full((RATE, 1), sign * 0.9, np.float32), RATE)
        mix = Renderer([], [loud], SPEC).render([event("song", "b", gain_db=12.0)])
        assert set(mix.audio[:RATE].ravel()) == {peak}


def test_overlapping_events_add_up(tmp_path):
    song = make_song(tmp_path, "a", np.full((RATE, 1), 0.25, np.float32), RATE)
    events = [event("song", "a"), event("song", "a", start_s=0.5, event=1)]
    mix = Renderer([], [song], SPEC).render(events).audio[:, 0]
    assert mix[RATE // 4] == pytest.approx(8192, abs=2)
    assert mix[RATE * 3 // 4] == pytest.approx(16384, abs=4)


def test_only_the_part_from_onset_to_offset_is_heard(tmp_path):
    audio = np.concatenate([tone(0.5, RATE), np.zeros(RATE // 2), tone(0.5, RATE)])
    audio[RATE // 2 : RATE] = tone(0.5, RATE, frequency=1000)
    sound = make_sound(tmp_path, "a", audio, RATE, onset_s=0.5, offset_s=1.0)
    planner = Planner(
        split="train",
        seed=0,
        sounds=[sound],
        songs=[],
        spec=replace(SPEC, sound_probability=1.0, semitones=(0, 0), overlap_s=(-0.5, -0.5)),
    )
    events = planner.plan(0)
    mix = Renderer([sound], [], SPEC).render(events)
    for one in events[:-1]:
        start, stop = round(one.onset_s * RATE), round(one.offset_s * RATE)
        assert stop - start == RATE // 2
        assert frequency(mix.audio[start:stop, 0].astype(float)) == pytest.approx(1000, rel=1e-3)
        assert not mix.audio[stop : stop + RATE // 2].any()


# Labels


@pytest.mark.parametrize("method", ["phase_vocoder", "resample"])
def test_regions_agree_with_the_energy(corpus, method):
    sounds, _ = corpus
    silent = replace(SPEC, pitch_method=method, overlap_s=(-0.05, -0.05), sound_probability=1.0)
    planner = Planner(split="train", seed=0, sounds=sounds, songs=[], spec=silent)
    renderer = Renderer(sounds, [], silent)
    for index in range(3):
        mix = renderer.render(planner.plan(index))
        power = (mix.audio.astype(float) ** 2).sum(axis=1)
        inside = np.zeros(len(power), bool)
        for region in mix.regions:
            start, stop = round(region.onset_s * RATE), round(region.offset_s * RATE)
            assert not inside[start:stop].any(), "regions overlap"
            inside[start:stop] = True
            # These sounds are loudest at once and decay from there.
            if stop - start > 4410:
                head = power[start : start + 2205].mean()
                assert head > 1e5
                assert head > power[stop - 2205 : stop].mean()
        assert not power[~inside].any()
        assert power[inside].any()


def test_regions_never_touch_excerpts(corpus):
    sounds, songs = corpus
    planner = Planner(split="train", seed=0, sounds=sounds, songs=songs, spec=SPEC)
    events = planner.plan(0)
    everything = Renderer(sounds, songs, SPEC).render(events)
    alone = Renderer(sounds, songs, SPEC).render([e for e in events if e.kind == "sound"])
    assert alone.regions == everything.regions
    inside = np.zeros(6 * RATE, bool)
    for region in everything.regions:
        inside[round(region.onset_s * RATE) : round(region.offset_s * RATE)] = True
    np.testing.assert_array_equal(everything.audio[inside], alone.audio[inside])
    assert not alone.audio[~inside].any()
    assert {(r.sound, r.sound_class) for r in everything.regions} <= {
        (s.sound, s.sound_class) for s in sounds
    }


# Files that fail


def test_a_deleted_song_leaves_silence_and_a_row(tmp_path):
    sound = make_sound(tmp_path, "a", tone(1.0, RATE), RATE)
    song = make_song(tmp_path, "b", tone(2.0, RATE), RATE)
    gone = make_song(tmp_path, "c", tone(2.0, RATE), RATE)
    Path(gone.path).unlink()
    events = [event("sound", "a"), event("song", "c", start_s=1.0, event=1)]
    events.append(event("song", "b", start_s=2.0, event=2))
    mix = Renderer([sound], [song, gone], SPEC).render(events)
    assert not mix.audio[RATE : 2 * RATE].any()
    assert mix.audio[2 * RATE : 3 * RATE].any()
    assert len(mix.regions) == 1
    (row,) = mix.rejected
    assert (row.file, row.reason) == (gone.path, "missing")
    assert row.detail.startswith("mix 0, event 1, song c: ")
    assert render_shard(events, Renderer([sound], [song, gone], SPEC), tmp_path / "out") == [row]


def test_a_broken_sound_loses_its_region(tmp_path):
    good = make_sound(tmp_path, "a", tone(1.0, RATE), RATE)
    bad = make_sound(tmp_path, "b", tone(1.0, RATE), RATE)
    events = [event("sound", "a"), event("sound", "b", start_s=1.0, event=1)]
    for damage, reason in (
        (lambda: Path(bad.path).write_bytes(b""), "empty"),
        (lambda: Path(bad.path).write_bytes(b"no audio at all" * 99), "not audio"),
        (lambda: soundfile.write(bad.path, tone(0.5, RATE), RATE), "truncated"),
        (lambda: soundfile.write(bad.path, tone(1.0, 48000), 48000), "changed"),
    ):
        damage()
        mix = Renderer([good, bad], [], SPEC).render(events)
        assert [row.reason for row in mix.rejected] == [reason]
        assert [region.sound for region in mix.regions] == ["a"]
        assert not mix.audio[RATE:].any()


def test_an_odd_name_stays_on_one_line(tmp_path):
    good = make_sound(tmp_path, "a", tone(1.0, RATE), RATE)
    gone = replace(good, sound="kick/b\n\u2028c", path=str(tmp_path / "b\nc.wav"))
    events = [event("sound", "a"), event("sound", gone.sound, start_s=1.0, event=1)]
    (row,) = Renderer([good, gone], [], SPEC).render(events).rejected
    assert len(row.detail.splitlines()) == 1


def test_a_full_disk_leaves_no_half_shard(corpus, tmp_path, monkeypatch):
    events, spec = plans(corpus, range(3))
    plain, written = writing.write, []

    def write(path, *rest, **options):
        written.append(path)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        plain(path, *rest, **options)

    render_shard(events[:1], Renderer(*corpus, spec), tmp_path / "shard")
    before = files(tmp_path / "shard")
    written.clear()
    monkeypatch.setattr(writing, "write", write)
    with pytest.raises(OSError, match=r"No space left on device: '.*/shard'$"):
        render_shard(events, Renderer(*corpus, spec), tmp_path / "shard")
    assert files(tmp_path / "shard") == before
    assert [path.name for path in tmp_path.iterdir()] == ["shard"]


def test_a_mix_that_mostly_fails_raises_and_writes_nothing(tmp_path):
    good = make_sound(tmp_path, "a", tone(1.0, RATE), RATE)
    gone = replace(good, sound="b", path=str(tmp_path / "gone.wav"))
    events = [event("sound", "a")]
    events += [event("sound", "b", start_s=float(i), event=i) for i in (1, 2)]
    with pytest.raises(InputError, match="mix 0: the files of 2 of its 3 events") as error:
        render_shard(events, Renderer([good, gone], [], SPEC), tmp_path / "out")
    assert "gone.wav" in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"a.wav"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"source": "x"}, "source must be in the table of sounds, got 'x'"),
        ({"kind": "noise"}, "kind must be one of 'sound', 'song', got 'noise'"),
        ({"start_s": -1.0}, "start_s must be"),
        ({"start_s": 60.0}, "start_s must be"),
        ({"duration_s": math.nan}, "duration_s must be"),
        ({"duration_s": 0.0}, "duration_s must be"),
        ({"source_start_s": -0.1}, "source_start_s must be in 0"),
        ({"semitones": 400}, "semitones must be"),
        ({"gain_db": math.inf}, "gain_db must be"),
        ({"fade_in": "bounce", "fade_in_s": 0.1}, "fade_in must be one of"),
        ({"fade_out_s": -1.0}, "fade_out_s must be in 0"),
    ],
)
def test_an_edited_plan_with_an_impossible_value(tmp_path, fields, message):
    sound = make_sound(tmp_path, "a", tone(1.0, RATE), RATE)
    broken = replace(event("sound", "a"), **fields)
    with pytest.raises(InputError, match=message) as error:
        Renderer([sound], [], SPEC).render([broken])
    assert str(error.value).startswith("plan: mix 0, event 0: ")


def test_excerpts_at_the_very_end_of_a_song(corpus):
    _, songs = corpus
    events = [
        event("song", song.song, start_s=float(i), event=i, source_start_s=song.seconds - 1.0)
        for i, song in enumerate(songs)
    ]
    mix = Renderer([], songs, SPEC).render(events)
    assert mix.rejected == ()
    for i in range(len(songs)):
        assert np.abs(mix.audio[i * RATE : round((i + 0.9) * RATE)].astype(float)).mean() > 1000


def test_long_songs_are_never_held(tmp_path, monkeypatch):
    song = make_song(tmp_path, "a", np.zeros(60 * 8000, np.float32), 8000)
    lengths = []
    plain = soundfile.SoundFile.read

    def spy(self, frames=-1, **options):
        audio = plain(self, frames, **options)
        lengths.append(len(audio))
        return audio

    monkeypatch.setattr(soundfile.SoundFile, "read", spy)
    planner = Planner(
        split="train", seed=0, sounds=[], songs=[song], spec=replace(SPEC, sound_probability=0)
    )
    Renderer([], [song], SPEC).render(planner.plan(0))
    assert lengths
    assert max(lengths) <= 1.5 * 8000 + 2


# Real sounds and songs


def test_real_data_renders_with_sounds_where_the_regions_are(shared):
    sounds = []
    for path in sorted((shared / "data" / "library").glob("*/*.flac"))[::30]:
        info = reading.probe(path)
        fields = (info.seconds, info.rate, info.channels, 0.0, info.seconds)
        sounds.append(Sound(path.name, path.parent.name, str(path), *fields))
    songs = []
    for path in sorted((shared / "data" / "songs").glob("*.ogg"))[:6]:
        info = reading.probe(path)
        fields = (info.seconds, info.rate, info.channels, 128.0, "", 0)
        songs.append(Song(path.stem, str(path), "", "", *fields))
    spec = MixSpec(pitch_method="resample")
    planner = Planner(split="train", seed=0, sounds=sounds, songs=songs, spec=spec)
    for index in range(2):
        mix = Renderer(sounds, songs, spec).render(planner.plan(index))
        assert mix.audio.shape == (60 * RATE, 2)
        assert mix.rejected == ()
        assert len(mix.regions) > 3
        for region in mix.regions:
            heard = mix.audio[round(region.onset_s * RATE) : round(region.offset_s * RATE)]
            assert len(heard) < 100 or heard.any()


def test_figure_2_is_drawn_the_same_each_time(corpus, tmp_path):
    events, spec = plans(corpus, [0])
    mix = Renderer(*corpus, spec).render(events)
    for name in ("a.png", "b.png"):
        draw_mix(tmp_path / name, mix.audio, RATE, mix.regions)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    draw_mix(tmp_path / "silent.png", np.zeros((100, 2), np.int16), RATE, [])
    odd = [Region(0, 0.0, 1.0, "a", "kick $_\n\udce9")]
    draw_mix(tmp_path / "odd.png", np.zeros((RATE, 2), np.int16), RATE, odd)
    assert (tmp_path / "silent.png").stat().st_size > 1000
