"""What says how a folder was made may be anybody's: it is ours, or it is not."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deep_plunder.errors import InputError
from deep_plunder.extraction.batch import ExtractedSong, list_clips
from deep_plunder.extraction.folder import FolderRecord, read_record, write_record
from deep_plunder.util.tables import write_records

OURS = {"source": "/a.wav", "deep_plunder": "1", "model": "m", "digest": "d"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=8,
)


@given(
    content=json_values.map(json.dumps)
    | st.dictionaries(st.sampled_from([*OURS, "min_score"]), json_values).map(json.dumps)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
def test_any_json_is_a_record_or_none(
    tmp_path_factory: pytest.TempPathFactory, content: str
) -> None:
    folder = tmp_path_factory.mktemp("song")
    (folder / "extraction.json").write_text(content, encoding="utf-8")
    record = read_record(folder)
    assert record is None or (isinstance(record.source, str) and isinstance(record.digest, str))


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"source": ' * 50_000,
        b"\xff\xfe",
        b"",
        json.dumps({**OURS, "source": ["/a.wav"]}).encode(),
        json.dumps({**OURS, "digest": {}}).encode(),
        json.dumps(OURS).encode() + b" " * (1 << 25),
        b'{"source": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_record_makes_no_folder_ours(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "clips" / "mine"
    folder.mkdir(parents=True)
    (folder / "extraction.json").write_bytes(content)
    assert read_record(folder) is None
    write_records(tmp_path / "part.tsv", ExtractedSong, [])
    assert list_clips([tmp_path / "part.tsv"], folder=tmp_path / "clips") == []
    assert folder.is_dir()


def test_the_record_of_a_day_of_music_is_read(tmp_path: Path) -> None:
    files = {
        f"clips/song_{number:05}_melodic_A3.wav": (123_456, 16 * "0") for number in range(50_000)
    }
    record = FolderRecord(**OURS, files=files)
    (tmp_path / "extraction.json").write_text(json.dumps(asdict(record), indent=2), "utf-8")
    found = read_record(tmp_path)
    assert found is not None and found.files == files


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "extraction.json")
    assert read_record(tmp_path) is None


def test_a_table_of_songs_leads_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    other = tmp_path / "other"
    for place in (folder, other):
        place.mkdir()
    write_record(other, FolderRecord(source="/a.wav", deep_plunder="1"))
    for name in ("../other", str(other), ".", "", "a/../../other", "a\0b"):
        write_records(tmp_path / "part.tsv", ExtractedSong, [ExtractedSong(name, "a.wav", "")])
        with pytest.raises(InputError, match="line 2: song must be a plain name"):
            list_clips([tmp_path / "part.tsv"], folder=folder)
    assert other.is_dir()
