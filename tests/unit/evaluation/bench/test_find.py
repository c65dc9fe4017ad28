"""Benches: what is read of them, what finders leave, and the table of all."""

import numpy as np
import pytest

from deep_plunder.audio import reading, writing
from deep_plunder.decoding.calibration import ReliabilityBin
from deep_plunder.decoding.clip import Clip
from deep_plunder.errors import InputError
from deep_plunder.evaluation.bench.find import FoundClip, UnreadSong, find_all, unread_songs
from deep_plunder.evaluation.bench.layout import BenchTruth, songs_of, truth_of, write_truth
from deep_plunder.evaluation.bench.report import write_bench_summary
from deep_plunder.evaluation.bench.tables import BenchRow, SongRow, score_bench
from deep_plunder.util.tables import read_records, write_records


@pytest.fixture
def bench(tmp_path):
    folder = tmp_path / "bench"
    for name, regions in (("one", [(1, 2), (4, 5)]), ("two", [])):
        writing.write(folder / "audio" / f"{name}.wav", np.zeros((8000 * 8, 1), np.float32), 8000)
        labels = np.zeros(250, np.uint8)
        for on, off in regions:
            labels[round(on / 0.032) : round(off / 0.032)] = 1
        ignore = np.array([(6, 7)], float)
        write_truth(
            folder, BenchTruth(name, np.array(regions, float).reshape(-1, 2), ignore, labels)
        )
    return folder


def test_what_is_written_of_a_truth_is_read_again(bench):
    assert [song.name for song in songs_of(bench)] == ["one", "two"]
    known = truth_of(bench, "one")
    assert known.regions.tolist() == [[1, 2], [4, 5]]
    assert known.ignore.tolist() == [[6, 7]]
    assert known.labels.sum() == 62
    (bench / "ignore" / "two.tsv").unlink()
    assert truth_of(bench, "two").ignore.shape == truth_of(bench, "two").regions.shape == (0, 2)


def test_a_song_that_cannot_be_decoded_is_set_aside_and_not_scored(bench, tmp_path, caplog):
    (bench / "audio" / "two.wav").write_bytes(b"RIFF this is no song")

    def find(path):
        reading.read(path)
        return [Clip(1, 2, 0.9), Clip(4, 5, 0.8)]

    find_all(find, bench, tmp_path / "found")
    [unread] = read_records(tmp_path / "found" / "set_aside" / "songs.tsv", UnreadSong)
    assert (unread.song, unread.reason) == ("two", "undecodable")
    assert unread.detail.startswith(f"{bench / 'audio' / 'two.wav'}: undecodable: ")
    assert caplog.messages == [unread.detail]
    assert unread_songs(tmp_path / "found") == [unread]
    paths = {
        "path": tmp_path / "scores.tsv",
        "songs_path": tmp_path / "songs.tsv",
        "reliability_path": tmp_path / "bins.tsv",
    }
    every, _ = score_bench(bench, tmp_path / "found", **paths)
    assert every.found == every.clip_usable == pytest.approx(100)
    assert [song.song for song in read_records(paths["songs_path"], SongRow)] == ["one"]

    (bench / "audio" / "one.wav").write_bytes(b"nor is this")
    with pytest.raises(InputError, match=r"bench: no song can be used: .*one\.wav: not audio: "):
        find_all(find, bench, tmp_path / "found")
    assert unread_songs(tmp_path / "found") == [unread]


