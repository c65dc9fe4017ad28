"""Read soundfonts: SF2 (SoundFont 2.04, E-mu 2006), and SF3, whose samples are Ogg Vorbis.

Memory holds the tables, and only the samples in use.
"""

from __future__ import annotations

import io
import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from deep_plunder.errors import InputError
from deep_plunder.util.exact import read_array
from deep_plunder.util.names import shown

__all__ = ["Generator", "Preset", "Sample", "SoundFont", "Zone"]


class Generator(IntEnum):
    """The parameters of a zone that are used here, by their number in a soundfont."""

    START, END, LOOP_START, LOOP_END, START_COARSE = 0, 1, 2, 3, 4
    FILTER_CUTOFF, FILTER_RESONANCE, MODULATION_TO_FILTER, END_COARSE, PAN = 8, 9, 11, 12, 17
    MODULATION_DELAY, MODULATION_ATTACK, MODULATION_HOLD = 25, 26, 27
    MODULATION_DECAY, MODULATION_SUSTAIN, MODULATION_RELEASE = 28, 29, 30
    DELAY, ATTACK, HOLD, DECAY, SUSTAIN, RELEASE, KEY_TO_HOLD, KEY_TO_DECAY = range(33, 41)
    INSTRUMENT, KEY_RANGE, VELOCITY_RANGE, LOOP_START_COARSE = 41, 43, 44, 45
    ATTENUATION, LOOP_END_COARSE, COARSE_TUNE, FINE_TUNE, SAMPLE, LOOP_MODE = 48, 50, 51, 52, 53, 54
    SCALE_TUNING, ROOT_KEY = 56, 58


