"""What goes wrong on a cluster: the store is the unbroken one to the last bit, and no two jobs write it."""

import io
import os
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from emergent_dynamics.driver import checkpoint
from tests.slurm.cluster import CPUS, MEMORY_MB
from tests.slurm.runs import Run, until
from tests.workflow.project import run

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(1500)]

LONG = {"runs": 8, "tokens": 64, "steps": 30_000, "save": {"every": 75}}
EXPERIMENTS = {"causal": {"long": LONG}}
STORE = "results/causal/long/trajectory.zarr"
LOCK = "results/.checkpoints/causal/long/lock"
LOG = "logs/causal/long/simulate.log"
STATE_SECONDS = (
    6.0  # slurmctld writes what it knows within five seconds of a change; before that a kill -9 loses it
)


def saved(run: Run) -> int:
    """The step of the newest checkpoint; 0 if there is none."""
    for path in checkpoint.states(run.here / Path(LOCK).parent):
        try:
            return int(np.load(io.BytesIO(path.read_bytes()[checkpoint.DIGEST :]))["clock"])
        except FileNotFoundError:  # replaced by a newer one just now
            return saved(run)
    return 0


def writer(run: Run) -> tuple[int, str]:
    """Process and Slurm job that hold the lock of the checkpoints, as the lock itself says."""
    try:
        found = re.fullmatch(r"process (\d+) on \S+, Slurm job (\d+)", (run.here / LOCK).read_text())
    except FileNotFoundError:
        return 0, ""
    return (int(found[1]), found[2]) if found else (0, "")


def hold(run: Run) -> tuple[int, str]:
    """Stop the process that simulates, well after its first checkpoint: it computes nothing until SIGCONT."""
    until(lambda: saved(run) > 0.1 * LONG["steps"], "checkpoints")
    process, job = writer(run)
    os.kill(process, signal.SIGSTOP)
    return process, job


def alive(process: int) -> bool:
    """Is it there, and not only as a zombie?"""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def begun_at(run: Run) -> int:
    """The step from which the last attempt went on, as its log says."""
    return int(re.search(r"long: from (\d+) of", (run.here / LOG).read_text())[1])


def content(here: Path) -> dict[str, str]:
    """All metadata of the store, the digests of its values among them."""
    store = here / STORE
    return {str(path.relative_to(store)): path.read_text() for path in sorted(store.rglob("zarr.json"))}


@pytest.fixture(scope="module")
def unbroken(workflow, tmp_path_factory):
    """Metadata and digests of a run on this machine, without Slurm, that nobody disturbed."""
    here = tmp_path_factory.mktemp("unbroken")
    config = here / "config.yaml"
    config.write_text(f'{{"experiments": {{"causal": {{"long": {LONG}}}}}}}'.replace("'", '"'))
    found = run("--cores", "1", "--configfile", config, "--directory", here, STORE, cwd=workflow)
    assert found.status == 0, found.said
    return content(here)


def test_a_cancelled_job_is_tried_again_and_goes_on_from_its_checkpoint(start, unbroken):
    """scancel: SIGTERM, a checkpoint, the state CANCELLED, and a second job."""
    begun = start(EXPERIMENTS, STORE)
    until(lambda: saved(begun) > 0.1 * LONG["steps"], "checkpoints")
    _, job = writer(begun)
    before = saved(begun)
    assert os.system(f"scancel {job}") == 0
    assert begun.wait() == 0, begun.said()
    assert [job.state for job in begun.jobs()] == ["CANCELLED", "COMPLETED"]
    assert begun_at(begun) >= before
    assert content(begun.here) == unbroken


def sent_back(begun: Run) -> None:
    """A job that Slurm put back into the queue ran again under its number, from its checkpoint, to the same bits."""
    assert begun.wait() == 0, begun.said()
    (job,) = begun.jobs()
    assert (job.state, job.restarts) == ("COMPLETED", 1)
    assert begun_at(begun) > 0.1 * LONG["steps"]


