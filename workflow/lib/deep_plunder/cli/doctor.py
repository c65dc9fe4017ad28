"""Check the installation: ``deep-plunder doctor``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from deep_plunder import __version__
from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.console import say
from deep_plunder.util.optional import EXTRAS

__all__ = ["add_parser"]

_LIBRARIES = ("numpy", "scipy", "soundfile", "soxr", "av", "onnxruntime", "matplotlib", "rich")
_OPTIONAL = ("starlette", "uvicorn", "snakemake", "keras", "librosa")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    doctor = commands.add_parser(
        "doctor",
        help="check the installation: versions, audio formats, model, memory, a test run",
        description="Check the installation, and extract clips from a synthesized song.",
    )
    doctor.set_defaults(run=_doctor)
    doctor.add_argument("--json", action="store_true", help="print all of it as one JSON object")


def _doctor(args: argparse.Namespace) -> int:
    facts: dict[str, Any] = {
        "deep_plunder": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": _versions(),
        **_formats(),
        **_machine(),
    }
    faults: dict[str, str] = {}
    for name, check in (("model", _model), ("test_run", _test_run)):
        try:
            facts[name] = check()
        except (DeepPlunderError, OSError) as error:
            facts[name], faults[name] = None, str(error)
    facts |= {"faults": faults, "is_well": not faults}
    if args.json:
        say(json.dumps(facts))
    else:
        for line in _lines(facts):
            say(line)
    return 1 if faults else 0


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    """Yield the facts as lines for people."""
    from deep_plunder.audio.openmpt import MISSING

    yield f"deep-plunder {facts['deep_plunder']}, Python {facts['python']}, {facts['platform']}"
    for name, number in facts["libraries"].items():
        only = f"needed only by the {EXTRAS[name]}" if name in EXTRAS else "missing"
        yield f"{name}: {number or f'not installed, {only}'}"
    yield f"audio files: {' '.join(facts['audio_files'])}"
    yield f"libsndfile: {facts['libsndfile']}"
    yield f"tracker modules: {'yes' if facts['tracker_modules'] else MISSING}"
    if facts["memory_gib"] is not None:
        yield f"memory: {facts['memory_gib']} GiB, {facts['free_gib']} GiB of them free"
    yield f"cores: {facts['cores']}"
    for name in ("model", "test_run"):
        yield f"{name.replace('_', ' ')}: {facts['faults'].get(name) or _TEXTS[name](facts[name])}"
    yield "everything works" if facts["is_well"] else "something is amiss, see above"


_TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "model": lambda found: f"{found['file']}, digest {found['digest']}",
    "test_run": lambda found: (
        f"found {found['regions']} region in a song of one tone, score {found['score']:.2f}"
    ),
}


def _versions() -> dict[str, str | None]:
    """Return the version of each library; None for one that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {}
    for name in (*_LIBRARIES, *_OPTIONAL):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _formats() -> dict[str, Any]:
    import soundfile

    from deep_plunder.audio.openmpt import is_there
    from deep_plunder.audio.source import AUDIO_SUFFIXES

    return {
        "audio_files": sorted(AUDIO_SUFFIXES),
        "libsndfile": soundfile.__libsndfile_version__,
        "tracker_modules": is_there(),
    }


def _machine() -> dict[str, Any]:
    whole = free = None
    if hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        page = os.sysconf("SC_PAGE_SIZE") / 2**30
        whole = round(os.sysconf("SC_PHYS_PAGES") * page, 1)
        free = round(os.sysconf("SC_AVPHYS_PAGES") * page, 1)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"memory_gib": whole, "free_gib": free, "cores": cores}


def _model() -> dict[str, Any]:
    from deep_plunder.models.card import digest_of_model
    from deep_plunder.util.names import shown
    from deep_plunder.util.resources import shipped_model_path

    path = shipped_model_path()
    return {"file": shown(path), "digest": digest_of_model(path)[:16]}


def _test_run() -> dict[str, Any]:
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
    return {"regions": len(regions), "score": round(regions[0].score, 3)}