# Only instruments set these; all others add up over preset and instrument.
_OF_SAMPLES = {
    Generator.START, Generator.END, Generator.LOOP_START, Generator.LOOP_END,
    Generator.START_COARSE, Generator.END_COARSE, Generator.LOOP_START_COARSE,
    Generator.LOOP_END_COARSE, Generator.LOOP_MODE, Generator.ROOT_KEY,
}  # fmt: skip
_RANGES = (Generator.KEY_RANGE, Generator.VELOCITY_RANGE)
_VORBIS = 0x10
_SHORTEST = -12000
_DEFAULTS: dict[int, int] = {
    Generator.FILTER_CUTOFF: 13500,
    Generator.SCALE_TUNING: 100,
    Generator.ROOT_KEY: -1,
    **dict.fromkeys(
        (
            Generator.MODULATION_DELAY, Generator.MODULATION_ATTACK, Generator.MODULATION_HOLD,
            Generator.MODULATION_DECAY, Generator.MODULATION_RELEASE, Generator.DELAY,
            Generator.ATTACK, Generator.HOLD, Generator.DECAY, Generator.RELEASE,
        ),
        _SHORTEST,
    ),
}  # fmt: skip
_TYPES = {
    b"phdr": [("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("_", "V12")],
    b"pbag": [("generator", "<u2"), ("_", "<u2")],
    b"pgen": [("operator", "<u2"), ("amount", "<i2")],
    b"inst": [("name", "S20"), ("bag", "<u2")],
    b"ibag": [("generator", "<u2"), ("_", "<u2")],
    b"igen": [("operator", "<u2"), ("amount", "<i2")],
    b"shdr": [
        *(("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4")),
        *(("loop_end", "<u4"), ("rate", "<u4"), ("key", "u1"), ("correction", "i1")),
        *(("link", "<u2"), ("type", "<u2")),
    ],
}
_Bags = list[dict[int, int]]


@dataclass(frozen=True, slots=True)
class Preset:
    """An instrument that a musician can choose.

    Attributes
    ----------
    bank, program : int
        Bank 128 holds drum kits.
    name : str
    index : int
        Number of the preset in the file.
    """

    bank: int
    program: int
    name: str
    index: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording.

    Attributes
    ----------
    start, end : int
        Place in the file's samples, in frames; for Ogg Vorbis in bytes.
    loop_start, loop_end : int
        Place of the loop, in frames from the beginning of the recording.
    rate : int
        Sampling rate in Hz.
    key, correction : int
        The MIDI note at which the recording plays at its own pitch, and a correction in cents.
    is_vorbis : bool
        Whether the samples are in Ogg Vorbis.
    """

    start: int
    end: int
    loop_start: int
    loop_end: int
    rate: int
    key: int
    correction: int
    is_vorbis: bool


@dataclass(frozen=True, slots=True)
class Zone:
    """A recording with the parameters for playing it.

    Attributes
    ----------
    sample : Sample
    generators : dict of int to int
        `Generator` to value; defaults are left out.
    """

    sample: Sample
    generators: dict[int, int]

    def __getitem__(self, generator: Generator) -> int:
        """Return the value of a generator, or its default."""
        return self.generators.get(generator, _DEFAULTS.get(generator, 0))


class SoundFont:
    """An open soundfont.

    Parameters
    ----------
    path : path-like
        An SF2 or SF3 file.

    Attributes
    ----------
    presets : list of Preset
        Sorted by bank and program.

    Raises
    ------
    InputError
        If the file is no soundfont or is damaged.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._name = shown(path)
        try:
            # Open as long as the object lives.
            self._file = Path(path).open("rb", buffering=0)  # noqa: SIM115
            chunks = self._chunks()
            tables = {
                name.decode(): np.frombuffer(self._read(*chunks[name]), np.dtype(kind))
                for name, kind in _TYPES.items()
            }
        except (OSError, EOFError, ValueError, KeyError, struct.error) as error:
            raise InputError(f"{self._name}: is not a readable soundfont: {error}") from error
        self._samples = chunks[b"smpl"]
        self._presets = _zones(tables["phdr"], tables["pbag"], tables["pgen"])
        self._instruments = _zones(tables["inst"], tables["ibag"], tables["igen"])
        self._headers = tables["shdr"]
        self.presets = sorted(
            (
                Preset(int(row["bank"]), int(row["program"]), row["name"].decode("latin-1"), index)
                for index, row in enumerate(tables["phdr"][:-1])
            ),
            key=lambda preset: (preset.bank, preset.program, preset.index),
        )
        self._recent = lru_cache(maxsize=16)(self._decode)

    def _read(self, place: int, size: int) -> bytes:
        return read_array(self._file.fileno(), place, (size,)).tobytes()

    def _chunks(self) -> dict[bytes, tuple[int, int]]:
        """Find the place and the size of the chunks in the lists of the RIFF file."""
        end, chunks = os.fstat(self._file.fileno()).st_size, {}
        head = os.pread(self._file.fileno(), 12, 0)
        if head[:4] != b"RIFF" or head[8:] != b"sfbk":
            raise ValueError("it does not begin with RIFF and sfbk")
        place = 12
        while place + 8 <= end:
            name, size = struct.unpack("<4sI", self._read(place, 8))
            if name == b"LIST":
                place += 12
                continue
            if place + 8 + size > end:
                raise ValueError(f"{name.decode('latin-1')} reaches beyond the end of the file")
            chunks[name] = place + 8, size
            place += 8 + size + size % 2
        return chunks

    def zones(self, preset: Preset, *, key: int, velocity: int) -> list[Zone]:
        """Find the recordings that a note plays.

        Parameters
        ----------
        preset : Preset
        key, velocity : int
            MIDI note and velocity, 0 to 127.

        Returns
        -------
        zones : list of Zone
            Empty if the preset has no recording for the note.

        Raises
        ------
        InputError
            If the preset refers to a missing part of the file.
        """
        found = []
        try:
            for outer in self._presets[preset.index]:
                if Generator.INSTRUMENT not in outer or not _sounds(outer, key, velocity):
                    continue
                for inner in self._instruments[outer[Generator.INSTRUMENT]]:
                    if Generator.SAMPLE in inner and _sounds(inner, key, velocity):
                        sample = self._sample(inner[Generator.SAMPLE])
                        found.append(Zone(sample, _sum(outer, inner)))
        except IndexError:
            raise InputError(f"{self._name}: {preset.name}: refers to a missing part") from None
        return found

    def _sample(self, index: int) -> Sample:
        row = self._headers[index]
        start, is_vorbis = int(row["start"]), bool(row["type"] & _VORBIS)
        before = 0 if is_vorbis else start
        return Sample(
            start=start,
            end=int(row["end"]),
            loop_start=int(row["loop_start"]) - before,
            loop_end=int(row["loop_end"]) - before,
            rate=int(row["rate"]),
            key=int(row["key"]),
            correction=int(row["correction"]),
            is_vorbis=is_vorbis,
        )

    def recording(self, sample: Sample) -> NDArray[np.float32]:
        """Read a recording.

        Parameters
        ----------
        sample : Sample

        Returns
        -------
        samples : numpy.ndarray
            Shape (frames,).

        Raises
        ------
        InputError
            If the recording cannot be decoded.
        """
        return self._recent(sample)

    def _decode(self, sample: Sample) -> NDArray[np.float32]:
        width = 1 if sample.is_vorbis else 2
        place, size = self._samples
        start = min(width * sample.start, size)
        stop = max(start, min(width * sample.end, size))
        try:
            raw = self._read(place + start, stop - start)
        except (OSError, EOFError) as error:
            raise InputError(f"{self._name}: a sample cannot be read: {error}") from error
        if not sample.is_vorbis:
            return np.frombuffer(raw, "<i2").astype(np.float32) / np.float32(32768)
        try:
            samples, _ = soundfile.read(io.BytesIO(raw), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise InputError(f"{self._name}: a sample cannot be decoded: {error}") from error
        mono: NDArray[np.float32] = samples[:, 0]
        return mono


def _zones(
    headers: NDArray[np.void], bags: NDArray[np.void], generators: NDArray[np.void]
) -> list[_Bags]:
    """List the zones of each preset or instrument, with defaults from its global zone."""
    found = []
    for first, stop in zip(headers["bag"], headers["bag"][1:], strict=False):
        zones: _Bags = []
        shared: dict[int, int] = {}
        for bag in range(int(first), min(int(stop), len(bags) - 1)):
            rows = generators[bags["generator"][bag] : bags["generator"][bag + 1]]
            own = {int(row["operator"]): int(row["amount"]) for row in rows}
            if Generator.INSTRUMENT in own or Generator.SAMPLE in own:
                zones.append({**shared, **own})
            elif not zones:
                shared = own
        found.append(zones)
    return found


def _sounds(zone: dict[int, int], key: int, velocity: int) -> bool:
    """Check whether a zone covers a note."""
    for generator, value in zip(_RANGES, (key, velocity), strict=True):
        # The lowest and the highest value have a byte each.
        limits = zone.get(generator, 127 << 8) & 0xFFFF
        if not limits & 0xFF <= value <= limits >> 8:
            return False
    return True


def _sum(outer: dict[int, int], inner: dict[int, int]) -> dict[int, int]:
    """Return an instrument's values with those of its preset added."""
    result = dict(inner)
    for generator, amount in outer.items():
        if generator in _OF_SAMPLES or generator in _RANGES or generator == Generator.INSTRUMENT:
            continue
        result[generator] = result.get(generator, _DEFAULTS.get(generator, 0)) + amount
    return result
