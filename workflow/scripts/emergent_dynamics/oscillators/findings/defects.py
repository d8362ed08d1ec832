"""Topological defects: the winding number of each square of four pixels, and whether their sum is the boundary's.

w = (1 / 2 pi) sum of the four phase differences, each wrapped to [-pi, pi): -1, 0 or 1 (Mermin 1979, Rev. Mod.
Phys. 51, 591). Computed in whole codes of 1/65536 turn, so that sums are exact.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.codes import CODES, PARTS, encode
from emergent_dynamics.statistics import bounded_mean_interval
from emergent_dynamics.store import slices


def wrapped(difference: np.ndarray) -> np.ndarray:
    """Differences of codes as the shortest way round, in [-32768, 32768)."""
    return (difference + CODES // 2) % CODES - CODES // 2


def links(code: np.ndarray, periodic_y: bool, periodic_x: bool) -> tuple[np.ndarray, np.ndarray]:
    """Wrapped differences along y (..., y-1, x) and x (..., y, x-1), with those across the edge on periodic axes."""
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
    """(...) turns of the phase along the open edges, with the sign of `winding`; 0 on a torus."""
    down, right = links(code, periodic_y, periodic_x)
    total = np.zeros(code.shape[:-2], np.int64)
    if not periodic_y:
        total += right[..., 0, :].sum(-1) - right[..., -1, :].sum(-1)
    if not periodic_x:
        total += down[..., -1].sum(-1) - down[..., 0].sum(-1)
    return total // CODES


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """defects, a row per run and frame.

    run, step, time, positive, negative, fraction, charge, boundary; summed over channels.
    """
    boundary = config["boundary"]
    closed = boundary["y"] == "periodic", boundary["x"] == "periodic"
    tables = []
    for chunk in slices(trajectory, "time", PARTS):
        code = encode(chunk["theta"].values)
        turns, edge = winding(code, *closed), boundary_winding(code, *closed)
        squares = int(np.prod(turns.shape[2:])) or np.nan  # a single row of pixels has no squares
        for run in range(len(code)):
            positive, negative = ((sign * turns[run] > 0).sum((1, 2, 3)) for sign in (1, -1))
            table = {"run": run, "step": chunk["step"].values, "time": chunk["time"].values}
            table |= {"positive": positive, "negative": negative, "fraction": (positive + negative) / squares}
            table |= {"charge": turns[run].sum((1, 2, 3)), "boundary": edge[run].sum(1)}
            tables.append(pd.DataFrame(table))
    return {"defects": pd.concat(tables).sort_values(["run", "step"], kind="stable", ignore_index=True)}


def summarise(tables: Mapping[str, pd.DataFrame], config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines: defects at start and end; frames in which charge and boundary winding differ (0, by Stokes)."""
    defects = tables["defects"]
    violations = Headline(
        int((defects["charge"] != defects["boundary"]).sum()),
        None,
        len(defects),
        "frames",
        "Frames in which the charge of the defects is not that of the boundary",
        theory.expected_violations(),
        exact=True,
    )
    first, last = defects.groupby("run").first(), defects.groupby("run").last()
    start, end = (bounded_mean_interval(frame["fraction"].to_numpy()) for frame in (first, last))
    without = {0: "no square of four pixels", 1: "no interval: one run"}.get(start.n)
    return {
        "defect_conservation_violations": violations,
        "defect_fraction_start": Headline.from_estimate(
            start,
            "share",
            "Share of squares with a vortex at the start",
            expectation=theory.expected_vortices(config) if start.n else None,
            note=without,
        ),
        "defect_fraction_end": Headline.from_estimate(
            end, "share", "Share of squares with a vortex at the end", note=without
        ),
    }
