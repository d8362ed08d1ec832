"""A simulation killed at random ends with the store of an unbroken one."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emergent_dynamics import driver, store
from emergent_dynamics.nca.simulation import NcaSimulation
from emergent_dynamics.store.layout import arrays
from tests.nca.worlds import parameters

ROOT = Path(__file__).parents[2]
WORLD = {"width": 60, "height": 60, "generations": 1500, "inheritance": 0.5, "runs": 2}
ALONE = """
import sys
from tests.nca.test_faults import simulate
simulate(sys.argv[1], sys.argv[2])
"""


def simulate(work, destination):
    """The driver with a commit after every leg."""
    simulation = NcaSimulation(parameters(**WORLD))
    driver.run(simulation, work, destination, "nca", {"seed": "1"}, commit_seconds=0.0)


def digests(path):
    return {name: array.attrs["content_sha256"] for name, array in arrays(path).items()}


@pytest.mark.faults
def test_kill_9_at_random_leaves_the_data_of_an_unbroken_run(tmp_path):
    """Ids, alpha, the genome log and the full states, by digest, after at least eight kills."""
    simulate(tmp_path / "unbroken", tmp_path / "a.zarr")
    rng, kills = random.Random(7), 0
    environment = {
        "PYTHONPATH": f"{ROOT / 'workflow/scripts'}:{ROOT}",
        "OMP_NUM_THREADS": "1",
        "HOME": str(Path.home()),
    }
    while not (tmp_path / "b.zarr").exists():
        command = [sys.executable, "-c", ALONE, tmp_path / "work", tmp_path / "b.zarr"]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE)
        process.stderr.readline()  # "from ... of 1500": it has opened its checkpoint
        if kills < 8:
            time.sleep(rng.uniform(0, 0.6))
            process.kill()
            kills += 1
        process.communicate()
    assert kills == 8
    assert digests(tmp_path / "b.zarr") == digests(tmp_path / "a.zarr")
    assert store.find_damage(tmp_path / "b.zarr") is None
