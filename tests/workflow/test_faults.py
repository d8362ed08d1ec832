"""Real kills of real runs: the store is the unbroken one to the last bit, and little work is done twice."""

import contextlib
import hashlib
import io
import os
import random
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from emergent_dynamics.driver import checkpoint
from emergent_dynamics.store import find_damage
from tests.workflow.project import SNAKEMAKE, Project, environment, patiently, write_config

pytestmark = pytest.mark.faults

LONG = {"runs": 8, "tokens": 64, "steps": 30_000, "save": {"every": 75}}
STORE = "results/causal/long/trajectory.zarr"
WORK = "results/.checkpoints/causal/long"
LOG = "logs/causal/long/simulate.log"
COMMIT_SECONDS = 0.3


@dataclass
class Machine:
    """Runs of Snakemake on one experiment, and what is on disk between them."""

    project: Project
    seen: set[int] = field(default_factory=set)
    started: list[subprocess.Popen] = field(default_factory=list)
    kills: int = 0
    left: int = 0  # the step that the last attempt had saved when it was dead

    def start(self) -> subprocess.Popen:
        """Snakemake in a process group of its own, at work on the trajectory."""
        command = [*SNAKEMAKE, *self.project.command("--cores", "1", STORE)]
        settings = environment(EMERGENT_DYNAMICS_COMMIT_SECONDS=str(COMMIT_SECONDS))
        with self.project.path("snakemake.out").open("ab") as out:
            process = subprocess.Popen(
                command, cwd=self.project.root, env=settings, stdout=out, stderr=out, start_new_session=True
            )
        self.started.append(process)
        return process

    def stop(self) -> None:
        """End whatever still runs, when a test has failed half way."""
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def job(self, snakemake: subprocess.Popen) -> psutil.Process | None:
        """The simulation's process, of an attempt not seen before; None if Snakemake ends without one."""
        for _ in patiently():
            if snakemake.poll() is not None:
                return None
            for child in children(snakemake.pid):
                if child.pid not in self.seen and ".simulate.py" in arguments(child):
                    self.seen.add(child.pid)
                    return child

    def begun(self, job: psutil.Process) -> int | None:
        """The step from which the attempt goes on, as its log says; None if it ended before saying so."""
        for _ in patiently():
            with_line = re.search(r"long: from (\d+) of", self.said())
            if with_line:
                return int(with_line[1])
            if not alive(job):
                return None

    def said(self) -> str:
        """The job's log, as far as it is written."""
        log = self.project.path(LOG)
        try:
            return log.read_text()
        except FileNotFoundError:
            return ""

    def saved(self) -> int:
        """Step of the newest sound state on disk; 0 if there is none."""
        for path in checkpoint.states(self.project.path(WORK)):
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # replaced by a newer one just now
                return self.saved()
            payload = content[checkpoint.DIGEST :]
            if hashlib.sha256(payload).hexdigest().encode() == content[: checkpoint.DIGEST]:
                return int(np.load(io.BytesIO(payload))["clock"])
        return 0

    def reach(self, share: float) -> None:
        """Wait until that share of the steps is computed and on disk."""
        for _ in patiently():
            if self.saved() >= share * LONG["steps"]:
                return

    def unlock(self) -> None:
        """What the README says after a kill of Snakemake itself."""
        found = self.project.quick("--unlock")
        assert found.status == 0, found.said

    def published(self) -> bool:
        """Is the store there, under its name?"""
        return self.project.path(STORE, "zarr.json").is_file()

    def forget(self) -> None:
        """An empty directory for the next run."""
        for name in ("results", "logs"):
            shutil.rmtree(self.project.path(name), ignore_errors=True)
        self.left = 0


def children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def arguments(process: psutil.Process) -> str:
    """The command line of a Python process; nothing of a shell that starts one."""
    try:
        line = process.cmdline()
    except psutil.Error:
        return ""
    return " ".join(line) if line and "python" in Path(line[0]).name else ""


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(process: psutil.Process) -> None:
    """Wait until it is dead."""
    for _ in patiently():
        if not alive(process):
            return


def content(store: Path) -> dict[str, str]:
    """All metadata of a store, the digests of its values among them: file -> text."""
    return {str(p.relative_to(store)): p.read_text() for p in sorted(store.rglob("zarr.json"))}


@pytest.fixture(scope="module")
def unbroken(project, tmp_path_factory):
    """Metadata and digests of a run that nobody disturbed, and how many seconds it computed."""
    machine = fresh(project, tmp_path_factory.mktemp("unbroken"))
    assert machine.start().wait() == 0, machine.project.path("snakemake.out").read_text()
    seconds = float(re.search(r"published after ([\d.]+) s", machine.said())[1])
    return content(machine.project.path(STORE)), seconds


@pytest.fixture
def machine(project, tmp_path):
    """A place for runs; nothing of them outlives the test."""
    made = fresh(project, tmp_path)
    yield made
    made.stop()


def fresh(project: Project, folder: Path) -> Machine:
    config = write_config(folder / "config.yaml", {"long": LONG})
    (folder / "here").mkdir()
    return Machine(replace(project, directory=folder / "here", config=config))


