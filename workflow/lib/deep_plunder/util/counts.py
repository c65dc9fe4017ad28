"""Numbers of things as text."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, thing: str, things: str = "") -> str:
    """Return a number and the name of the things counted, in the singular or the plural.

    Parameters
    ----------
    number : int
    thing : str
        One of them.
    things : str, optional
        Several of them, by default with an added ``s``.

    Returns
    -------
    text : str

    Examples
    --------
    >>> counted(1, "clip"), counted(2000, "clip"), counted(0, "entry", "entries")
    ('1 clip', '2,000 clips', '0 entries')
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"
