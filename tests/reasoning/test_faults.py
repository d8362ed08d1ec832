"""Real kills of a training and of a diagnosis: the stores are those of an undisturbed run, to the last bit."""

import hashlib
import io
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from emergent_dynamics.driver import checkpoint
from emergent_dynamics.store import find_damage
from tests.reasoning.official.cases import SMALL_RUNS, small_run
from tests.workflow.project import (
    SNAKEMAKE,
    Project,
    Warm,
    copy_checkout,
    environment,
    patiently,
    write_config,
)

pytestmark = pytest.mark.faults

SMALL = {
    "source": "train",
    "examples": 256,
    "exponents": 4,
    "network": {"width": 16, "layers": 1},
    "task": {"puzzles": 600, "test": 256, "validation": 16},
    "training": {"batch": 16},
    "checkpoints": [200, 600, 1200],
    "resamples": 20,
}
MAP = {"examples": 256, "resamples": 20}
SERIES = Path(__file__).parent / "golden" / "official" / "trm_series_16"  # three steps of an official model
OFFICIAL = {
    "source": "checkpoint",
    "examples": 12,
    "exponents": 2,
    "resamples": 20,
    "checkpoint": {"path": str(SERIES), "data": str(SERIES / "data"), "draw": "first"},
}
TRAJECTORY = "results/reasoning/small/trajectory.zarr"
SHARDS = {"small": SMALL["checkpoints"], "official": [500, 1000, 1500]}
SHARDS |= {name: [1, 2, 3] for name in SMALL_RUNS}  # attention TRM and HRM, three steps on own puzzles


def diagnostics(experiment):
    """The store of an experiment's diagnostics, and those of its shards."""
    folder = f"results/reasoning/{experiment}/analysis"
    return f"{folder}/diagnostics.zarr", [f"{folder}/shards/{step}-0.zarr" for step in SHARDS[experiment]]


