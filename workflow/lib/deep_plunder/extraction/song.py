"""Extract the moments of one song in which one sound is heard alone.

This is the paper's procedure (section 5.2): run the network, find regions in its outputs, and cut
a clip for each region from the original recording. `decoding.decode` finds the regions with the
model's own decoder. The folder also holds a table, annotation layers and a picture. It appears
whole or not at all.

Folder of a song:

- ``regions.tsv``: `extraction.region.ExtractedRegion`, in order of time
- ``clips/``: the clips, named by the template of `extraction.options.ClipOptions`
- ``labels.txt``, ``regions.svl``, ``regions.csv``: for Audacity, Sonic Visualiser, Reaper; a
  region of which no clip was written has the name of the clip that holds the same sound, if any;
  the score follows the name
- ``onset_curve.svl``, ``frame_curve.svl``: the network's outputs for Sonic Visualiser, if asked for
- ``spectrogram.png``, and ``mel.jpg``, the spectrogram without axes
- ``index.html``: the gallery of the song (`extraction.gallery`)
- ``extraction.json``: source, model and settings (`extraction.folder.FolderRecord`)
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
from deep_plunder.audio.identity import digest_of_song
from deep_plunder.audio.source import fault
from deep_plunder.decoding.clip import Clip
from deep_plunder.decoding.decode import Overrides
from deep_plunder.description.classes import load_classes
from deep_plunder.errors import ModelError
from deep_plunder.extraction.clips import describe_regions, write_clips
from deep_plunder.extraction.folder import (
    PAGE,
    FolderRecord,
    digest_of_classifier,
    write_record,
)
from deep_plunder.extraction.gallery import song_page
from deep_plunder.extraction.gallery_data import SPECTROGRAM
from deep_plunder.extraction.naming import SongTags
from deep_plunder.extraction.options import ClipOptions, recorded
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.extraction.results import SongFolder
from deep_plunder.extraction.spec import ExtractionSpec
from deep_plunder.features.log_mel import mel_levels
from deep_plunder.models.detect import decode_song
from deep_plunder.models.inference import predict_song
from deep_plunder.truth.annotations import (
    Annotation,
    write_audacity,
    write_curve,
    write_reaper,
    write_sonic_visualiser,
)
from deep_plunder.truth.labels import FRAME, LABELS, ONSET
from deep_plunder.util.files import atomic_directory, write_text
from deep_plunder.util.names import shown
from deep_plunder.util.settings import default
from deep_plunder.util.tables import write_records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from deep_plunder.extraction.picture import Overview
    from deep_plunder.models.model_file import LoadedModel

__all__ = ["extract_song"]

_log = logging.getLogger(__name__)


def _rounded(clip: Clip, end_s: float) -> Clip:
    # A microsecond is less than a sample, and keeps tables free of long binary fractions.
    return Clip(round(clip.onset_s, 6), round(min(clip.offset_s, end_s), 6), clip.score)


def _write_tables(
    folder: Path, regions: Sequence[ExtractedRegion], info: reading.AudioInfo
) -> None:
    """Write the regions as a table and as annotation layers for three editors."""
    write_records(folder / "regions.tsv", ExtractedRegion, regions, checksum=False)
    clips = {region.group: region.clip for region in regions if region.clip}
    annotations = []
    for region in regions:
        name = Path(region.clip or clips.get(region.group, "no clip")).stem
        label = f"{name} {region.score:.2f}"
        annotations.append(Annotation(region.onset_s, region.offset_s, label, region.score))
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
        raise fault(path, "changed", f"can no longer be read ({error.strerror})") from error


def extract_song(
    model: LoadedModel,
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    onset_threshold: float | None = None,
    frame_threshold: float | None = None,
    min_duration_s: float | None = None,
    min_score: float | None = None,
    options: ClipOptions | None = None,
    classifier: str | os.PathLike[str] | None = None,
    tags: SongTags | None = None,
    curves: bool = default(ExtractionSpec, "curves"),
    picture: bool = default(ExtractionSpec, "picture"),
    progress: Callable[[float], None] | None = None,
) -> list[ExtractedRegion]:
    """Extract the clips of a song, and write its folder.

    Parameters
    ----------
    model : LoadedModel
        The network and its decoder.
    path : path-like
        An audio file of any length, rate and number of channels.
    folder : path-like
        The song's folder. An existing one is replaced as a whole at the end. After an error the
        existing folder is unchanged, and no other files are left.
    onset_threshold, frame_threshold, min_duration_s, min_score : float, optional
        See `decoding.decode.Overrides`. The defaults are those of the model's decoder. Without a
        decoder they are the paper's: both thresholds 0.2, and all regions are kept.
    options : ClipOptions, optional
        Which clips become files, in which format and under which names. By default the best of
        each group of regions that hold the same sound (`description.groups`).
    classifier : path-like, optional
        The file of the forest that recognises the classes, by default the one that ships.
    tags : SongTags, optional
        Artist and title for the names of the clips.
    curves : bool
        Whether to write the onset and frame outputs as layers.
    picture : bool
        Whether to draw the picture.
    progress : callable, optional
        Called again and again with the share of the song that the network has heard, 0..1.

    Returns
    -------
    regions : list of ExtractedRegion
        Regions in order of time. There may be none.

    Raises
    ------
    AudioError
        If the song cannot be decoded.
    ModelError
        If the model's outputs are outside 0..1 or not finite, or the classifier is damaged.
    InputError
        If a setting is out of bounds, or two clips have one name.
    OSError
        If a file cannot be written. The error names the folder.

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
    >>> [path.name[:9] for path in Path("song/clips").iterdir()]
    ['song_001_']
    >>> round(regions[0].onset_s, 1)
    0.5
    """
    settings = Overrides(
        onset_threshold=onset_threshold,
        frame_threshold=frame_threshold,
        min_duration_s=min_duration_s,
        min_score=min_score,
    )
    wanted = ClipOptions() if options is None else options
    forest = load_classes(classifier)
    source = os.fspath(path)
    spec = model.spec
    # The recording is decoded once, for the network, the refinement and the clips.
    with reading.reader(path, keep=True) as recording:
        info = recording.info
        # Before decoding: if the song changes meanwhile, its record must not match the new file.
        source_digest = _digest(path)
        overview: Overview | None = None
        heard_s = 0.0
        if picture:
            from deep_plunder.extraction.picture import Overview, draw_song
            from deep_plunder.extraction.strip import write_strip

            overview = Overview(seconds=info.seconds, hop_s=spec.hop_s)

        def observe(features: NDArray[Any]) -> None:
            nonlocal heard_s
            if overview is not None:
                overview.add(mel_levels(features, spec))
            heard_s += len(features) * spec.hop_s
            if progress is not None:
                progress(min(1.0, heard_s / info.seconds))

        outputs = predict_song(model, recording, observe=observe)
        # NaN is neither. An array of comparisons would take a quarter of the outputs' memory.
        if not 0 <= outputs.min(initial=0) <= outputs.max(initial=0) <= 1:
            raise ModelError(f"{model.name}: gives outputs outside 0..1 for {shown(path)}")
        found = decode_song(model, outputs, recording, settings=settings)
        clips = [_rounded(clip, info.seconds) for clip in found]
        with atomic_directory(folder) as temporary:
            described = describe_regions(recording, clips, source=source, classifier=forest)
            regions = write_clips(
                recording, described, temporary,
                options=wanted, tags=tags, model=model.name,
            )  # fmt: skip
            _write_tables(temporary, regions, info)
            if curves:
                for column in (ONSET, FRAME):
                    output = LABELS[column]
                    write_curve(
                        temporary / f"{output}_curve.svl", outputs[:, column], hop_s=spec.hop_s,
                        rate=info.rate, name=f"{Path(source).name}: {output}",
                    )  # fmt: skip
            if overview is not None:
                draw_song(
                    temporary / "spectrogram.png", overview, outputs, clips, spec=spec,
                    title=Path(source).name,
                )  # fmt: skip
                write_strip(temporary / SPECTROGRAM, overview.image())
            record = FolderRecord(
                source=source, source_digest=source_digest, deep_plunder=__version__,
                model=model.name, digest=model.digest, options=recorded(wanted),
                classifier=digest_of_classifier(classifier),
                **dataclasses.asdict(settings),
            )  # fmt: skip
            write_record(temporary, record)
            song = SongFolder(
                temporary, Path(folder).name, record, tuple(regions), known_s=info.seconds
            )
            write_text(temporary / PAGE, song_page(song, report=_log.warning))
    sounds = sum(region.kept for region in regions)
    _log.info("%s: %d regions, %d different sounds", shown(path), len(regions), sounds)
    return regions
