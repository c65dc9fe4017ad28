"""Write the regions of a song as JAMS, the format of annotations in music research."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from deep_plunder import __version__
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.util.files import write_text

__all__ = ["write_jams"]

_JAMS_VERSION = "0.3.5"


def write_jams(
    path: str | os.PathLike[str],
    regions: Sequence[ExtractedRegion],
    *,
    title: str,
    seconds: float,
    model: str,
) -> None:
    """Write regions as an annotation of the namespace ``tag_open``.

    Parameters
    ----------
    path : path-like
        The file to write.
    regions : sequence of ExtractedRegion
        Regions in order of time. Their classes are the values, their scores the confidences.
    title : str
        Name of the song.
    seconds : float
        Length of the song.
    model : str
        Name of the model that found the regions.

    Raises
    ------
    OSError
        If the file cannot be written.

    References
    ----------
    Humphrey et al., "JAMS: A JSON Annotated Music Specification", ISMIR 2014.

    Examples
    --------
    >>> write_jams("song.jams", [], title="song", seconds=60.0, model="shipped")
    """
    annotation = {
        "namespace": "tag_open",
        "time": 0.0,
        "duration": seconds,
        "data": [
            {
                "time": region.onset_s,
                "duration": round(region.offset_s - region.onset_s, 6),
                "value": region.sound_class,
                "confidence": region.score,
            }
            for region in regions
        ],
        "annotation_metadata": {
            "corpus": "",
            "version": __version__,
            "curator": {"name": "", "email": ""},
            "annotator": {},
            "annotation_tools": f"deep-plunder {__version__}, model {model}",
            "annotation_rules": "",
            "validation": "",
            "data_source": "program",
        },
        "sandbox": {
            "clips": [region.clip for region in regions],
            "notes": [region.note for region in regions],
            "groups": [region.group for region in regions],
        },
    }
    document = {
        "annotations": [annotation],
        "file_metadata": {
            "title": title,
            "artist": "",
            "release": "",
            "duration": seconds,
            "identifiers": {},
            "jams_version": _JAMS_VERSION,
        },
        "sandbox": {},
    }
    write_text(path, json.dumps(document, indent=1) + "\n")
