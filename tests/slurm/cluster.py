"""A real Slurm on this machine, in a folder of its own: munge, slurmctld, and a slurmd for each of two nodes.

    python -m tests.slurm.cluster up FOLDER      then `sinfo`, `sbatch`, `snakemake --profile slurm` work
    python -m tests.slurm.cluster down FOLDER

Node `cpu1` is partition `cpu`, and partition `urgent`, whose jobs send those of `cpu` back into the queue; node `gpu1`
is partition `gpu` and has two GPUs, device files that lead nowhere.
Needs root. Outside the folder it makes only the link /etc/slurm/slurm.conf, and installs Debian's packages where they
are missing. It ends only processes whose numbers it wrote down.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
}
PORT = int(os.environ.get("SLURM_SANDBOX_PORT", 17_800))  # and the two after it
NODES = ("cpu1", "gpu1")
GPUS = 2
CPUS, MEMORY_MB = 4, 16_000  # of a node; it may claim more than the machine has
LINK = Path("/etc/slurm/slurm.conf")
POLICY = Path("/usr/sbin/policy-rc.d")  # what it answers decides whether a package may start its service
PATIENCE = 30.0

CONFIGURATION = """
ClusterName=sandbox
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
# no systemd and no control groups
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=2,bf_interval=2,sched_min_interval=0,batch_sched_delay=0
EnforcePartLimits=ALL
ReturnToService=2
KillWait=10
CompleteWait=0
# finished jobs stay in sight of squeue for an hour
MinJobAge=3600
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobcomp.log
AccountingStorageType=accounting_storage/none
GresTypes=gpu
MailProg=/bin/true
NodeName=cpu1 NodeHostname={host} NodeAddr=127.0.0.1 Port={cpu_port} CPUs={cpus} RealMemory={memory}
NodeName=gpu1 NodeHostname={host} NodeAddr=127.0.0.1 Port={gpu_port} CPUs={cpus} RealMemory={memory} \
  Gres=gpu:fake:{gpus}
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=cpu Nodes=cpu1 Default=YES MaxTime=02:00:00 DefMemPerCPU=500 PriorityTier=1 PreemptMode=REQUEUE
PartitionName=urgent Nodes=cpu1 MaxTime=02:00:00 DefMemPerCPU=500 PriorityTier=9 PreemptMode=OFF
PartitionName=gpu Nodes=gpu1 MaxTime=02:00:00 DefMemPerCPU=500
"""


class Unavailable(Exception):
    """This machine cannot have a Slurm of ours; the text says why."""


@dataclass(frozen=True)
class Cluster:
    """A cluster in a folder; up or not."""

    folder: Path

    def up(self) -> None:
        """Install what is missing, write the configuration, start the daemons, wait until both nodes are idle."""
        _require_this_machine()
        _install()
        self._configure()
        socket_name = str(self.folder / "munge.socket")
        self._start("munged", "--foreground", "--force", *self._munge_files(), f"--socket={socket_name}")
        _wait(lambda: _works("munge", "-n", f"--socket={socket_name}"), "munged")
        self.start_controller()
        for node in NODES:
            (self.folder / "spool" / node).mkdir(parents=True, exist_ok=True)
            self._start(f"slurmd.{node}", "-D", "-f", str(self.folder / "slurm.conf"), "-N", node)
        _wait(lambda: _states() == dict.fromkeys(NODES, "idle"), "the nodes")

    def down(self) -> None:
        """Cancel all jobs, end the daemons, take the link away."""
        if self._alive("slurmctld"):
            _works("scancel", "--state=PENDING")
            _works("scancel", "--state=RUNNING")
            with contextlib.suppress(
                TimeoutError
            ):  # a slurmd that is ended before its job leaves the job behind
                _wait(lambda: not ask("squeue", "-h"), "the jobs' end")
        for name in (*(f"slurmd.{node}" for node in reversed(NODES)), "slurmctld", "munged"):
            self._stop(name, signal.SIGTERM)
        if LINK.is_symlink() and LINK.readlink() == self.folder / "slurm.conf":
            LINK.unlink()

    def start_controller(self) -> None:
        """Start slurmctld and wait until it answers."""
        self._start("slurmctld", "-D", "-f", str(self.folder / "slurm.conf"))
        _wait(lambda: _works("scontrol", "ping"), "slurmctld")

    def kill_controller(self) -> None:
        """kill -9 of slurmctld; the jobs go on."""
        self._stop("slurmctld", signal.SIGKILL)

    def _configure(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "state").mkdir(exist_ok=True)
        devices = [self.folder / f"nvidia{number}" for number in range(GPUS)]
        for device in devices:  # a device file is wanted, whichever it is: this one is /dev/null's
            if not device.exists():
                os.mknod(device, 0o666 | 0o020000, os.makedev(1, 3))
        text = CONFIGURATION.format(
            folder=self.folder,
            host=socket.gethostname().split(".")[0],
            port=PORT,
            cpu_port=PORT + 1,
            gpu_port=PORT + 2,
            cpus=CPUS,
            memory=MEMORY_MB,
            gpus=GPUS,
        )
        (self.folder / "slurm.conf").write_text(text)
        names = f"{self.folder}/nvidia[0-{GPUS - 1}]"
        (self.folder / "gres.conf").write_text(f"NodeName=gpu1 Name=gpu Type=fake File={names}\n")
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        # SLURM_CONF would not do: the executor plugin takes it out of the environment of a job's step
        LINK.parent.mkdir(exist_ok=True)
        LINK.unlink(missing_ok=True)
        LINK.symlink_to(self.folder / "slurm.conf")

    def _munge_files(self) -> list[str]:
        files = {
            "key-file": "munge.key",
            "pid-file": "munged.pid",
            "log-file": "munged.log",
            "seed-file": "seed",
        }
        return [f"--{option}={self.folder / name}" for option, name in files.items()]

    def _start(self, name: str, *arguments: str) -> None:
        program = shutil.which(name.split(".")[0], path=_path())
        assert program, name
        with (self.folder / f"{name}.out").open("w") as out:
            process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        (self.folder / f"{name}.started").write_text(str(process.pid))

    def _stop(self, name: str, how: signal.Signals) -> None:
        if self._alive(name):
            os.kill(self._pid(name), how)
            try:
                _wait(lambda: not self._alive(name), f"the end of {name}", 10)
            except TimeoutError:
                os.kill(self._pid(name), signal.SIGKILL)
        (self.folder / f"{name}.started").unlink(missing_ok=True)

    def _pid(self, name: str) -> int:
        return int((self.folder / f"{name}.started").read_text())

    def _alive(self, name: str) -> bool:
        """Does it run? A zombie does not: it only waits for its parent."""
        try:
            status = Path(f"/proc/{self._pid(name)}/stat").read_text()
        except OSError:
            return False
        return status.rpartition(")")[2].split()[0] != "Z"


def ask(*command: str) -> str:
    """What a command of Slurm prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _states() -> dict[str, str]:
    """Node -> its state."""
    return dict(line.split() for line in ask("sinfo", "-h", "-N", "-o", "%N %T").splitlines())


def _wait(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(subprocess.SubprocessError):
            if holds():
                return
        time.sleep(0.1)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def _require_this_machine() -> None:
    if os.geteuid() != 0:
        raise Unavailable("a Slurm of its own needs root")
    if LINK.exists() and not LINK.is_symlink():
        raise Unavailable(f"{LINK} is a file: this machine has a Slurm of its own")
    if LINK.is_symlink() and any(LINK.resolve().parent.glob("*.started")):
        raise Unavailable(f"{LINK} leads to {LINK.resolve()}, a cluster that is up")


def _install() -> None:
    """Debian's packages, without starting their services."""
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program, path=_path())]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise Unavailable(f"not installed, and there is no apt-get: {', '.join(missing)}")
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            done = subprocess.run(
                ["apt-get", "-qq", *command], env=quiet, capture_output=True, text=True, timeout=600
            )
            if done.returncode != 0:
                raise Unavailable(f"apt-get {command[0]}: {done.stderr.strip().splitlines()[-1:]}")
    finally:
        if ours:
            POLICY.unlink()


if __name__ == "__main__":
    what, where = sys.argv[1:]
    cluster = Cluster(Path(where).resolve())
    cluster.up() if what == "up" else cluster.down()
