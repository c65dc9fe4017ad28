"""The command on songs of the demo, with the model that ships."""

import subprocess
import sys
from pathlib import Path

from deep_plunder.demo.songs import write_songs
from deep_plunder.extraction.region import ExtractedRegion
from deep_plunder.util.tables import read_records

COMMAND = "import sys; from deep_plunder.cli.main import main; sys.exit(main())"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_files_do_not_depend_on_the_number_of_jobs(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", seed=3, songs=2)
    (tmp_path / "songs" / "broken.wav").write_bytes(b"RIFF")
    for jobs in ("1", "3"):
        done = run("extract", "songs", "-o", f"{jobs}/out", "--jobs", jobs, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith("songs/broken.wav: ") and "best: " in done.stdout
    files = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (tmp_path / "1/out", tmp_path / "3/out")
    ]
    assert files[0] == files[1] and len(files[0]) > 10
    for table in (tmp_path / "1/out").glob("*/regions.tsv"):
        regions = read_records(table, ExtractedRegion)
        assert any(region.clip for region in regions)
        for region in regions:
            assert not region.clip or (table.parent / region.clip).is_file()


def test_a_model_that_cannot_be_loaded_ends_the_run_of_several_jobs(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", seed=3, songs=2)
    (tmp_path / "broken.keras").write_bytes(b"no archive")
    done = run("extract", "songs", "-o", "out", "--jobs", "2", "--model", "broken.keras",
               cwd=tmp_path)  # fmt: skip
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("deep-plunder: broken.keras: ") and "\n" not in done.stderr[:-1]
