"""Describe the clips of a song, and write the files of those that are chosen."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Sequence
from pathlib import Path

from deep_plunder import __version__
from deep_plunder.audio import reading
from deep_plunder.audio.wav_chunks import ClipFacts
from deep_plunder.decoding.clip import Clip
from deep_plunder.description.classes import ClassForest
from deep_plunder.description.describe import describe_clips
from deep_plunder.description.record import Description, note_number
from deep_plunder.extraction.cut import cut_clips
from deep_plunder.extraction.naming import SongTags, clip_names, index_texts, start_text
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.selection import choose_rows
from deep_plunder.util.names import safe_name, shown

__all__ = ["FOLDER", "describe_regions", "write_clips"]

FOLDER = "clips"
"""Name of the folder of clips in a song's folder."""

_DESCRIBED = [field.name for field in dataclasses.fields(Description)]


def describe_regions(
    recording: reading.Reader,
    clips: Sequence[Clip],
    *,
    source: str,
    classifier: ClassForest | None = None,
) -> list[ExtractedRegion]:
    """Describe the clips of a song.

    Parameters
    ----------
    recording : Reader
        The song.
    clips : sequence of Clip
    source : str
        The song's file, as the regions name it.
    classifier : ClassForest, optional
        The forest that recognises the classes, by default the one that ships.

    Returns
    -------
    regions : list of ExtractedRegion
        None has a file yet.

    Raises
    ------
    AudioError
        If the song cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> second = np.arange(8000) / 8000
    >>> tone = np.exp(-5 * second) * np.sin(2 * np.pi * 220 * second)
    >>> writing.write("tone.wav", tone.astype(np.float32)[:, np.newaxis], 8000)
    >>> with reading.reader("tone.wav") as recording:
    ...     [region] = describe_regions(recording, [Clip(0.0, 1.0, 0.9)], source="tone.wav")
    >>> region.score, region.group, region.clip
    (0.9, 1, '')
    """
    spans = [(clip.onset_s, clip.offset_s) for clip in clips]
    return [
        ExtractedRegion(
            onset_s=spans[each.row][0],
            offset_s=spans[each.row][1],
            score=clips[each.row].score,
            group=each.group,
            kept=int(each.kept),
            clip="",
            source=source,
            **{name: getattr(each.description, name) for name in _DESCRIBED},
        )
        for each in describe_clips(
            recording, spans, scores=[clip.score for clip in clips], classifier=classifier
        )
    ]


def write_clips(
    recording: reading.Recording,
    regions: Sequence[ExtractedRegion],
    folder: str | os.PathLike[str],
    *,
    options: ClipOptions,
    rows: Sequence[int] | None = None,
    tags: SongTags | None = None,
    model: str = "",
) -> list[ExtractedRegion]:
    """Write the files of regions.

    Each file states the song, the time in it, score, class and note (`audio.wav_chunks`).

    Parameters
    ----------
    recording : path-like or Reader
        The song.
    regions : sequence of ExtractedRegion
    folder : path-like
        The song's folder; clips go to the folder `FOLDER` in it.
    options : ClipOptions
    rows : sequence of int, optional
        Rows of the regions to write, by default those that the options choose.
    tags : SongTags, optional
        Artist and title for the names of the clips.
    model : str
        Name of the model that found the regions, which the files state.

    Returns
    -------
    regions : list of ExtractedRegion
        All regions. Those that were written have the path of their file.

    Raises
    ------
    AudioError
        If the song cannot be read.
    InputError
        If two clips have one name.
    OSError
        If a clip cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> second = np.arange(8000) / 8000
    >>> tone = np.exp(-5 * second) * np.sin(2 * np.pi * 220 * second)
    >>> writing.write("tide.wav", tone.astype(np.float32)[:, np.newaxis], 8000)
    >>> with reading.reader("tide.wav") as recording:
    ...     found = describe_regions(recording, [Clip(0.0, 1.0, 0.9)], source="tide.wav")
    ...     [region] = write_clips(recording, found, "Tide", options=ClipOptions())
    >>> region.clip.startswith("clips/tide_001_"), region.clip.endswith("_A3.wav")
    (True, True)
    """
    names = SongTags() if tags is None else tags
    rows = choose_rows(regions, options) if rows is None else rows
    with reading.reader(recording) as file:
        song = safe_name(Path(file.info.path).stem, length=60)
        numbers = index_texts(range(1, len(regions) + 1))
        fields = (
            {
                "song": song,
                "artist": names.artist,
                "title": names.title or song,
                "class": regions[row].sound_class,
                "note": regions[row].note or "none",
                "sound": "_".join(filter(None, (regions[row].sound_class, regions[row].note))),
                "score": f"{round(100 * regions[row].score):02}",
                "index": numbers[row],
                "start": start_text(regions[row].onset_s),
            }
            for row in rows
        )
        clips = clip_names(options.name, fields)
        files = cut_clips(
            file,
            [(regions[row].onset_s, regions[row].offset_s) for row in rows],
            Path(folder) / FOLDER,
            names=clips,
            options=options,
            facts=[
                _facts(regions[row], clip.rpartition("/")[2], file.info, model=model)
                for row, clip in zip(rows, clips, strict=True)
            ],
        )
    cut = list(regions)
    for clip in files:
        row = rows[clip.region]
        cut[row] = dataclasses.replace(
            cut[row], offset_s=clip.offset_s, clip=f"{FOLDER}/{clip.clip}"
        )
    return cut


def _facts(region: ExtractedRegion, name: str, info: reading.AudioInfo, *, model: str) -> ClipFacts:
    comment = [f"score {region.score:.2f}", region.sound_class, region.note]
    comment += [f"at {start_text(region.onset_s)}", f"model {model}" if model else ""]
    return ClipFacts(
        name=name,
        song=shown(Path(info.path).name),
        comment=", ".join(part for part in comment if part),
        software=f"deep-plunder {__version__}",
        start=round(region.onset_s * info.rate),
        note=note_number(region.note) if region.note else None,
        cents=0.0 if math.isnan(region.cents) else region.cents,
    )
