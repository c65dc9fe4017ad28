"""The interface of every decoder to `audio.reading`, and the faults that decoders report."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from deep_plunder.errors import AudioError
from deep_plunder.util.arrays import Float32Array
from deep_plunder.util.names import shown

__all__ = [
    "AUDIO_SUFFIXES",
    "FEWEST_BYTES",
    "Findings",
    "Source",
    "check_demands",
    "check_missing",
    "decoding",
    "fault",
    "is_new",
    "warn",
]

AUDIO_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *("wav", "wave", "w64", "rf64", "aif", "aiff", "aifc", "au", "snd", "caf"),
        *("flac", "ogg", "oga", "opus", "mp3", "mp2"),
        *("m4a", "m4b", "m4r", "mp4", "mov", "3gp", "mka", "mkv", "webm", "avi", "flv"),
        *("aac", "ac3", "eac3", "alac", "amr", "wma", "wv", "tta", "ape", "mpc", "dsf"),
    )
)
"""Suffixes, in lower case, of files that may hold audio."""

FEWEST_BYTES = 1 << 12
"""Fewer bytes beside the sound that is read hold no other sound."""


_log = logging.getLogger(__name__)


T = TypeVar("T")

_logged: set[tuple[str, str]] = set()

_MOST_FINDINGS = 256
# Bytes by which declared lengths differ between writers.
_LENGTH_SLACK = 64
_LOWEST_RATE, _HIGHEST_RATE = 100, 1_000_000
_MOST_CHANNELS = 256
_LONGEST_S = 100 * 3600
# Twelve minutes of stereo. Codecs at the lowest bit rates decode a byte to a few hundred samples,
# and so do the best codecs for silence, which may last as long as a song.
_MANY_SAMPLES = 1 << 26
_MOST_PER_BYTE = 400
_DECODER_ERRORS = (
    OSError, ValueError, ArithmeticError, LookupError, EOFError, struct.error
)  # fmt: skip


class Source(Protocol):
    """An open audio file.

    Attributes
    ----------
    rate, channels, frames : int
        See `deep_plunder.audio.reading.AudioInfo`.
    format, subtype, sample_format : str
        See `deep_plunder.audio.reading.AudioInfo`.
    """

    rate: int
    channels: int
    frames: int
    format: str
    subtype: str
    sample_format: str

    def read(self, start: int, stop: int) -> Float32Array:
        """Decode the frames from `start` to `stop`, or to the end if that comes first."""
        ...


def fault(path: str | os.PathLike[str], reason: str, detail: str) -> AudioError:
    """Return the error for a faulty file.

    Parameters
    ----------
    path : path-like
        The file.
    reason : str
        One of the reasons of `deep_plunder.errors.AudioError`.
    detail : str
        The finding, with its place.

    Returns
    -------
    error : AudioError
        The error, for the caller to raise.
    """
    return AudioError(f"{shown(path)}: {reason}: {detail}", reason=reason)


def warn(path: str | os.PathLike[str], detail: str) -> None:
    """Log an oddity of a file that is read all the same, once per process.

    Parameters
    ----------
    path : path-like
        The file.
    detail : str
        The finding.
    """
    finding = (os.path.abspath(path), detail)  # noqa: PTH100 (takes any text)
    if is_new(finding):
        _log.warning("%s", f"{shown(path)}: {detail}", extra={"finding": finding})


def is_new(finding: tuple[str, str]) -> bool:
    """Return whether this process has not yet logged a finding, which from now on it has.

    Parameters
    ----------
    finding : tuple of (str, str)
        The absolute path of a file, and what was found. `warn` puts it into its log record.

    Returns
    -------
    is_new : bool
    """
    if finding in _logged:
        return False
    _logged.add(finding)
    return True


def check_missing(path: str | os.PathLike[str], missing: int, detail: str) -> None:
    """Check that a file lacks no more than a few bytes of its declared length, and log those.

    Parameters
    ----------
    path : path-like
        The file.
    missing : int
        Number of missing bytes, above 0.
    detail : str
        Both lengths, for the message.

    Raises
    ------
    AudioError
        If more than 64 bytes are missing.
    """
    if missing > _LENGTH_SLACK:
        raise fault(path, "truncated", detail)
    warn(path, detail)


def check_demands(
    path: str | os.PathLike[str], *, rate: int, channels: int, frames: int, size: int
) -> None:
    """Check that a file asks for no more time or memory than any recording needs.

    Parameters
    ----------
    path : path-like
        The file.
    rate, channels, frames : int
        See `deep_plunder.audio.reading.AudioInfo`.
    size : int
        Length of the file in bytes.

    Raises
    ------
    AudioError
        If a value is out of bounds, or the file is too small to hold so many samples.
    """
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        detail = f"its rate must be {_LOWEST_RATE} to {_HIGHEST_RATE} Hz, got {rate}"
        raise fault(path, "too large", detail)
    if channels > _MOST_CHANNELS:
        detail = f"it may have up to {_MOST_CHANNELS} channels, got {channels}"
        raise fault(path, "too large", detail)
    if frames > _LONGEST_S * rate:
        hours = frames / rate / 3600
        detail = f"it may last up to {_LONGEST_S // 3600} hours, lasts {hours:.0f}"
        raise fault(path, "too large", detail)
    samples = frames * channels
    if samples > _MANY_SAMPLES and samples > _MOST_PER_BYTE * size:
        detail = f"{size} bytes hold up to {_MOST_PER_BYTE} samples each, claim {samples} in all"
        raise fault(path, "too large", detail)


@contextmanager
def decoding(path: str | os.PathLike[str]) -> Iterator[None]:
    """Raise an `AudioError` that names the file in place of any error of its decoder.

    Parameters
    ----------
    path : path-like
        The file.

    Raises
    ------
    AudioError
        In place of an error from a decoder, the disk or damaged lengths.
    """
    try:
        yield
    except AudioError:
        raise
    except MemoryError as error:
        raise fault(path, "undecodable", "no memory for what it claims to hold") from error
    except Exception as error:
        # The decoders' own errors by name: importing PyAV takes longer than reading most files.
        module = type(error).__module__
        if not isinstance(error, _DECODER_ERRORS) and module not in ("av.error", "soundfile"):
            raise
        # The text of soundfile's error begins with what it was given, such as a view.
        said = getattr(error, "error_string", None) or getattr(error, "strerror", None)
        detail = said or str(error) or type(error).__name__
        raise fault(path, "undecodable", f"its decoder fails ({shown(detail)})") from error


class Findings(Generic[T]):
    """A cache of findings about files, each valid as long as its file stays the same.

    Counting the frames of a file can take as long as decoding it, and many parts of it may be read
    one by one.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], T] = {}

    def of(self, state: os.stat_result, find: Callable[[], T], *rest: object) -> T:
        """Return the finding about a file, from the cache if it is there.

        Parameters
        ----------
        state : os.stat_result
            State of the file.
        find : callable
            Computes the finding.
        *rest
            Everything besides the file on which the finding depends.

        Returns
        -------
        found
            The result of `find` for the same file and the same `rest`.
        """
        key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, *rest)
        if key not in self._found:
            if len(self._found) >= _MOST_FINDINGS:
                self._found.clear()
            self._found[key] = find()
        return self._found[key]
