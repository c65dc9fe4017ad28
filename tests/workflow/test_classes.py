"""A forest of classes is trained on the library, and names the clips of songs."""

from pathlib import Path

import pytest

from deep_plunder.description.classes import ClassForest
from deep_plunder.extraction.batch import ClipRow
from deep_plunder.extraction.folder import digest_of_classifier, read_record
from deep_plunder.training.class_scores import ClassScore, Confusion
from deep_plunder.util.tables import read_records

from .conftest import Run, changed, write_corpus

pytestmark = pytest.mark.workflow

FOREST = "results/classes/classes.npz"
EXTRACTION = {
    "model": "shipped", "songs": ["songs/song 1.flac"], "mixes": 0, "min_score": 0,
    "onset_threshold": None, "frame_threshold": None, "picture": False, "classifier": FOREST,
}  # fmt: skip


def test_a_forest_is_trained_and_used(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    run = Run(tmp_path, config=changed(extraction=EXTRACTION))
    outcome = run.snakemake("--cores", "2", "results/clips.tsv")
    assert outcome.code == 0, outcome.text
    assert outcome.rules == {"library": 1, "train_classes": 1, "extract": 1, "list_clips": 1}
    forest = ClassForest.load(tmp_path / FOREST)
    assert forest.names.tolist() == ["hat", "kick", "snare"]
    scores = read_records(tmp_path / "results/classes/classes.tsv", ClassScore)
    assert [row.count for row in scores[:4]] == [15, 5, 5, 5]
    confusion = read_records(tmp_path / "results/classes/confusion.tsv", Confusion)
    assert sum(row.count for row in confusion) == 3 * 15
    clips = read_records(tmp_path / "results/clips.tsv", ClipRow)
    assert clips and {clip.sound_class for clip in clips} <= {"hat", "kick", "snare", "other"}
    record = read_record(tmp_path / "results/clips/song_1")
    assert record is not None and record.classifier == digest_of_classifier(tmp_path / FOREST)

    # A copy counts by its content, and the stage is not needed for it.
    (tmp_path / "mine.npz").write_bytes((tmp_path / FOREST).read_bytes())
    run.config = changed(extraction=EXTRACTION | {"classifier": "mine.npz"})
    planned = run.snakemake("--dry-run", "results/clips.tsv").rules
    assert planned == {"extract": 1, "list_clips": 1}
    (tmp_path / "mine.npz").write_bytes(b"none")
    outcome = run.snakemake("--cores", "1", "results/clips.tsv")
    assert outcome.code != 0 and "Traceback" not in outcome.text
    assert "mine.npz: not a whole .npz file: " in outcome.text
    run.config = changed(extraction=EXTRACTION | {"classifier": "gone.npz"})
    outcome = run.snakemake("--dry-run", "results/clips.tsv")
    assert outcome.code != 0
    assert "extraction.classifier: must be there, but 'gone.npz' is not" in outcome.text

    # Another sound in the library trains the forest anew.
    run.config = changed(extraction=EXTRACTION)
    (tmp_path / "library/kick/kick 0 🥁's.wav").unlink()
    planned = run.snakemake("--dry-run", "results/clips.tsv").rules
    assert planned == {"library": 1, "train_classes": 1, "extract": 1, "list_clips": 1}
