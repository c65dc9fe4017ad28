"""Write trained networks to files, and read them without running any code in them.

A model file is a ``.keras`` file as Keras writes it, with one more member, `models.card.CARD`: JSON
that names the architecture, its sizes, how features are computed, and a digest of the weights.
Loading reads only that member and the weights: the network is built by `models.networks` from the
checked sizes, so a file from a stranger can hold wrong numbers but no code. The digest is needed
because Keras loads the weights that it finds in a file, and may leave all others as they were.
`keras.models.load_model` can open the same file.

A network that can be written as a graph runs without Keras, which is not even imported then.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from deep_plunder.decoding.settings import Decoder
from deep_plunder.errors import ConfigError, ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Network
from deep_plunder.models.archive import read_members, replace_member
from deep_plunder.models.card import CARD, CARD_LIMIT, Card, parse_card, write_card
from deep_plunder.models.record import RECORD
from deep_plunder.models.registry import network
from deep_plunder.models.runners import keras_runner, onnx_runner, run_plainly
from deep_plunder.models.weights import StoredWeights, digest_of, in_half, layers_of
from deep_plunder.util.files import atomic_path, cause
from deep_plunder.util.names import first_line, one_line, shown

if TYPE_CHECKING:
    import keras

__all__ = ["LoadedModel", "load_model", "save_model"]

_WEIGHTS = "model.weights.h5"
_WEIGHTS_LIMIT = 1 << 28
# Bytes of a weight in a file: 2 if it is stored with 16 bits.
_LEAST_BYTES = 2
_LARGEST_HALF = float(np.finfo(np.float16).max)


@dataclasses.dataclass(frozen=True, slots=True)
class LoadedModel:
    """A network that is ready to run, with a description of its input and its outputs.

    Attributes
    ----------
    network : Network
        Its architecture and sizes.
    spec : FeatureSpec
        How the features that it was trained on are computed.
    name : str
        The file's name without its suffix.
    digest : str
        Digest of everything that its outputs and regions depend on
        (`models.card.digest_of_model`).
    decoder : Decoder or None
        The settings that decode its outputs; None for the paper's decoding.
    """

    network: Network
    spec: FeatureSpec
    name: str
    digest: str
    decoder: Decoder | None
    _run: Callable[[NDArray[np.float32]], NDArray[np.float32]] = dataclasses.field(
        repr=False, compare=False
    )
    _build: Callable[[], keras.Model] = dataclasses.field(repr=False, compare=False)

    @property
    def model(self) -> keras.Model:
        """The network in Keras, not compiled."""
        return self._build()

    @property
    def architecture(self) -> str:
        """The name of its architecture."""
        return self.network.name

    @property
    def sizes(self) -> dict[str, Any]:
        """All of its sizes, by name."""
        return self.network.size_values()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs, in the order of `truth.labels.HEADS`."""
        return self.network.outputs

    @property
    def context_frames(self) -> int:
        """The frames on each side of a frame that its output needs."""
        return self.network.receptive_frames

    @property
    def stride(self) -> int:
        """The frames by which its input may be shifted."""
        return self.network.stride

    @property
    def long_step(self) -> int:
        """Frames from one long window that the network uses to the next."""
        return self.network.long_step

    @property
    def window_s(self) -> float:
        """Length of the windows of a song that suits the network best, in seconds."""
        return self.network.architecture.window_s

    def predict(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Compute the probabilities of each frame.

        Parameters
        ----------
        features : ndarray, shape (batch, frames, spec.bands)
            Computed as `spec` says.

        Returns
        -------
        probabilities : ndarray of float32, shape (batch, frames, 3 to 5)
            Onset, offset, frame, and the isolation where the network gives it, in the order of
            `truth.labels.HEADS`.
        """
        if features.ndim != 3 or features.shape[2] != self.spec.bands:
            bands = self.spec.bands
            raise ValueError(f"features must be (batch, frames, {bands}), got {features.shape}")
        frames = features.shape[1]
        if 0 in features.shape:
            return np.zeros((*features.shape[:2], len(self.outputs)), np.float32)
        # Whole groups of frames: the last frame stands for those that are missing.
        missing = -frames % self.stride
        if missing:
            features = np.pad(features, ((0, 0), (0, missing), (0, 0)), mode="edge")
        return self._run(np.asarray(features, np.float32))[:, :frames]


def save_model(
    path: str | os.PathLike[str],
    model: keras.Model,
    *,
    architecture: str,
    sizes: Mapping[str, Any],
    spec: FeatureSpec,
    decoder: Decoder | None = None,
    half: bool = False,
    record: str | None = None,
) -> None:
    """Write a network to a file, whole or not at all.

    Parameters
    ----------
    path : path-like
        The file, with the suffix ``.keras``.
    model : keras.Model
        Result of `Network.build`. Only its weights are saved, not the state of a training.
    architecture : str
        A key of `models.registry.ARCHITECTURES`.
    sizes : mapping
        The sizes that `model` was built with; sizes that are left out have their defaults.
    spec : FeatureSpec
        How the features that it was trained on are computed.
    decoder : Decoder, optional
        The settings that decode its outputs.
    half : bool
        Whether to store the weights with 16 bits, in half the size. The network computes with
        the rounded weights in 32 bits then.
    record : str, optional
        How the model was trained (`models.record.write_record`).

    Raises
    ------
    ModelError
        If weights are too large for 16 bits, or not finite.
    OSError
        If the file cannot be written: with its name.
    ValueError
        If `model` is not the network that the other arguments say, or the suffix is another.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise ValueError(f"{path}: the name of a model file must end in .keras")
    chosen = network(architecture, **sizes)
    bare = chosen.build(spec)
    weights = model.get_weights()
    if half:
        largest = max(float(abs(values).max(initial=0)) for values in weights)
        if not largest <= _LARGEST_HALF:
            rule = f"weights must be below {_LARGEST_HALF:g}, the largest is {largest:g}"
            raise ModelError(f"{shown(path)}: {rule}")
        weights = [values.astype(np.float16).astype(np.float32) for values in weights]
    bare.set_weights(weights)
    card = Card(chosen, spec, digest_of(layers_of(bare)), decoder)
    with atomic_path(path) as temporary:
        try:
            bare.save(temporary)
        # HDF5 reports a full disk as one or the other, without its cause.
        except (OSError, RuntimeError) as error:
            raise cause(temporary, first_line(error)) from error
        if half:
            replace_member(temporary, _WEIGHTS, in_half)
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.writestr(CARD, write_card(card))
            if record is not None:
                archive.writestr(RECORD, record)


def load_model(
    path: str | os.PathLike[str],
    *,
    exact: bool = False,
    in_keras: bool = False,
    bfloat16: bool = False,
) -> LoadedModel:
    """Read a network that `save_model` wrote.

    Parameters
    ----------
    path : path-like
        The file. Nothing in it is run.
    exact : bool
        Whether nothing is rounded to bytes where it runs as a graph (`models.onnx_layers`).
    in_keras : bool
        Whether it runs in Keras, on a GPU if there is one, where it could run as a graph too.
    bfloat16 : bool
        Whether its layers compute with 16 bits (`models.architecture.Network.build`), in Keras.

    Returns
    -------
    loaded : LoadedModel

    Raises
    ------
    ModelError
        If the file cannot be read, is not one of ours, is of an architecture or of sizes that
        this version does not know, or is damaged.
    """
    path, where = Path(path), shown(path)
    content_of_card, content = read_members(path, {CARD: CARD_LIMIT, _WEIGHTS: _WEIGHTS_LIMIT})
    card = parse_card(where, content_of_card)
    chosen, spec = card.network, card.spec
    least = _LEAST_BYTES * chosen.least_parameters(spec)
    if least > len(content):
        rule = f"its weights do not fit the architecture {chosen.name} and its sizes"
        raise ModelError(f"{where}: {rule}: {len(content)} bytes of {least} or more")

    @functools.cache
    def in_full() -> keras.Model:
        model = chosen.build(spec, bfloat16=bfloat16)
        with _fitting(where, chosen.name):
            _fill(model, content)
            _check(where, layers_of(model), card.weights)
        run_plainly(model)
        return model

    try:
        graph = None
        # In Keras too: it checks that the weights fit before a network of any size is built.
        if chosen.architecture.runs_as_graph:
            with _fitting(where, chosen.name):
                stored = StoredWeights(content)
                graph = chosen.graph(stored, spec, exact=exact)
                _check(where, stored.taken, card.weights)
        in_keras = in_keras or bfloat16
        run = keras_runner(in_full()) if graph is None or in_keras else onnx_runner(graph)
    except ConfigError as error:
        raise ModelError(f"{where}: {CARD}: {one_line(error.faults[0])}") from error
    digest = hashlib.sha256(content_of_card).hexdigest()
    return LoadedModel(chosen, spec, path.stem, digest, card.decoder, run, in_full)


@contextlib.contextmanager
def _fitting(where: str, architecture: str) -> Iterator[None]:
    try:
        yield
    # HDF5 and Keras raise these for a damaged file or for other shapes.
    except (
        OSError,
        LookupError,
        ValueError,
        RuntimeError,
        TypeError,
        AttributeError,
        OverflowError,
    ) as error:
        rule = f"its weights do not fit the architecture {architecture} and its sizes"
        raise ModelError(f"{where}: {rule}: {first_line(error)}") from error


def _fill(model: keras.Model, content: bytes) -> None:
    """Load the weights of an HDF5 file into a network."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        file = Path(folder) / _WEIGHTS
        file.write_bytes(content)
        # Keras warns of weights that it does not find; the digest reveals them anyway.
        warnings.simplefilter("ignore")
        model.load_weights(file)


def _check(where: str, layers: Mapping[str, list[NDArray[np.float32]]], digest: object) -> None:
    if digest_of(layers) != digest:
        raise ValueError("they are not those that were saved")
    if not all(np.isfinite(values).all() for arrays in layers.values() for values in arrays):
        raise ModelError(f"{where}: its weights are not finite numbers")
