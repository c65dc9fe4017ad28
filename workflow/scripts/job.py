"""The frame of every script: logging, errors and signals around one call of the package.

All output of the job, including output of C libraries, goes to the rule's log file. Records that
are marked for it, such as the progress of a training, appear on the console too. If an error
ends the job, the console shows one line. The log has the same line for an error that a user can
mend, and a traceback for any other. A job that is asked to end (SIGTERM, SIGHUP) removes its
half-written files.
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The package may not be installed (conda), and the code that runs must be the code versioned.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from deep_plunder.errors import DeepPlunderError
from deep_plunder.util.numba_cache import numba_cache
from deep_plunder.util.optional import optional_parts
from deep_plunder.util.signals import raise_on_termination

_log = logging.getLogger("job")

_COMPILED = Path(".snakemake", "numba.zip")


def _escaped(text: str) -> str:
    """Return a text that a format of logging prints as it is."""
    return text.replace("%", "%%")


def run(main: Callable[[Any], None], snakemake: Any) -> None:
    """Run a script's `main` with Snakemake's job.

    Exit with 1 if it fails, and with 128 plus the number of a signal that ends it.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[name] = str(snakemake.threads)
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    console = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    with Path(snakemake.log[0]).open("w", encoding="utf-8", errors="backslashreplace") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        logging.basicConfig(
            stream=log, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        logging.captureWarnings(True)
        shown = logging.StreamHandler(console)
        shown.addFilter(lambda record: getattr(record, "for_console", False))
        # The first output names what the job makes.
        shown.setFormatter(logging.Formatter(f"{_escaped(snakemake.output[0])}: %(message)s"))
        logging.getLogger().addHandler(shown)
        try:
            with raise_on_termination(), optional_parts(), numba_cache(_COMPILED):
                main(snakemake)
        except SystemExit:
            _log.error("ended by a signal")
            raise
        except (DeepPlunderError, OSError, MemoryError) as error:
            reason = str(error) or type(error).__name__
            _log.error("%s", reason)
        except Exception:
            _log.exception("this is a fault in Deep Plunder, not in its input")
            reason = f"failed unexpectedly, see {snakemake.log[0]}"
        else:
            return
        console.write(f"{snakemake.rule}: {reason}\n")
        console.close()
        logging.shutdown()
    sys.exit(1)
