"""Sounds, songs and playlists come from remote storage, and results go there."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from deep_plunder.corpus.songs import Song
from deep_plunder.util.tables import read_records

from .conftest import Run, changed, write_corpus
from .submission import wait_until

pytestmark = pytest.mark.workflow

PARTS = ("library", "songs")


class Storage(Protocol):
    """A storage that a test fills and looks at."""

    url: str

    def put(self, path: Path, name: str) -> None:
        """Store a file."""

    def content(self, folder: str) -> dict[str, bytes]:
        """Return the stored files below a folder."""


@dataclass
class Shelf:
    """A folder."""

    folder: Path

    @property
    def url(self) -> str:
        return str(self.folder)

    def put(self, path: Path, name: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, self.folder / name)

    def content(self, folder: str) -> dict[str, bytes]:
        root = self.folder / folder
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }


@dataclass
class Bucket:
    """A bucket of an S3 server."""

    client: Any
    url = "s3://studio/all"

    def put(self, path: Path, name: str) -> None:
        self.client.put_object(Bucket="studio", Key=f"all/{name}", Body=path.read_bytes())

    def content(self, folder: str) -> dict[str, bytes]:
        prefix = f"all/{folder}/"
        found = self.client.list_objects_v2(Bucket="studio", Prefix=prefix)["Contents"]
        return {
            entry["Key"].removeprefix(prefix): self.client.get_object(
                Bucket="studio", Key=entry["Key"]
            )["Body"].read()
            for entry in found
        }


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return a folder that Snakemake's plugin for folders reads and writes."""
    if shutil.which("rsync") is None:
        required = os.environ.get("CI") == "true" and os.geteuid() == 0
        if required and Path("/etc/debian_version").exists():
            pytest.fail("no rsync in continuous integration")
        pytest.skip("no rsync, which Snakemake's plugin for folders runs")
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Return a bucket of a local S3 server."""
    import boto3
    from botocore.exceptions import BotoCoreError

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = {"ENDPOINT_URL": address, "ACCESS_KEY": "key", "SECRET_KEY": "secret"}
    for name, value in settings.items():
        monkeypatch.setenv(f"SNAKEMAKE_STORAGE_S3_{name}", value)
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip

    def answers() -> bool:
        assert server.poll() is None, "the server has ended"
        try:
            client.create_bucket(Bucket="studio")
        except BotoCoreError:
            return False
        return True

    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(answers, seconds=300, what="the server does not answer")
            yield Bucket(client)
        finally:
            server.terminate()


def check(storage: Storage, folder: Path) -> None:
    """Run the stages up to what is delivered, and again after a song was added."""
    write_corpus(folder / "own")
    # A folder that holds itself cannot be stored.
    (folder / "own" / "library" / "loop").unlink()
    for name in PARTS:
        for path in (folder / "own" / name).rglob("*"):
            if path.is_file():
                storage.put(path, f"{name}/{path.relative_to(folder / 'own' / name)}")
    (folder / "list.m3u8").write_text("#EXTM3U\n/old/song 1.flac\n/old/gone.flac\n")
    storage.put(folder / "list.m3u8", "lists/list.m3u8")
    fetched = "results/storage"
    config = changed(
        library={"path": f"{fetched}/sounds"},
        songs={
            "sources": [f"{fetched}/lists/list.m3u8", f"{fetched}/music/new"],
            "path_map": [f"/old/={fetched}/music/"],
        },
        storage={
            "fetch": {
                "sounds": f"{storage.url}/library",
                "music": f"{storage.url}/songs",
                "lists": f"{storage.url}/lists",
            },
            "deliver": f"{storage.url}/runs/1/",
            "parts": list(PARTS),
        },
    )
    storage.put(folder / "own" / "songs" / "song 2.flac", "songs/new/a.flac")
    (folder / "run").mkdir()
    run = Run(folder / "run", config=config)

    def songs() -> list[str]:
        # What is delivered is what was made.
        for part in PARTS:
            sent = storage.content(f"runs/1/{part}")
            sent.pop(".snakemake_timestamp", None)
            assert {f"{part}/{name}": data for name, data in sent.items()} == run.made(part)
        rows = read_records(run.results / "songs" / "songs.tsv", Song)
        return sorted(Path(row.path).relative_to(fetched).as_posix() for row in rows)

    outcome = run.snakemake("--cores", "1", "--until", "deliver", timeout=1200)
    assert outcome.code == 0, outcome.text[-4000:]
    assert outcome.rules == {
        "fetch": 3, "library": 1, "onsets": 1, "songs": 1, "deliver": 2,
    }  # fmt: skip
    assert songs() == ["music/new/a.flac", "music/song 1.flac"]
    assert len(run.made("library")["library/sounds.tsv"].splitlines()) == 16
    local = [path for path in (run.folder / ".snakemake" / "storage").rglob("*") if path.is_file()]
    assert local == []

    storage.put(folder / "own" / "songs" / "song 3.flac", "songs/new/b.flac")
    outcome = run.snakemake("--cores", "1", "--until", "deliver", timeout=1200)
    assert outcome.code == 0, outcome.text[-4000:]
    assert outcome.rules == {"fetch": 1, "songs": 1, "deliver": 1}
    assert songs() == ["music/new/a.flac", "music/new/b.flac", "music/song 1.flac"]
    planned = run.snakemake("--dry-run", "--until", "deliver", timeout=1200)
    assert planned.rules == {}, planned.text[-4000:]


def test_from_a_folder_and_back(shelf: Shelf, tmp_path: Path) -> None:
    check(shelf, tmp_path)


def test_from_a_bucket_and_back(bucket: Bucket, tmp_path: Path) -> None:
    check(bucket, tmp_path)
