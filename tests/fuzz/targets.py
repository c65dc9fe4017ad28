"""The readers of files from outside, each with sound files to begin with."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import plistlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deep_plunder.audio.easings import EASINGS
from deep_plunder.config.reading import read_configuration
from deep_plunder.config.validate import validate
from deep_plunder.corpus.library import Sound, read_classes
from deep_plunder.corpus.modules import TrackerModule
from deep_plunder.corpus.onset_table import read_onsets_json, write_onsets_json
from deep_plunder.corpus.playlists.locations import resolve
from deep_plunder.corpus.playlists.reading import read_playlist
from deep_plunder.corpus.song_reasons import RejectedSong
from deep_plunder.corpus.song_rules import Limits, check_row
from deep_plunder.corpus.songs import Song
from deep_plunder.corpus.split import Assignment, split_items, split_tables
from deep_plunder.errors import ConfigError
from deep_plunder.extraction.batch import ExtractedSong, list_clips
from deep_plunder.extraction.folder import FolderRecord, read_record, write_record
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.modules.plan import ModulePlanner
from deep_plunder.mixes.scenes.plan import ScenePlanner
from deep_plunder.mixes.scenes.rows import SceneRow, read_settings
from deep_plunder.mixes.scenes.settings import (
    ExcerptSettings,
    MasterSettings,
    NoteSettings,
    OneShot,
    SectionSettings,
    SynthNote,
    TrackSettings,
    Wave,
)
from deep_plunder.mixes.scenes.spec import SceneSpec
from deep_plunder.truth.regions import Region
from deep_plunder.util.contents import ContentDigests
from deep_plunder.util.tables import read_records, write_records
from tests.fuzz import array_files, audio_files, model_files, plan_files, tokens

__all__ = ["TARGETS", "Target"]

ROOT = Path(__file__).resolve().parents[2]
PLAYLISTS = ROOT / "resources" / "playlists"


def _same(content: bytes) -> bytes:
    return content


@dataclass(frozen=True, slots=True)
class Target:
    """A reader.

    Attributes
    ----------
    name : str
    file : str
        Name of the file that it is given.
    seeds : callable
        From a folder for scratch files to the contents of sound files.
    read : callable
        From the path of a case; raises nothing but a `DeepPlunderError`.
    tokens : sequence of bytes
        What means something in the file.
    wrap : callable
        Makes the file of what is changed, where that lies inside with a checksum.
    """

    name: str
    file: str
    seeds: Callable[[Path], list[bytes]]
    read: Callable[[Path], object]
    tokens: Sequence[bytes] = ()
    wrap: Callable[[bytes], bytes] = _same


def _examples(*patterns: str) -> Callable[[Path], list[bytes]]:
    def seeds(_folder: Path) -> list[bytes]:
        paths = sorted({path for pattern in patterns for path in PLAYLISTS.glob(pattern)})
        return [path.read_bytes() for path in paths]

    return seeds


def _playlist(path: Path) -> None:
    limits = Limits(60.0, 360.0, 200.0)
    rows = read_playlist(path)
    rejected = []
    for row in rows[:200]:
        fault = check_row(row, limits) or ("", "")
        rejected.append(RejectedSong(row.source, row.row, row.title, row.location, *fault))
        resolve(row.location, path_map=["Macintosh HD:Users:me:Music:=music/", "C:\\=c/"])
    # What is rejected must be a line of a table.
    write_records(path.with_suffix(".tsv"), RejectedSong, rejected)


def _binary_library(_folder: Path) -> list[bytes]:
    library = plistlib.loads((PLAYLISTS / "Library.xml").read_bytes())
    return [plistlib.dumps(library, fmt=plistlib.FMT_BINARY)]


_SOUND = Sound("a/b.wav", "a", "/music/b.wav", 1.0, 44100, 2, 0.1, 0.9)
_SONG = Song("Zoe_-_a", "/music/caf\udce9.wav", 'a\t"', "Zoë", 61.5, 44100, 2, 320.0, "x.txt", 2)
_ROWS: tuple[tuple[Any, ...], ...] = (
    (_SOUND, dataclasses.replace(_SOUND, sound="c")),
    (_SONG, dataclasses.replace(_SONG, song="b")),
    (Assignment("sound", "a/b.wav", "train"), Assignment("song", "b", "all")),
    (
        Event(0, 0, "sound", "c", 0.0, 1.0, fade_in=next(iter(EASINGS))),
        Event(0, 1, "song", "b", 1.0, 2.0),
    ),
    tuple(
        ScenePlanner(
            split="test", seed=1, sounds=[_SOUND], songs=[_SONG], spec=SceneSpec(), duration_s=3.0
        ).plan(0)
    ),
    (Region(0, 0.0, 1.0, "c", "a", 30.0), Region(1, 0.5, 0.7, "c", "")),
)


_SETTINGS: dict[str, type] = {
    "master": MasterSettings,
    "section": SectionSettings,
    "track": TrackSettings,
    "note": NoteSettings,
    "excerpt": ExcerptSettings,
    "wave": Wave,
    "synth": SynthNote,
}
"""What the settings of a row are read as, by its kind or by the beginning of its source."""


def _tables(folder: Path) -> list[bytes]:
    contents = []
    for rows in _ROWS:
        write_records(folder / "rows.tsv", type(rows[0]), rows)
        contents.append((folder / "rows.tsv").read_bytes())
    return contents


def _table(path: Path) -> None:
    header = path.read_bytes().split(b"\n", 1)[0]
    names = set(header.decode("utf-8", "replace").strip("\ufeff\r").split("\t"))
    kinds = [type(rows[0]) for rows in _ROWS]
    fields = {kind: {field.name for field in dataclasses.fields(kind)} for kind in kinds}
    # The one whose columns are there, or as good as.
    kind = max(kinds, key=lambda kind: len(fields[kind] & names) / len(fields[kind]))
    for row in read_records(path, kind):
        if isinstance(row, SceneRow):
            prefix = row.source.partition(":")[0]
            read_settings(row, _SETTINGS.get(prefix) or _SETTINGS.get(row.kind, OneShot))


def _classes(_folder: Path) -> list[bytes]:
    return ["file\tclass\na/b.wav\tkick\ncafé.wav\tsnare\n".encode()]


def _read_classes(path: Path) -> None:
    read_classes(path)


def _onsets(folder: Path) -> list[bytes]:
    write_onsets_json(folder / "onsets.json", _ROWS[0])
    return [(folder / "onsets.json").read_bytes()]


def _read_onsets(path: Path) -> None:
    read_onsets_json(path, _ROWS[0])


def _digests(folder: Path) -> list[bytes]:
    memory = folder / "digests.json"
    entry = [0, 10**18, 10**18, 5, "0123456789abcdef"]
    memory.write_text(json.dumps({"/music/a.wav": entry}), encoding="utf-8")
    return [memory.read_bytes()]


def _read_digests(path: Path) -> None:
    ContentDigests(path).of([path])


def _splits(folder: Path) -> list[bytes]:
    rows = [Assignment("sound", "c", "train"), Assignment("song", "b", "all")]
    write_records(folder / "splits.tsv", Assignment, rows)
    return [(folder / "splits.tsv").read_bytes()]


def _split(path: Path) -> None:
    for name, rows in (("sounds", _ROWS[0]), ("songs", _ROWS[1])):
        if not (table := path.with_name(f"{name}.tsv")).exists():
            write_records(table, type(rows[0]), rows)
    if not (onsets := path.with_name("onsets.json")).exists():
        write_onsets_json(onsets, [])
    tables = (path, path.with_name("sounds.tsv"), path.with_name("songs.tsv"))
    split_tables(*tables, onsets=onsets, split="train")


def _songs(folder: Path) -> list[bytes]:
    songs = [dataclasses.replace(_SONG, song=name, title=name) for name in "abcd"]
    write_records(folder / "songs.tsv", Song, songs)
    return [(folder / "songs.tsv").read_bytes()]


def _split_songs(path: Path) -> None:
    sounds = [dataclasses.replace(_SOUND, sound=name) for name in "abcd"]
    split_items(sounds, read_records(path, Song), seed=1, validation=0.2, test=0.2)


def _modules(folder: Path) -> list[bytes]:
    rows = [
        TrackerModule(
            name, name, f"/{name}", 60.0, 4, 1.5, 0.5, 1.0, f"/truth/{name}", "0" * 16, 1, 1.0, ""
        )
        for name in ("a.mod", "b.xm", "c.it")
    ]
    write_records(folder / "modules.tsv", TrackerModule, rows)
    return [(folder / "modules.tsv").read_bytes()]


def _plan_modules(path: Path) -> None:
    modules = read_records(path, TrackerModule)
    split_items([], [], modules, seed=1)
    ModulePlanner(split="train", seed=1, modules=modules, duration_s=10).plan(0)


_EXTRACTED = FolderRecord(source="/a.wav", deep_plunder="0.1.0", min_score=0.5)


def _parts(folder: Path) -> list[bytes]:
    rows = [ExtractedSong("a", "/a.wav", ""), ExtractedSong("b", "/b.wav", "b.wav: truncated")]
    write_records(folder / "part.tsv", ExtractedSong, rows)
    return [(folder / "part.tsv").read_bytes()]


def _clips(path: Path) -> None:
    song = path.parent / "clips" / "a"
    if not song.exists():
        song.mkdir(parents=True)
        write_record(song, _EXTRACTED)
        region = ExtractedRegion(
            onset_s=0.0, offset_s=1.0, score=0.5, group=1, kept=1, sound_class="kick", note="",
            cents=math.nan, note_confidence=0.0, loudness_lufs=-20.0, attacks=1,
            clip="clips/a.wav", source="/a.wav",
        )  # fmt: skip
        write_records(song / "regions.tsv", ExtractedRegion, [region], checksum=False)
    list_clips([path], folder=path.parent / "clips")


def _records(folder: Path) -> list[bytes]:
    write_record(folder, _EXTRACTED)
    return [(folder / "extraction.json").read_bytes()]


def _record(path: Path) -> None:
    read_record(path.parent)


def _configurations(_folder: Path) -> list[bytes]:
    small = b"""library: {path: sounds, classes: null}
