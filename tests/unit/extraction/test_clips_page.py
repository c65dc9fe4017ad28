"""The report's page of clips holds its sound and its pictures itself."""

import base64
import io
import json
import re
from pathlib import Path

import pytest
import soundfile

from deep_plunder.extraction.batch import ClipRow, ExtractedSong, extract_songs, list_clips
from deep_plunder.extraction.clips_page import choose_clips, write_clips_page
from deep_plunder.util.tables import write_records
from tests.unit.extraction.test_song import BURSTS, LoudIsSound, write_song


def clip(song: str, score: float) -> ClipRow:
    return ClipRow(
        onset_s=1.0, offset_s=1.5, score=score, group=1, kept=1, sound_class="kick", note="",
        cents=float("nan"), note_confidence=0.0, loudness_lufs=-20.0, attacks=1,
        clip=f"{song}/{score}.wav", source=f"{song}.mp3", song=song,
    )  # fmt: skip


def test_the_best_clips_of_each_song_in_turn() -> None:
    clips = [clip("a", score / 10) for score in range(8)] + [clip("b", 0.05), clip("c", 0.9)]
    chosen = choose_clips(clips, seconds=2.5)
    assert [(row.song, row.score) for row in chosen] == [
        ("a", 0.7), ("a", 0.6), ("a", 0.5), ("b", 0.05), ("c", 0.9),
    ]  # fmt: skip
    assert choose_clips(list(reversed(clips)), seconds=2.5) == chosen
    # Each counts with a tenth of a second.
    assert len(choose_clips(clips, seconds=0.75, longest_s=0.1)) == 7
    assert choose_clips([]) == []


@pytest.mark.parametrize(("rate", "channels"), [(44100, 2), (11025, 1), (96000, 6)])
def test_the_page_plays_with_nothing_around_it(tmp_path: Path, rate: int, channels: int) -> None:
    song = write_song(tmp_path / "<b>.wav", rate=rate, channels=channels)
    rows = extract_songs(LoudIsSound(), [("Tide", str(song))], tmp_path / "clips")
    write_records(tmp_path / "clips/0000.tsv", ExtractedSong, rows)
    clips = list_clips([tmp_path / "clips/0000.tsv"], folder=tmp_path / "clips")
    assert len(clips) == len(BURSTS)
    write_clips_page(
        clips, folder=tmp_path / "clips", path=tmp_path / "page.html", seconds=0.6, longest_s=0.3
    )
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*)</script>', text)[1])
    [shown] = data["songs"]
    assert shown["spectrogram"].startswith("data:image/jpeg;base64,/9j/")
    assert {shown["song"], shown["page"], *(row["file"] for row in shown["regions"])} == {""}
    assert all(row["name"] and row["peaks"] for row in shown["regions"])
    heard = [row for row in shown["regions"] if row["audio"]]
    assert len(heard) == 2
    for row in heard:
        sound = base64.b64decode(row["audio"].removeprefix("data:audio/mpeg;base64,"))
        samples, its_rate = soundfile.read(io.BytesIO(sound))
        length = min(0.3, row["offset_s"] - row["onset_s"])
        assert len(samples) / its_rate == pytest.approx(length, abs=0.06)
