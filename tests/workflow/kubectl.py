"""A stand-in for kubectl that runs each job to its end when it is created.

Installed under the name kubectl, it is what `profiles/kubernetes` calls. It takes the arguments
that the profile gives and refuses others. It does not limit memory and time. A job fails at once
where there is a file ``fail``, which it removes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

JOBS = Path(__file__).resolve().parent / "jobs"


def install(folder: Path) -> None:
    """Put the command into a folder, which also keeps its jobs."""
    (folder / "jobs").mkdir(parents=True)
    path = folder / "kubectl"
    path.write_text(
        f"#!{sys.executable}\n{Path(__file__).read_text(encoding='utf-8')}", encoding="utf-8"
    )
    path.chmod(0o755)


def jobs_in(folder: Path) -> list[dict[str, Any]]:
    """Return the jobs that were created, in the order of their creation."""
    paths = sorted((folder / "jobs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def create() -> None:
    """Run a job, keep its exit status, and print its name."""
    job = json.load(sys.stdin)
    name = f"{job['metadata']['generateName']}{os.getpid()}"
    (JOBS / f"{name}.json").write_text(json.dumps(job), encoding="utf-8")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    try:
        (JOBS / "fail").unlink()
        code = 1
    except FileNotFoundError:
        with (JOBS / f"{name}.log").open("wb") as log:
            code = subprocess.run(
                container["command"], cwd=container["workingDir"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, check=False,
            ).returncode  # fmt: skip
    (JOBS / f"{name}.code").write_text(str(code), encoding="utf-8")
    print(f"job.batch/{name}")


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    if arguments == ["create", "-f", "-", "-o", "name"]:
        create()
    elif arguments[:2] == ["get", "job"]:
        _, _, name, *rest = arguments
        assert rest[:2] == ["--ignore-not-found", "-o"], arguments
        assert rest[2].startswith("jsonpath=found "), arguments
        code = JOBS / f"{name}.code"
        if code.exists():
            ended = "Failed" if int(code.read_text(encoding="utf-8")) else "Complete"
            print(f"found {ended}", end="")
    else:
        assert arguments[:4] == ["delete", "job", "--ignore-not-found", "--wait=false"], arguments
        for name in arguments[4:]:
            (JOBS / f"{name}.code").unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
