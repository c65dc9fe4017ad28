"""Text from outside as a piece of a message."""

from __future__ import annotations

from deep_plunder.util.names import shown

__all__ = ["one_line"]


def one_line(text: str, longest: int = 300) -> str:
    r"""Return any text as a short piece of one line.

    Parameters
    ----------
    text : str
    longest : int
        Characters.

    Returns
    -------
    line : str
        Unprintable characters are escaped as in Python strings; an excess is cut off.

    Examples
    --------
    >>> one_line("a\nb")
    'a\\nb'
    >>> one_line("x" * 400, 9)
    'xxxxxx...'
    """
    line = shown(text[: longest + 1])
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
