"""Read clips of tracker music whose sample and note are known."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deep_plunder.audio import reading
from deep_plunder.audio.openmpt import MODULE_SUFFIXES
from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.layout import songs_of
from deep_plunder.mixes.modules.render import RATE, render_module
from deep_plunder.models.detect import decode_song
from deep_plunder.models.inference import predict_song
from deep_plunder.models.model_file import LoadedModel
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.listing import files_below
from deep_plunder.util.tables import Seconds, read_records

__all__ = ["SongClips", "tracker_songs"]

_LEAST_SHARE = 0.7
"""Share of a found clip that must lie inside a note for the clip to count as this note."""


@dataclass(frozen=True, slots=True)
class NoteRegion:
    """A row of a bench's regions that names the instrument and the note.

    Attributes
    ----------
    onset_s, offset_s : float
        The region, in seconds.
    instrument, note : str
        The sample that sounds, and its pitch.
    """

    onset_s: Seconds
    offset_s: Seconds
    instrument: str
    note: str


@dataclass(frozen=True, slots=True)
class SongClips:
    """The clips of a song.

    Attributes
    ----------
    song : str
        Name of the song.
    rate : int
        Samples per second.
    clips : list of ndarray, shape (n, channels)
        Samples of each clip.
    scores : list of float
        Score of each clip; 1 for those of the truth.
    names : list of str
        Instrument and note of each clip.
    """

    song: str
    rate: int
    clips: list[Float32Array]
    scores: list[float]
    names: list[str]


def _of_bench(folder: Path, model: LoadedModel | None) -> Iterator[SongClips]:
    for song in songs_of(folder):
        rows = read_records(folder / "regions" / f"{song.name}.tsv", NoteRegion)
        notes = [(row.onset_s, row.offset_s, f"{row.instrument} {row.note}") for row in rows]
        with reading.reader(song.audio, keep=True) as recording:
            clips = [Clip(onset_s, offset_s, 1.0) for onset_s, offset_s, _ in notes]
            if model is not None:
                clips = decode_song(model, predict_song(model, recording), recording)
            named = list(_named(clips, notes))
            rate = recording.info.rate
            parts = [
                recording.read(round(clip.onset_s * rate), round(clip.offset_s * rate))
                for clip, _ in named
            ]
        scores, names = [clip.score for clip, _ in named], [name for _, name in named]
        yield SongClips(song.name, rate, parts, scores, names)


def _named(clips: list[Clip], notes: list[tuple[float, float, str]]) -> Iterator[tuple[Clip, str]]:
    """Yield each clip that holds one note alone, with the note's name."""
    for clip in clips:
        least = _LEAST_SHARE * (clip.offset_s - clip.onset_s)
        for onset_s, offset_s, name in notes:
            if min(offset_s, clip.offset_s) - max(onset_s, clip.onset_s) >= least:
                yield clip, name
                break


def _of_modules(folder: Path) -> Iterator[SongClips]:
    for path in files_below(folder, suffixes=MODULE_SUFFIXES):
        try:
            module = render_module(path)
        except (InputError, OSError):
            # The sum of the channels of many modules is not the whole.
            continue
        regions = module.truth.regions
        parts = [module.samples[round(on * RATE) : round(off * RATE)] for on, off, *_ in regions]
        names = [name for *_, name in regions]
        yield SongClips(path.stem, RATE, parts, [1.0] * len(parts), names)


def tracker_songs(
    folder: str | os.PathLike[str], *, model: LoadedModel | None = None
) -> Iterator[SongClips]:
    """Read the clips of all songs of a bench, or of a folder of tracker modules.

    Parameters
    ----------
    folder : path-like
        A bench whose regions have the columns ``instrument`` and ``note``, or a folder of modules.
    model : LoadedModel, optional
        The model that finds the clips of a bench. A found clip counts if 70 % of it lie inside an
        isolated note. By default the clips are the isolated notes themselves, as they always are
        for modules.

    Yields
    ------
    song : SongClips

    Raises
    ------
    InputError
        If the folder is neither.
    """
    root = Path(folder)
    return _of_bench(root, model) if (root / "regions").is_dir() else _of_modules(root)
