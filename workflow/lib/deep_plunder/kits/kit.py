"""Build a kit from the folders of songs that `extraction.song` wrote.

Folder of a kit:

- ``kit.sfz``: all clips as one instrument
- ``SONG/SONG.sfz``: the clips of a song; ``SONG.mid`` plays it as the song does, and ``SONG.jams``
  holds the regions
- ``SONG/samples/``: the clips, those too that are cut for the kit, which have the default names
"""

from __future__ import annotations

import dataclasses
import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from deep_plunder.audio.reading import probe
from deep_plunder.errors import AudioError, InputError
from deep_plunder.extraction.clips import FOLDER, write_clips
from deep_plunder.extraction.inputs import Report
from deep_plunder.extraction.naming import DEFAULT_NAME
from deep_plunder.extraction.options import restored
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.results import SongFolder
from deep_plunder.kits.jams import write_jams
from deep_plunder.kits.mapping import KitSound, Zone, map_keys
from deep_plunder.kits.midi import Note, velocity_of, write_midi
from deep_plunder.kits.sfz import SfzRegion, write_sfz
from deep_plunder.util.counts import counted
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import shown
from deep_plunder.util.temporaries import remove_path

__all__ = ["write_kit"]

_SAMPLES = "samples"


def _write_instrument(path: Path, clips: Sequence[tuple[str, ExtractedRegion]]) -> list[Zone]:
    """Write clips as an SFZ instrument; return the zone of each.

    A clip is its path below the folder of the instrument, and its region.
    """
    zones = map_keys([KitSound(clip.sound_class, clip.note, clip.score) for _, clip in clips])
    regions = [
        SfzRegion(sample, zone, clip.cents)
        for (sample, clip), zone in zip(clips, zones, strict=True)
    ]
    write_sfz(path, regions)
    return zones


def _readable(song: SongFolder, fail: Report) -> SongFolder:
    """Return a song without the clips that are no audio any more."""
    regions = []
    for region in song.regions:
        if region.clip:
            try:
                probe(song.folder / region.clip)
            except AudioError as error:
                fail(f"{error}; the clip is left out")
                region = dataclasses.replace(region, clip="")
        regions.append(region)
    return dataclasses.replace(song, regions=tuple(regions))


def _with_cuts(song: SongFolder, folder: Path, fail: Report) -> SongFolder:
    """Cut the clips that have no file into the song's folder of the kit."""
    if not song.to_cut:
        return song
    record = song.record
    try:
        # The record does not hold artist and title, which names may have.
        options = dataclasses.replace(restored(record.options), name=DEFAULT_NAME)
        regions = write_clips(
            record.source, song.regions, folder,
            options=options, rows=sorted(song.to_cut), model=record.model,
        )  # fmt: skip
    except InputError as error:
        remove_path(folder)
        fail(f"{error}; {counted(len(song.to_cut), 'clip')} of {song.name} left out")
        return dataclasses.replace(song, to_cut=frozenset())
    (folder / FOLDER).rename(folder / _SAMPLES)
    return dataclasses.replace(song, regions=tuple(regions))


def write_kit(songs: Sequence[SongFolder], folder: str | os.PathLike[str], *, fail: Report) -> int:
    """Write a kit, whole or not at all.

    Parameters
    ----------
    songs : sequence of SongFolder
    folder : path-like
        The kit's folder, which must not exist.
    fail : callable
        Called with a line per clip that cannot be read, and per song of which clips cannot be cut.
        They are left out.

    Returns
    -------
    clips : int
        Number of clips in the kit.

    Raises
    ------
    InputError
        If the folder exists, or there is no clip that can be read.
    OSError
        If a file cannot be written.
    """
    if os.path.lexists(folder):
        rule = "exists already: give another folder, or delete it first"
        raise InputError(f"{shown(folder)}: {rule}")
    every: list[tuple[str, ExtractedRegion]] = []
    with atomic_directory(folder) as temporary:
        for song in songs:
            song = _with_cuts(_readable(song, fail), temporary / song.name, fail)
            if song.rows:
                name = song.name
                samples = _write_song(song, temporary / name)
                every += [
                    (f"{name}/{sample}", song.regions[row])
                    for row, sample in zip(song.rows, samples, strict=True)
                ]
        if not every:
            raise InputError(f"{shown(folder)}: there are no clips to build a kit from")
        _write_instrument(temporary / "kit.sfz", every)
    return len(every)


def _write_song(song: SongFolder, folder: Path) -> list[str]:
    """Write the folder of a song; return the paths of its samples below it."""
    clips = [song.regions[row] for row in song.rows]
    name = song.name
    samples = [str(PurePosixPath(_SAMPLES, *PurePosixPath(r.clip).parts[1:])) for r in clips]
    for row, sample in zip(song.rows, samples, strict=True):
        if row not in song.to_cut:
            target = folder / sample
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists() and song.to_cut:
                raise InputError(f"{shown(song.folder)}: two clips of the kit are named {sample}")
            shutil.copyfile(song.folder / song.regions[row].clip, target)
    zones = _write_instrument(folder / f"{name}.sfz", list(zip(samples, clips, strict=True)))
    write_midi(folder / f"{name}.mid", _notes(song, dict(zip(song.rows, zones, strict=True))),
               name=name)  # fmt: skip
    sample_of = dict(zip(song.rows, samples, strict=True))
    write_jams(
        folder / f"{name}.jams",
        [
            dataclasses.replace(region, clip=sample_of.get(row, ""))
            for row, region in enumerate(song.regions)
        ],
        title=Path(song.record.source).name,
        seconds=song.seconds,
        model=song.record.model,
    )
    return samples


def _notes(song: SongFolder, zones: dict[int, Zone]) -> list[Note]:
    """Return a note for each region whose sound is in the kit, by its own clip or its group's."""
    of_group = {song.regions[row].group: row for row in reversed(song.rows)}
    notes = []
    for row, region in enumerate(song.regions):
        played = row if row in zones else of_group.get(region.group)
        if played is None:
            continue
        level = region.loudness_lufs - song.regions[played].loudness_lufs
        velocity = velocity_of(0.0 if math.isnan(level) else level)
        notes.append(Note(region.onset_s, region.offset_s, zones[played].key, velocity))
    return notes
