"""Print a script that completes the command line: ``deep-plunder completion SHELL``."""

from __future__ import annotations

import argparse

from deep_plunder.util.console import say

__all__ = ["add_parser"]

_SHELLS = ("bash", "zsh", "fish")
_EPILOG = """\
bash: eval "$(deep-plunder completion bash)" in ~/.bashrc.
zsh: deep-plunder completion zsh > a file _deep-plunder in a folder of $fpath.
fish: deep-plunder completion fish > ~/.config/fish/completions/deep-plunder.fish
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    completion = commands.add_parser(
        "completion",
        help="print a script that completes the command line in bash, zsh or fish",
        description="Print a script that completes the command line.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    completion.set_defaults(run=_completion)
    completion.add_argument("shell", choices=_SHELLS)


def _completion(args: argparse.Namespace) -> int:
    import shtab

    say(shtab.complete(args.parser, args.shell))
    return 0
