"""All five systems through `snakemake --profile slurm`: each job where it belongs, by Slurm's own word."""

import json
import re

import pytest
import yaml

from emergent_dynamics.store import find_damage
from tests.slurm.runs import Run
from tests.workflow.project import CHECKOUT, run

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(1200)]

TINY = yaml.safe_load((CHECKOUT / "config" / "tiny.yaml").read_text())["experiments"]
ON_GPU = {"oscillators_simulate"}  # of the experiment with device: cuda
TARGET = "headlines"  # every simulation, analysis and summary; no figures


@pytest.fixture(scope="module")
def finished(cluster, workflow, tmp_path_factory):
    """A run of the first experiment of every system in config/tiny.yaml; the field of oscillators asks for a GPU."""
    experiments = {system: {"tiny": dict(found["tiny"])} for system, found in TINY.items()}
    experiments["oscillators"]["tiny"]["device"] = "cuda"
    begun = Run(workflow, tmp_path_factory.mktemp("systems"), experiments, [TARGET])
    assert begun.wait(900) == 0, begun.said()[-5000:]
    return begun


def test_every_job_of_the_run_went_through_slurm_once_and_completed(finished):
    """The jobs that a local dry run of the same plans; `headlines` itself runs where Snakemake does."""
    planned = run(*finished.options, "--dry-run", "--forceall", TARGET, cwd=finished.root).stdout
    table = planned[planned.index("Job stats") : planned.index("total")]
    counts = dict(re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE))
    assert counts.pop(TARGET) == "1"
    jobs = finished.jobs()
    assert {job.state for job in jobs} == {"COMPLETED"}
    assert sorted(job.rule for job in jobs) == sorted(
        rule for rule, n in counts.items() for _ in range(int(n))
    )


def test_a_job_with_a_gpu_is_on_the_gpu_partition_with_its_device_and_no_other_is(finished):
    for job in finished.jobs():
        if job.rule in ON_GPU:
            assert (job.partition, job.node, job.gres) == ("gpu", "gpu1", "gpu:fake:1")
        else:
            assert (job.partition, job.node, job.gres) == ("cpu", "cpu1", "")


def test_a_log_says_which_job_of_slurm_it_was_and_which_device_it_had(finished):
    [job] = [job for job in finished.jobs() if job.rule in ON_GPU]
    log = (finished.here / "logs" / "oscillators" / "tiny" / "simulate.log").read_text()
    first = json.loads(log.splitlines()[0])
    assert first["SLURM_JOB_ID"] == job.number
    assert first["CUDA_VISIBLE_DEVICES"] in ("0", "1")


def test_every_system_has_its_headlines_and_whole_stores(finished):
    results = finished.here / "results"
    for system in TINY:
        assert json.loads((results / system / "tiny" / "summary.json").read_text())
    stores = [path for path in results.glob("*/**/*.zarr") if ".checkpoints" not in path.parts]
    assert len(stores) > len(TINY)
    assert [damage for path in stores if (damage := find_damage(path))] == []


def test_members_of_a_sweep_may_go_as_one_array(start):
    """`--slurm-array-jobs`: one submission, a task for each member."""
    sweep = {**TINY["causal"]["tiny_sweep"], "steps": 40}
    stores = [f"results/causal/s/beta={beta}/trajectory.zarr" for beta in sweep["sweep"]["beta"]]
    begun = start({"causal": {"s": sweep}}, "--slurm-array-jobs", "causal_simulate", *stores)
    assert begun.wait() == 0, begun.said()
    jobs = begun.jobs()
    assert len(jobs) == len(stores) and len({job.array for job in jobs} - {""}) == 1
    assert [find_damage(begun.here / store) for store in stores] == [None] * len(stores)
