"""Runs of Snakemake through Slurm: the process at the login node, and what Slurm says of its jobs."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.slurm.cluster import ask
from tests.workflow.project import SNAKEMAKE, environment

PATIENCE = 600.0  # seconds; a job starts Python three times, on a machine with two cores
COMMIT_SECONDS = "0.3"


@dataclass(frozen=True)
class Job:
    """One job, in the controller's words."""

    number: str
    state: str  # RUNNING, COMPLETED, CANCELLED, ...
    partition: str
    node: str
    gres: str  # what was allocated, "" if nothing
    comment: str  # rule_<name>_wildcards_<values>
    array: str  # number of the array that it is a task of, or ""
    restarts: int  # how often it was put back into the queue

    @property
    def rule(self) -> str:
        """The rule that the job computes."""
        return self.comment.removeprefix("rule_").partition("_wildcards_")[0]


class Run:
    """`snakemake --profile slurm` on a configuration, as a user starts it on the login node."""

    def __init__(
        self, root: Path, folder: Path, experiments: Mapping[str, Any], arguments: Sequence[str]
    ) -> None:
        self.root, self.here = root, folder / "here"
        self.here.mkdir(exist_ok=True)
        config = folder / "config.yaml"
        config.write_text(json.dumps({"experiments": experiments}))
        self.options = ["--configfile", str(config), "--directory", str(self.here)]
        self.out = folder / f"snakemake-{len(list(folder.glob('*.out')))}.out"
        command = [*SNAKEMAKE, "--profile", "slurm", *self.options, *arguments]
        settings = environment(EMERGENT_DYNAMICS_COMMIT_SECONDS=COMMIT_SECONDS, PWD=str(root))
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=root, env=settings, stdout=out, stderr=out, start_new_session=True
            )

    def said(self) -> str:
        """What Snakemake printed so far."""
        return self.out.read_text()

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit status."""
        return self.process.wait(seconds)

    def kill(self) -> None:
        """kill -9 of Snakemake; its jobs belong to Slurm and go on."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it, and its jobs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.name:
            subprocess.run(["scancel", "--name", self.name], timeout=60)

    @property
    def name(self) -> str:
        """The name of all its jobs, which Snakemake calls the SLURM run ID; "" before it has one."""
        found = re.search(r"SLURM run ID: (\S+)", self.said())
        return found[1] if found else ""

    def jobs(self) -> list[Job]:
        """All its jobs so far, finished ones too."""
        lines = ask("scontrol", "-o", "-d", "show", "job").splitlines()
        shown = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in lines]
        ours = [fields for fields in shown if self.name and fields.get("JobName") == self.name]
        return [
            Job(
                number=fields["JobId"],
                state=fields["JobState"],
                partition=fields["Partition"],
                node=fields["NodeList"],
                gres=fields.get("JOB_GRES", "").replace("(null)", ""),
                comment=fields.get("Comment", ""),
                array=fields.get("ArrayJobId", ""),
                restarts=int(fields["Restarts"]),
            )
            for fields in sorted(ours, key=lambda fields: int(fields["JobId"]))
        ]


def until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until something is true of the world; what it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise TimeoutError(what)
