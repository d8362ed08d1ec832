"""A simulation killed at random ends with the store of an unbroken one."""

import multiprocessing
import os
import random
import shutil
import time
from pathlib import Path

import pytest

from emergent_dynamics import driver, store
from emergent_dynamics.driver import checkpoint
from emergent_dynamics.nca.simulation import NcaSimulation
from emergent_dynamics.store.layout import arrays
from tests.nca.worlds import parameters

ROOT = Path(__file__).parents[2]
WORLD = {"width": 60, "height": 60, "generations": 400, "inheritance": 0.5, "runs": 2}
KILLS = 8


def simulate(work, destination, commit_seconds):
    """The driver; with 0 it commits after every generation."""
    simulation = NcaSimulation(parameters(**WORLD))
    driver.run(simulation, work, destination, {"seed": "1"}, commit_seconds=commit_seconds)


def commits(work):
    """The number of the newest state; 0 without one."""
    return max((int(path.stem.rpartition("-")[2]) for path in checkpoint.states(work)), default=0)


def digests(path):
    return {name: array.attrs["content_sha256"] for name, array in arrays(path).items()}


@pytest.mark.faults
def test_kill_9_at_random_leaves_the_data_of_an_unbroken_run(tmp_path, monkeypatch):
    """Ids, alpha, the genome log and the full states, by digest, after eight kills of a run that had just committed."""
    simulate(tmp_path / "unbroken", tmp_path / "a.zarr", commit_seconds=30.0)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "workflow/scripts"), str(ROOT)]))
    server = multiprocessing.get_context("forkserver")  # imports once; a run is still a process of its own
    server.set_forkserver_preload([__name__])
    rng, work, kills = random.Random(7), tmp_path / "work", 0
    while kills < KILLS or not (tmp_path / "b.zarr").exists():
        wanted = commits(work) + rng.randint(1, 40)  # commits, however long they take
        process = server.Process(target=simulate, args=(work, tmp_path / "b.zarr", 0.0))
        process.start()
        if kills < KILLS:
            while commits(work) < wanted and process.is_alive():
                time.sleep(0.002)
            kills += process.is_alive()
            process.kill()
        process.join()
        assert process.exitcode in (0, -9)
        if kills < KILLS and (tmp_path / "b.zarr").exists():  # it was quicker than its killer: once more
            shutil.rmtree(work)
            shutil.rmtree(tmp_path / "b.zarr")
    assert digests(tmp_path / "b.zarr") == digests(tmp_path / "a.zarr")
    assert store.find_damage(tmp_path / "b.zarr") is None