COMMIT_SECONDS = "0.2"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the checkout with a small training and a capture map."""
    folder = tmp_path_factory.mktemp("project")
    copy_checkout(folder / "workflow")
    (folder / "here").mkdir()
    asked = {"small": SMALL, "map": MAP, "official": OFFICIAL}
    for name in SMALL_RUNS:
        where, _ = small_run(folder / name, name, {1: 0.9, 2: 0.8, 3: 0.7})
        asked[name] = OFFICIAL | {"checkpoint": where}
    config = write_config(folder / "config.yaml", asked, "reasoning")
    warm = Warm()
    yield Project(folder / "workflow", folder / "here", config, warm)
    warm.close()


@pytest.fixture(scope="module")
def unbroken(project):
    """The project after a training and diagnoses that nobody disturbed."""
    targets = [diagnostics(experiment)[0] for experiment in SHARDS]
    found = project.run("--cores", "1", *targets, EMERGENT_DYNAMICS_COMMIT_SECONDS=COMMIT_SECONDS)
    assert found.status == 0, found.said[-3000:]
    return project


def elsewhere(project, folder):
    """The same workflow and configuration in an empty directory."""
    (folder / "here").mkdir()
    return replace(project, directory=folder / "here")


def start(project, *targets):
    """Snakemake at work, in a process group of its own."""
    command = [*SNAKEMAKE, *project.command("--cores", "1", "--keep-incomplete", *targets)]
    settings = environment(EMERGENT_DYNAMICS_COMMIT_SECONDS=COMMIT_SECONDS)
    with project.path("snakemake.out").open("ab") as out:
        return subprocess.Popen(
            command, cwd=project.root, env=settings, stdout=out, stderr=out, start_new_session=True
        )


def job(snakemake, rule, seen):
    """The next process of a rule; None if Snakemake ends without one."""
    for _ in patiently():
        if snakemake.poll() is not None:
            return None
        for child in psutil.Process(snakemake.pid).children(recursive=True):
            try:
                line = child.cmdline()
            except psutil.Error:
                continue
            if line and "python" in Path(line[0]).name and rule in " ".join(line) and child.pid not in seen:
                seen.add(child.pid)
                return child


def saved(project):
    """Optimiser steps of the newest sound state on disk."""
    for path in checkpoint.states(project.path("results/.checkpoints/reasoning/small")):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return saved(project)
        payload = content[checkpoint.DIGEST :]
        if hashlib.sha256(payload).hexdigest().encode() == content[: checkpoint.DIGEST]:
            return int(np.load(io.BytesIO(payload))["clock"])
    return 0


def content(project, store):
    """All metadata of a store, the digests of its values among them."""
    folder = project.path(store)
    return {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("zarr.json"))}


def stop(snakemake):
    """End what a failed test has left."""
    if snakemake.poll() is None:
        os.killpg(snakemake.pid, signal.SIGKILL)
        snakemake.wait()


def test_kill_9_of_a_training_changes_no_bit(unbroken, tmp_path):
    """Twice, each time past a new checkpoint; every attempt goes on from what was saved."""
    project, seen, begun = elsewhere(unbroken, tmp_path), set(), []
    snakemake = start(project, TRAJECTORY)
    try:
        for share in (0.2, 0.6):
            training = job(snakemake, ".simulate.py", seen)
            for _ in patiently():
                if saved(project) >= share * SMALL["checkpoints"][-1]:
                    break
            assert training.is_running()
            training.kill()
            begun.append(saved(project))
        assert snakemake.wait() == 0, project.path("snakemake.out").read_text()[-3000:]
    finally:
        stop(snakemake)
    said = project.path("logs/reasoning/small/simulate.log").read_text()
    assert 0 < begun[0] < begun[1] < SMALL["checkpoints"][-1]
    assert f"from {begun[1]} of" in said, said
    assert content(project, TRAJECTORY) == content(unbroken, TRAJECTORY)
    assert find_damage(project.path(TRAJECTORY)) is None


@pytest.mark.parametrize("experiment", SHARDS)
def test_kill_9_of_a_diagnosis_repeats_the_missing_shards_only(unbroken, tmp_path, experiment):
    """The second of three diagnoses dies, of a training or of an official series of any kind; the next run leaves the
    first alone, and ends with the same values."""
    project, seen = elsewhere(unbroken, tmp_path), set()
    joined, shards = diagnostics(experiment)
    snakemake = start(project, joined)
    try:
        job(snakemake, "reasoning_diagnose", seen)
        killed = job(snakemake, "reasoning_diagnose", seen)
        killed.kill()
        assert snakemake.wait() != 0
    finally:
        stop(snakemake)
    done = {path: file.stat().st_mtime_ns for path in shards if (file := project.path(path)).exists()}
    assert len(done) in (1, 2)  # Snakemake lets no other job of the DAG start, or one that was ready
    planned = project.rules(joined)
    assert planned == {"reasoning_diagnose", "reasoning_diagnostics"}
    assert project.run("--cores", "1", joined).status == 0
    assert {path: project.path(path).stat().st_mtime_ns for path in done} == done
    for store in (*shards, joined):
        assert content(project, store) == content(unbroken, store)


def test_tables_headlines_and_figures_made_again_have_the_same_bytes(project):
    """Everything of the capture map but its logs, twice."""
    folder, targets = "results/reasoning/map", ["summary.json", "figures/drift.svg", "figures/scatter.html"]
    wanted = [f"{folder}/{target}" for target in targets]

    def digests():
        files = [p for p in project.path(folder).rglob("*") if p.suffix in (".csv", ".json", ".svg", ".html")]
        return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files if ".zarr" not in str(p)}

    found = project.run("--cores", "1", *wanted)
    assert found.status == 0, found.said[-3000:]
    first = digests()
    assert len(first) > 12
    again = project.run("--cores", "1", "--forcerun", "reasoning_cells", "reasoning_controls", "--", *wanted)
    assert again.status == 0 and "reasoning_figures" in again.said
    assert digests() == first