@pytest.mark.parametrize(
    ("place", "fault", "reason"),
    [
        ("audio/two.wav", "damaged", "truncated"),
        ("audio/two.wav", "missing", "missing"),
        ("regions/two.tsv", "damaged", "damaged"),
        ("regions/two.tsv", "missing", "damaged"),
        ("labels32ms/two.npy", "damaged", "damaged"),
    ],
)
def test_the_summary_lists_songs_that_were_set_aside(bench, tmp_path, place, fault, reason):
    if fault == "damaged":
        content = (bench / place).read_bytes()
        (bench / place).write_bytes(content[: len(content) // 2])
    else:
        (bench / place).unlink()

    def find(path):
        reading.read(path)
        return [Clip(1, 2, 0.9), Clip(4, 5, 0.8)]

    find_all(find, bench, tmp_path / "found")
    scores = tmp_path / "scores.tsv"
    every, _ = score_bench(
        bench,
        tmp_path / "found",
        path=scores,
        songs_path=tmp_path / "songs.tsv",
        reliability_path=tmp_path / "bins.tsv",
    )
    assert every.found == pytest.approx(100)
    paths = {name: tmp_path / f"all.{name}" for name in ("tsv", "md", "html")}
    rows = [(("mine", finder), scores) for finder in ("net", "other")]
    write_bench_summary(
        rows, [tmp_path / "found"] * 2,
        path=paths["tsv"], markdown_path=paths["md"], page_path=paths["html"],
    )  # fmt: skip
    lines = paths["md"].read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[-3:]]
    assert cells[0] == ["not scored", "bench", "reason"]
    assert cells[2] == ["two", "mine", reason]
    assert f"<tr><td>two</td><td>mine</td><td>{reason}</td></tr>" in paths["html"].read_text()


def test_a_ranking_is_of_all_regions_and_the_rest_of_those_cut(bench, tmp_path):
    found = {"one": [Clip(1, 2, 0.9), Clip(4, 5, 0.3), Clip(3, 3.5, 0.2)], "two": []}
    find_all(lambda path: found[path.stem], bench, tmp_path / "found", min_score=0.5)
    rows = read_records(tmp_path / "found" / "one.tsv", FoundClip)
    assert [row.cut for row in rows] == [True, False, False]
    paths = {
        "path": tmp_path / "scores.tsv",
        "songs_path": tmp_path / "songs.tsv",
        "reliability_path": tmp_path / "bins.tsv",
    }
    every, cut = score_bench(bench, tmp_path / "found", **paths)
    assert [every.regions, cut.regions] == ["all", "cut"]
    assert (every.clips, cut.clips) == (3, 1)
    # Bins of scores 0.2, 0.3 and 0.9, of which the first is wrong.
    assert every.calibration_error == pytest.approx(100 * (0.2 + 0.7 + 0.1) / 3)
    bins = [row for row in read_records(paths["reliability_path"], ReliabilityBin) if row.clips]
    assert [(row.clips, row.usable) for row in bins] == [(1, 0), (1, 1), (1, 1)]
    assert every.clip_ap == pytest.approx(100)
    assert cut.clip_ap == pytest.approx(50)
    assert every.found == pytest.approx(100)
    assert cut.note_macro_precision == pytest.approx(100)
    assert read_records(paths["path"], BenchRow) == [every, cut]
    songs = read_records(paths["songs_path"], SongRow)
    assert [(song.song, song.clips, song.found) for song in songs] == [
        ("one", 1, 50),
        ("two", 0, 0),
    ]

    grids = {"markdown_path": tmp_path / "all.md", "page_path": tmp_path / "all.html"}
    write_bench_summary([(("mine", "net"), paths["path"])], path=tmp_path / "all.tsv", **grids)
    lines = (tmp_path / "all.tsv").read_text().splitlines()
    assert [line.split("\t")[:3] for line in lines[1:]] == [
        ["mine", "net", "all"],
        ["mine", "net", "cut"],
    ]
    table = [line for line in grids["markdown_path"].read_text().splitlines() if line[:1] == "|"]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (table[0], table[2])]
    row = dict(zip(*cells, strict=True))
    assert row["bench"] == "mine"
    assert (row["AP"], row["at 80 %"]) == ("100.0", "100.0")
    assert (row["clips"], row["found"], row["note P"], row["note R"]) == (
        "1",
        "50.0",
        "100.0",
        "50.0",
    )
    assert "<td>100.0</td>" in grids["page_path"].read_text()


def test_a_table_of_something_else_is_no_summary(tmp_path):
    write_records(tmp_path / "scores.tsv", BenchRow, [])
    with pytest.raises(InputError, match=r"scores\.tsv: regions must be all and cut, got"):
        write_bench_summary(
            [(("a", "b"), tmp_path / "scores.tsv")],
            path=tmp_path / "t",
            markdown_path=tmp_path / "m",
            page_path=tmp_path / "p",
        )


def test_faults_of_a_bench_name_the_file(bench):
    for sums in bench.rglob("*.sums"):
        sums.unlink()
    (bench / "regions" / "one.tsv").write_text("onset_s\toffset_s\n2\t1\n")
    with pytest.raises(InputError, match=r"one\.tsv: must hold finite seconds with onset_s <="):
        truth_of(bench, "one")
    np.save(bench / "labels32ms" / "two.npy", np.zeros(4))
    with pytest.raises(
        InputError, match=r"two\.npy: must be integers, one value per frame, got float64"
    ):
        truth_of(bench, "two")
    (bench / "audio" / "two.wav").unlink()
    assert not songs_of(bench)[1].audio.exists()
    for labels in (bench / "labels32ms").iterdir():
        labels.unlink()
    with pytest.raises(InputError, match=r"labels32ms: must hold one \.npy per song"):
        songs_of(bench)
