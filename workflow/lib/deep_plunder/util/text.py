"""Text from outside as a piece of a message."""

from __future__ import annotations

from deep_plunder.util.names import shown

__all__ = ["one_line"]


def one_line(text: str, longest: int = 300) -> str:
    r"""Write any text so that it is a piece of one line, and no long one.

    Parameters
    ----------
    text : str
    longest : int
        Characters.

    Returns
    -------
    line : str
        What cannot be printed is escaped as in Python strings, what is too much left out.

    Examples
    --------
    >>> one_line("a\nb")
    'a\\nb'
    >>> one_line("x" * 400, 9)
    'xxxxxx...'
    """
    line = shown(text[: longest + 1])
    return line if len(line) <= longest else f"{line[: longest - 3]}..."
