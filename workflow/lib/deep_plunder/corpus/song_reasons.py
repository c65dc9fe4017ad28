"""Count the reasons for which entries of playlists are rejected, and name the key to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass

__all__ = ["REASONS", "ReasonCount", "RejectedSong", "advice", "summary"]

REASONS = {
    "accepted": "usable",
    "unreadable": "a folder or an entry that cannot be read",
    "stream": "a URL of a stream, not a file",
    "cloud": "no location: in the cloud only",
    "protected": "under digital rights management",
    "hidden": "macOS's record beside a song, not a song",
    "not audio": "another kind of file",
    "too short": "shorter than min_duration_s",
    "too long": "longer than max_duration_s",
    "low bit rate": "not above min_bit_rate_kbps",
    "missing": "no such file",
    "duplicate": "the same file, or the same content, as an earlier entry",
    "empty": "a file without samples",
    "truncated": "a file that ends too early",
    "undecodable": "a file that no decoder understands",
    "not finite": "samples that are not numbers",
    "too loud": "samples that no sound can have",
    "too large": "a rate, channels or a length that no recording has",
}
"""The meaning of each reason, and of ``accepted``, which a summary counts beside them."""

_KEYS = {
    "low bit rate": ("min_bit_rate_kbps", "0 accepts all"),
    "too short": ("min_duration_s", "0 accepts all"),
    "too long": ("max_duration_s", "a greater one accepts more"),
    "missing": ("path_map", "an entry OLD=NEW leads to where the files are now"),
}
"""The key of the section ``songs`` that decides about each reason, and its remedy."""


@dataclass(frozen=True, slots=True)
class RejectedSong:
    """An entry that is not used.

    Attributes
    ----------
    source : str
        The playlist or folder that lists it.
    row : int
        Its place there.
    title : str
        As in the playlist.
    location : str
        As in the playlist.
    reason : str
        One of `REASONS`.
    detail : str
        The value that broke the rule.
    """

    source: str
    row: int
    title: str
    location: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """The number of entries with one outcome.

    Attributes
    ----------
    reason : str
        One of `REASONS`.
    rows : int
        Number of entries.
    meaning : str
        The reason in words.
    """

    reason: str
    rows: int
    meaning: str


def _in_configuration(key: str) -> str:
    return f"songs.{key}"


def advice(
    counts: Sequence[ReasonCount], *, name_of: Callable[[str], str] = _in_configuration
) -> str:
    """Return one line about the key that would accept most of the rejected songs.

    Parameters
    ----------
    counts : sequence of ReasonCount
        See `summary`.
    name_of : callable, optional
        Returns the name by which the user knows a key of the section ``songs``. By default that in
        the configuration.

    Returns
    -------
    advice : str
        Empty unless one key of the configuration decides about a third of the entries or more.

    Examples
    --------
    >>> entry = RejectedSong("list.txt", 2, "Tide", "tide.mp3", "low bit rate", "128 kbit/s")
    >>> advice(summary([], [entry]))
    '1 of 1 songs rejected (low bit rate): see songs.min_bit_rate_kbps (0 accepts all)'
    """
    decided = [count for count in counts if count.reason in _KEYS]
    entries = sum(count.rows for count in counts)
    most = max(decided, key=lambda count: count.rows, default=None)
    if most is None or 3 * most.rows < entries:
        return ""
    key, remedy = _KEYS[most.reason]
    share = f"{most.rows} of {entries} songs rejected"
    return f"{share} ({most.reason}): see {name_of(key)} ({remedy})"


def summary(songs: Sized, rejected: Sequence[RejectedSong]) -> list[ReasonCount]:
    """Count the accepted entries, and the rejected ones by reason.

    Parameters
    ----------
    songs : sized
        The accepted songs.
    rejected : sequence of RejectedSong

    Returns
    -------
    counts : list of ReasonCount
        ``accepted`` first, then each reason that occurs, in the order of `REASONS`.

    Examples
    --------
    >>> [(count.reason, count.rows) for count in summary(["tide"], [])]
    [('accepted', 1)]
    """
    counts = Counter(entry.reason for entry in rejected)
    counts["accepted"] = len(songs)
    return [
        ReasonCount(reason, counts[reason], meaning)
        for reason, meaning in REASONS.items()
        if counts[reason] or reason == "accepted"
    ]
