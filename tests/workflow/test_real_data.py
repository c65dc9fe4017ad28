"""A small run on real sounds and songs, where they are on the machine."""

from pathlib import Path

import pytest
import soundfile

from deep_plunder.corpus.library import Sound
from deep_plunder.corpus.song_reasons import ReasonCount
from deep_plunder.extraction.batch import ClipRow
from deep_plunder.util.tables import read_records

from .conftest import Run, changed

pytestmark = pytest.mark.workflow

MUSIC = "Macintosh HD:Users:me:Music:iTunes:iTunes Media:Music:"


def test_real_sounds_and_songs(shared: Path, tmp_path: Path) -> None:
    data = shared / "data"
    config = changed(
        library={"path": str(data / "library")},
        songs={
            "sources": [str(data / "playlist.txt")],
            "path_map": [f"{MUSIC}={data / 'songs'}/"],
            "min_duration_s": 60,
            "min_bit_rate_kbps": 100,
        },
        split={"validation": 0.05, "test": 0.05},
        mixes={"count": {"train": 4, "validation": 1, "test": 2}, "duration_s": 30},
        extraction={"songs": "test"},
    )
    run = Run(tmp_path, config=config)
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-6000:]
    results = tmp_path / "results"
    sounds = read_records(results / "library" / "sounds.tsv", Sound)
    assert len(sounds) > 900
    assert len({sound.sound_class for sound in sounds}) == 15
    counts = {
        row.reason: row.rows for row in read_records(results / "songs" / "summary.tsv", ReasonCount)
    }
    assert sum(counts.values()) == 47
    assert counts.pop("accepted") == 28
    assert counts.pop("low bit rate") == 12
    assert set(counts) == {"stream", "cloud", "protected", "too short", "too long", "missing"}
    table = (results / "evaluation" / "small" / "table1.tsv").read_text(encoding="utf-8")
    assert len(table.splitlines()) == 16
    for clip in read_records(results / "clips.tsv", ClipRow)[:20]:
        assert soundfile.info(results / "clips" / clip.clip).frames > 0
