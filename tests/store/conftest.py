"""Small stores with every codec and every kind of variable."""

import numpy as np
import pytest

from emergent_dynamics import store
from emergent_dynamics.store import Variable, layout

RUNS, FRAMES, SITES = 3, 10, 4


def small_variables(runs=RUNS, frames=FRAMES, sites=SITES):
    """One variable per codec along the stream, a coordinate, a static array, a log and a final one."""
    dims, shape = ("run", "time", "site"), (runs, frames, sites)
    return {
        "x": Variable(dims, shape, "float64", "position", "1"),
        "on": Variable(dims, shape, "bool", "active", "1", codec="bits"),
        "count": Variable(("time",), (frames,), "int32", "active sites", "1", codec="table"),
        "time": Variable(("time",), (frames,), "float64", "time", "s", kind="static", coordinate=True),
        "weight": Variable(("site",), (sites,), "float64", "weight", "1", kind="static"),
        "record/when": Variable(("record",), (0,), "int64", "when", "step", kind="log", codec="table"),
        "total": Variable(("run",), (runs,), "int64", "sum", "1", kind="final", codec="table"),
    }


def small_frames(seed=1, frames=FRAMES):
    """Values for the frame variables, by name."""
    rng = np.random.default_rng(seed)
    on = rng.random((RUNS, frames, SITES)) < 0.5
    return {"x": rng.normal(size=on.shape), "on": on, "count": on.sum((0, 2), dtype=np.int32)}


def write_store(path, values, pieces=(FRAMES,), records=(7,), attributes=None):
    """A published store of the values, given to the stream in pieces of that many frames."""
    frames = values["count"].size
    with store.writing(path, small_variables(frames=frames), "time", frames, attributes or {}) as stream:
        stream.whole("time", np.arange(frames, dtype=float))
        stream.whole("weight", np.ones(SITES))
        begin = 0
        for length in pieces:
            part = slice(begin, begin + length)
            stream.append(
                {"x": values["x"][:, part], "on": values["on"][:, part], "count": values["count"][part]}
            )
            begin += length
        for length in records:
            stream.append_rows("record/when", np.arange(length))
        stream.whole("total", values["on"].sum((1, 2)))
    return path


@pytest.fixture
def small_blocks(monkeypatch):
    """Three frames in a block, so that small stores have several chunks."""
    monkeypatch.setattr(layout, "BLOCK_BYTES", 400)


@pytest.fixture
def values():
    return small_frames()


@pytest.fixture
def variables():
    return small_variables()


@pytest.fixture
def write():
    return write_store


@pytest.fixture
def make_values():
    return small_frames


@pytest.fixture
def whole(tmp_path, small_blocks, values):
    """A published store of several blocks."""
    return write_store(tmp_path / "a.zarr", values)
