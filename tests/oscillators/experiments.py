"""Experiments and trajectories for the tests: complete settings, fields made by hand, short runs."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from emergent_dynamics.config import schema
from emergent_dynamics.oscillators import simulation

KURAMOTO = {
    "topology": "all_to_all", "normalise": "mean", "bias": 0, "frequency": 0, "natural": {"distribution": "gaussian"},
}  # fmt: skip


def complete(**changes):
    """A complete experiment, as the schema resolves it."""
    return schema.resolve(schema.read_schemas()[1]["oscillators"], changes)


def by_hand(theta, spike=None, energy=None):
    """A trajectory of phases (run, time, channel, y, x) at times 0, 0.5, ..., as a store would show it."""
    clock = np.arange(theta.shape[1])
    field, frame = ("run", "time", "channel", "y", "x"), ("run", "time")
    mean = np.exp(1j * theta).mean((3, 4))
    columns = {
        "theta": (field, theta),
        "spike": (field, np.zeros(theta.shape, bool) if spike is None else spike),
        "order": (frame, np.abs(mean.mean(2))),
        "channel_order": (("run", "time", "channel"), np.abs(mean)),
        "speed": (frame, np.ones(theta.shape[:2])),
        "energy": (frame, np.zeros(theta.shape[:2]) if energy is None else energy),
        "input_phase": (("run", "channel", "y", "x"), theta[:, 0]),
    }
    return xr.Dataset(columns, {"time": ("time", 0.5 * clock), "step": ("time", clock)})


def cut(length):
    """What `store.slices` yields of a store whose chunks have this length."""

    def slices(trajectory, dim):
        for start in range(0, trajectory.sizes[dim], length):
            yield trajectory.isel({dim: slice(start, start + length)})

    return slices


def simulated(**changes):
    """A short run of an experiment, without a driver, as a store would show it."""
    sim = simulation.build(complete(store_dtype="float32", **changes))
    state, frames = sim.initial(), []
    for k, stop in enumerate(sim.schedule):
        state = sim.advance(state, sim.schedule[k - 1], stop) if k else state
        frames.append({name: np.copy(v) for name, v in sim.observe(state).items()})
    columns = {}
    for name, variable in sim.variables().items():
        if variable.kind == "frame":
            columns[name] = (variable.dims, np.stack([f[name] for f in frames], variable.dims.index("time")))
    clock = {name: columns.pop(name) for name in ("time", "step")}
    return xr.Dataset(columns, clock)


def interval(values, low=-np.inf, high=np.inf):
    """Mean and Student's interval, cut at the range; the quantile is SciPy's."""
    values = np.asarray(values, float)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean(), (max(low, values.mean() - half), min(high, values.mean() + half))


def assert_headline(headline, values, high, unit, low=0.0, **others):
    """A headline is the mean of `values` with its interval in [low, high]; `others`: its further fields."""
    mean, ci = interval(values, low, high)
    assert (headline.value, *headline.ci) == (pytest.approx(mean), pytest.approx(ci[0]), pytest.approx(ci[1]))
    assert (headline.n, headline.unit) == (len(values), unit)
    fields = {"rank": None, "note": None, "expectation": None} | others
    assert {name: getattr(headline, name) for name in fields} == fields
