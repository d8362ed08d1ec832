"""Phase locking: how constant the phase difference of two oscillators stays over the second half of a run.

PLV_ij = |mean_t exp(i (theta_i - theta_j))| (Lachaux et al. 1999, Hum. Brain Mapp. 8, 194), in [0, 1], for a fixed
sample of oscillators evenly spread over the field.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval
from emergent_dynamics.store import Variable, slices

SAMPLE = 256  # number of oscillators, which form 32,640 pairs
LOCKED = 0.99  # PLV from which on a pair counts as locked


def _sample(units: int) -> np.ndarray:
    """Flat indices of at most SAMPLE units, evenly spaced."""
    return np.unique(np.linspace(0, units - 1, min(units, SAMPLE)).round().astype(np.int64))


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, Any]:
    """plv : (run, unit, unit_2) PLV over the frames of the second half. sampled_cell : (unit,) flat index.

    histogram, a table: run, lo, hi, share: PLV over pairs in 50 bins.
    """
    frames = trajectory.sizes["time"]
    units = int(np.prod([trajectory.sizes[dim] for dim in ("channel", "y", "x")]))
    chosen = _sample(units)
    total = np.zeros((trajectory.sizes["run"], chosen.size, chosen.size), complex)
    seen = 0
    for chunk in slices(trajectory[["theta"]], "time"):
        skip = max(0, frames // 2 - seen)
        seen += chunk.sizes["time"]
        if skip >= chunk.sizes["time"]:
            continue
        total += _products(chunk["theta"].values[:, skip:], chosen)
    plv = np.abs(total) / (frames - frames // 2)
    return {"plv": plv, "sampled_cell": chosen, "histogram": _histogram(plv)}


def _products(theta: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(run, unit, unit) sums over time of exp(i (theta_i - theta_j)) of the chosen units of theta (run, time, ...)."""
    z = np.exp(1j * theta.reshape(*theta.shape[:2], -1)[..., chosen].astype(float))
    return np.einsum("rti,rtj->rij", z, z.conj(), optimize=True)


def variables(tables: Mapping[str, Any]) -> dict[str, Variable]:
    """The layout of locking.zarr, which has one frame per run."""
    plv = tables["plv"]
    units = plv.shape[1]
    return {
        "plv": Variable(("run", "unit", "unit_2"), plv.shape, "float64", "phase-locking value", "1"),
        "cell": Variable(
            ("unit",), (units,), "int64", "index in (channel, y, x), flat", "1", kind="static", codec="table"
        ),
    }


def summarise(tables: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Headline]:
    """Mean PLV over pairs, and the share of locked pairs; means over runs."""
    plv = tables["plv"]
    pairs = plv[:, *np.triu_indices(plv.shape[1], 1)]
    names = (
        ("phase_locking", "1", "Phase-locking value, mean over pairs of units", 4),
        (
            "phase_locked_pairs",
            "share",
            f"Share of pairs with a phase-locking value of at least {LOCKED}",
            None,
        ),
    )
    if pairs.shape[1] == 0:
        alone = "one oscillator has no pair"
        return {name: Headline(np.nan, None, 0, unit, text, note=alone) for name, unit, text, _ in names}
    headlines = {}
    for (name, unit, sentence, rank), values in zip(names, (pairs, pairs >= LOCKED), strict=True):
        e = bounded_mean_interval(values.mean(1))
        note = "no interval: one run" if e.n == 1 else None
        headlines[name] = Headline.from_estimate(e, unit, sentence, rank=rank, note=note)
    return headlines


def _histogram(plv: np.ndarray) -> pd.DataFrame:
    rows, edges = [], np.linspace(0, 1, 51)
    for run, values in enumerate(plv[:, *np.triu_indices(plv.shape[1], 1)]):
        counts = np.histogram(np.minimum(values, 1.0), edges)[0]
        rows += [
            (run, a, b, c / max(1, values.size))
            for a, b, c in zip(edges[:-1], edges[1:], counts, strict=True)
        ]
    return pd.DataFrame(rows, columns=["run", "lo", "hi", "share"])
