#!/usr/bin/env python3
"""Submit a script of Snakemake as a job of Kubernetes, and print the name of the job."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml


def complete(job: dict[str, Any], script: Path) -> None:
    """Write what a script needs into a job.

    Parameters
    ----------
    job : dict
        The content of ``job.yaml``.
    script : Path
        A job script of Snakemake, whose second line states the properties of the job.
    """
    text = script.read_text(encoding="utf-8")
    (stated,) = re.findall(r"^# properties = (.*)$", text, flags=re.MULTILINE)
    properties = json.loads(stated)
    resources = properties["resources"]
    limits = {"memory": f"{resources['mem_mb']}M"}
    if resources.get("gpu"):
        limits["nvidia.com/gpu"] = str(resources["gpu"])
    job["spec"]["activeDeadlineSeconds"] = 60 * resources["runtime"]
    job["spec"]["template"]["spec"]["containers"][0].update(
        command=["sh", str(script.resolve())],
        workingDir=str(Path.cwd()),
        resources={"requests": {"cpu": str(properties["threads"]), **limits}, "limits": limits},
    )


def main() -> None:
    """Submit the script that the command line names."""
    job = yaml.safe_load(Path(__file__).with_name("job.yaml").read_text(encoding="utf-8"))
    complete(job, Path(sys.argv[1]))
    done = subprocess.run(
        ["kubectl", "create", "-f", "-", "-o", "name"],
        input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.returncode)
    print(done.stdout.strip().rpartition("/")[2])


if __name__ == "__main__":
    main()
