"""The places where tokens end: at token 0, in the plane or at the poles of V's largest eigenvalue, or around these.

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

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.presets import file_of, matrix
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval, proportion_interval, unskewed_mean_interval

DEGENERATE = 1e-9  # eigenvalues that differ by less, relative to the largest, count as equal
ARRIVED = 1e-6  # chord, and 1 - `along`, below which a limit counts as reached and a token as at rest


def leading_space(value: np.ndarray) -> np.ndarray | None:
    """(coord, m) orthonormal basis of the eigenspace of V's largest eigenvalue; None where that is complex."""
    eigenvalues = np.linalg.eigvals(value)
    top = eigenvalues[np.argmax(eigenvalues.real)]
    scale = max(1.0, float(np.abs(eigenvalues).max()))
    if abs(top.imag) > DEGENERATE * scale:
        return None
    _, singular, rows = np.linalg.svd(value - top.real * np.eye(len(value)))
    return rows[singular <= 1e3 * DEGENERATE * scale].T


def value_of(trajectory: xr.Dataset, parameters: Mapping[str, Any]) -> np.ndarray | None:
    """(coord, coord) V of a run: from the store where it came from a user's file, else from the parameters.

    None where there is no single V: for a user's own vectors, and where every layer or head has a V.
    """
    if parameters.get("heads", 1) > 1:
        return None
    if "value" in trajectory:
        return trajectory["value"].values
    if parameters["source"] != "model" or file_of(parameters["value"]):
        return None
    return matrix(parameters["value"], int(parameters["dimension"]))


def find(trajectory: xr.Dataset, value: np.ndarray) -> dict[str, pd.DataFrame]:
    """Table `limits`: run, distance, along, sides, moved; `along` and `sides` are NaN where L is undefined."""
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


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any], value: np.ndarray) -> dict[str, Headline]:
    """Headlines: means of the table, the shares of runs that still move and that have reached the paper's limit.

    The paper is about t -> infinity, so a run that has not reached its limit is no contradiction: the limit is stated
    in a note, not as an expectation.
    """
    headlines = {
        "distance_to_first_token": Headline.from_estimate(
            unskewed_mean_interval(table["distance"].to_numpy(), 0.0, 2.0),
            "chord",
            "Largest distance of a token at the end from the first token at the start, mean over runs",
        ),
        "along_leading_space": _along(table["along"].to_numpy(), value),
        "sides_of_leading_line": Headline.from_estimate(
            bounded_mean_interval(table["sides"].to_numpy(), 1.0, 2.0),
            "sides",
            "Number of ends of V's leading line near which tokens are at the end, mean over runs",
            note="the leading space of V is not a line" if table["sides"].isna().all() else None,
        ),
        "still_moving": Headline.from_estimate(
            proportion_interval(int((table["moved"] > ARRIVED).sum()), len(table)),
            "share",
            "Share of runs in which a token has moved by more than a millionth since the frame before the last",
        ),
    }
    law = theory.limit_law(parameters)
    if law is not None:
        place, source = law
        reached = {
            "first token": table["distance"] < ARRIVED,
            "leading space": table["along"] > 1.0 - ARRIVED,
        }[place]
        headlines["limit_reached"] = Headline.from_estimate(
            proportion_interval(int(reached.sum()), len(table)),
            "share",
            f"Share of runs in which all tokens have arrived at the {place}",
            note=f"{source}: all runs as t goes to infinity, which no end of a run decides",
        )
    return headlines


def _along(along: np.ndarray, value: np.ndarray) -> Headline:
    """Mean of `along`; 1 by definition where every direction is in the leading space, as for V = I."""
    space = leading_space(value)
    whole = space is not None and space.shape[1] == len(value)
    estimate = bounded_mean_interval(along)
    return Headline(
        estimate.value,
        None if whole else estimate.ci,
        estimate.n,
        "1",
        "Smallest length of a token's projection on the leading space of V at the end, mean over runs",
        note="the largest eigenvalue of V is complex" if np.isnan(estimate.value) else None,
        standard_error=None if whole else estimate.standard_error,
        exact=whole,
    )
