"""Kills and damage on the toy system: the store is the unbroken one, or the failure is loud."""

import pkgutil
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emergent_dynamics import store
from emergent_dynamics.driver import checkpoint, loop
from emergent_dynamics.driver.identity import Identity
from tests.driver import toy
from tests.driver.test_loop import digests

TOY = Path(toy.__file__)
SOURCE = Path(store.__file__).parents[2]


def start(folder, destination, seconds, commit_seconds):
    """The toy as a process of its own."""
    command = [sys.executable, TOY, folder, destination, str(seconds), str(commit_seconds)]
    return subprocess.Popen(
        command, env={"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE
    )


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """Digests of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("unbroken")
    toy.run(folder / "work", folder / "a.zarr")
    return digests(folder / "a.zarr")


class Killed(BaseException):
    """Stands for SIGKILL at one place: nothing after it runs."""


POINTS = [
    ("emergent_dynamics.store.writer", "sync"),
    ("emergent_dynamics.driver.checkpoint", "sync"),
    ("emergent_dynamics.driver.checkpoint", "save"),
    ("emergent_dynamics.store.stream.Stream", "append"),
    ("emergent_dynamics.store.stream.Stream", "_write_block"),
    ("emergent_dynamics.store.stream.Stream", "_write_rows"),
    ("emergent_dynamics.store.publication", "_link_tree"),
    ("emergent_dynamics.store.publication", "_cut_log"),
    ("emergent_dynamics.store.publication", "content_sha256"),
    ("emergent_dynamics.store.publication", "_sync_tree"),
]


@pytest.mark.parametrize("nth", [0, 4])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("point", POINTS, ids=lambda p: p[1])
def test_a_kill_at_any_point_of_the_protocol_changes_nothing(
    tmp_path, monkeypatch, unbroken, point, nth, after
):
    """Stop dead before or after the n-th call of each step, run again: the digests of the unbroken run."""
    module, name = point
    monkeypatch.setattr("emergent_dynamics.store.layout.BLOCK_BYTES", 600)
    monkeypatch.setattr("emergent_dynamics.store.layout.LOG_CHUNK", 16)
    original = pkgutil.resolve_name(f"{module}.{name}")
    calls = iter(range(10**9))

    def dying(*args, **kwargs):
        fatal = next(calls) == nth
        if fatal and not after:
            raise Killed
        result = original(*args, **kwargs)
        if fatal:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.{name}", dying)
        try:
            toy.run(tmp_path / "work", tmp_path / "a.zarr", commit_seconds=0.0)
        except Killed:
            assert not (tmp_path / "a.zarr").exists()
    toy.run(tmp_path / "work", tmp_path / "a.zarr", commit_seconds=0.0)
    assert digests(tmp_path / "a.zarr") == unbroken
    assert store.find_damage(tmp_path / "a.zarr") is None


@pytest.mark.faults
def test_random_kills_lose_at_most_one_commit_and_change_nothing(tmp_path, unbroken):
    """20 and more real kill -9 at random moments; every resume starts where the last state file says."""
    rng = random.Random(1)
    work, out = tmp_path / "work", tmp_path / "a.zarr"
    kills = 0
    while kills < 20:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
        while not out.exists():
            process = start(work, out, 0.02, 0.0)
            if rng.random() < 0.8:  # the others die while they start up
                process.stderr.readline()
            time.sleep(rng.uniform(0, 0.1 * kills))  # in the end long enough to publish
            process.kill()
            process.wait()
            kills += 1
            if saved := checkpoint.states(work):
                resumed = loop._Loop(toy.Walk(), work, Identity.of(toy.Walk(), toy.attributes()), 30.0)
                resumed.open()
                assert resumed.clock == checkpoint.load(saved[0])[1].clock
        assert digests(out) == unbroken


def test_sigterm_writes_a_checkpoint_and_the_next_run_goes_on(tmp_path, unbroken):
    """What Slurm sends before a time limit: status 75, the state on disk, nothing lost."""
    work, out = tmp_path / "work", tmp_path / "a.zarr"
    process = start(work, out, 0.1, 1000.0)
    while not checkpoint.states(work):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.wait()
    assert process.returncode == 75
    assert checkpoint.load(checkpoint.states(work)[0])[1].clock > 0
    assert not out.exists()
    toy.run(work, out)
    assert digests(out) == unbroken


@pytest.fixture
def half_done(tmp_path, monkeypatch):
    """A checkpoint with several blocks, interrupted in the middle."""
    monkeypatch.setattr("emergent_dynamics.store.layout.BLOCK_BYTES", 600)
    unfinished = loop._Loop(toy.Walk(), tmp_path / "work", Identity.of(toy.Walk(), toy.attributes()), 0.0)
    unfinished.open()
    while unfinished.stream.frames < 7:
        unfinished.advance()
        unfinished.commit()
    return tmp_path / "work"


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("damage", [truncate, empty, flip, Path.unlink], ids=lambda f: f.__name__)
@pytest.mark.parametrize("target", ["newest state", "both states", "first chunk", "metadata"])
def test_damage_to_a_checkpoint_is_found_and_computed_again(half_done, tmp_path, unbroken, damage, target):
    """A bad state falls back on the one before; a bad chunk or layout means starting again; never silent."""
    states = checkpoint.states(half_done)
    assert len(states) == checkpoint.KEPT
    targets = {
        "newest state": states[:1],
        "both states": states,
        "first chunk": [half_done / "store.zarr" / "x" / "c" / "0" / "0" / "0"],
        "metadata": [half_done / "store.zarr" / "x" / "zarr.json"],
    }[target]
    for path in targets:
        damage(path)
    toy.run(half_done, tmp_path / "a.zarr")
    assert digests(tmp_path / "a.zarr") == unbroken
