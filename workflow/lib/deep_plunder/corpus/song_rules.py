"""Check a playlist's entry against the rules for songs, without touching a file.

A rejection is a pair of reason and detail; `corpus.song_reasons.REASONS` explains the reasons.
Kinds of files are named as in iTunes, in any of its languages. Bounds: the paper, section 3.3.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from deep_plunder.audio.source import AUDIO_SUFFIXES
from deep_plunder.corpus.playlists.entries import PlaylistEntry
from deep_plunder.corpus.playlists.locations import is_stream

__all__ = ["Limits", "Rejection", "check_row", "fold"]

Rejection = tuple[str, str]
"""Reason and detail."""

_PROTECTED_SUFFIXES = frozenset({".m4p", ".aa", ".aax"})
# Kinds in the languages of iTunes, without accents: protected, protégé, geschützt ...
_PROTECTED_KIND = re.compile(
    r"\bprotect|proteg|protett|geschutzt|beveilig|bescherm|skydda|beskytt|suojat|chronion|защищ|"
    r"保護|保护|보호|apple music|audible"
)
_STREAM_KIND = re.compile(r"stream|\bflux\b|\bflusso\b|\bsecuencia\b")
_LONGEST_KIND = 200
_OTHER_KIND = re.compile(r"video|movie|\bfilm|\bpdf\b")


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that songs must keep.

    Attributes
    ----------
    min_duration_s, max_duration_s : float
        Seconds; a duration equal to a bound is accepted.
    min_bit_rate_kbps : float
        A bit rate equal to it is rejected.
    """

    min_duration_s: float
    max_duration_s: float
    min_bit_rate_kbps: float

    def duration(self, seconds: float, *, grace: float = 0.0) -> Rejection | None:
        """Check a duration.

        Parameters
        ----------
        seconds : float
            NaN where unknown, which is never rejected.
        grace : float
            Seconds by which it may lie outside the bounds.

        Returns
        -------
        rejection : Rejection or None
        """
        if seconds < self.min_duration_s - grace:
            return "too short", f"{seconds:g} s, at least {self.min_duration_s:g} s are needed"
        if seconds > self.max_duration_s + grace:
            return "too long", f"{seconds:g} s, at most {self.max_duration_s:g} s are used"
        return None

    def bit_rate(self, kbps: float) -> Rejection | None:
        """Check a bit rate.

        Parameters
        ----------
        kbps : float
            NaN where unknown, which is never rejected.

        Returns
        -------
        rejection : Rejection or None
        """
        if kbps <= self.min_bit_rate_kbps:
            return "low bit rate", f"{kbps:.5g} kbps, above {self.min_bit_rate_kbps:g} are needed"
        return None


def fold(text: str) -> str:
    """Return a name without case and accents, for comparing names in several languages.

    Parameters
    ----------
    text : str

    Returns
    -------
    folded : str

    Examples
    --------
    >>> fold("Señorita")
    'senorita'
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", kept)


@lru_cache(maxsize=1024)
def _traits(kind: str) -> tuple[bool, bool, bool]:
    """Return whether a kind of file is protected, a stream, or something other than sound."""
    folded = fold(kind)
    protected, stream, other = (
        pattern.search(folded) is not None
        for pattern in (_PROTECTED_KIND, _STREAM_KIND, _OTHER_KIND)
    )
    return protected, stream, other


def check_row(row: PlaylistEntry, limits: Limits) -> Rejection | None:
    """Check an entry's own fault, location, kind, duration and bit rate, in this order.

    Parameters
    ----------
    row : PlaylistEntry
    limits : Limits

    Returns
    -------
    rejection : Rejection or None

    Examples
    --------
    >>> limits = Limits(min_duration_s=60, max_duration_s=360, min_bit_rate_kbps=200)
    >>> row = PlaylistEntry("list.txt", 2, seconds=6.0, bit_rate_kbps=320.0, location="/a.mp3")
    >>> check_row(row, limits)
    ('too short', '6 s, at least 60 s are needed')
    """
    if row.fault:
        return "unreadable", row.fault
    protected, stream, other = _traits(row.kind[:_LONGEST_KIND])
    if is_stream(row.location) or (not row.location and stream):
        return "stream", row.location or row.kind
    if not row.location:
        facts = ("no location", row.kind, "protected (DRM)" if protected else "")
        return "cloud", ", ".join(fact for fact in facts if fact)
    is_url = row.location[:5].lower() == "file:"
    name = re.split(r"[/\\:]", unquote(row.location) if is_url else row.location)[-1]
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 (takes any text)
    if protected or suffix in _PROTECTED_SUFFIXES:
        return "protected", row.kind or suffix
    if name.startswith("._"):
        return "hidden", name
    if other:
        return "not audio", row.kind
    if suffix not in AUDIO_SUFFIXES:
        return "not audio", f"suffix {suffix!r}"
    return limits.duration(row.seconds) or limits.bit_rate(row.bit_rate_kbps)
