"""Render tracker modules into a bench of songs with exact truth (`mixes.modules.render`)."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from deep_plunder.audio.openmpt import MISSING, is_there
from deep_plunder.corpus.modules import RejectedModule
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.rendered import exact_truth, write_song
from deep_plunder.mixes.modules.render import RATE, render_module
from deep_plunder.util.files import atomic_directory
from deep_plunder.util.names import SafeNames, one_line
from deep_plunder.util.tables import write_records

__all__ = ["render_bench"]

_log = logging.getLogger(__name__)


def render_bench(
    modules: Mapping[str, str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    source: str | os.PathLike[str],
) -> None:
    """Render tracker modules into a bench.

    Parameters
    ----------
    modules : mapping
        The path of each module, by name (`corpus.modules.list_modules`).
    folder : path-like
        The bench to write (`evaluation.bench.layout`), with songs as 16-bit WAV. Its
        ``set_aside.tsv`` lists the modules that could not be used.
    source : path-like
        Where the modules are from, for messages.

    Raises
    ------
    InputError
        If libopenmpt is missing or no module can be used.
    OSError
        If a file cannot be written. The error names the folder.
    """
    if not is_there():
        raise InputError(f"{source}: {MISSING}")
    names, count = SafeNames(), 0
    aside: list[RejectedModule] = []
    with atomic_directory(folder) as temporary:
        for module, path in modules.items():
            name = names.new(Path(path).stem)
            try:
                song = render_module(path)
            except (InputError, OSError) as error:
                _log.warning("rejected: %s", error)
                aside.append(RejectedModule(module, one_line(str(error))))
                continue
            count += 1
            truth = exact_truth(name, song.truth)
            write_song(temporary, truth, song.samples, RATE)
            _log.info("%s: %d regions", name, len(truth.regions))
        if not count:
            reason = aside[0].reason if aside else "there is none"
            raise InputError(f"{source}: must hold a module that can be used: {reason}")
        write_records(temporary / "set_aside.tsv", RejectedModule, aside)
