"""Capture: the share of tokens that have gathered round a moving Rényi or strong Rényi centre.

A token is captured while it is within a radius (geodesic, in 1 / sqrt(beta)) of the present position of
a centre of time 0; a centre captures itself. After Karagodin, Polyanskiy & Rigollet
2024, arXiv:2411.04990, figure 3, whose radius is not printed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.interpolation import at_time, curve, is_reached
from emergent_dynamics.causal.renyi import centres
from emergent_dynamics.findings import Headline
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.statistics import unskewed_mean_interval
from emergent_dynamics.store import slices

SCALE = 4.0  # c of the centres, as in the paper's figures
NAMES = {"strong": "strong Rényi centre", "renyi": "Rényi centre"}
RANKS = {"renyi": 5}


def share(x: np.ndarray, chosen: np.ndarray, radius: float) -> np.ndarray:
    """Share of tokens within `radius` (radian) of a centre, (run, time).

    x (run, time, token, coord) unit vectors, chosen (run, token) bool.
    """
    out = np.empty(x.shape[:2])
    limit = (2.0 * np.sin(0.5 * min(radius, np.pi))) ** 2
    _count_captured(np.ascontiguousarray(x, dtype=np.float64), chosen, limit, out)
    return out / x.shape[2]


def measure(trajectory: xr.Dataset, beta: float, radius: float) -> xr.Dataset:
    """captured(kind, run, time), the share of tokens; radius in 1 / sqrt(beta).

    Reads one stored block of frames at a time.
    """
    start = trajectory["x"].isel(time=0).values
    kinds = centres(start, SCALE / np.sqrt(beta))
    pieces = [
        np.stack([share(piece["x"].values, chosen, radius / np.sqrt(beta)) for chosen in kinds.values()])
        for piece in slices(trajectory[["x"]], "time")
    ]
    return xr.Dataset(
        {"captured": (("kind", "run", "time"), np.concatenate(pieces, axis=-1))},
        coords={"kind": list(kinds), "time": trajectory["time"]},
    )


def find(captured: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Table `capture`: kind, time, value, lo, hi (95 % interval of the mean), p10, p90 (percentiles of the runs), n."""
    tables = []
    for kind in captured["kind"].values:
        shares = captured["captured"].sel(kind=kind).values
        table = curve(captured["time"].values, map(unskewed_mean_interval, shares.T))
        table.insert(0, "kind", str(kind))
        for at, percent in ((5, 10), (6, 90)):
            table.insert(at, f"p{percent}", np.percentile(shares, percent, axis=0))
        tables.append(table)
    return {"capture": pd.concat(tables, ignore_index=True)}


def summarise(captured: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: the share captured at the end, and at those times of the curves of the second code that are close to
    saved frames.
    """
    headlines, time = {}, captured["time"].values
    for kind in captured["kind"].values:
        values = captured["captured"].sel(kind=kind).values
        near = f"Share of the tokens within {parameters['capture']:g} / sqrt(beta) of a {NAMES[kind]} of the start"
        headlines[f"captured_{kind}_end"] = Headline.from_estimate(
            unskewed_mean_interval(values[:, -1]), "share", f"{near}, at the end", rank=RANKS.get(kind)
        )
        for t, expectation in theory.curve(f"captured_{kind}", parameters).items():
            if is_reached(time, t):
                headlines[f"captured_{kind}_t{t:g}"] = Headline.from_estimate(
                    unskewed_mean_interval(at_time(values, time, t)),
                    "share",
                    f"{near}, at time {t:g}",
                    expectation=expectation,
                )
    return headlines


@numba.njit(cache=True)
def _count_captured(x, chosen, limit, out):
    """out (run, time): tokens whose squared chord to some chosen token of the same frame is at most limit."""
    runs, frames, n, dim = x.shape
    for r in range(runs):
        centre = np.flatnonzero(chosen[r])
        for t in range(frames):
            count = 0
            for i in range(n):
                for k in centre:
                    distance = 0.0
                    for c in range(dim):
                        distance += (x[r, t, i, c] - x[r, t, k, c]) ** 2
                    if distance <= limit:
                        count += 1
                        break
            out[r, t] = count
