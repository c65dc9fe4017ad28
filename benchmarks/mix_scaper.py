"""The same plan of events as audio, from MP3 songs, against Scaper.

Scaper gets each event with its source, times and change of pitch as constants. It scales events by
loudness, where ours keeps their levels. So the comparison is between the silences of both.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from deep_plunder.mixes.events import SOUND, Event
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import write_mixes
from deep_plunder.mixes.spec import MixSpec

from .catalogue import Setup
from .corpus import Corpus
from .harness import Result, agree, compare, need
from .paperway import by_mix


def _scaper(events: list[Event], corpus: Corpus, spec: MixSpec, folder: Path) -> None:
    import scaper

    # Scaper 1.6.5 needs a name that NumPy 2 no longer has.
    vars(np).setdefault("Inf", np.inf)
    mix = scaper.Scaper(spec.duration_s, str(corpus.library), str(corpus.library), random_state=0)
    mix.sr, mix.n_channels, mix.ref_db = spec.sample_rate, 2, -20
    mix.fade_in_len = mix.fade_out_len = 0.005
    paths = {song.song: (song.path, "mp3") for song in corpus.songs}
    paths |= {sound.sound: (sound.path, sound.sound_class) for sound in corpus.sounds}
    mix.fg_labels = sorted({label for _, label in paths.values()})
    for event in events:
        path, label = paths[event.source]
        mix.add_event(
            label=("const", label),
            source_file=("const", path),
            source_time=("const", event.source_start_s),
            event_time=("const", event.start_s),
            event_duration=("const", event.duration_s),
            snr=("const", 0),
            pitch_shift=("const", event.semitones) if event.semitones else None,
            time_stretch=None,
        )
    stem = folder / f"mix_{events[0].mix:06d}"
    with warnings.catch_warnings():
        # It warns of durations that are a few samples too long, and of events of equal loudness.
        warnings.simplefilter("ignore")
        mix.generate(
            str(stem.with_suffix(".wav")), txt_path=str(stem.with_suffix(".tsv")), no_audio=False,
            fix_clipping=True,
        )  # fmt: skip


def _loud(samples: npt.NDArray[Any], rate: int) -> npt.NDArray[np.bool_]:
    """Return for each tenth of a second whether it holds any sound."""
    step = rate // 10
    squares = np.square(samples[: len(samples) // step * step]).sum(axis=1)
    return np.asarray(squares.reshape(-1, step).mean(axis=1) > 1e-9)


def run(setup: Setup) -> Result:
    """Compare."""
    need("scaper", "soxbindings")
    corpus, spec = setup.corpus, MixSpec()
    count = 1 if setup.quick else 4
    plan = corpus.plans(spec, count)
    mixes = by_mix(plan)
    folders = {side: setup.folder / side for side in ("ours", "peer")}
    folders["peer"].mkdir()

    def ours() -> None:
        renderer = Renderer(corpus.sounds, corpus.songs, spec, store=setup.store)
        write_mixes(render_mixes(plan, renderer), folders["ours"], rate=spec.sample_rate)

    def peer() -> None:
        for events in mixes:
            _scaper(events, corpus, spec, folders["peer"])

    ours()
    peer()
    differ = []
    for path in sorted(folders["ours"].glob("*.wav")):
        loud = [_loud(*soundfile.read(folders[side] / path.name)) for side in folders]
        assert len(loud[0]) == len(loud[1])
        differ.append(float((loud[0] != loud[1]).mean()))
    sounds = sum(event.kind == SOUND for event in plan)
    agree(f"share of tenths of seconds that only one fills, {sounds} sounds", max(differ), 0.05)
    return compare(
        setup.name, ours, peer, unit="s/min", rounds=setup.rounds,
        ours_amount=count, peer_amount=count,
    )  # fmt: skip
