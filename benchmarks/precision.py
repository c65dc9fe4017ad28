"""Speed and scores with fewer bits: ``python -m benchmarks.precision BENCH...``.

A bench is a folder of real music with exact truth. The model that ships cuts its songs in three
ways: with 8-bit integers in some products (`deep_plunder.models.onnx_graph`), as always; with
float32 throughout; and in Keras with layers that compute in bfloat16. The table that is printed has
the CPU time of features and outputs per minute of music, and the scores of
`deep_plunder.evaluation.bench.scores`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from deep_plunder.decoding.decode import EVERYTHING, Overrides
from deep_plunder.evaluation.bench.layout import songs_of, truth_of
from deep_plunder.evaluation.bench.scores import SongScore, score, score_song
from deep_plunder.models.detect import decode_song
from deep_plunder.models.inference import predict_song
from deep_plunder.models.model_file import LoadedModel, load_model
from deep_plunder.util.resources import shipped_model_path

from .harness import cpu_s


def _row(model: LoadedModel, bench: Path) -> str:
    songs = songs_of(bench)
    spent = seconds = 0.0
    everything: list[SongScore] = []
    cut: list[SongScore] = []
    # The first call compiles.
    predict_song(model, songs[0].audio)
    for song in songs:
        begin = cpu_s()
        outputs = predict_song(model, song.audio)
        spent += cpu_s() - begin
        seconds += len(outputs) * model.spec.hop_s
        truth = truth_of(bench, song.name)
        for settings, into in ((EVERYTHING, everything), (Overrides(), cut)):
            clips = decode_song(model, outputs, song.audio, settings=settings)
            found = [(clip.onset_s, clip.offset_s, clip.score) for clip in clips]
            into.append(score_song(truth, found))
    figures = score(everything).clip_ap, score(cut).frame_macro_f1, score(cut).found
    return " | ".join([f"{60 * spent / seconds:.3f}", *(f"{figure:.1f}" for figure in figures)])


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    parser.add_argument("benches", nargs="+", type=Path, metavar="BENCH", help="folders")
    benches = parser.parse_args(arguments).benches
    models = {
        "bytes, ONNX Runtime": load_model(shipped_model_path()),
        "float32, ONNX Runtime": load_model(shipped_model_path(), exact=True),
        "bfloat16, TensorFlow": load_model(shipped_model_path(), bfloat16=True),
    }
    print("| bench | layers | s/min | AP | frame F1 | found |\n|---|---|---|---|---|---|")
    for bench in benches:
        for name, model in models.items():
            print(f"| {bench.name} | {name} | {_row(model, bench)} |", flush=True)


if __name__ == "__main__":
    main()
