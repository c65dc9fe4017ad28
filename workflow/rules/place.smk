import io
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path


def checked_out(source):
    """Return a folder with the whole repository of a source file, at the file's commit.

    Snakemake fetches a workflow that lies in a git repository file by file, as far as it names the
    files. The scripts need the package and the models too.
    """
    if hasattr(source, "hosted_repo"):
        source.fetch_if_required()
        repository = source.hosted_repo.repo_clone
    else:
        repository = source.repo_path

    def git(*arguments):
        command = ["git", "-C", repository, *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    commit = git("rev-parse", f"{source.ref}^{{commit}}").decode().strip()
    folder = Path(".snakemake", "deep-plunder", commit).absolute()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            whole = Path(temporary, "whole")
            with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
                archive.extractall(whole, filter="data")
            try:
                whole.rename(folder)
            except OSError:
                # Another process of this run was first.
                if not folder.is_dir():
                    raise
    return folder


BASE = workflow.current_basedir
# The folder of the rules on this machine, where scripts and package lie beside them.
RULES = Path(BASE.get_path_or_uri(secret_free=True)).absolute()
if not RULES.is_dir():
    RULES = checked_out(BASE) / "workflow" / "rules"
WORKFLOW = RULES.parent
