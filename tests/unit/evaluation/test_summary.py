"""Pages of the report: what they hold, and that they stand by themselves."""

import base64
import io
import math
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.evaluation.summary import ScoreRow, write_summary, write_table_page
from deep_plunder.evaluation.table1 import METRICS, PAPER_TABLE1, TableRow
from deep_plunder.extraction.batch import ClipRow
from deep_plunder.extraction.clips_page import choose_clips, write_clips_page
from deep_plunder.util.tables import read_records, write_records


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    paths = {}
    for number, model in enumerate(["conv", "paper"]):
        rows = [TableRow(*names, 10.0 * number + 0.25, 1.5) for names in METRICS.values()]
        paths[model] = tmp_path / f"{model}.tsv"
        write_records(paths[model], TableRow, rows)
    return paths


def test_summary_holds_every_model_beside_the_paper(tables: dict[str, Path]) -> None:
    folder = tables["conv"].parent
    write_summary(tables, path=folder / "s.tsv", markdown_path=folder / "s.md")
    rows = read_records(folder / "s.tsv", ScoreRow)
    assert [row.model for row in rows] == ["paper (2020)"] * 15 + ["conv"] * 15 + ["paper"] * 15
    assert [(row.mean, row.std) for row in rows[:15]] == [(r.mean, r.std) for r in PAPER_TABLE1]
    lines = (folder / "s.md").read_text(encoding="utf-8").splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    assert [cell.strip() for cell in table[0]] == ["", "conv", "paper", "paper (2020)"]
    assert len(table) == 17
    assert [cell.strip() for cell in table[2]] == [
        "note: precision", "0.2 ± 1.5", "10.2 ± 1.5", "95.6 ± 6.3",
    ]  # fmt: skip
    assert len({len(line) for line in lines if line.startswith("|")}) == 1


def test_table_page(tables: dict[str, Path], tmp_path: Path) -> None:
    write_table_page(tables, path=tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 16
    assert "<td>43.0 ± 17.1</td>" in text


def clip(song: str, score: float) -> ClipRow:
    return ClipRow(
        onset_s=1.0, offset_s=1.5, score=score, group=1, kept=1, sound_class="kick", note="",
        cents=math.nan, note_confidence=0.0, loudness_lufs=-20.0, attacks=1,
        clip=f"{song}/{score}.wav", source=f"{song}.mp3", song=song,
    )  # fmt: skip


def test_the_best_clips_of_each_song_in_turn() -> None:
    clips = [clip("a", score / 10) for score in range(8)] + [clip("b", 0.05), clip("c", 0.9)]
    chosen = choose_clips(clips, count=5)
    assert [(row.song, row.score) for row in chosen] == [
        ("a", 0.7), ("a", 0.6), ("a", 0.5), ("b", 0.05), ("c", 0.9),
    ]  # fmt: skip
    assert choose_clips(list(reversed(clips)), count=5) == chosen
    assert choose_clips([]) == []


@pytest.mark.parametrize(("rate", "channels"), [(44100, 2), (11025, 1), (96000, 6)])
def test_clips_page_plays_with_nothing_around_it(tmp_path: Path, rate: int, channels: int) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate) * 0.5
    (tmp_path / "clips" / "a").mkdir(parents=True)
    soundfile.write(tmp_path / "clips/a/0.5.wav", np.tile(tone[:, None], channels), rate)
    write_clips_page(
        [clip("a", 0.5), clip("<b>", 0.25)],
        folder=tmp_path / "clips",
        path=tmp_path / "page.html",
        longest_s=0.5,
    )
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "2 clips were cut from 2 recordings" in text
    assert "&lt;b&gt;" in text
    assert not re.search(r'(src|href)="(?!data:)', text)
    (data,) = re.findall(r"data:audio/mpeg;base64,([^\"]+)", text)
    heard, heard_rate = soundfile.read(io.BytesIO(base64.b64decode(data)))
    assert len(heard) / heard_rate == pytest.approx(0.5, abs=0.06)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.1)
