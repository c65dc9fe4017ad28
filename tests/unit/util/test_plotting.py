"""Every figure is the same to the byte in any process."""

import os
import subprocess
import sys
from pathlib import Path

DRAW = """
import numpy as np

from deep_plunder.audio import writing
from deep_plunder.corpus.figures import plot_onsets
from deep_plunder.corpus.library import Sound
from deep_plunder.decoding.calibration import reliability
from deep_plunder.decoding.clip import Clip
from deep_plunder.evaluation.bench.figures import draw_reliability
from deep_plunder.evaluation.curves import Curve
from deep_plunder.evaluation.figures import draw_precision_recall, draw_roc
from deep_plunder.extraction.picture import Overview, draw_song
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.mixes.figures import draw_mix
from deep_plunder.models.figures import draw_network
from deep_plunder.models.registry import network
from deep_plunder.training.figures import draw_history
from deep_plunder.training.spec import HistoryRow
from deep_plunder.truth.regions import Region
from deep_plunder.util.tables import write_records

spec = FeatureSpec()
values = np.random.default_rng(1).random((400, spec.mel_bands), np.float32)
tone = (0.5 * np.sin(np.arange(44100) / 20)).astype(np.float32)
writing.write("a.wav", tone[:, None], 44100)
rows = [HistoryRow(k, 1.0, 6e-4, *(values[k, :5] + 0.1)) for k in range(1, 5)]
write_records("history.tsv", HistoryRow, rows)
curves = [Curve(name, *np.sort(values[:3, :50]), 0.5) for name in ("onset", "frame")]
overview = Overview(seconds=12.8, hop_s=spec.hop_s)
overview.add(values)

plot_onsets([Sound("a.wav", "kick", "a.wav", 1.0, 44100, 1, 0.1, 0.9)], "figure1.svg")
stereo = (values[:, :200].reshape(-1, 2) * 9000).astype(np.int16)
draw_mix("figure2.svg", stereo, 44100, [Region(0, 0.2, 0.7, "kick/a.wav", "kick")])
draw_network("figure3.svg", network("conv"), spec, title="conv")
draw_history("history.tsv", "figure4.svg", title="conv")
draw_precision_recall("figure5.svg", curves)
draw_roc("figure6.svg", curves)
draw_reliability("reliability.svg", reliability([0.1, 0.5, 0.9], [0, 1, 1]))
draw_song("song.svg", overview, values[:, :3], [Clip(1.0, 2.0, 0.5)], spec=spec, title="a song")
"""


def test_figures_are_the_same_in_two_processes(tmp_path: Path) -> None:
    pictures = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", DRAW], cwd=folder, env=environment, check=True)
        paths = [path for path in folder.iterdir() if path.suffix in (".png", ".svg")]
        pictures.append({path.name: path.read_bytes() for path in paths})
    assert len(pictures[0]) == 7 * 2 + 1
    assert pictures[0] == pictures[1]