def kill_at_random(machine: Machine, job: psutil.Process, kill, rng: random.Random, seconds: float) -> bool:
    """Let an attempt begin where the last one was saved, and `kill` it at a random moment; False if it was too late.

    One in four dies while it starts up; the others at any time within `seconds`, so that some have published.
    """
    if rng.random() < 0.25:
        time.sleep(rng.uniform(0, 2))
    else:
        begun = machine.begun(job)
        assert begun in (machine.left, None), f"went on from {begun}, saved was {machine.left}"
        time.sleep(rng.uniform(0, seconds))
    if not alive(job):
        return False
    kill()
    gone(job)
    machine.kills += 1
    before, machine.left = machine.left, machine.saved()
    assert machine.left >= before
    return True


def finish(machine: Machine, unbroken) -> None:
    """Run to the end, from where it was saved; the store must be the unbroken one, and whole."""
    published, expected = machine.published(), machine.saved()
    assert machine.start().wait() == 0, machine.project.path("snakemake.out").read_text()[-3000:]
    assert published or f"from {expected} of" in machine.said()
    assert content(machine.project.path(STORE)) == unbroken[0]
    assert find_damage(machine.project.path(STORE)) is None


def test_kill_9_of_the_simulation_again_and_again_changes_nothing(machine, unbroken):
    """12 kills at random moments; Snakemake starts the job again up to twice, the next run does after that."""
    rng = random.Random(1)
    while machine.kills < 12:
        machine.forget()
        while not machine.published() and machine.kills < 40:
            snakemake = machine.start()
            while job := machine.job(snakemake):
                kill_at_random(machine, job, job.kill, rng, unbroken[1] / 2)
                gone(job)
            snakemake.wait()
        finish(machine, unbroken)


def test_kill_9_of_snakemake_and_its_job_together_changes_nothing(machine, unbroken):
    """5 kills of the whole process group: then --unlock and the same command, nothing else."""
    rng = random.Random(2)
    while machine.kills < 5:
        machine.forget()
        while not machine.published() and machine.kills < 20:
            snakemake = machine.start()
            job = machine.job(snakemake)
            killed = kill_at_random(
                machine,
                job,
                lambda group=snakemake.pid: os.killpg(group, signal.SIGKILL),
                rng,
                unbroken[1] / 2,
            )
            snakemake.wait()
            if killed:
                refused = machine.project.quick("--cores", "1", STORE)
                assert refused.status == 1 and "--unlock" in refused.said
                machine.unlock()
        finish(machine, unbroken)


def test_kill_9_of_snakemake_alone_leaves_a_writer_that_a_second_one_respects(machine, unbroken):
    """The orphan goes on; a second run is refused by its name; when the orphan is dead the next run goes on."""
    snakemake = machine.start()
    orphan = machine.job(snakemake)
    machine.reach(0.2)
    snakemake.kill()
    snakemake.wait()
    assert alive(orphan)
    orphan.suspend()  # it keeps the lock, and cannot finish before the second one asks for it
    machine.unlock()
    second = machine.project.run("--cores", "1", "--retries", "0", STORE)
    assert second.status == 1
    assert re.search(rf"{WORK}: is being written by process {orphan.pid} on ", second.said), second.said
    assert not machine.published()
    orphan.kill()
    gone(orphan)
    finish(machine, unbroken)


@pytest.mark.parametrize("moment", [0.1, 0.6])
def test_what_an_orphan_finished_is_published_and_not_computed_again(machine, unbroken, moment):
    """Snakemake killed, its job ends well: the next run takes the finished checkpoint."""
    snakemake = machine.start()
    orphan = machine.job(snakemake)
    machine.reach(moment)
    snakemake.kill()
    snakemake.wait()
    gone(orphan)
    machine.unlock()
    assert machine.start().wait() == 0
    assert f"from {LONG['steps']} of {LONG['steps']}" in machine.said()
    assert content(machine.project.path(STORE)) == unbroken[0]


def test_sigterm_to_the_job_writes_a_checkpoint_and_snakemake_goes_on_from_it(machine, unbroken):
    """Status 75 is a failed attempt: the second one begins where the first one stopped; one command."""
    snakemake = machine.start()
    job = machine.job(snakemake)
    machine.reach(0.3)
    job.terminate()
    gone(job)
    stopped = machine.saved()
    assert stopped > 0
    again = machine.job(snakemake)
    assert again is not None and machine.begun(again) == stopped
    assert snakemake.wait() == 0
    assert content(machine.project.path(STORE)) == unbroken[0]


@pytest.mark.parametrize("everyone", [False, True], ids=["snakemake", "process group"])
def test_sigterm_to_snakemake_loses_nothing(machine, unbroken, everyone):
    """As Slurm or a shutdown sends it: what was computed stands, the same command goes on."""
    snakemake = machine.start()
    job = machine.job(snakemake)
    machine.reach(0.3)
    before = machine.saved()
    os.killpg(snakemake.pid, signal.SIGTERM) if everyone else snakemake.terminate()
    assert snakemake.wait() != 0
    gone(job)
    for orphan in children(os.getpid()):
        assert "causal_simulate" not in arguments(orphan)
    assert before > 0 and machine.saved() >= before
    assert machine.start().wait() == 0
    assert int(re.search(r"from (\d+) of", machine.said())[1]) >= before or machine.published()
    assert content(machine.project.path(STORE)) == unbroken[0]
