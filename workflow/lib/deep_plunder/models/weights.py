"""Weights of networks by layer: read from HDF5 without Keras, and summed up in a digest."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deep_plunder.util.arrays import Float32Array

if TYPE_CHECKING:
    import keras

__all__ = ["StoredWeights", "digest_of", "in_half", "layers_of"]

_HEAP = b"GCOL\1\0\0\0"
_HEAP_ITEM = struct.Struct("<H6xQ")
_MOST_OBJECTS = 10_000
_DEEPEST = 16


class StoredWeights:
    """Weights in an HDF5 file, as Keras writes it.

    Keras numbers the layers of a kind, and gives each group of arrays the name of its layer.

    Parameters
    ----------
    content : bytes
        The file.

    Raises
    ------
    OSError, KeyError, ValueError
        If it is no such file, or holds objects that Keras never writes: links, data of other
        files, compressed arrays, or arrays of other values than numbers.

    Attributes
    ----------
    taken : dict of str to list of ndarray
        The arrays that were read, by layer.
    """

    def __init__(self, content: bytes) -> None:
        import h5py

        _check_heaps(content)
        file = h5py.File(io.BytesIO(content), "r")
        _check(file, len(content))
        groups = [layer["vars"] for layer in file["layers"].values() if "vars" in layer]
        named = [group for group in groups if "name" in group.attrs]
        self._groups = {_name(group): group for group in named}
        self.taken: dict[str, list[Float32Array]] = {}

    def __call__(self, layer: str, *shapes: Sequence[int]) -> list[Float32Array]:
        """Read the weights of a layer.

        Parameters
        ----------
        layer : str
        *shapes : sequence of int
            The expected shapes.

        Returns
        -------
        weights : list of ndarray of float32

        Raises
        ------
        ValueError
            If they are missing, or differ in number or shape.
        """
        group = self._groups.get(layer, {})
        found = [group[key] for key in sorted(group, key=int)]
        kinds = [(array.shape, array.dtype.str) for array in found]
        if kinds not in [[(tuple(shape), kind) for shape in shapes] for kind in ("<f4", "<f2")]:
            got = ", ".join(str(shape) for shape, _ in kinds) or "none"
            wanted = ", ".join(str(tuple(shape)) for shape in shapes)
            raise ValueError(f"those of {layer} must be {wanted}, got {got}")
        self.taken[layer] = [array[()].astype(np.float32) for array in found]
        return self.taken[layer]


def _name(group: Any) -> str:
    """Return the name of a layer; HDF5 crashes on some names that are not text."""
    import h5py

    name = group.attrs.get_id("name")
    kind = name.get_type()
    if not isinstance(kind, h5py.h5t.TypeStringID) or name.shape != ():
        raise ValueError("the name of a layer is not text")
    return str(group.attrs["name"])


def _check_heaps(content: bytes) -> None:
    """Refuse a heap of texts whose objects do not end, which HDF5 1.14 reads for ever.

    Its layout: HDF5 File Format Specification 3.0, section III.E.
    """
    place = content.find(_HEAP)
    while place >= 0:
        end = place + int.from_bytes(content[place + 8 : place + 16], "little")
        item = place + 16
        while item + _HEAP_ITEM.size <= min(end, len(content)):
            index, size = _HEAP_ITEM.unpack_from(content, item)
            # A free object states its whole size, any other the size of its content.
            step = size if index == 0 else _HEAP_ITEM.size + -(-size // 8) * 8
            if step < _HEAP_ITEM.size:
                raise ValueError("its heap of texts is damaged")
            item += step
        place = content.find(_HEAP, place + 1)


def _check(file: Any, size: int) -> None:
    """Check for things that Keras never writes, before anything is read."""
    import h5py

    waiting, count, held = [(file, 0)], 0, 0
    while waiting:
        group, depth = waiting.pop()
        for name in group:
            count += 1
            # Hard links can lead in a circle.
            if count > _MOST_OBJECTS or depth > _DEEPEST:
                raise ValueError("it holds more groups than a network has layers")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{name!r} is a link")
            item = group[name]
            if isinstance(item, h5py.Group):
                waiting.append((item, depth + 1))
                continue
            layout = item.id.get_create_plist().get_layout() if item.shape else None
            if item.dtype.kind not in "fiu" or layout not in (None, h5py.h5d.CONTIGUOUS):
                raise ValueError(f"{name!r} is not a plain array of numbers")
            if item.external is not None:
                raise ValueError(f"{name!r} lies in another file")
            held += item.nbytes
            if held > size:
                raise ValueError("its arrays are larger than the file")


def in_half(content: bytes) -> bytes:
    """Round the weights in an HDF5 file to 16 bits.

    Parameters
    ----------
    content : bytes
        A file as Keras writes it.

    Returns
    -------
    halved : bytes
        The same file with arrays of float16, which Keras reads too.
    """
    import h5py

    def copy(old: Any, new: Any) -> None:
        new.attrs.update(old.attrs)
        for name, item in old.items():
            if isinstance(item, h5py.Group):
                copy(item, new.create_group(name))
            else:
                kind = np.float16 if item.dtype.kind == "f" else item.dtype
                array = new.create_dataset(name, data=item[()].astype(kind))
                array.attrs.update(item.attrs)

    halved = io.BytesIO()
    with h5py.File(io.BytesIO(content), "r") as old, h5py.File(halved, "w") as new:
        copy(old, new)
    return halved.getvalue()


def layers_of(model: keras.Model) -> dict[str, list[Float32Array]]:
    """Return the weights of a network by layer.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    weights : dict of str to list of ndarray
        The weights of each layer that has any.
    """
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def digest_of(layers: Mapping[str, Iterable[Float32Array]]) -> str:
    """Compute a digest of weights that does not depend on the order of the layers.

    Parameters
    ----------
    layers : mapping of str to ndarrays

    Returns
    -------
    digest : str
        SHA-256, hexadecimal.
    """
    digest = hashlib.sha256()
    for name in sorted(layers):
        for values in layers[name]:
            digest.update(f"{name}\0{values.dtype.str} {values.shape}\0".encode())
            digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()
