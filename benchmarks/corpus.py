"""The corpus of the benchmarks: the embedded demo, made once and kept in results/speed.

All songs exist as MP3 as well, the format of most people's songs.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from deep_plunder.audio import reading
from deep_plunder.audio.encoding import encode
from deep_plunder.corpus.library import Sound, scan_library
from deep_plunder.corpus.songs import Song
from deep_plunder.dataset.examples import write_examples
from deep_plunder.dataset.mixes import Mix
from deep_plunder.demo.corpus import write_demo
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.events import Event
from deep_plunder.mixes.plan import Planner
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.store import Store
from deep_plunder.util.tables import read_records, write_records

from .harness import ROOT

__all__ = ["SEED", "Corpus", "corpus"]

SEED = 2020


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A library and songs.

    Attributes
    ----------
    folder : Path
        ``library/CLASS/*`` and ``mp3/*.mp3``.
    """

    folder: Path

    @property
    def library(self) -> Path:
        """The folder of the sounds."""
        return self.folder / "library"

    @cached_property
    def sounds(self) -> list[Sound]:
        """The usable sounds, with the onsets of the method `decay`."""
        table = self.folder / "sounds.tsv"
        if not table.is_file():
            write_records(table, Sound, scan_library(self.library)[0])
        return read_records(table, Sound)

    @cached_property
    def songs(self) -> list[Song]:
        """The songs as MP3."""
        found = []
        for row, path in enumerate(sorted((self.folder / "mp3").glob("*.mp3"))):
            info = reading.probe(path)
            found.append(
                Song(path.stem, str(path), "", "", info.seconds, info.rate, info.channels, 320.0,
                     str(path.parent), row)
            )  # fmt: skip
        return found

    def plans(self, spec: MixSpec, count: int, *, first: int = 0) -> list[Event]:
        """Return a plan of mixes in the paper's style, as the workflow makes it."""
        planner = Planner(split="train", seed=SEED, sounds=self.sounds, songs=self.songs, spec=spec)
        return [event for mix in range(first, first + count) for event in planner.plan(mix)]

    def write_features(
        self, path: Path, plan: Sequence[Event], *, count: int, store: Store | None = None
    ) -> None:
        """Render mixes at the sample rate of the features, and write only their features."""
        features = FeatureSpec()
        spec = MixSpec(sample_rate=features.sample_rate)
        mixes = render_mixes(plan, Renderer(self.sounds, self.songs, spec, store=store))
        write_examples(
            path, (Mix(mix.audio, spec.sample_rate, mix.regions) for mix in mixes),
            count=count, duration_s=spec.duration_s,
            regions_path=path.with_suffix(".tsv"), spec=features,
        )  # fmt: skip


def corpus(*, quick: bool) -> Corpus:
    """Return the corpus, made if missing: 240 sounds and 20 songs, or with `quick` 30 and 4."""
    sounds, songs = (30, 4) if quick else (240, 20)
    folder = ROOT / "results" / "speed" / f"corpus-{sounds}-{songs}"
    if not (folder / "whole").is_file():
        print(f"  making the corpus in {folder.relative_to(ROOT)}", file=sys.stderr)
        write_demo(folder, seed=SEED, sounds=sounds, songs=songs, workers=1)
        (folder / "mp3").mkdir(exist_ok=True)
        for number, path in enumerate(sorted((folder / "songs").iterdir())):
            samples, rate = reading.read(path)
            encode(folder / "mp3" / f"song_{number:02d}.mp3", samples, rate)
        (folder / "whole").touch()
    return Corpus(folder)
