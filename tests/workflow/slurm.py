"""A real Slurm with three nodes on this machine."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .submission import wait_until

# Nowhere else: what runs a job's steps drops all variables SLURM_*, SLURM_CONF among them.
SETTINGS = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol")
NODES = ("n1", "n2", "n3")

# Nodes claim more cores and memory than this machine may have. `OverMemoryKill` ends a job that
# takes more memory than it asked for, which a Slurm without control groups does not do by itself.
# `LLN` gives each job to the least loaded node, so that all nodes have some.
TEMPLATE = """\
# Written by Deep Plunder's tests, process {pid}
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={ports[0]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=1
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherParams=OverMemoryKill
JobAcctGatherFrequency=task=1
AccountingStorageType=accounting_storage/none
MinJobAge=3600
KillWait=5
InactiveLimit=0
SlurmdParameters=config_overrides
NodeName=n[1-3] NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]},{ports[2]},{ports[3]} \
CPUs=8 Sockets=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=32000 State=UNKNOWN
PartitionName=cpu Nodes=n[1-3] Default=YES MaxTime=24:00:00 DefMemPerCPU=500 LLN=YES State=UP
"""


@dataclass(frozen=True)
class Job:
    """A job of Slurm.

    Attributes
    ----------
    number : int
    state : str
        Such as ``RUNNING`` or ``OUT_OF_MEMORY``.
    mem_mb : int
        The memory that it asked for.
    label : str
        The rule and its wildcards, such as ``rule_extract_wildcards_0000``, or the group.
    """

    number: int
    state: str
    mem_mb: int
    label: str


def _call(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@dataclass(frozen=True)
class Slurm:
    """A Slurm that runs."""

    folder: Path

    def jobs(self) -> list[Job]:
        """List all jobs since the start, by number."""
        rows = _call("squeue", "--noheader", "--states=all", "--format=%i\t%T\t%m\t%k")
        jobs = []
        for row in rows.splitlines():
            number, state, memory, label = row.split("\t")
            jobs.append(Job(int(number), state, _mb(memory), label))
        return sorted(jobs, key=lambda job: job.number)

    def live(self) -> list[Job]:
        """List the jobs that have not ended."""
        return [job for job in self.jobs() if job.state in ("PENDING", "RUNNING", "COMPLETING")]

    def node_of(self, job: Job) -> str:
        """Return the node on which a job runs."""
        return _call("squeue", "--noheader", f"--job={job.number}", "--format=%N").strip()

    def cancel(self, job: Job) -> None:
        """Cancel a job as its user would."""
        _call("scancel", str(job.number))

    def cancel_all(self) -> None:
        """Cancel all jobs and wait for their ends."""
        _call("scancel", "--user=root")
        wait_until(lambda: not self.live(), seconds=60, what="jobs remain")

    def set_down(self, node: str) -> None:
        """Take a node away with all that runs on it."""
        _call("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")

    def set_up(self, node: str) -> None:
        """Bring a node back."""
        _call("scontrol", "update", f"NodeName={node}", "State=RESUME")

    def logs(self) -> str:
        """Return the ends of the logs of all daemons."""
        texts = []
        for path in sorted(self.folder.glob("*.log")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
            texts.append("\n".join([f"{path.name}:", *lines]))
        return "\n".join(texts)


def _mb(memory: str) -> int:
    number, unit = memory[:-1], memory[-1]
    return round(float(number) * {"M": 1, "G": 1024}[unit])


def obstacle() -> str | None:
    """Return why no Slurm can be started here, or None."""
    if os.geteuid() != 0:
        return "only root can start Slurm's daemons"
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"not installed: {', '.join(missing)}"
    if SETTINGS.exists() and not _left_by_killed_tests():
        return f"{SETTINGS} is there, and Slurm reads its settings nowhere else"
    return None


def _left_by_killed_tests() -> bool:
    first, _, _ = SETTINGS.read_text(encoding="utf-8", errors="replace").partition("\n")
    owner = re.fullmatch(r"# Written by Deep Plunder's tests, process (\d+)", first)
    return owner is not None and not Path("/proc", owner[1]).exists()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for bound in sockets:
            bound.bind(("127.0.0.1", 0))
        return [bound.getsockname()[1] for bound in sockets]


@contextmanager
def _daemon(*command: str, log: Path) -> Iterator[None]:
    # In the foreground each is a child of this process, which cannot lose it.
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _settings(text: str) -> Iterator[None]:
    made = not SETTINGS.parent.exists()
    SETTINGS.parent.mkdir(exist_ok=True)
    SETTINGS.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        SETTINGS.unlink()
        if made:
            SETTINGS.parent.rmdir()


def _answers(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _idle(node: str) -> bool:
    return "IDLE" in _call("scontrol", "show", "node", node).partition("State=")[2].split()[0]


@contextmanager
def running_slurm(folder: Path) -> Iterator[Slurm]:
    """Start a Slurm that keeps all its files in a folder, and stop it and its jobs at the end.

    Raises
    ------
    TimeoutError
        The nodes are not ready after a minute, or jobs remain a minute after they were cancelled.
    """
    for name in ("state", *(f"spool/{node}" for node in NODES)):
        (folder / name).mkdir(parents=True)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    slurm = Slurm(folder)
    ports = _free_ports(1 + len(NODES))
    text = TEMPLATE.format(pid=os.getpid(), host=socket.gethostname(), folder=folder, ports=ports)
    munge = f"--socket={folder / 'munge.socket'}"
    with ExitStack() as stack:
        stack.enter_context(_settings(text))
        stack.enter_context(
            _daemon(
                "munged", "--foreground", "--force", munge, f"--key-file={key}",
                f"--pid-file={folder / 'munged.pid'}", f"--log-file={folder / 'munged.log'}",
                f"--seed-file={folder / 'munged.seed'}", log=folder / "munged.log",
            )
        )  # fmt: skip
        wait_until(lambda: _answers("munge", "-n", munge), seconds=60, what="munged is silent")
        stack.enter_context(_daemon("slurmctld", "-D", log=folder / "slurmctld.log"))
        for node in NODES:
            log = folder / f"{node}.log"
            stack.enter_context(_daemon("slurmd", "-D", "-N", node, log=log))
        try:
            wait_until(lambda: _answers("scontrol", "ping"), seconds=60, what="no slurmctld")
            wait_until(lambda: all(map(_idle, NODES)), seconds=60, what="nodes are not idle")
            yield slurm
        finally:
            slurm.cancel_all()
