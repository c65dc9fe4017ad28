"""Find, score, describe and cut sounds from Python.

Each function is one step of the command ``deep-plunder``. A song is the path of an audio file of
any length, rate and number of channels. All errors that a user can mend are
`deep_plunder.errors.DeepPlunderError`. This module needs the light installation only.

The examples of the functions work on this song, a struck note between two pauses:

>>> import numpy as np
>>> from deep_plunder.audio import writing
>>> second = np.arange(16000) / 16000
>>> tone = np.exp(-5 * second) * np.sin(2 * np.pi * 220 * second)
>>> song = np.concatenate([np.zeros(8000), tone, np.zeros(8000)])
>>> writing.write("song.wav", song.astype(np.float32), 16000)
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from deep_plunder.audio.reading import reader
from deep_plunder.decoding import calibration
from deep_plunder.decoding.decode import Overrides
from deep_plunder.decoding.regions import score_spans
from deep_plunder.description.classes import load_classes
from deep_plunder.description.describe import LONGEST_S
from deep_plunder.description.describe import describe as describe_samples
from deep_plunder.description.record import Description
from deep_plunder.errors import InputError, ModelError
from deep_plunder.extraction.clips import describe_regions, write_clips
from deep_plunder.extraction.options import ClipOptions
from deep_plunder.extraction.region import ExtractedRegion as Region
from deep_plunder.models.detect import decode_song
from deep_plunder.models.inference import predict_song
from deep_plunder.models.model_file import LoadedModel, load_model
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.resources import SHIPPED, model_path

__all__ = [
    "ClipOptions",
    "Description",
    "Region",
    "cut_clips",
    "describe",
    "find_sounds",
    "score_regions",
]

PathLike = str | os.PathLike[str]


@lru_cache(maxsize=2)
def _loaded(path: Path, _modified_ns: int) -> LoadedModel:
    return load_model(path)


def _model(model: PathLike) -> LoadedModel:
    path = model_path(os.fspath(model))
    try:
        modified_ns = path.stat().st_mtime_ns
    except OSError:
        # Loading states the reason.
        return load_model(path)
    return _loaded(path, modified_ns)


def find_sounds(
    song: PathLike,
    *,
    min_score: float | None = None,
    model: PathLike = SHIPPED,
    classifier: PathLike | None = None,
) -> list[Region]:
    """Find the moments of a song in which one sound is heard alone.

    Parameters
    ----------
    song : path-like
        An audio file.
    min_score : float, optional
        Least score of a region, 0..1; 0 keeps all. By default the model's own.
    model : path-like
        The name of a model that ships (`util.resources.SHIPPED_MODELS`), or a model file.
    classifier : path-like, optional
        The file of the forest that recognises the classes, by default the one that ships.

    Returns
    -------
    regions : list of Region
        In order of time, with onset and offset in seconds, score, group, and the description of
        the sound. `clip` is empty.

    Raises
    ------
    AudioError
        If the song cannot be read.
    ModelError
        If the model or the classifier cannot be read.
    InputError
        If `min_score` is outside 0..1.

    Examples
    --------
    >>> [region] = find_sounds("song.wav", min_score=0)
    >>> round(region.onset_s, 1)
    0.5
    """
    network = _model(model)
    forest = load_classes(classifier)
    settings = Overrides(min_score=min_score)
    with reader(song, keep=True) as recording:
        outputs = predict_song(network, recording)
        clips = decode_song(network, outputs, recording, settings=settings)
        return describe_regions(recording, clips, source=os.fspath(song), classifier=forest)


def score_regions(
    song: PathLike, regions: Sequence[tuple[float, float]], *, model: PathLike = SHIPPED
) -> list[float]:
    """Estimate for given regions of a song the probability that each is usable as a clip.

    Parameters
    ----------
    song : path-like
        An audio file.
    regions : sequence of (float, float)
        Onset and offset of each region, in seconds of the song.
    model : path-like
        See `find_sounds`. It must be calibrated, as the model that ships is.

    Returns
    -------
    scores : list of float
        0..1, in the order of `regions`. Onsets count if they lie near the beginning of a region.

    Raises
    ------
    InputError
        If a region is not ``0 <= onset < offset``.
    AudioError, ModelError
        See `find_sounds`.

    Examples
    --------
    >>> scores = score_regions("song.wav", [(0.5, 1.0), (0.0, 0.4)])
    >>> scores[0] > scores[1]
    True
    """
    spans = [(float(onset_s), float(offset_s)) for onset_s, offset_s in regions]
    for row, (onset_s, offset_s) in enumerate(spans):
        if not 0 <= onset_s < offset_s < math.inf:
            rule = "must be seconds with 0 <= onset < offset"
            raise InputError(f"region {row}: {rule}, got {[onset_s, offset_s]}")
    network = _model(model)
    decoder = network.decoder
    if decoder is None:
        raise ModelError(f"{network.name}: is not calibrated, so it gives no probabilities")
    with reader(song) as recording:
        outputs = predict_song(network, recording)
    raw = score_spans(outputs, spans, spec=decoder.spec, hop_s=network.spec.hop_s)
    return [float(score) for score in calibration.apply(decoder.calibration, raw)]


def describe(clip: PathLike, *, classifier: PathLike | None = None) -> Description:
    """Describe the sound of an audio file.

    Parameters
    ----------
    clip : path-like
        An audio file. Only its first `description.describe.LONGEST_S` seconds count.
    classifier : path-like, optional
        See `find_sounds`.

    Returns
    -------
    description : Description
        Class, root note, loudness and number of attacks.

    Raises
    ------
    AudioError, ModelError
        If the file or the classifier cannot be read.

    Examples
    --------
    >>> describe("song.wav").attacks
    1
    """
    forest = load_classes(classifier)
    with reader(clip) as recording:
        rate = recording.info.rate
        samples = recording.read(0, round(LONGEST_S * rate))
        return describe_samples(samples, rate, classifier=forest)


def cut_clips(
    song: PathLike,
    regions: Sequence[Region],
    folder: PathLike,
    *,
    options: ClipOptions | None = None,
) -> list[Region]:
    """Cut regions out of a song as sound files.

    Parameters
    ----------
    song : path-like
        An audio file.
    regions : sequence of Region
        Regions that `find_sounds` found.
    folder : path-like
        A folder that does not exist yet. It appears with all clips in its folder ``clips``, or not
        at all.
    options : ClipOptions, optional
        Which regions become files, their format, level, fades and names.

    Returns
    -------
    regions : list of Region
        All regions. Those that became files have the path of the file below `folder` as `clip`.

    Raises
    ------
    InputError
        If `folder` exists, or two clips have one name.
    AudioError
        If the song cannot be read.
    OSError
        If a clip cannot be written.

    Examples
    --------
    >>> regions = find_sounds("song.wav", min_score=0)
    >>> [region] = cut_clips("song.wav", regions, "kit", options=ClipOptions(container="flac"))
    >>> region.clip.startswith("clips/song_001_"), region.clip.endswith(".flac")
    (True, True)
    """
    if os.path.lexists(folder):
        raise InputError(f"{os.fspath(folder)}: must be a new folder")
    wanted = ClipOptions() if options is None else options
    with atomic_directory(folder) as temporary:
        return write_clips(song, regions, temporary, options=wanted)
