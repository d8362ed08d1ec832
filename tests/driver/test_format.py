"""`FORMAT` of what all systems share, which hashes of code rest on: bytes, draws, values of files change with it only.

`PYTHONPATH=workflow/scripts python -m tests.driver.test_format` writes tests/driver/format.json anew, after a number
was raised, or after the code of a room changed what it computes.
"""

import hashlib
import importlib
import json
import platform
import sys
import tempfile
from pathlib import Path

import llvmlite.binding
import numpy as np
import polars
import pytest
import zarr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import device, driver, engines, inputs, runtime, store, streams
from emergent_dynamics.driver import checkpoint
from emergent_dynamics.inputs.files import read
from emergent_dynamics.store import Variable
from tests.driver.test_horizons import simulated
from tests.kept import SYSTEMS

GOLDEN = Path(__file__).with_name("format.json")
COMMAND = "`PYTHONPATH=workflow/scripts python -m tests.driver.test_format`"
RAISE = f"raise FORMAT of the shared module that changed (of nothing, if only a room did), then run {COMMAND}"


class Count:
    """Integers of every kind, so that no machine rounds."""

    stream_dim = "time"
    divisible = True
    horizon = ("steps",)
    schedule = driver.every(3, 20)

    def variables(self):
        n = self.schedule.size
        return {
            "n": Variable(("run", "time"), (2, n), "int64", "number", "1"),
            "step": Variable(("time",), (n,), "int64", "step", "1", "static", coordinate=True),
            "record/even": Variable(("record",), (0,), "int32", "even numbers", "1", "log", codec="table"),
            "last": Variable(("run",), (2,), "int64", "last number", "1", "final"),
        }

    def initial(self):
        return {"n": np.zeros(2, np.int64), "step": self.schedule}

    def advance(self, state, start, stop):
        state["n"] = np.array([stop, 2 * stop])
        state["record/even"] = np.array([n for n in range(start + 1, stop + 1) if n % 2 == 0], np.int32)
        return state

    def observe(self, state):
        return {"n": state["n"]}

    def finish(self, state):
        return {"last": state["n"]}

    def notes(self):
        return {"engine": "none"}


def layout(folder):
    """What the shared rooms leave of a run of integers: metadata with attributes and digests, members of a state."""
    attributes = provenance.attributes("toy", "count", {"seed": 1, "steps": 20}, "code") | {"software": "{}"}
    driver.run(Count(), folder / "work", folder / "a.zarr", attributes)
    files = {
        path.relative_to(folder).as_posix(): json.loads(path.read_text()) if path.name == "zarr.json" else ""
        for path in sorted((folder / "a.zarr").rglob("*"))
        if path.is_file()
    }
    state = checkpoint.states(folder / "work")[0].read_bytes()[checkpoint.DIGEST :]
    (folder / "state.npz").write_bytes(state)
    with np.load(folder / "state.npz") as members:
        found = {name: f"{members[name].dtype.kind}{members[name].shape}" for name in members}
    return {"files": files, "state": found}


def told(values):
    """Type, shape and digest of an array."""
    found = np.ascontiguousarray(values)
    return f"{found.dtype.str} {found.shape} {hashlib.sha256(found.tobytes()).hexdigest()[:16]}"


def drawn():
    """Draws of two streams, of every kind that is exact on all machines."""
    where = {"seed": 2**40 + 1, "run": 3, "step": 2**33 + 5, "n": 9}
    return {
        f"{stream} {kind}": told(draw(stream=stream, **where))
        for stream in ("start", "noise")
        for kind, draw in {
            "bits": streams.bits,
            "uniform": streams.uniform,
            "integers": lambda **at: streams.integers(**at, high=1000),
            "choice": lambda **at: streams.choice_without_replacement(**at, size=4),
        }.items()
    }


def files(folder):
    """Files of every format and of several types, with numbers that all machines have."""
    whole, halves = np.arange(24).reshape(2, 3, 4), np.arange(12).reshape(3, 4) / 4 - 1
    for name, values in {
        "int": whole,
        "big": whole.astype(">i2"),
        "f4": halves.astype("f4"),
        "bool": whole > 9,
    }.items():
        np.save(folder / f"{name}.npy", values)
    np.save(folder / "fortran.npy", np.asfortranarray(halves))
    np.savez_compressed(folder / "two.npz", x=halves, y=whole)
    zarr.save_array(str(folder / "x.zarr"), halves)
    (folder / "named.csv").write_text("time, unit\n0.5,3\n\n1.25,7\n")
    (folder / "bare.csv").write_text("0.5,3\n1.25,7\n")
    polars.DataFrame({"time": [0.5, 1.25], "unit": [3, 7]}).write_parquet(folder / "x.parquet")
    names = [path.name for path in sorted(folder.iterdir()) if path.suffix != ".npz"]
    return [*names, "two.npz#x", "two.npz#y"]


def values_of_files(folder):
    """What is read from each file."""
    folder.mkdir()
    return {name: told(read(str(folder / name))) for name in files(folder)}


def machine():
    """What may round otherwise: the processor, and the packages that compute."""
    versions = {
        name: value for name, value in provenance.software().items() if name in ("numpy", "numba", "torch")
    }
    return {"cpu": llvmlite.binding.get_host_cpu_name(), "machine": platform.machine(), **versions}


def computed(system, folder):
    """Digests of every array of a small run of a system."""
    module = importlib.import_module(f"tests.{system}.horizons")
    cases = {name: {**case[0], **case[1]} for name, case in module.CASES.items()}
    return {name: simulated(system, folder / name, parameters)[0] for name, parameters in cases.items()}


def numbers():
    """The present FORMATs."""
    shared = (device, driver, engines, inputs, runtime, store, streams)
    return {module.__name__.rpartition(".")[2]: module.FORMAT for module in shared}


@pytest.fixture(scope="module")
def golden():
    """What stands on record."""
    return json.loads(GOLDEN.read_text())


def test_what_is_on_disk_is_what_the_formats_say(tmp_path, golden):
    """Attributes, metadata, names of chunks, digests, and what a state file holds."""
    assert golden["formats"] == numbers(), f"run {COMMAND}"
    assert layout(tmp_path) == golden["layout"], RAISE


def test_draws_and_values_of_files_are_what_the_formats_say(tmp_path, golden):
    """On every machine: a mend of `inputs` or `streams` that gives other values raises its number."""
    assert drawn() == golden["draws"], RAISE
    assert values_of_files(tmp_path / "files") == golden["files"], RAISE


def test_another_codec_is_seen(tmp_path, golden, monkeypatch):
    """The comparison can fail."""
    fast = {**store.layout.CODECS, "float": store.layout.CODECS["table"]}
    monkeypatch.setattr(store.layout, "CODECS", fast)
    assert layout(tmp_path) != golden["layout"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_bits_of_a_small_run_are_those_on_record(tmp_path, golden, system):
    """A shared room that changes a result of any system is found here, on a machine that rounds alike."""
    if machine() != golden["machine"]:
        pytest.skip(f"digests on record are of {golden['machine']}, this is {machine()}")
    assert computed(system, tmp_path) == golden["systems"][system], RAISE


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        found = {"formats": numbers(), "layout": layout(here), "machine": machine()}
        found |= {"draws": drawn(), "files": values_of_files(here / "files")}
        found["systems"] = {system: computed(system, here / system) for system in SYSTEMS}
    GOLDEN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    sys.exit(0)
