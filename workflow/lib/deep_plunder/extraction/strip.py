"""Write the spectrogram of a song as a grey picture without axes, for the gallery."""

from __future__ import annotations

import os

import numpy as np

from deep_plunder.extraction.picture import RANGE
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.files import atomic_path

__all__ = ["write_strip"]

_ROWS = 128
_QUALITY = 70


def write_strip(path: str | os.PathLike[str], image: Float32Array) -> None:
    """Write a spectrogram as a grey picture: black is silent, white is loud.

    Parameters
    ----------
    path : path-like
        The picture to write, JPEG.
    image : ndarray, shape (columns, bands)
        Levels (`extraction.picture.Overview.image`). Each column becomes one of the picture, in
        order of time; low bands lie at the bottom.

    Raises
    ------
    OSError
        If the picture cannot be written.

    Examples
    --------
    >>> import PIL.Image
    >>> write_strip("mel.jpg", np.zeros((300, 229), np.float32))
    >>> PIL.Image.open("mel.jpg").size
    (300, 128)
    """
    from PIL import Image

    top = float(np.quantile(image, 0.999)) if image.size else 0.0
    # In place, since the spectrogram of a long song takes 16 MB.
    levels = (image - top) / RANGE
    levels += 1
    np.clip(levels, 0, 1, out=levels)
    levels *= 255
    grey = np.rint(levels, out=levels).astype(np.uint8).T[::-1]
    width = max(1, grey.shape[1])
    picture = Image.fromarray(np.ascontiguousarray(grey)) if grey.size else Image.new("L", (1, 1))
    with atomic_path(path) as temporary:
        picture.resize((width, _ROWS)).save(temporary, "JPEG", quality=_QUALITY)
