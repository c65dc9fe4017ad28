"""The help of ``deep-plunder extract`` against an interpreter that starts and ends."""

from __future__ import annotations

import subprocess
import sys

from .catalogue import Setup
from .harness import Result, compare

_HELP = "from deep_plunder.cli.main import main; main(['extract', '--help'])"


def run(setup: Setup) -> Result:
    """Compare."""

    def start(program: str) -> None:
        subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)

    return compare(
        setup.name, lambda: start(_HELP), lambda: start("pass"), unit="s", rounds=setup.rounds
    )