songs: {sources: [a.txt, b], path_map: ["C:\\\\=/music/"]}
seed: 0x10
models: {mine: {architecture: paper, sizes: {units: [5, 3]}, training: {epochs: 3}}}
mixes: {style: {paper: 1, scenes: 1}, count: {train: 3}, semitones: [-3, 3], sound_probability: 0.5}
features: &f {hop: 512, mel_bands: 229}
baselines: [onsets]
"""
    contents = [path.read_bytes() for path in sorted((ROOT / "config").glob("*.yaml"))]
    # The others are laid over these.
    return [small, *(content for content in contents if b"\nlibrary:" in content)]


def _configuration(path: Path) -> None:
    config = read_configuration(path)
    validate(config, source="x.yaml")
    with contextlib.suppress(ConfigError):
        # None of its files are there.
        validate(config, source="x.yaml", root=path.parent)


TARGETS = {
    target.name: target
    for target in (
        Target("export", "list.txt", _examples("*.txt"), _playlist, tokens.EXPORT),
        Target("m3u", "list.m3u", _examples("*.m3u*"), _playlist, tokens.M3U),
        Target("library_xml", "Library.xml", _examples("*.xml"), _playlist, tokens.XML),
        Target("library_binary", "Library.xml", _binary_library, _playlist, tokens.BINARY),
        Target("table", "rows.tsv", _tables, _table, tokens.TSV),
        Target("splits", "splits.tsv", _splits, _split, tokens.TSV),
        Target("modules", "modules.tsv", _modules, _plan_modules, tokens.TSV),
        Target("songs", "songs.tsv", _songs, _split_songs, tokens.TSV),
        Target("clips", "part.tsv", _parts, _clips, tokens.TSV),
        Target("record", "extraction.json", _records, _record, tokens.JSON),
        Target("config", "config.yaml", _configurations, _configuration, tokens.YAML),
        Target("scene", "plan.tsv", plan_files.scene_plans, plan_files.read_scene_plan, tokens.TSV),
        Target("plan", "plan.tsv", plan_files.paper_plans, plan_files.read_paper_plan, tokens.TSV),
        Target("classes", "classes.tsv", _classes, _read_classes, tokens.TSV),
        Target("onsets", "onsets.json", _onsets, _read_onsets, tokens.JSON),
        Target("digests", "digests.json", _digests, _read_digests, tokens.JSON),
        Target("isolation", "x.npz", array_files.isolation, array_files.read_truth, tokens.ZIP),
        Target(
            "forest",
            "x.npz",
            array_files.forest,
            array_files.read_forest,
            tokens.NPY,
            array_files.with_nodes,
        ),
        Target(
            "class_forest",
            "classes.npz",
            array_files.class_names,
            array_files.read_class_forest,
            tokens.NPY,
            array_files.with_names,
        ),
        Target(
            "checkpoint",
            "checkpoint.npz",
            array_files.checkpoint,
            array_files.read_training,
            tokens.ZIP,
        ),
        Target("labels", "labels.npy", array_files.labels, array_files.read_bench, tokens.NPY),
        Target("shard", "0.npy", array_files.shard, array_files.read_shard, tokens.NPY),
        Target("model", "x.keras", model_files.archives, model_files.read, tokens.ZIP),
        Target(
            "model_card",
            "x.keras",
            model_files.cards,
            model_files.read,
            tokens.JSON,
            model_files.with_card,
        ),
        Target(
            "model_weights",
            "x.keras",
            model_files.weights,
            model_files.read,
            wrap=model_files.with_weights,
        ),
        *(
            Target(f"audio_{name}", f"x.{name}", seeds, audio_files.read, tokens.AUDIO)
            for name, seeds in audio_files.SEEDS.items()
        ),
    )
}
"""By name."""
