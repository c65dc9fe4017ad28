"""Mixes are the same to the byte however they are made, and a run that was ended goes on."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deep_plunder.models.card import digest_of_model

from .conftest import Run, changed

pytestmark = pytest.mark.workflow

CopyRun = Callable[..., Run]


def mixes(run: Run) -> dict[str, bytes]:
    """Every mix by split and name, wherever its shard."""
    folder = run.results / "mixes" / "audio"
    return {f"{path.parts[-3]}/{path.name}": path.read_bytes() for path in folder.rglob("mix_*.*")}


def songs_folders(run: Run) -> dict[str, bytes]:
    """Every file in the folder of a song, but for the tables of shards beside these folders."""
    return {name: data for name, data in run.made("clips").items() if name.count("/") > 1}


def test_mixes_are_the_same_for_any_cores_and_shards(copy_run: CopyRun) -> None:
    run = copy_run()
    before = mixes(run)
    assert sum(name.endswith(".wav") for name in before) == 5 + 2 + 3
    assert any((run.results / "cache").rglob("*.npy"))
    shutil.rmtree(run.results / "mixes")
    run.config = changed(mixes={"per_shard": 3})
    targets = [
        f"results/mixes/audio/{split}/{shard:04d}"
        for split, shards in (("train", 2), ("validation", 1), ("test", 1))
        for shard in range(shards)
    ]
    outcome = run.snakemake("--cores", "1", *targets)
    assert outcome.code == 0, outcome.text[-4000:]
    assert mixes(run) == before


def test_features_are_the_same_without_audio_and_cache_kept(copy_run: CopyRun) -> None:
    run = copy_run()
    before = run.made("features")
    shutil.rmtree(run.results / "mixes" / "audio")
    shutil.rmtree(run.results / "features")
    shutil.rmtree(run.results / "cache")
    run.config = changed(mixes={"keep_audio": False, "cache_gb": 0}, extraction={"mixes": 0})
    outcome = run.snakemake(
        "--cores", "2", *(f"results/{name}" for name in before if name.count(".") == 1)
    )
    assert outcome.code == 0, outcome.text[-4000:]
    assert not (run.results / "mixes" / "audio").exists()
    # The digests of the user's files lie there too; decoded audio does not.
    assert {path.name for path in (run.results / "cache").iterdir()} <= {"fingerprints.json"}
    assert run.made("features") == before


def test_clips_are_the_same_for_any_shards_and_threads(copy_run: CopyRun) -> None:
    run = copy_run()
    before = songs_folders(run)
    listed = (run.results / "clips.tsv").read_bytes()
    assert sum(name.endswith(".wav") for name in before) > 1
    shutil.rmtree(run.results / "clips")
    run.config = changed(extraction={"shards": 3})
    outcome = run.snakemake("--cores", "2", "--set-threads", "extract=2", "--until", "list_clips")
    assert outcome.code == 0, outcome.text[-4000:]
    assert outcome.rules["extract"] == 3
    assert songs_folders(run) == before
    assert (run.results / "clips.tsv").read_bytes() == listed


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_was_ended_goes_on(copy_run: CopyRun, sent: signal.Signals) -> None:
    run = copy_run()
    before = mixes(run)
    learnt = (run.results / "evaluation" / "small" / "table1.tsv").read_bytes()
    for name in ("mixes", "features", "models", "evaluation"):
        shutil.rmtree(run.results / name)
    process = subprocess.Popen(
        run.command("--cores", "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=run.folder,
        start_new_session=True,
    )
    try:
        wait_for(run.results / "mixes" / "audio", process)
    finally:
        os.killpg(process.pid, sent)
        process.wait()
    wait_for_the_jobs_of(process)
    if sent == signal.SIGTERM:
        assert run.half_made() == []
    assert not (run.results / "evaluation" / "summary.md").exists()
    if sent == signal.SIGKILL:
        locked = run.snakemake("--cores", "2")
        assert locked.code != 0
        assert "--unlock" in locked.text
        assert run.snakemake("--unlock").code == 0
    outcome = run.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-4000:]
    assert mixes(run) == before
    assert (run.results / "evaluation" / "small" / "table1.tsv").read_bytes() == learnt
    assert run.planned() == {}


def test_a_run_that_is_killed_again_and_again_makes_the_same(copy_run: CopyRun) -> None:
    run = copy_run()
    before = mixes(run) | run.made("features")
    model = digest_of_model(run.results / "models" / "small" / "model.keras")
    for name in ("mixes", "features", "models", "cache"):
        shutil.rmtree(run.results / name)
    rng = random.Random(23)
    targets = ["models/small/model.keras", "features/test/0000.npy", "features/test/0001.npy"]
    arguments = "--cores", "2", *(f"results/{target}" for target in targets)
    command = run.command(*arguments)
    written, killed = files_in(run.results), 0
    for _ in range(3):
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=run.folder,
            start_new_session=True,
        )
        # By what is written, not by time: a busy machine is as slow as it likes.
        written += rng.randrange(4, 20)
        try:
            while process.poll() is None and files_in(run.results) < written:
                time.sleep(rng.uniform(0, 0.03))
            killed += process.poll() is None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        wait_for_the_jobs_of(process)
        assert run.snakemake("--unlock").code == 0
    assert killed >= 2
    outcome = run.snakemake(*arguments)
    assert outcome.code == 0, outcome.text[-4000:]
    assert run.half_made() == []
    assert mixes(run) | run.made("features") == before
    assert digest_of_model(run.results / "models" / "small" / "model.keras") == model


def test_batches_make_the_same(copy_run: CopyRun) -> None:
    run = copy_run()
    before = run.made("mixes", "features")
    for name in ("mixes", "features", "models"):
        shutil.rmtree(run.results / name)
    made = []
    for batch in ("1/2", "2/2"):
        arguments = "--cores", "2", "--batch", f"train={batch}"
        outcome = run.snakemake(*arguments, "results/models/small/model.keras")
        assert outcome.code == 0, outcome.text[-4000:]
        made.append(run.made("mixes", "features"))
    assert 0 < len(made[0]) < len(made[1])
    assert made[1].items() <= before.items()
    assert set(made[1]) >= {name for name in before if name.startswith("features/train/")}


def test_an_older_processor_rounds_mixes_otherwise_and_no_more(
    copy_run: CopyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_run()
    before = run.made("features")
    audio = "mixes/audio/train/0000"
    wanted = {path.name: soundfile.read(path, dtype="int16")[0]
              for path in sorted((run.results / audio).glob("*.wav"))}  # fmt: skip
    assert wanted
    for name in ("mixes", "features", "cache"):
        shutil.rmtree(run.results / name)
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("NUMBA_CPU_NAME", "haswell")
    outcome = run.snakemake("--cores", "1", "results/features/train/0000.npy")
    assert outcome.code == 0, outcome.text[-4000:]
    for name in ("0000.labels.npy", "0000.regions.tsv"):
        assert run.made("features")[f"features/train/{name}"] == before[f"features/train/{name}"]
    for name, samples in wanted.items():
        made = soundfile.read(run.results / audio / name, dtype="int16")[0]
        difference = np.abs(made.astype(int) - samples)
        assert difference.max() <= 1
        assert np.mean(difference > 0) < 0.01


def files_in(folder: Path) -> int:
    """Count the files below a folder that others write to."""
    return sum(len(names) for _, _, names in os.walk(folder))


def wait_for_the_jobs_of(process: "subprocess.Popen[bytes]") -> None:
    """Wait until all that it started has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("jobs go on after they were ended")


def wait_for(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until some of the audio is there and some is not."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if len(list(folder.glob("*/*"))) >= 2:
            return
        time.sleep(0.05)
    pytest.fail("no mixes were rendered in time")
