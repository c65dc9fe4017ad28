import json
import pkgutil
import subprocess
import sys

import pytest

import deep_plunder

HEAVY = [
    "av", "h5py", "keras", "librosa", "matplotlib.pyplot", "mir_eval", "numba", "onnx",
    "onnxruntime", "pandas", "scipy.optimize", "scipy.signal", "sklearn", "tensorflow",
]  # fmt: skip

# Each module is imported as if it were the first of the package, after the cheap ones that all
# may use, and then taken out again with whatever it brought.
SCRIPT = """
import importlib, json, sys
import numpy, soundfile, soxr
clean = set(sys.modules)
heavy, brought = json.loads(sys.argv[1]), {}
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
    brought[name] = sorted(set(heavy) & set(sys.modules))
    for module in set(sys.modules) - clean:
        if module.split(".")[0] == "deep_plunder":
            del sys.modules[module]
    for module in [m for h in brought[name] for m in sys.modules if m.split(".")[0] == h]:
        sys.modules.pop(module, None)
print(json.dumps(brought))
"""


def test_no_module_imports_what_only_some_of_its_users_need():
    names = ["deep_plunder"] + [
        module.name for module in pkgutil.walk_packages(deep_plunder.__path__, "deep_plunder.")
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(HEAVY), json.dumps(names)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    brought = json.loads(done.stdout)
    assert len(brought) == len(names) > 10
    # They are imported by what runs an LSTM, and where that happens.
    for name in ("compiling", "lstm", "lstm_loop", "pooling"):
        assert brought.pop(f"deep_plunder.models.compiled.{name}") == ["numba"]
    assert {name: modules for name, modules in brought.items() if modules} == {}


STAGES = """
import json, sys
from pathlib import Path
import numpy as np
from deep_plunder.audio import writing
from deep_plunder.dataset.examples import write_examples
from deep_plunder.dataset.mixes import Mix
from deep_plunder.features.spec import FeatureSpec
from deep_plunder.corpus.library import scan_library
from deep_plunder.mixes.spec import MixSpec
from deep_plunder.mixes.plan import Planner
from deep_plunder.mixes.render import Renderer, render_mixes
from deep_plunder.mixes.rendered import write_mixes
from deep_plunder.corpus.songs import select_songs

folder, semitones, method = Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(0)
fall = np.exp(-np.arange(9000) / 2000)
for name, length in (("library/kick/a.wav", 9000), ("songs/b.wav", 70 * 8000)):
    (folder / name).parent.mkdir(parents=True)
    samples = rng.normal(0, 0.1, length) * (fall if length == 9000 else 1)
    writing.write(folder / name, samples.astype(np.float32), 8000)
sounds, _ = scan_library(folder / "library", offset_method=method)
songs, _ = select_songs([folder / "songs"], min_bit_rate_kbps=0)
spec = MixSpec(duration_s=5, sample_rate=16000, semitones=semitones)
plan = Planner(split="train", seed=1, sounds=sounds, songs=songs, spec=spec).plan(0)
mixes = list(render_mixes(plan, Renderer(sounds, songs, spec)))
write_mixes(mixes, folder / "mixes", rate=16000)
write_examples(
    folder / "f.npy", (Mix(m.audio, 16000, m.regions) for m in mixes), count=1, duration_s=5,
    regions_path=folder / "r.tsv", spec=FeatureSpec(),
)
print(json.dumps(sorted({"keras", "librosa", "tensorflow"} & set(sys.modules))))
"""


@pytest.mark.parametrize(
    ("semitones", "method", "used"),
    [([0, 0], "decay", []), ([2, 2], "decay", []), ([0, 0], "flip", ["librosa"])],
)
def test_stages_before_training_bring_librosa_only_to_call_it(tmp_path, semitones, method, used):
    done = subprocess.run(
        [sys.executable, "-c", STAGES, str(tmp_path), json.dumps(semitones), method],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == used


EXTRACTION = """
import json, sys
import numpy as np
from deep_plunder.audio import writing
from deep_plunder.extraction.song import extract_song
from deep_plunder.models.model_file import load_model
from deep_plunder.util.resources import shipped_model_path

rng = np.random.default_rng(0)
writing.write("song.wav", rng.normal(0, 0.1, 80000).astype(np.float32), 8000)
extract_song(load_model(shipped_model_path()), "song.wav", "clips", picture=False)
print(json.dumps(sorted({"keras", "librosa", "numba", "tensorflow"} & set(sys.modules))))
"""


def test_extraction_with_the_model_that_ships_starts_no_library_of_training(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", EXTRACTION],
        capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
