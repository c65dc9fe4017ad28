"""Extract the moments of one song in which one sound is heard alone.

The paper's procedure (section 5.2): the network's outputs, the regions in them, a clip for each
region, cut from the original recording. `detection` finds the regions, as the model asks for it.
Beside the clips stand a table, annotation layers and a picture. A song's folder appears whole or
not at all.

Folder of a song:

- ``regions.tsv``: `ExtractedRegion`, in order of time
- ``clips/*.wav``
- ``labels.txt``, ``regions.svl``, ``regions.csv``: for Audacity, Sonic Visualiser, Reaper
- ``spectrogram.png``
- ``extraction.json``: source, model and settings (`extraction.folder.Record`)
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deep_plunder import __version__
from deep_plunder.audio import reading
from deep_plunder.audio.source import fault
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.decode import Overrides
from deep_plunder.errors import ModelError
from deep_plunder.extraction.annotations import (
    Annotation,
    write_audacity,
    write_reaper,
    write_sonic_visualiser,
)
from deep_plunder.extraction.cut import cut_clips
from deep_plunder.extraction.folder import Record, digest_of_song, write_record
from deep_plunder.extraction.spec import ExtractionSpec
from deep_plunder.features.log_mel import mel_levels
from deep_plunder.models.detect import decode_song
from deep_plunder.models.inference import predict_song
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import shown
from deep_plunder.util.settings import default
from deep_plunder.util.tables import write_records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from deep_plunder.models.model_file import LoadedModel

__all__ = ["ExtractedRegion", "extract_song"]

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class ExtractedRegion:
    """A row of ``regions.tsv``.

    Attributes
    ----------
    onset_s, offset_s : float
        What was cut, in seconds of the song: sample ``round(onset_s * rate)`` up to
        ``round(offset_s * rate)``.
    score : float
        0..1: the probability that the clip is usable, or, of models that bring no decoder, the
        mean of the frame output over the region.
    clip : str
        Its file, below the song's folder, with ``/``.
    source : str
        The song's file.
    """

    onset_s: float
    offset_s: float
    score: float
    clip: str
    source: str


def _rounded(clip: Clip, end_s: float) -> Clip:
    # A microsecond is less than a sample, and reads better than the sums of binary fractions.
    return Clip(round(clip.onset_s, 6), round(min(clip.offset_s, end_s), 6), clip.score)


def _write_tables(
    folder: Path, regions: Sequence[ExtractedRegion], info: reading.AudioInfo
) -> None:
    """Write what was found, for people and for three editors."""
    write_records(folder / "regions.tsv", ExtractedRegion, regions, checksum=False)
    annotations = [
        Annotation(region.onset_s, region.offset_s, Path(region.clip).stem, region.score)
        for region in regions
    ]
    write_audacity(folder / "labels.txt", annotations)
    write_reaper(folder / "regions.csv", annotations)
    write_sonic_visualiser(
        folder / "regions.svl", annotations, rate=info.rate, end_s=info.seconds,
        name=Path(info.path).name,
    )  # fmt: skip


def _digest(path: str | os.PathLike[str]) -> str:
    try:
        return digest_of_song(path)
    except OSError as error:
        raise fault(path, "changed", f"can be read no longer ({error.strerror})") from error


def extract_song(
    model: LoadedModel,
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    onset_threshold: float | None = None,
    frame_threshold: float | None = None,
    min_duration_s: float | None = None,
    min_score: float | None = None,
    picture: bool = default(ExtractionSpec, "picture"),
) -> list[ExtractedRegion]:
    """Find the regions of a song and write its folder.

    Parameters
    ----------
    model : LoadedModel
        The network.
    path : path-like
        An audio file of any length, rate and number of channels.
    folder : path-like
        The song's folder. One that is there is replaced as a whole, once all is done; on an
        error it stays, and nothing else is left.
    onset_threshold, frame_threshold, min_duration_s, min_score : float, optional
        See `decoding.decode.Overrides`. The default is the model's own, or the paper's: 0.2, 0.2,
        and
        all regions are kept.
    picture : bool
        Whether to draw the picture.

    Returns
    -------
    regions : list of ExtractedRegion
        In order of time; may be empty.

    Raises
    ------
    AudioError
        If the song cannot be decoded.
    ModelError
        If the model's outputs are not finite.
    InputError
        If a setting is out of bounds.
    OSError
        If a file cannot be written: with the name of the folder.

    References
    ----------
    Braun, "Deep Plunder", 2020, section 5.2.

    Examples
    --------
    >>> import numpy as np
    >>> from deep_plunder.audio import writing
    >>> from deep_plunder.models.model_file import load_model
    >>> from deep_plunder.util.resources import shipped_model_path
    >>> second = np.arange(16000) / 16000
    >>> tone = (np.exp(-5 * second) * np.sin(2 * np.pi * 220 * second)).astype(np.float32)
    >>> song = np.concatenate([np.zeros(8000, np.float32), tone, np.zeros(8000, np.float32)])
    >>> writing.write("song.wav", song[:, np.newaxis], 16000)
    >>> model = load_model(shipped_model_path())
    >>> regions = extract_song(model, "song.wav", "song", min_score=0)
    >>> [path.name for path in Path("song/clips").iterdir()]
    ['song_001.wav']
    >>> round(regions[0].onset_s, 1)
    0.5
    """
    settings = Overrides(
        onset_threshold=onset_threshold,
        frame_threshold=frame_threshold,
        min_duration_s=min_duration_s,
        min_score=min_score,
    )
    source = os.fspath(path)
    spec = model.spec
    # What is decoded for the network is refined and cut from too.
    with reading.reader(path, keep=True) as recording:
        info = recording.info
        # Before it is decoded: of a song that changes meanwhile, the record is not the newest.
        source_digest = _digest(path)
        observe: Callable[[NDArray[Any]], None] | None = None
        if picture:
            from deep_plunder.extraction.picture import Overview, draw_song

            overview = Overview(seconds=info.seconds, hop_s=spec.hop_s)

            def observe(features: NDArray[Any]) -> None:
                overview.add(mel_levels(features, spec))

        outputs = predict_song(model, recording, observe=observe)
        if not (abs(outputs) <= 1).all():
            raise ModelError(f"{model.name}: gives outputs outside 0..1 for {shown(path)}")
        found = decode_song(model, outputs, recording, settings=settings)
        clips = [_rounded(clip, info.seconds) for clip in found]
        with atomic_directory(folder) as temporary:
            spans = [(clip.onset_s, clip.offset_s) for clip in clips]
            regions = [
                ExtractedRegion(
                    file.onset_s,
                    file.offset_s,
                    clips[file.region].score,
                    f"clips/{file.clip}",
                    source,
                )
                for file in cut_clips(recording, spans, temporary / "clips")
            ]
            _write_tables(temporary, regions, info)
            if picture:
                draw_song(
                    temporary / "spectrogram.png", overview, outputs, clips, spec=spec,
                    title=Path(source).name,
                )  # fmt: skip
            record = Record(
                source=source, source_digest=source_digest, deep_plunder=__version__,
                model=model.name, digest=model.digest, **dataclasses.asdict(settings),
            )  # fmt: skip
            write_record(temporary, record)
    _log.info("%s: %d regions", shown(path), len(regions))
    return regions
