"""Phase locking: how constant the phase difference of two oscillators stays over the second half of a run.

PLV_ij = |mean_t exp(i (theta_i - theta_j))| (Lachaux et al. 1999, Hum. Brain Mapp. 8, 194), in [0, 1], for a fixed
sample of oscillators evenly spread over the field.
"""

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline, Variable, slices

SAMPLE = 256  # oscillators: 32,640 pairs
LOCKED = 0.99  # PLV from which on a pair counts as locked


def sample(units: int) -> np.ndarray:
    """Flat indices of at most SAMPLE units, evenly spaced."""
    return np.unique(np.linspace(0, units - 1, min(units, SAMPLE)).round().astype(np.int64))


def find(trajectory: xr.Dataset) -> np.ndarray:
    """(run, unit, unit_2) PLV over the frames of the second half."""
    frames = trajectory.sizes["time"]
    units = int(np.prod([trajectory.sizes[dim] for dim in ("channel", "y", "x")]))
    chosen = sample(units)
    total = np.zeros((trajectory.sizes["run"], chosen.size, chosen.size), complex)
    seen = 0
    for chunk in slices(trajectory[["theta"]], "time"):
        skip = max(0, frames // 2 - seen)
        seen += chunk.sizes["time"]
        if skip >= chunk.sizes["time"]:
            continue
        theta = chunk["theta"].values[:, skip:]
        z = np.exp(1j * theta.reshape(*theta.shape[:2], -1)[..., chosen].astype(float))
        total += np.einsum("rti,rtj->rij", z, z.conj(), optimize=True)
    return np.abs(total) / (frames - frames // 2)


def variables(plv: np.ndarray) -> dict[str, Variable]:
    """The layout of locking.zarr, a frame per run."""
    units = plv.shape[1]
    return {
        "plv": Variable(("run", "unit", "unit_2"), plv.shape, "float64", "phase-locking value", "1"),
        "cell": Variable(
            ("unit",), (units,), "int64", "index in (channel, y, x), flat", "1", kind="static", codec="table"
        ),
    }


def summarise(plv: np.ndarray) -> dict[str, Headline]:
    """Mean PLV over pairs, and the share of locked pairs; means over runs."""
    pairs = plv[:, *np.triu_indices(plv.shape[1], 1)]
    if pairs.shape[1] == 0:
        return {"phase_locking": Headline(np.nan, None, 0, "1", note="one oscillator has no pair")}
    mean, share = mean_interval(pairs.mean(1)), mean_interval((pairs >= LOCKED).mean(1))
    return {
        "phase_locking": Headline(mean.value, mean.ci, mean.n, "1"),
        "phase_locked_pairs": Headline(
            share.value, share.ci, share.n, f"share of pairs with PLV >= {LOCKED}"
        ),
    }


def table(plv: np.ndarray) -> pd.DataFrame:
    """locking.csv: run, lo, hi, share: histogram of PLV over pairs in 50 bins."""
    rows, edges = [], np.linspace(0, 1, 51)
    for run, values in enumerate(plv[:, *np.triu_indices(plv.shape[1], 1)]):
        counts = np.histogram(np.minimum(values, 1.0), edges)[0]
        rows += [
            (run, a, b, c / max(1, values.size))
            for a, b, c in zip(edges[:-1], edges[1:], counts, strict=True)
        ]
    return pd.DataFrame(rows, columns=["run", "lo", "hi", "share"])
