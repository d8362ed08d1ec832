"""Topological defects: the winding number of each square of four pixels, and whether their sum is the boundary's.

w = (1 / 2 pi) sum of the four phase differences, each wrapped to [-pi, pi): -1, 0 or 1 (Mermin 1979, Rev. Mod.
Phys. 51, 591). Computed in whole codes of 1/65536 turn, so that sums are exact.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.planes import CODES
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline, slices


def codes(theta: np.ndarray) -> np.ndarray:
    """Phases in rad as whole 1/65536 turns from -pi, int64."""
    return np.rint((theta.astype(float) + np.pi) * (CODES / (2 * np.pi))).astype(np.int64)


def wrapped(difference: np.ndarray) -> np.ndarray:
    """Differences of codes as the shortest way round, in [-32768, 32768)."""
    return (difference + CODES // 2) % CODES - CODES // 2


def links(code: np.ndarray, periodic_y: bool, periodic_x: bool) -> tuple[np.ndarray, np.ndarray]:
    """Wrapped differences along y (..., y-1, x) and x (..., y, x-1), with the closing ones on periodic axes."""
    rows = np.concatenate([code, code[..., :1, :]], -2) if periodic_y else code
    columns = np.concatenate([code, code[..., :1]], -1) if periodic_x else code
    return wrapped(np.diff(rows, axis=-2)), wrapped(np.diff(columns, axis=-1))


def winding(code: np.ndarray, periodic_y: bool = False, periodic_x: bool = False) -> np.ndarray:
    """(..., y', x') winding number of each square, int64; y' and x' are one less on open axes."""
    down, right = links(code, periodic_y, periodic_x)
    if periodic_x:
        down = np.concatenate([down, down[..., :1]], -1)
    if periodic_y:
        right = np.concatenate([right, right[..., :1, :]], -2)
    turn = right[..., :-1, :] + down[..., 1:] - right[..., 1:, :] - down[..., :-1]
    return turn // CODES


def boundary_winding(code: np.ndarray, periodic_y: bool = False, periodic_x: bool = False) -> np.ndarray:
    """(...) turns of the phase along the open edges, counted as `winding` counts; 0 on a torus."""
    down, right = links(code, periodic_y, periodic_x)
    total = np.zeros(code.shape[:-2], np.int64)
    if not periodic_y:
        total += right[..., 0, :].sum(-1) - right[..., -1, :].sum(-1)
    if not periodic_x:
        total += down[..., -1].sum(-1) - down[..., 0].sum(-1)
    return total // CODES


def find(trajectory: xr.Dataset, boundary: Mapping[str, str]) -> pd.DataFrame:
    """defects.csv, a row per run and frame.

    Step, time, positive, negative, fraction, charge, boundary; summed over channels.
    """
    closed = boundary["y"] == "periodic", boundary["x"] == "periodic"
    tables = []
    for chunk in slices(trajectory, "time"):
        code = codes(chunk["theta"].values)
        found, edge = winding(code, *closed), boundary_winding(code, *closed)
        squares = max(1, int(np.prod(found.shape[2:])))
        for run in range(len(code)):
            positive, negative = ((sign * found[run] > 0).sum((1, 2, 3)) for sign in (1, -1))
            table = {"run": run, "step": chunk["step"].values, "time": chunk["time"].values}
            table |= {"positive": positive, "negative": negative, "fraction": (positive + negative) / squares}
            table |= {"charge": found[run].sum((1, 2, 3)), "boundary": edge[run].sum(1)}
            tables.append(pd.DataFrame(table))
    return pd.concat(tables).sort_values(["run", "step"], kind="stable", ignore_index=True)


def summarise(defects: pd.DataFrame, given: Mapping[str, Any]) -> dict[str, Headline]:
    """Defects at start and end, and in how many frames charge and boundary disagree (0, by Stokes' theorem)."""
    violations = int((defects["charge"] != defects["boundary"]).sum())
    conserved = "sum of windings = winding of the boundary (Stokes)"
    start = mean_interval(defects.groupby("run")["fraction"].first().to_numpy())
    end = mean_interval(defects.groupby("run")["fraction"].last().to_numpy())
    first = Headline(start.value, start.ci, start.n, "1")
    if given["initial_phases"] is None:
        squares = given["channels"] * max(1, (given["height"] - 1) * (given["width"] - 1))
        spread = np.sqrt(
            theory.VORTEX_FRACTION_RANDOM * (1 - theory.VORTEX_FRACTION_RANDOM) / squares / start.n
        )
        close = bool(abs(start.value - theory.VORTEX_FRACTION_RANDOM) < 4 * spread)
        source = "independent phases: 1/3 of squares; ok within 4 standard errors"
        first = Headline(start.value, start.ci, start.n, "1", theory.VORTEX_FRACTION_RANDOM, source, close)
    return {
        "defect_conservation_violations": Headline(
            violations, None, len(defects), "frames", 0, conserved, violations == 0
        ),
        "defect_fraction_start": first,
        "defect_fraction_end": Headline(end.value, end.ci, end.n, "1"),
    }
