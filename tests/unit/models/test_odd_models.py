"""Model files from strangers: one line, little memory, no code, whatever they hold."""

from __future__ import annotations

import io
import json
import math
import os
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from deep_plunder.errors import ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.card import CARD, digest_of_model
from deep_plunder.models.model_file import load_model, save_model
from deep_plunder.models.registry import network

SPEC = FeatureSpec(mel_bands=20, hop=256)
SIZES = {"channels": 8, "front": [4, 4], "dilations": [1, 2]}
WEIGHTS = "model.weights.h5"


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The members of a sound model file."""
    path = tmp_path_factory.mktemp("model") / "small.keras"
    model = network("conv", **SIZES).build(SPEC)
    save_model(path, model, architecture="conv", sizes=SIZES, spec=SPEC)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in (CARD, WEIGHTS)}


def _refused(path: Path, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        load_model(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and message.isprintable() and len(message) < 700


def _file(
    tmp_path: Path, members: dict[str, bytes], *, kind: int = zipfile.ZIP_STORED, **others: bytes
) -> Path:
    path = tmp_path / "bad.keras"
    with zipfile.ZipFile(path, "w", compression=kind) as archive:
        for name, content in (members | others).items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_members_are_never_unpacked(
    tmp_path: Path, members: dict[str, bytes], kind: int
) -> None:
    path = _file(tmp_path, members, kind=kind)
    _refused(path, "must be stored as it is, not packed")
    # Nor where the packed bytes are damaged, or the size is a lie.
    content = bytearray(path.read_bytes())
    content[60:90] = bytes(30)
    path.write_bytes(content)
    _refused(path, "packed|damaged|cannot be read")


def test_members_too_large_are_not_read(tmp_path: Path, members: dict[str, bytes]) -> None:
    _refused(_file(tmp_path, {**members, CARD: b" " * 70_000}), "must be at most 65536 bytes")
    path = _file(tmp_path, members)
    content = bytearray(path.read_bytes())
    # The size of the first member in the list of members.
    entry = content.rindex(b"PK\1\2", 0, content.rindex(CARD.encode()))
    content[entry + 24 : entry + 28] = (2**31).to_bytes(4, "little")
    path.write_bytes(content)
    _refused(path, "must be at most 65536 bytes|lacks|damaged|cannot be read")


def test_no_room_is_made_for_what_a_member_claims(
    tmp_path: Path, members: dict[str, bytes]
) -> None:
    path = _file(tmp_path, members)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\1\2")
    content[entry + 20 : entry + 24] = (2**31 - 1).to_bytes(4, "little")
    path.write_bytes(content)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(
        resource.RLIMIT_AS, (pages * resource.getpagesize() + (256 << 20), limits[1])
    )
    try:
        assert len(digest_of_model(path)) == 64
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def test_a_long_list_of_members_is_not_read(tmp_path: Path, members: dict[str, bytes]) -> None:
    names = {f"{number:06d}": b"" for number in range(2000)}
    _refused(_file(tmp_path, names | members), "its list of members must be at most 65536 bytes")


def test_names_in_no_encoding(tmp_path: Path, members: dict[str, bytes]) -> None:
    path = _file(tmp_path, {"é": b"", **members})
    content = path.read_bytes().replace("é".encode(), b"\xff\xff")
    path.write_bytes(content)
    _refused(path, "cannot be read")


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.keras")
    _refused(tmp_path / "pipe.keras", "is not a file")
    _refused(Path("/dev/zero"), "is not a file")
    name = tmp_path / "line\nfeed.keras"
    with pytest.raises(ModelError) as caught:
        digest_of_model(name)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": {"channels": 10**400}},
        {"sizes": {"channels": 8.0}},
        {"sizes": {"dropout": float("nan")}},
        {"sizes": {"x" * 5000: 1}},
        {"architecture": "paper", "sizes": {"units": [4096] * 16}},
        {"architecture": "onf_conv", "sizes": {"filters": [4096] * 3, "dense": 4096}},
        {"sizes": {"channels": 4096, "dilations": [1] * 64}},
        {"architecture": "x" * 5000},
        {"architecture": "\ud800"},
        {"features": {"sample_rate": 10**400}},
        {"features": {"sample_rate": 1e308}},
        {"features": {"n_fft": 1 << 40}},
        {"features": {"mel_bands": 1 << 40}},
        {"features": {"mel_bands": 20.0}},
        {"features": {"fmax": float("inf")}},
        {"features": {"hop": True}},
        {"features": []},
        {"features": {"x\ny": 1}},
        {"decoding": []},
        {"decoding": {"spec": {}, "calibration": [], "min_score": 0, "fitted_on": ""}},
        {
            "decoding": {
                "spec": {},
                "calibration": {"scores": [10**400], "probabilities": [0.5]},
                "min_score": 0,
                "fitted_on": "",
            }
        },
        {"format": "9" * 5000},
        {"weights": 5},
    ],
)
def test_odd_cards(tmp_path: Path, members: dict[str, bytes], change: dict[str, Any]) -> None:
    card = json.loads(members[CARD]) | change
    _refused(_file(tmp_path, members | {CARD: json.dumps(card).encode()}), "bad.keras")


@pytest.mark.parametrize(
    "card", [b"[" * 60_000, b'{"format": ' + b"9" * 5000 + b"}", b"null", b"\xff", b'{"format": 2}']
)
def test_cards_that_are_none(tmp_path: Path, members: dict[str, bytes], card: bytes) -> None:
    _refused(_file(tmp_path, members | {CARD: card}), "bad.keras: deep_plunder.json: ")


def _first(file: h5py.File) -> Any:
    return next(
        group["vars"]
        for group in file["layers"].values()
        if "0" in group["vars"] and group["vars"]["0"].ndim > 1
    )


def _replaced(make: Callable[[Any], None]) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        group = _first(file)
        del group["0"]
        make(group)

    return change


def _renamed(name: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        group = _first(file)
        del group.attrs["name"]
        group.attrs["name"] = name

    return change


def _named_by_sequences(file: h5py.File) -> None:
    group = _first(file)
    del group.attrs["name"]
    values = np.empty(1, object)
    values[0] = np.zeros(2)
    group.attrs.create("name", values, (1,), h5py.vlen_dtype(np.float64))


def _layers_replaced(file: h5py.File) -> None:
    del file["layers"]
    file["layers"] = np.zeros(3)


def _circle(file: h5py.File) -> None:
    file["layers"]["again"] = file["layers"]


def _cells(group: Any) -> None:
    group.create_dataset("0", (3, 8, 8), np.float32, external=[("/etc/hostname", 0, 768)])


def _virtual(group: Any) -> None:
    layout = h5py.VirtualLayout((3, 8, 8), np.float32)
    layout[:] = h5py.VirtualSource("other.h5", "x", (3, 8, 8))
    group.create_virtual_dataset("0", layout)


@pytest.mark.parametrize(
    "change",
    [
        _layers_replaced,
        _circle,
        _replaced(lambda group: group.create_group("0")),
        _replaced(lambda group: group.create_dataset("0", data="text")),
        _replaced(lambda group: group.create_dataset("0", data=np.zeros(3, "S5"))),
        _replaced(lambda group: group.create_dataset("0", data=np.zeros(3, "c8"))),
        _replaced(lambda group: group.create_dataset("0", data=np.zeros(3, [("a", "f4")]))),
        _replaced(lambda group: group.create_dataset("0", data=h5py.Empty("f4"))),
        _replaced(lambda group: group.create_dataset("0", (1 << 20, 1 << 20), np.float32)),
        _replaced(lambda group: group.create_dataset("0", (9, 9), np.float32, compression="gzip")),
        _replaced(_cells),
        _replaced(_virtual),
        _replaced(lambda group: group.__setitem__("0", h5py.ExternalLink("/etc/passwd", "x"))),
        _replaced(lambda group: group.__setitem__("0", h5py.SoftLink("/layers"))),
        lambda file: _first(file).create_dataset("x", data=np.zeros(3)),
        _renamed(5),
        _renamed(np.zeros(3)),
        _renamed(b"\xff"),
        _renamed(["a", "b"]),
        _named_by_sequences,
    ],
)
@pytest.mark.parametrize("in_keras", [False, True])
def test_hdf5_of_other_things_than_arrays(
    tmp_path: Path,
    members: dict[str, bytes],
    change: Callable[[h5py.File], None],
    in_keras: bool,
) -> None:
    copy = io.BytesIO(members[WEIGHTS])
    with h5py.File(copy, "r+") as file:
        change(file)
    path = _file(tmp_path, members | {WEIGHTS: copy.getvalue()})
    with pytest.raises(ModelError, match="weights do not fit the architecture conv") as caught:
        load_model(path, in_keras=in_keras)
    assert str(caught.value).isprintable()


def test_a_heap_of_texts_without_end(tmp_path: Path, members: dict[str, bytes]) -> None:
    content = bytearray(members[WEIGHTS])
    heap = content.index(b"GCOL")
    # The first object becomes a free one of no size.
    content[heap + 16 : heap + 18] = bytes(2)
    content[heap + 24 : heap + 32] = bytes(8)
    _refused(_file(tmp_path, members | {WEIGHTS: bytes(content)}), "its heap of texts is damaged")


@pytest.mark.parametrize(
    ("architecture", "sizes", "bands"),
    [
        ("paper", {}, 229),
        ("paper", {"units": [64, 64, 64, 64], "combining_units": 7}, 20),
        ("paper", {"units": [5]}, 229),
        ("onf_conv", {}, 229),
        ("onf_conv", {"filters": [8, 64, 8], "dense": 16, "units": 200}, 40),
        ("conv", {}, 229),
    ],
)
def test_the_lower_bound_of_parameters_is_one(
    architecture: str, sizes: dict[str, Any], bands: int
) -> None:
    made, spec = network(architecture, **sizes), FeatureSpec(mel_bands=bands)
    held = sum(math.prod(values.shape) for values in made.build(spec).get_weights())
    least = made.least_parameters(spec)
    assert least <= held
    assert held <= 8 * least or architecture == "conv" or max(sizes.get("units", [9])) < 9
