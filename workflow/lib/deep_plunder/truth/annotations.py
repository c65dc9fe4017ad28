"""Write regions and curves in the formats that audio editors open.

The formats are Audacity label tracks, Sonic Visualiser layers and Reaper region lists. Each file is
written whole or not at all. Times are seconds from the beginning of the recording. Any text is
accepted; characters that a format cannot hold become blanks.

The paper shows its results as annotation layers in Sonic Visualiser (section 5.3).
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from deep_plunder.errors import InputError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import write_text

__all__ = ["Annotation", "write_audacity", "write_curve", "write_reaper", "write_sonic_visualiser"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A labelled region.

    Attributes
    ----------
    onset_s, offset_s : float
        Beginning and end, in seconds.
    label : str
        Text of the label.
    score : float
        Score, 0..1. Sonic Visualiser draws it as the height of the region.
    """

    onset_s: float
    offset_s: float
    label: str
    score: float = 1.0


def _line(text: str) -> str:
    # C0, C1, line separators, lone surrogates and the two non-characters of XML: each of the
    # formats refuses some of them.
    return re.sub("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+", " ", text)


def write_audacity(path: str | os.PathLike[str], annotations: Sequence[Annotation]) -> None:
    r"""Write an Audacity label track: tab-separated start, end (6 decimals) and label.

    Parameters
    ----------
    path : path-like
        The file to write, UTF-8.
    annotations : sequence of Annotation
        The regions, in order.

    References
    ----------
    Audacity manual, "Importing and Exporting Labels".

    Examples
    --------
    >>> from pathlib import Path
    >>> write_audacity("labels.txt", [Annotation(0.5, 1.25, "clip_001")])
    >>> Path("labels.txt").read_text(encoding="utf-8")
    '0.500000\t1.250000\tclip_001\n'
    """
    write_text(
        path,
        "".join(f"{a.onset_s:.6f}\t{a.offset_s:.6f}\t{_line(a.label)}\n" for a in annotations),
    )


def write_reaper(path: str | os.PathLike[str], annotations: Sequence[Annotation]) -> None:
    """Write a Reaper region list: CSV with ids R1, R2 ..., UTF-8 without a byte order mark.

    Parameters
    ----------
    path : path-like
        The file to write.
    annotations : sequence of Annotation
        The regions, in order.

    References
    ----------
    Reaper's Region/Marker Manager, "Import regions/markers".

    Examples
    --------
    >>> from pathlib import Path
    >>> write_reaper("regions.csv", [Annotation(0.5, 1.25, "clip_001")])
    >>> print(Path("regions.csv").read_text(encoding="utf-8").strip())
    #,Name,Start,End,Length
    R1,clip_001,0.500000,1.250000,0.750000
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["#", "Name", "Start", "End", "Length"])
    for number, a in enumerate(annotations, start=1):
        times = (a.onset_s, a.offset_s, a.offset_s - a.onset_s)
        rows.writerow([f"R{number}", _line(a.label), *(f"{time:.6f}" for time in times)])
    write_text(path, text.getvalue())


def write_sonic_visualiser(
    path: str | os.PathLike[str],
    annotations: Sequence[Annotation],
    *,
    rate: int,
    end_s: float | None = None,
    name: str = "Regions",
) -> None:
    """Write a Sonic Visualiser layer file (``.svl``) with one regions layer.

    Parameters
    ----------
    path : path-like
        The file to write.
    annotations : sequence of Annotation
        The regions, in order. The score is drawn as the height.
    rate : int
        Samples per second of the recording. The layer's times are in samples.
    end_s : float, optional
        Length of the recording in seconds. By default, the end of the last region.
    name : str
        The layer's name.

    Raises
    ------
    InputError
        If `rate` is not positive.

    References
    ----------
    Cannam, Landone and Sandler, "The Sonic Visualiser", 2006; the document type ``<!DOCTYPE
    sonic-visualiser>`` and a sparse model of three dimensions, subtype ``region``.

    Examples
    --------
    >>> from pathlib import Path
    >>> write_sonic_visualiser("regions.svl", [Annotation(0.5, 1.25, "clip_001")], rate=44100)
    >>> "clip_001" in Path("regions.svl").read_text(encoding="utf-8")
    True
    """
    spans = [(round(a.onset_s * rate), round(a.offset_s * rate)) for a in annotations]
    end = max([stop for _, stop in spans], default=0)
    if end_s is not None:
        end = max(end, round(end_s * rate))
    points = (
        f'      <point frame="{start}" value="{a.score:.6f}" duration="{max(1, stop - start)}"'
        f" label={quoteattr(_line(a.label))} />\n"
        for a, (start, stop) in zip(annotations, spans, strict=True)
    )
    model = 'dimensions="3" resolution="1" subtype="region"'
    layer = 'type="regions" plotStyle="0"'
    _write_layer(path, points, model=model, layer=layer, rate=rate, end=end, name=name)


def write_curve(
    path: str | os.PathLike[str],
    values: Float32Array,
    *,
    hop_s: float,
    rate: int,
    name: str = "Curve",
) -> None:
    """Write a Sonic Visualiser layer file (``.svl``) with one time-value layer.

    Parameters
    ----------
    path : path-like
        The file to write.
    values : ndarray of float32, shape (frames,)
        One value per frame, 0..1. Frame ``i`` stands at its beginning, ``i * hop_s``.
    hop_s : float
        Seconds per frame.
    rate : int
        Samples per second of the recording. The layer's times are in samples.
    name : str
        The layer's name.

    Raises
    ------
    InputError
        If `rate` is not positive.

    References
    ----------
    Braun, "Deep Plunder", 2020, section 5.3: onset and frame outputs as layers; Cannam et al.,
    2006: a sparse model of two dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from pathlib import Path
    >>> values = np.array([0.25, 0.75], np.float32)
    >>> write_curve("frame.svl", values, hop_s=0.032, rate=44100)
    >>> 'frame="1411" value="0.7500"' in Path("frame.svl").read_text(encoding="utf-8")
    True
    """
    # Value by value: hours of them as text would take hundreds of megabytes.
    points = (
        f'      <point frame="{round(frame * hop_s * rate)}" value="{value:.4f}" label="" />\n'
        for frame, value in enumerate(map(float, values))
    )
    hop = max(1, round(hop_s * rate))
    model = f'dimensions="2" resolution="{hop}"'
    # Style 3 joins the values by lines.
    layer = 'type="timevalues" plotStyle="3"'
    end = round(len(values) * hop_s * rate)
    _write_layer(path, points, model=model, layer=layer, rate=rate, end=end, name=name)


def _write_layer(
    path: str | os.PathLike[str],
    points: Iterable[str],
    *,
    model: str,
    layer: str,
    rate: int,
    end: int,
    name: str,
) -> None:
    """Write a document of one sparse model and the layer that shows it."""
    if rate <= 0:
        raise InputError(f"{path}: the rate must be positive, got {rate}")
    title = quoteattr(_line(name))
    dimensions = model.partition(" ")[0]
    head = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE sonic-visualiser>
<sv>
  <data>
    <model id="1" name={title} sampleRate="{rate}" start="0" end="{end}" type="sparse" \
{model} notifyOnAdd="true" dataset="0" minimum="0" maximum="1" units="" />
    <dataset id="0" {dimensions}>
"""
    tail = f"""    </dataset>
  </data>
  <display>
    <layer id="2" {layer} name={title} model="1" verticalScale="0" \
colourName="Green" colour="#008000" darkBackground="false" />
  </display>
</sv>
"""
    write_text(path, itertools.chain([head], points, [tail]))
