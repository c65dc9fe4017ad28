"""Run the command ``deep-plunder``.

Results go to standard output, everything else to standard error. Exit codes: 0 success, 1 an input
failed or the run could not go on, 2 the command line is wrong, 130 interrupted, 129 and 143 ended
by a signal. A module of a subcommand imports heavy libraries only when it runs.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from deep_plunder import __version__
from deep_plunder.cli import (
    app,
    completion,
    doctor,
    extract,
    gallery,
    inspect,
    kit,
    library,
    playlist,
    similar,
)
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.console import complain
from deep_plunder.util.names import reason_of
from deep_plunder.util.optional import optional_parts
from deep_plunder.util.signals import raise_on_termination

__all__ = ["main", "parser"]

_COMMANDS = (
    extract, inspect, app, gallery, kit, similar, library, playlist, doctor, completion
)  # fmt: skip

_log = logging.getLogger("deep_plunder")


class _Parser(argparse.ArgumentParser):
    """A parser that states a fault in one line, without the usage."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse arguments, and refuse unknown ones in the name of their subcommand."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            from difflib import get_close_matches

            known = [name for name in self._option_string_actions if name.startswith("--")]
            near = get_close_matches(unknown[0], known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.error(f"unknown: {' '.join(unknown)}{hint}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


class _Lines(logging.Handler):
    """Write records to what is standard error at the time: a progress bar takes its place."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(DeepPlunderError):
            complain(self.format(record))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Returns
    -------
    parser : argparse.ArgumentParser
        The parsed arguments have a function `run`, which takes them and returns the exit code, and
        `parser`, this parser.
    """
    whole = _Parser(
        prog="deep-plunder",
        description="Find moments of recordings in which one sound is heard alone.",
    )
    whole.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    whole.set_defaults(parser=whole)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments, by default those of the process.

    Returns
    -------
    code : int
        The exit code.
    """
    args = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot encode must not end the run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # Set before TensorFlow is imported, which would write about the processor to standard error.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    handler = _Lines()
    _log.addHandler(handler)
    _log.setLevel(logging.INFO if getattr(args, "verbose", False) else logging.WARNING)
    try:
        with raise_on_termination(), optional_parts():
            return int(args.run(args))
    except (DeepPlunderError, OSError) as error:
        complain(f"deep-plunder: {reason_of(error)}")
        return 1
    except KeyboardInterrupt:
        complain("deep-plunder: interrupted")
        return 130
    finally:
        _log.removeHandler(handler)
