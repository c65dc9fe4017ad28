"""Run a model over a song of any length in bounded memory.

The song is decoded, mixed down, resampled and analysed block by block. All networks but the paper's
hear it without a constant offset (`audio.offsets`). Those that take detailed features also hear it
without a mains hum (`features.hum`), and a quiet song raised (`features.gain`).

The model sees windows of one length that overlap, and of each window only the middle is kept, where
the model has heard enough on both sides. The first window begins with the song. The last window,
which is shorter, ends with the song. So the model meets only the edges of the song itself.

For a network with a limited receptive field, a context of that length gives the same outputs as one
pass over the whole song. A recurrent network hears everything in principle; for it the context is a
compromise.

The paper (section 5.2) does not say how the network received songs, which are longer than its mixes
of a minute. Here it receives windows of a minute, as in training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from deep_plunder.audio.offsets import centred_blocks
from deep_plunder.audio.reading import Recording, reader
from deep_plunder.features.gain import raised
from deep_plunder.features.hum import without_hum
from deep_plunder.features.log_mel import stream_log_mel
from deep_plunder.truth.labels import OUTPUTS
from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    from deep_plunder.models.model_file import LoadedModel

__all__ = ["predict_song", "predict_stream"]


def predict_stream(
    predict: Callable[[Float32Array], Float32Array],
    features: Iterable[Float32Array],
    *,
    window_frames: int,
    context_frames: int,
    stride: int = 1,
    outputs: int = len(OUTPUTS),
) -> Float32Array:
    """Run a model over features that come in parts.

    Parameters
    ----------
    predict : callable
        Takes features of shape (1, n, bands), gives probabilities of shape (1, n, k).
    features : iterable of ndarray, shape (m, bands)
        Consecutive parts of any lengths. About two windows of them are held at a time.
    window_frames : int
        Frames that the model sees at a time, but for the last window, which ends with the song.
    context_frames : int
        Frames on each side of a window whose probabilities are left to the neighbour.
    stride : int
        Windows begin at multiples of it (`models.architecture.Architecture`).
    outputs : int
        Number of outputs, k.

    Returns
    -------
    probabilities : ndarray of float32, shape (frames, k)
        As many frames as the features have together.
    """
    step = (window_frames - 2 * context_frames) // stride * stride
    if context_frames < 0 or step < 1:
        rule = "context_frames must be at least 0 and twice it less than window_frames"
        raise ValueError(f"{rule} by a stride, got {context_frames} and {window_frames}")
    window_frames = step + 2 * context_frames
    # It grows in place: parts that are joined at the end would take twice its memory.
    probabilities = np.empty((0, outputs), np.float32)
    parts: list[Float32Array] = []
    # The frames held, the number of the first of them, and the first frame without probabilities.
    count = start = done = 0
    for part in features:
        parts.append(part)
        count += len(part)
        if count <= window_frames:
            continue
        held = np.concatenate(parts)
        while len(held) > window_frames:
            seen = predict(held[None, :window_frames])[0]
            stop = start + window_frames - context_frames
            _extend(probabilities, seen[done - start : stop - start])
            done = stop
            start += step
            held = held[step:]
        parts, count = [held], len(held)
    if count:
        _extend(probabilities, predict(np.concatenate(parts)[None])[0][done - start :])
    return probabilities


def _extend(rows: Float32Array, more: Float32Array) -> None:
    """Add rows at the end of an array that no other array shares memory with."""
    count = len(rows)
    rows.resize((count + len(more), rows.shape[1]), refcheck=False)
    rows[count:] = more


def _observed(
    features: Iterable[Float32Array], observe: Callable[[Float32Array], None]
) -> Iterator[Float32Array]:
    for part in features:
        observe(part)
        yield part


def predict_song(
    model: LoadedModel,
    recording: Recording,
    *,
    chunk_s: float | None = None,
    context_s: float | None = None,
    observe: Callable[[Float32Array], None] | None = None,
) -> Float32Array:
    """Compute the probabilities of each frame of a song.

    Parameters
    ----------
    model : LoadedModel
    recording : path-like or Reader
        An audio file of any length, rate and number of channels.
    chunk_s : float, optional
        Length of the part of a window that is kept, in seconds. The default is ``model.window_s``.
    context_s : float, optional
        Length of the context on each side of this part, in seconds. The default is that of
        ``model.context_frames``: with it, or more, the result of a convolutional model does not
        depend on `chunk_s`.
    observe : callable, optional
        Function that receives each part of the features, shape (k, bands), in order, with any hum
        and at the song's own level. Frames whose long window the model does not use repeat the one
        before.

    Returns
    -------
    probabilities : ndarray of float32, shape (frames, 3 to 5)
        Onset, offset, frame, and the isolation where the network gives it, in the order of
        `truth.labels.HEADS`. A song of less than a sample at the rate of the features has no frame.
        Other memory is that of a few windows, whatever the length of the song.

    Raises
    ------
    AudioError
        If the song cannot be decoded, as soon as the fault is reached.
    """
    spec = model.spec
    context = model.context_frames if context_s is None else round(context_s * spec.frame_rate)
    chunk = max(1, round((model.window_s if chunk_s is None else chunk_s) * spec.frame_rate))
    with reader(recording) as file:
        blocks = centred_blocks(file) if spec.short_bands else file.blocks()
        rate = file.info.rate
        features = stream_log_mel(blocks, rate, spec, long_step=model.long_step)
        # First, since `raised` holds back ten minutes, and progress goes on meanwhile.
        if observe is not None:
            features = _observed(features, observe)
        if spec.short_bands and not spec.is_fine:
            features = raised(without_hum(features, spec), spec)
        return predict_stream(
            model.predict,
            features,
            window_frames=chunk + 2 * context,
            context_frames=context,
            stride=model.stride,
            outputs=len(model.outputs),
        )
