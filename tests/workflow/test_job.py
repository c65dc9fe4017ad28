"""The frame of the scripts: what goes to the log, and what the console shows."""

import subprocess
import sys
from pathlib import Path

from tests.workflow.conftest import REPOSITORY

SCRIPT = """
import logging, sys, types
sys.path.insert(0, sys.argv[1])
from job import run

def main(snakemake):
    from deep_plunder.errors import InputError
    from deep_plunder.util.console import FOR_CONSOLE

    log = logging.getLogger("deep_plunder.training.train")
    log.info("for the log")
    log.info("epoch %d of %d", 1, 2, extra=FOR_CONSOLE)
    if sys.argv[2] == "fails":
        raise InputError("a.tsv: is damaged")

run(main, types.SimpleNamespace(
    threads=1, log=["log.txt"], rule="train", output=["results/100%/model.keras"]
))
"""


def test_the_console_shows_progress_and_the_log_everything(tmp_path: Path) -> None:
    (tmp_path / ".snakemake").mkdir()
    for end, code in (("ends", 0), ("fails", 1)):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(REPOSITORY / "workflow" / "scripts"), end],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        fault = "train: a.tsv: is damaged\n" if code else ""
        assert done.returncode == code and done.stdout == ""
        assert done.stderr == f"results/100%/model.keras: epoch 1 of 2\n{fault}"
        log = (tmp_path / "log.txt").read_text(encoding="utf-8")
        assert "for the log" in log and "epoch 1 of 2" in log
