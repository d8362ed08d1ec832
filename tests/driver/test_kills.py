"""kill -9 of every system at any moment, inside publishing too: digests and metadata of a run that nobody disturbed.

`KILLS=40 make test-faults` kills each case so often. A child is forked from this process, which has imported and
compiled everything already, so that a kill costs what the run itself takes.
"""

import contextlib
import importlib
import multiprocessing
import os
import random
import shutil
import time
import traceback
from functools import partial
from pathlib import Path

import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.config import load
from emergent_dynamics.store import publication
from tests.counts import count
from tests.driver.test_horizons import CASES

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("KILLS", 4))  # of each case; as many of them inside publishing as it has steps
STEPS = (
    "_link_tree",
    "content_sha256",
    "_seal",
    "_sync_tree",
    "sync",
)  # of publishing, before and after each
MOMENTS = [(step, after) for step in STEPS for after in (False, True)]
FORK = multiprocessing.get_context("fork")
RUNS = {name: (system, parameters | long) for name, (system, parameters, _, long, _) in CASES.items()}


def simulate(system, parameters, folder):
    """One process' work: a checkpoint after every leg, and the store."""
    given = load({"experiments": {system: {"a": parameters}}}, ["test"]).simulation(system, "a")
    made = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(given)
    attributes = provenance.attributes(system, "a", given, "code")
    driver.run(made, folder / "work", folder / "a.zarr", attributes, commit_seconds=0.0)


def child(work, pause=None):
    """A forked process that does `work`; at the moment `pause` it writes a file and waits to be killed."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        if pause:
            marker, (step, after) = pause
            original = getattr(publication, step)

            def stopping(*arguments):
                result = original(*arguments) if after else None
                marker.touch()
                time.sleep(600)
                return result

            setattr(publication, step, stopping)
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os._exit(0)


def kill_at_random(work, seconds):
    """Start the work and kill it within `seconds`; whether it was still running."""
    process = FORK.Process(target=child, args=(work,))
    process.start()
    process.join(seconds)
    running = process.is_alive()
    process.kill()
    process.join()
    assert running or process.exitcode == 0
    return running


def kill_inside(work, marker, moment):
    """Start the work and kill it when it has reached a moment of publishing."""
    process = FORK.Process(target=child, args=(work, (marker, moment)))
    process.start()
    while not marker.exists():
        assert process.is_alive(), f"the work ended before it reached {moment}"
        time.sleep(0.005)
    process.kill()
    process.join()
    marker.unlink()


def left(path):
    """All metadata of the store, the digests of its values among them."""
    assert store.find_damage(path) is None
    return {str(file.relative_to(path)): file.read_text() for file in sorted(path.rglob("zarr.json"))}


@pytest.fixture
def unbroken(tmp_path):
    """What an undisturbed run of a case leaves, and the seconds that it takes in a child."""

    def run(system, parameters):
        folder = tmp_path / "unbroken"
        for place in (tmp_path / "warm", folder):
            begun = time.monotonic()
            process = FORK.Process(target=child, args=(partial(simulate, system, parameters, place),))
            process.start()
            process.join()
            assert process.exitcode == 0
        return left(folder / "a.zarr"), time.monotonic() - begun

    return run


@pytest.mark.parametrize("name", RUNS)
def test_kill_9_at_any_moment_ends_with_the_bytes_of_an_unbroken_run(tmp_path, unbroken, name):
    """Half of the kills at random moments of a run, half at named moments of publishing."""
    system, parameters = RUNS[name]
    simulate(
        system, parameters, tmp_path / "compile"
    )  # in this process: its children find everything compiled
    wanted, seconds = unbroken(system, parameters)
    draw, folder, killed = random.Random(name), tmp_path / "killed", 0
    work = partial(simulate, system, parameters, folder)
    while killed < KILLS:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for _ in range(draw.randrange(1, 4)):
            killed += kill_at_random(work, draw.uniform(0, seconds))
        if not (folder / "a.zarr").exists():
            kill_inside(work, tmp_path / "marker", MOMENTS[killed % len(MOMENTS)])
            killed += 1
        work()
        assert left(folder / "a.zarr") == wanted
    count(f"kill -9, {name}", killed, killed)
