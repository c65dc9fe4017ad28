"""Show the app in the browser: ``deep-plunder app [DIR]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from deep_plunder.cli.arguments import add_model, count, port
from deep_plunder.util.console import say

if TYPE_CHECKING:
    from deep_plunder.app.serve import Server

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    app = commands.add_parser(
        "app",
        help="find, hear and choose clips on a page in the browser",
        description="Serve a page on this machine alone: drop songs or a folder there, hear the "
        "clips, accept and reject them, and download a kit. Songs, clips and choices stay in DIR. "
        "Ctrl-C ends it; the next start goes on with the songs that are left.",
    )
    app.set_defaults(run=_app)
    add = app.add_argument
    add("folder", nargs="?", metavar="DIR", type=Path, default=Path("plunder-app"),
        help="folder for songs, clips and choices (default: plunder-app)")  # fmt: skip
    add("--port", metavar="PORT", type=port, default=0, help="port (default: any that is free)")
    add("--max-upload", metavar="MB", type=count, default=2000,
        help="greatest size of a song in MB (default: 2000)")  # fmt: skip
    add_model(app)
    add("--no-browser", action="store_true", help="only print the address of the page")


def _app(args: argparse.Namespace) -> int:
    from deep_plunder.app.serve import serve
    from deep_plunder.util.resources import option_model_path

    def ready(address: str, server: Server) -> None:
        say(f"{address} (Ctrl-C ends the app)")
        if not args.no_browser:
            import webbrowser

            webbrowser.open(address)

    serve(
        args.folder,
        model=option_model_path(args.model),
        port=args.port,
        most_bytes=args.max_upload * 10**6,
        ready=ready,
    )
    return 0
