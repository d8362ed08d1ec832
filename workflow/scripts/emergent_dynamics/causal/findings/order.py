"""Order parameters of all tokens of a run against time: how far they have gathered.

    resultant      |mean of x|, 0 ... 1, 1 when all are together
    energy         1 / (2 beta n^2) sum_ij e^(beta (<x_i, x_j> - 1)), at most 1 / (2 beta), when all are together
    aligned        share of the pairs i < j with <x_i, x_j> > 0.999
    participation  (tr M)^2 / tr M^2, M = sum_i x_i x_i^T / n, 1 ... d: directions in use, x and -x alike

The energy is e^-beta times the interaction energy of Geshkovski, Letrouit, Polyanskiy & Rigollet 2023,
arXiv:2312.10794, so that it cannot overflow. Without a mask and with Q = K = V = I it never falls; with the
causal mask each token has its own energy and the sum may fall. The alignment threshold is theirs too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.groups import clock, clock_variables
from emergent_dynamics.causal.interpolation import curve
from emergent_dynamics.causal.theory import ALIGNED
from emergent_dynamics.findings import Expectation, Headline
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.statistics import (
    proportion_interval,
    unskewed_mean_interval,
)
from emergent_dynamics.store import Variable, slices

METRICS = {
    "resultant": "length of the mean token",
    "energy": "interaction energy, times e^-beta",
    "aligned": "share of pairs with cosine above 0.999",
    "participation": "participation ratio of the second moment",
}
FALL = 1e-12  # relative; a decrease between frames counts if it is larger


def metrics(x: np.ndarray, beta: float) -> dict[str, np.ndarray]:
    """All of `METRICS`, each (...), of x (..., token, coord); `aligned` is NaN for a single token."""
    n = x.shape[-2]
    flat = np.ascontiguousarray(x, dtype=np.float64).reshape(-1, *x.shape[-2:])
    attraction, near = np.empty(len(flat)), np.empty(len(flat))
    _pairs(flat, float(beta), ALIGNED, attraction, near)
    moment = flat.swapaxes(-1, -2) @ flat / n
    found = {
        "resultant": np.linalg.norm(flat.mean(axis=-2), axis=-1),
        "energy": (n + 2.0 * attraction) / (2.0 * beta * n**2),
        "aligned": near / (n * (n - 1) / 2) if n > 1 else np.full(len(flat), np.nan),
        "participation": np.trace(moment, axis1=-2, axis2=-1) ** 2 / (moment**2).sum((-1, -2)),
    }
    return {name: values.reshape(x.shape[:-2]) for name, values in found.items()}


def variables(trajectory: xr.Dataset) -> dict[str, Variable]:
    """Layout of order.zarr: every metric (run, time), and the trajectory's clock."""
    shape = (trajectory.sizes["run"], trajectory.sizes["time"])
    own = {name: Variable(("run", "time"), shape, "float64", text, "1") for name, text in METRICS.items()}
    return clock_variables(trajectory) | own


def blocks(trajectory: xr.Dataset, beta: float) -> Iterator[dict[str, np.ndarray]]:
    """The metrics of one stored block of frames after the other, as `store.writing` takes them."""
    for piece in slices(trajectory[["x"]], "time"):
        yield metrics(piece["x"].values, beta)


def measure(trajectory: xr.Dataset, beta: float) -> xr.Dataset:
    """order.zarr as a dataset in memory, with the trajectory's clock and attributes."""
    found = list(blocks(trajectory, beta))
    data = {name: (("run", "time"), np.concatenate([b[name] for b in found], axis=1)) for name in METRICS}
    return xr.Dataset(data, coords=clock(trajectory), attrs=trajectory.attrs)


def find(order: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Table `order`, means over runs with 95 % intervals: metric, time, value, lo, hi, n."""
    tables = []
    for name, (low, high) in ranges(parameters).items():
        estimates = (unskewed_mean_interval(frame, low, high) for frame in order[name].values.T)
        table = curve(order["time"].values, estimates)
        table.insert(0, "metric", name)
        tables.append(table)
    return {"order": pd.concat(tables, ignore_index=True)}


def ranges(parameters: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """The least and the largest possible value of every metric."""
    return {
        "resultant": (0.0, 1.0),
        "energy": (0.0, 1.0 / (2.0 * parameters["beta"])),
        "aligned": (0.0, 1.0),
        "participation": (1.0, float(parameters["dimension"])),
    }


def summarise(order: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: every metric at the start (exact for uniform tokens) and at the end; whether the energy ever falls."""
    headlines = {}
    for name, (low, high) in ranges(parameters).items():
        for where, frame in (("start", 0), ("end", -1)):
            estimate = unskewed_mean_interval(order[name].values[:, frame], low, high)
            headlines[f"{name}_{where}"] = Headline.from_estimate(
                estimate,
                "share" if name == "aligned" else "1",
                f"Mean {METRICS[name]}, at the {where}",
                expectation=_expected(name, where, parameters),
                note="a single token forms no pair" if np.isnan(estimate.value) else None,
            )
    headlines["resultant_squared_start"] = Headline.from_estimate(
        unskewed_mean_interval(order["resultant"].values[:, 0] ** 2),
        "1",
        "Mean squared length of the mean token, at the start",
        expectation=theory.uniform_start("resultant_squared", parameters),
    )
    energy = order["energy"].values
    rising = (np.diff(energy, axis=1) >= -FALL * energy[:, 1:]).all(axis=1)
    headlines["energy_never_falls"] = Headline.from_estimate(
        proportion_interval(int(rising.sum()), rising.size),
        "share",
        "Share of runs in which the interaction energy never falls from one frame to the next",
        expectation=theory.energy_never_falls(parameters),
    )
    return headlines


def _expected(name: str, where: str, parameters: Mapping[str, Any]) -> Expectation | None:
    if where == "start":
        return theory.uniform_start(name, parameters)
    return theory.noisy_resultant(parameters) if name == "resultant" else None


@numba.njit(cache=True)
def _pairs(x, beta, threshold, attraction, near):
    """Sums over pairs i < j of every frame: e^(beta (<x_i, x_j> - 1)) and the count above the threshold."""
    # Floor: one exp per pair. Measured 0.4 ms per frame of 256 tokens, 12 ns per pair, half of it for the exponential.
    # Terms below e^-46 are left out: together they are below n 1e-20 of the sum.
    batch, n, dim = x.shape
    for b in range(batch):
        total, count = 0.0, 0
        for i in range(n):
            for j in range(i):
                cosine = 0.0
                for c in range(dim):
                    cosine += x[b, i, c] * x[b, j, c]
                if cosine > threshold:
                    count += 1
                exponent = beta * (cosine - 1.0)
                if exponent > -46.0:
                    total += np.exp(exponent)
        attraction[b] = total
        near[b] = count
