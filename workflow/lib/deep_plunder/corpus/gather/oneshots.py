"""Read the sounds of a package: instruments of soundfonts, drum kits, patches and samples."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from deep_plunder.audio.reading import probe, read
from deep_plunder.corpus.gather.classes import class_of_key, class_of_name, class_of_program
from deep_plunder.corpus.gather.levelling import RATE
from deep_plunder.corpus.gather.patches import read_patch
from deep_plunder.corpus.gather.sampler import play
from deep_plunder.corpus.gather.soundfont import Preset, SoundFont
from deep_plunder.errors import InputError
from deep_plunder.util.rng import generator

__all__ = ["OneShot", "holds_sounds", "sounds_of"]

_log = logging.getLogger(__name__)

_SEED = 5
"""Seed of the corpus, which does not depend on the seed of a configuration."""

_FONTS = (".sf2", ".sf3")
_SAMPLES = (".wav", ".flac", ".aiff", ".ogg", ".oga")
_KITS = "/hydrogen/data/drumkits/"
_FOLDERS = ("/lmms/samples/", "/sonic-pi/samples/")
_LMMS_CLASSES = {
    "basses": "bass",
    "effects": "fx",
    "instruments": "keys",
    "latin": "fx",
    "misc": "fx",
    "stringsnpads": "strings",
}
_NO_ONE_SHOT = re.compile(r"^(loop_|vinyl)")
_LONGEST_S = 8.0
_LONGEST_OF_KIT_S, _USED_OF_KIT_S = 12.0, 6.0
_PER_KIT = 60
_DRUM_BANK = 128
_KITS_PER_FONT = 9
_MOST_VARIATIONS = 150
_BASSES = range(32, 40)
# Above this key the other kits share the sounds of the first one.
_KEYS_OF_FIRST_KIT, _KEYS_OF_OTHERS = range(27, 82), range(27, 60)


@dataclass(frozen=True, slots=True)
class OneShot:
    """A sound, unchanged from its package.

    Attributes
    ----------
    name : str
        Name that states its origin.
    sound_class : str
    samples : numpy.ndarray
        Shape (frames, 1 or 2).
    rate : int
        Sampling rate in Hz.
    """

    name: str
    sound_class: str
    samples: NDArray[np.float32]
    rate: int


def holds_sounds(name: PurePosixPath) -> bool:
    """Check by its path whether `sounds_of` reads a file of a package.

    Parameters
    ----------
    name : PurePosixPath
        The path in the package.

    Returns
    -------
    holds_sounds : bool

    Examples
    --------
    >>> holds_sounds(PurePosixPath("usr/share/sounds/sf2/a.sf2"))
    True
    >>> holds_sounds(PurePosixPath("usr/share/doc/a/copyright"))
    False
    """
    suffix, path = name.suffix.lower(), f"/{name}"
    if suffix in _SAMPLES:
        return any(folder in path for folder in (_KITS, *_FOLDERS))
    return suffix in (*_FONTS, ".pat")


def sounds_of(root: Path) -> Iterator[OneShot]:
    """Read the sounds of an unpacked package, one after the other.

    Parameters
    ----------
    root : Path
        The folder of its files.

    Yields
    ------
    sound : OneShot
        A sound. The order depends only on names. Files that cannot be read are logged.

    Examples
    --------
    >>> list(sounds_of(Path("empty")))
    []
    """
    files = [path for path in sorted(root.rglob("*"), key=Path.as_posix) if path.is_file()]
    for path in files:
        if path.suffix.lower() in _FONTS:
            yield from _readable(_of_font, path)
    kits = [path for path in files if _KITS in path.as_posix()]
    for kit in sorted({path.parent for path in kits}):
        samples = [path for path in kits if path.parent == kit]
        for path in samples[:: max(1, len(samples) // _PER_KIT)]:
            yield from _readable(_of_kit, path)
    for path in files:
        if path.suffix.lower() == ".pat":
            yield from _readable(_of_patch, path)
        elif any(folder in path.as_posix() for folder in _FOLDERS):
            yield from _readable(_of_sample, path)


def _readable(sounds: Callable[[Path], Iterator[OneShot]], path: Path) -> Iterator[OneShot]:
    """Yield the sounds of a file as far as it can be read."""
    try:
        yield from sounds(path)
    except InputError as error:
        _log.warning("left out: %s", error)


def _of_font(path: Path) -> Iterator[OneShot]:
    """Play one or two notes of each instrument, and each drum of the kits."""
    font, rng = SoundFont(path), generator(_SEED, "soundfont", path.name)
    melodic = [preset for preset in font.presets if preset.bank < _DRUM_BANK]
    kits = [preset for preset in font.presets if preset.bank == _DRUM_BANK][:_KITS_PER_FONT]
    if len(font.presets) <= 2:
        # A drum kit offered as an instrument.
        melodic, kits = [], font.presets[:1]
    variations = sum(preset.bank > 0 for preset in melodic)
    for preset in melodic:
        if preset.bank and rng.random() > _MOST_VARIATIONS / variations:
            continue
        lowest, highest = (26, 50) if preset.program in _BASSES else (38, 84)
        keys = rng.choice(np.arange(lowest, highest), 1 if preset.bank else 2, replace=False)
        for key in map(int, np.sort(keys)):
            held_s, velocity = float(rng.choice([0.35, 0.9, 2.4])), int(rng.integers(80, 127))
            name = f"{path.stem}_b{preset.bank}p{preset.program:03d}_n{key}"
            sound_class = class_of_program(preset.program)
            yield _played(font, preset, name, sound_class, key, velocity, held_s, 0.7)
    for number, kit in enumerate(kits):
        for key in _KEYS_OF_OTHERS if number else _KEYS_OF_FIRST_KIT:
            velocity = int(rng.integers(90, 127))
            name = f"{path.stem}_kit{kit.program}_k{key}"
            yield _played(font, kit, name, class_of_key(key), key, velocity, 0.5, 1.8)


def _played(
    font: SoundFont, preset: Preset, name: str, sound_class: str, key: int, velocity: int,
    held_s: float, after_s: float,
) -> OneShot:  # fmt: skip
    samples = play(
        font, preset, key=key, velocity=velocity, held_s=held_s, after_s=after_s, rate=RATE
    )
    return OneShot(name, sound_class, samples, RATE)


def _sample(path: Path, longest_s: float) -> tuple[NDArray[np.float32], int] | None:
    """Read a file of samples unless it is too long for one sound."""
    if probe(path).seconds > longest_s:
        return None
    samples, rate = read(path)
    return samples[:, :2], rate


def _of_kit(path: Path) -> Iterator[OneShot]:
    found = _sample(path, _LONGEST_OF_KIT_S)
    if found is not None:
        samples, rate = found
        name, sound_class = f"{path.parent.name}_{path.stem}", class_of_name(path.name)
        yield OneShot(name, sound_class, samples[: round(_USED_OF_KIT_S * rate)], rate)


def _of_sample(path: Path) -> Iterator[OneShot]:
    found = None if _NO_ONE_SHOT.match(path.name) else _sample(path, _LONGEST_S)
    if found is not None:
        sound_class = _LMMS_CLASSES.get(path.parent.name) or class_of_name(path.stem)
        yield OneShot(path.stem, sound_class, *found)


def _of_patch(path: Path) -> Iterator[OneShot]:
    """Yield the first and the middle sample of a patch, whose name begins with its MIDI number."""
    sounds = read_patch(path)
    number = re.match(r"\d{3}", path.name)
    drum = "drum" in path.parent.name.lower()
    for index in sorted({0, len(sounds) // 2}) if sounds and number else []:
        midi = int(number.group()) if number else 0
        sound_class = class_of_key(midi) if drum else class_of_program(midi)
        name = f"{'drum' if drum else 'tone'}_{path.stem}_{index}"
        yield OneShot(name, sound_class, *sounds[index])
