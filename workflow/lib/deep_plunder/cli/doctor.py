"""Check the installation: ``deep-plunder doctor``."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deep_plunder import __version__
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.console import say

__all__ = ["add_parser"]

_LIBRARIES = ("numpy", "scipy", "soundfile", "soxr", "av", "onnxruntime", "matplotlib", "rich")
_OPTIONAL = {
    "starlette": "app",
    "uvicorn": "app",
    "snakemake": "workflow",
    "keras": "workflow",
    "librosa": "workflow",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        What `argparse.ArgumentParser.add_subparsers` returned.
    """
    doctor = commands.add_parser(
        "doctor",
        help="check the installation: versions, audio formats, model, memory, a test run",
        description="Check the installation, and extract clips from a synthesized song.",
    )
    doctor.set_defaults(run=_doctor)


def _doctor(args: argparse.Namespace) -> int:
    is_well = True
    say(f"deep-plunder {__version__}, Python {platform.python_version()}, {platform.platform()}")
    for line in (*_versions(), *_formats(), *_memory()):
        say(line)
    for name, check in (("model", _model), ("test run", _test_run)):
        try:
            say(f"{name}: {check()}")
        except (DeepPlunderError, OSError) as error:
            say(f"{name}: {error}")
            is_well = False
    say("everything works" if is_well else "something is amiss, see above")
    return 0 if is_well else 1


def _versions() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    for name in (*_LIBRARIES, *_OPTIONAL):
        try:
            yield f"{name}: {version(name)}"
        except PackageNotFoundError:
            only = f"needed only by the {_OPTIONAL[name]}" if name in _OPTIONAL else "missing"
            yield f"{name}: not installed, {only}"


def _formats() -> Iterator[str]:
    import soundfile

    from deep_plunder.audio.openmpt import MISSING, is_there
    from deep_plunder.audio.source import AUDIO_SUFFIXES

    yield f"audio files: {' '.join(sorted(AUDIO_SUFFIXES))}"
    yield f"libsndfile: {soundfile.__libsndfile_version__}"
    yield f"tracker modules: {'yes' if is_there() else MISSING}"


def _memory() -> Iterator[str]:
    if hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        page = os.sysconf("SC_PAGE_SIZE")
        whole, free = (os.sysconf(name) * page for name in ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES"))
        yield f"memory: {whole / 2**30:.1f} GiB, {free / 2**30:.1f} GiB of them free"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield f"cores: {cores}"


def _model() -> str:
    from deep_plunder.models.card import digest_of_model
    from deep_plunder.util.names import shown
    from deep_plunder.util.resources import shipped_model_path

    path = shipped_model_path()
    return f"{shown(path)}, digest {digest_of_model(path)[:16]}"


def _test_run() -> str:
    import numpy as np

    from deep_plunder.audio import writing
    from deep_plunder.extraction.song import extract_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.console import without_chatter
    from deep_plunder.util.resources import shipped_model_path

    rate = 44100
    second = np.arange(rate) / rate
    tone = (0.5 * np.exp(-5 * second) * np.sin(2 * np.pi * 220 * second)).astype(np.float32)
    pause = np.zeros(rate // 2, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder, "song.wav")
        writing.write(song, np.concatenate([pause, tone, pause])[:, np.newaxis], rate)
        with without_chatter():
            model = load_model(shipped_model_path())
        regions = extract_song(model, song, Path(folder, "out"), min_score=0.0)
    if not regions:
        raise DeepPlunderError("found nothing in a song of one tone")
    return f"found {len(regions)} region in a song of one tone, score {regions[0].score:.2f}"
