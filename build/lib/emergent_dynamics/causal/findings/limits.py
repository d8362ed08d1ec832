"""Where tokens end: at token 0, in the plane or at the poles of V's largest eigenvalue, or in clouds round them.

With L the eigenspace of V's largest eigenvalue (real part; symmetric V in the paper's table), per run at the end:

    distance  largest |x_k - x_0(0)| over the tokens, chord,
    along     smallest |P_L x_k| over the tokens, 1 when all are in L,
    sides     1 or 2: signs of <x_k, xi> that occur when L is a line along xi; NaN for larger L,
    moved     largest |x_k(end) - x_k(last frame before)|, chord.

Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990: theorem 4.1 (V = I) and the conjectures of Table 1.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal.expectations import headline
from emergent_dynamics.causal.presets import matrix
from emergent_dynamics.statistics import mean_interval, proportion_interval
from emergent_dynamics.store import Headline

DEGENERATE = 1e-9  # eigenvalues this close, relative to the largest, count as equal
ARRIVED = 1e-6  # chord, and shortfall of `along`, below which a limit counts as reached


def leading_space(value: np.ndarray) -> np.ndarray | None:
    """(coord, m) orthonormal basis of the eigenspace of V's largest eigenvalue; None where that is complex."""
    eigenvalues = np.linalg.eigvals(value)
    top = eigenvalues[np.argmax(eigenvalues.real)]
    scale = max(1.0, float(np.abs(eigenvalues).max()))
    if abs(top.imag) > DEGENERATE * scale:
        return None
    _, singular, rows = np.linalg.svd(value - top.real * np.eye(len(value)))
    return rows[singular <= 1e3 * DEGENERATE * scale].T


def find(trajectory: xr.Dataset, value: np.ndarray) -> dict[str, pd.DataFrame]:
    """`limits`: run, distance, along, sides, moved; `along` and `sides` are NaN where L is undefined."""
    x, start, end = trajectory["x"], trajectory["x"].isel(time=0).values, trajectory["x"].isel(time=-1).values
    before = x.isel(time=max(0, trajectory.sizes["time"] - 2)).values
    space = leading_space(value)
    along = sides = np.full(len(end), np.nan)
    if space is not None and space.shape[1]:
        along = np.linalg.norm(end @ space, axis=-1).min(axis=-1)
    if space is not None and space.shape[1] == 1:
        positive = (end @ space)[..., 0] > 0
        sides = 2.0 - (positive.all(axis=-1) | ~positive.any(axis=-1))
    columns = {
        "run": np.arange(len(end)),
        "distance": np.linalg.norm(end - start[:, :1], axis=-1).max(axis=-1),
        "along": along,
        "sides": sides,
        "moved": np.linalg.norm(end - before, axis=-1).max(axis=-1),
    }
    return {"limits": pd.DataFrame(columns)}


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: means of the table, and the share of runs that have arrived where the paper says they will.

    The paper speaks of t -> infinity: metastable groups last for times of order e^sqrt(beta) and more, without
    visible motion. So arrival agrees with it, but a run that has not arrived does not contradict it: no verdict.
    """
    kind, law = _case(parameters)
    found = {
        "distance_to_first_token": headline(mean_interval(table["distance"].to_numpy()), "chord"),
        "along_leading_space": headline(mean_interval(table["along"].to_numpy()), "1"),
        "sides_of_leading_line": headline(mean_interval(table["sides"].to_numpy()), "sides"),
        "still_moving": headline(mean_interval(table["moved"].to_numpy()), "chord since the frame before"),
    }
    reached = {
        "collapse": table["distance"] < ARRIVED,
        "leading space": table["along"] > 1.0 - ARRIVED,
    }.get(kind)
    if reached is not None and law is not None:
        share = proportion_interval(int(reached.sum()), len(table))
        verdict, note = (
            (True, None) if reached.all() else (None, "expected for t -> infinity, not by this end")
        )
        found["limit_reached"] = Headline(
            share.value, share.ci, share.n, f"share of runs at the {kind}", 1.0, law, verdict, note
        )
    return found


def _case(parameters: Mapping[str, Any]) -> tuple[str, str | None]:
    """What the paper says about this V under causal softmax attention: the kind of limit and its source."""
    value = matrix(parameters["value"], int(parameters["dimension"]))
    if parameters["mask"] != "causal" or parameters["attention"] != "softmax":
        return "", None
    if np.array_equal(value, np.eye(len(value))):
        return "collapse", "Karagodin et al. 2024, theorem 4.1"
    if np.array_equal(value, value.T) and np.linalg.eigvalsh(value)[-1] > 0:
        return "leading space", "Karagodin et al. 2024, Table 1 (conjecture)"
    return "", None
