"""Write and read the card of a model file, which describes the network in JSON.

Reading a card takes milliseconds and imports no library of networks, so a configuration can be
checked against the models that it names.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from typing import Any

from deep_plunder import __version__
from deep_plunder.decoding.settings import Decoder
from deep_plunder.errors import ConfigError, InputError, ModelError
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.models.architecture import Network
from deep_plunder.models.archive import read_members, replace_member
from deep_plunder.models.registry import network
from deep_plunder.util.bounds import is_version
from deep_plunder.util.files import atomic_path
from deep_plunder.util.names import first_line, one_line, shown

__all__ = ["CARD", "CARD_LIMIT", "Card", "digest_of_model", "parse_card", "read_card", "write_card",
           "write_decoder"]  # fmt: skip

CARD = "deep_plunder.json"
"""Name of the member of a model file that describes the network."""

CARD_LIMIT = 1 << 16
"""Greatest size of a card in bytes."""

_FORMAT = 2
# As in the schema of the configuration.
_LARGEST_FEATURE = 192_000
_LARGEST_FEATURES = {"n_fft": 65_536, "short_n_fft": 65_536, "mel_bands": 1024, "short_bands": 512}


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """The description of a network in its model file.

    Attributes
    ----------
    network : Network
        Its architecture and sizes.
    spec : FeatureSpec
        Parameters of the features that it was trained on.
    weights : object
        Digest of its weights (`models.weights.digest_of`); of any type in a damaged file.
    decoder : Decoder or None
        The settings that decode its outputs; None for the paper's decoding.
    """

    network: Network
    spec: FeatureSpec
    weights: object
    decoder: Decoder | None


def write_card(card: Card) -> bytes:
    """Return the content of a card.

    Parameters
    ----------
    card : Card

    Returns
    -------
    content : bytes
        JSON that `parse_card` reads.
    """
    content = {
        "format": _FORMAT,
        "deep_plunder": __version__,
        "architecture": card.network.name,
        "sizes": card.network.size_values(),
        "features": dataclasses.asdict(card.spec),
        "outputs": card.network.outputs,
        "weights": card.weights,
    }
    return _encoded(content, None if card.decoder is None else card.decoder.to_card())


def parse_card(where: str, content: bytes) -> Card:
    """Read and check the text of a card.

    Parameters
    ----------
    where : str
        The model file as it stands in messages.
    content : bytes
        The member `CARD` of the file.

    Returns
    -------
    card : Card

    Raises
    ------
    ModelError
        If the card is damaged, or names an architecture, sizes, features or decoding settings
        that this version does not know.
    """
    where = f"{where}: {CARD}"
    try:
        card = json.loads(content)
        version = card["format"]
        if not is_version(version, _FORMAT):
            raise ModelError(f"{where}: format must be {_FORMAT}, got {one_line(repr(version))}")
        architecture, sizes, features = card["architecture"], card["sizes"], card["features"]
        digest = card["weights"]
        if not isinstance(architecture, str) or not isinstance(sizes, dict):
            raise TypeError("architecture must be text and sizes an object")
        chosen = network(architecture, **sizes)
        spec = FeatureSpec(**{name: _number(name, value) for name, value in features.items()})
        decoder = Decoder.from_card(card["decoding"]) if "decoding" in card else None
    except InputError as error:
        raise ModelError(f"{where}: decoding: {one_line(str(error))}") from error
    except ConfigError as error:
        raise ModelError(f"{where}: {one_line(error.faults[0])}") from error
    except KeyError as error:
        raise ModelError(f"{where}: lacks {one_line(str(error))}") from error
    except (AttributeError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ModelError(
            f"{where}: is not what Deep Plunder writes: {first_line(error)}"
        ) from error
    return Card(chosen, spec, digest, decoder)


def read_card(path: str | os.PathLike[str]) -> Card:
    """Read the card of a model file.

    Parameters
    ----------
    path : path-like
        A file that `models.model_file.save_model` wrote.

    Returns
    -------
    card : Card

    Raises
    ------
    ModelError
        If the file cannot be read or is not a model file, or if its card is damaged.
    """
    (content,) = read_members(path, {CARD: CARD_LIMIT})
    return parse_card(shown(path), content)


def digest_of_model(path: str | os.PathLike[str]) -> str:
    """Compute a digest of a model, whatever its file is called, without loading it.

    Parameters
    ----------
    path : path-like
        A file that `models.model_file.save_model` wrote.

    Returns
    -------
    digest : str
        SHA-256, hexadecimal, of its card: the architecture, its sizes, the features, the decoder
        and the digest of the weights.

    Raises
    ------
    ModelError
        If the file cannot be read or is not a model file.
    """
    (content,) = read_members(path, {CARD: CARD_LIMIT})
    return hashlib.sha256(content).hexdigest()


def write_decoder(
    source: str | os.PathLike[str], target: str | os.PathLike[str], decoder: Decoder | None
) -> None:
    """Copy a model file and write a decoder into its card.

    Parameters
    ----------
    source, target : path-like
        Model files. They may be the same file.
    decoder : Decoder or None
        The decoder to write. None copies the file unchanged.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    """
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        if decoder is not None:
            decoding = decoder.to_card()
            replace_member(temporary, CARD, lambda card: _encoded(json.loads(card), decoding))


def _encoded(content: dict[str, Any], decoding: dict[str, Any] | None) -> bytes:
    if decoding is not None:
        content = content | {"decoding": decoding}
    return (json.dumps(content, indent=2) + "\n").encode()


def _number(name: str, value: Any) -> Any:
    kinds = (int, float) if name in ("fmin", "fmax") else (int,)
    if type(value) not in kinds:
        raise TypeError(f"features.{name} must be a number, got {value!r}")
    if not 0 <= value <= _LARGEST_FEATURES.get(name, _LARGEST_FEATURE):
        raise TypeError(f"features.{name} is out of bounds, got {value!r}")
    return value