def test_a_requeued_job_goes_on_from_its_checkpoint(start, unbroken):
    """scontrol requeue, as an administrator does before maintenance."""
    begun = start(EXPERIMENTS, STORE)
    _, job = hold(begun)
    assert os.system(f"scontrol requeue {job}") == 0
    sent_back(begun)
    assert content(begun.here) == unbroken


def test_a_preempted_job_goes_on_from_its_checkpoint(start, unbroken):
    """A job of a partition of higher priority takes the whole node for a second."""
    begun = start(EXPERIMENTS, STORE)
    hold(begun)
    whole = f"--cpus-per-task={CPUS} --mem={MEMORY_MB}"
    assert os.system(f"sbatch --partition=urgent {whole} --output=/dev/null --wrap='sleep 1'") == 0
    sent_back(begun)
    assert content(begun.here) == unbroken


def test_a_time_limit_comes_as_sigterm_first_and_the_next_attempt_goes_on(start, unbroken):
    """The process is held still: what wakes and ends it is Slurm's signal, a minute before the limit of two."""
    settings = ["causal_simulate:runtime=2*attempt**3", "causal_simulate:slurm_extra='--signal=TERM@60'"]
    begun = start(EXPERIMENTS, "--set-resources", *settings, "--", STORE)
    process, _ = hold(begun)
    until(lambda: not alive(process), "SIGTERM from Slurm", 180)
    assert saved(begun) < LONG["steps"]
    assert begun.wait() == 0, begun.said()
    assert begun.jobs()[-1].state == "COMPLETED"  # another job, or the same in what was left of its time
    assert begun_at(begun) > 0.1 * LONG["steps"]
    assert content(begun.here) == unbroken


def test_a_controller_that_dies_and_returns_loses_nothing(cluster, start, unbroken):
    """kill -9 of slurmctld under a job that it has on record as running; the job never notices.

    It returns before Snakemake asks for the job's state. A question into the outage is put to sacct, which has no
    answer here: the executor plugin then repeats it for minutes before it asks squeue again.
    """
    begun = start(EXPERIMENTS, "--slurm-init-seconds-before-status-checks", "45", "--", STORE)
    process, job = hold(begun)
    time.sleep(STATE_SECONDS)
    cluster.kill_controller()
    os.kill(process, signal.SIGCONT)
    until(
        lambda: saved(begun) > 0.3 * LONG["steps"] or (begun.here / STORE).exists(),
        "progress without controller",
    )
    cluster.start_controller()
    assert begun.wait() == 0, begun.said()
    assert [(job.number, job.state) for job in begun.jobs()] == [(job, "COMPLETED")]
    assert content(begun.here) == unbroken


def refusal(run: Run) -> str:
    """The log of a job that was refused the lock; "" before it was."""
    try:
        said = (run.here / LOG).read_text()
    except FileNotFoundError:
        return ""
    return said if "is being written by" in said else ""


def test_a_killed_main_process_is_recovered_by_the_documented_steps_and_never_by_two_writers(start, unbroken):
    """kill -9 of Snakemake. A second run in spite of the first one's job is refused, and told whose job it is."""
    first = start(EXPERIMENTS, STORE)
    process, job = hold(first)
    first.kill()
    assert run(*first.options, "--unlock", cwd=first.root).status == 0
    hasty = start(EXPERIMENTS, STORE)
    said = until(lambda: refusal(hasty), "a refusal")
    assert f"is being written by process {process} on " in said and f"Slurm job {job}" in said
    hasty.stop()
    os.kill(process, signal.SIGCONT)
    before = saved(first)
    # what profiles/README.md says
    assert os.system(f"scancel --name {first.name}") == 0
    until(lambda: {found.state for found in first.jobs()} <= {"CANCELLED", "COMPLETED"}, "the job's end")
    assert run(*first.options, "--unlock", cwd=first.root).status == 0
    again = start(EXPERIMENTS, STORE)
    assert again.wait() == 0, again.said()
    assert begun_at(again) >= before
    assert content(again.here) == unbroken
