"""All five systems through `snakemake --profile slurm`: each job where it belongs, by Slurm's own word."""

import json
import re

import pytest
import yaml

from emergent_dynamics.config.schema import read_schemas
from emergent_dynamics.store import find_damage
from tests.slurm.runs import Run
from tests.workflow.project import CHECKOUT, run

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(2000)]

TINY = yaml.safe_load((CHECKOUT / "config" / "tiny.yaml").read_text())["experiments"]
ON_GPU = next(system for system in TINY if "device" in read_schemas()[1][system]["properties"])
ALL = "headlines"  # every simulation, analysis and summary; no figures
LOCAL = {ALL, "summary"}  # run where Snakemake does


def first_summary(system):
    """The first finding of a system's rules that writes headlines."""
    text = "".join(path.read_text() for path in sorted((CHECKOUT / "rules").glob(f"{system}*.smk")))
    return re.search(r'"results/\w+/\{experiment\}/(analysis/\w+\.summary\.json)"', text)[1]


FINDINGS = {system: first_summary(system) for system in TINY}


def experiments():
    """The first experiment of every system in config/tiny.yaml, one of them on a GPU."""
    found = {system: {"tiny": dict(given["tiny"])} for system, given in TINY.items()}
    found[ON_GPU]["tiny"]["device"] = "cuda"
    return found


@pytest.fixture(scope="module", params=["findings", pytest.param("all", marks=pytest.mark.slow)])
def finished(request, cluster, workflow, tmp_path_factory):
    """A run of all five systems: each to one finding, or to all of them."""
    few = [f"results/{system}/tiny/{finding}" for system, finding in FINDINGS.items()]
    targets = [ALL] if request.param == "all" else few
    wants = ["--set-resources", f"{ON_GPU}_simulate:gpu=1"]  # so small an experiment asks for none
    begun = Run(workflow, tmp_path_factory.mktemp("systems"), experiments(), [*targets, *wants])
    yield begun, targets
    begun.stop()


@pytest.fixture
def ended(finished):
    """The run, ended well, and what it was asked for."""
    begun, targets = finished
    assert begun.wait(900) == 0, begun.said()[-5000:]
    return begun, targets


def test_every_job_of_the_run_went_through_slurm_once_and_completed(ended):
    """The jobs that a dry run of the same plans."""
    begun, targets = ended
    planned = run(*begun.options, "--dry-run", "--forceall", *targets, cwd=begun.root).stdout
    table = planned[planned.index("Job stats") : planned.index("total")]
    counts = dict(re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE))
    jobs = begun.jobs()
    assert {job.state for job in jobs} == {"COMPLETED"}
    there = sorted(rule for rule, n in counts.items() for _ in range(int(n)) if rule not in LOCAL)
    assert sorted(job.rule for job in jobs) == there


def test_a_job_with_a_gpu_is_on_the_gpu_partition_with_its_device_and_no_other_is(ended):
    for job in ended[0].jobs():
        if job.rule == f"{ON_GPU}_simulate":
            assert (job.partition, job.node, job.gres) == ("gpu", "gpu1", "gpu:fake:1")
        else:
            assert (job.partition, job.node, job.gres) == ("cpu", "cpu1", "")


def test_a_log_says_which_job_of_slurm_it_was_and_which_device_it_had(ended):
    begun, _ = ended
    [job] = [job for job in begun.jobs() if job.rule == f"{ON_GPU}_simulate"]
    log = (begun.here / "logs" / ON_GPU / "tiny" / "simulate.log").read_text()
    first = json.loads(log.splitlines()[0])
    assert first["SLURM_JOB_ID"] == job.number
    assert first["CUDA_VISIBLE_DEVICES"] in ("0", "1")


def test_every_system_has_its_headlines_and_whole_stores(ended):
    begun, _ = ended
    results = begun.here / "results"
    for system, finding in FINDINGS.items():
        assert json.loads((results / system / "tiny" / finding).read_text())
    stores = [path for path in results.glob("*/**/*.zarr") if ".checkpoints" not in path.parts]
    assert {path.parts[-3] for path in stores if path.name == "trajectory.zarr"} == set(FINDINGS)
    assert [damage for path in stores if (damage := find_damage(path))] == []


def test_members_of_a_sweep_may_go_as_one_array(start):
    """`--slurm-array-jobs`: one submission, a task for each member."""
    sweep = {**TINY[ON_GPU]["tiny_sweep"], "steps": 40}
    stores = [f"results/{ON_GPU}/s/beta={beta}/trajectory.zarr" for beta in sweep["sweep"]["beta"]]
    begun = start({ON_GPU: {"s": sweep}}, "--slurm-array-jobs", f"{ON_GPU}_simulate", *stores)
    assert begun.wait() == 0, begun.said()
    jobs = begun.jobs()
    assert len(jobs) == len(stores) and len({job.array for job in jobs} - {""}) == 1
    assert [find_damage(begun.here / store) for store in stores] == [None] * len(stores)
