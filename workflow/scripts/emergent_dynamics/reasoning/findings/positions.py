"""Drift and growth by position: do the cells that are wrong move more, and does a disturbance of them grow faster?

The exponent of a position is (1/T) log |J_T ... J_1 v| of a disturbance v of its token alone, drawn at random in both
latents: the growth of that disturbance, wherever it goes. Comparisons are between cells of the same puzzle that the
puzzle leaves open, so that neither the difficulty of a puzzle nor its given cells, which are easy to get right, matter.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import clustered, contrasts, diagnostics, tables, two_by_two
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.statistics import Estimate

AREAS = {
    "auc_cell_drift_wrong": (
        "drift",
        "Probability that a wrong open cell drifts more at the end than a right one of the same puzzle",
    ),
    "auc_cell_growth_wrong": (
        "growth",
        "Probability that a disturbance of a wrong open cell grows faster than of a right one of the same puzzle",
    ),
}


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """Return `positions`, one row per table and cell: means over examples; and `within`, one per example."""
    chosen = tables.primary(diagnosed)
    parts: dict[str, list[pd.DataFrame]] = {"positions": [], "within": []}
    for name, table in chosen.items():
        cells = _cells(table, settings.late_steps)
        parts["positions"].append(_by_position(cells, diagnostics.clusters(table)).assign(table=name))
        parts["within"].append(_within(cells).assign(table=name, idx=table["idx"].values))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Areas of drift and growth within puzzles, and how much faster open cells grow than given ones."""
    headlines: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for name, table in chosen.items():
        prefix = f"{name}_" if len(chosen) > 1 else ""
        own, cluster = tables.rows_of(rows["within"], name), diagnostics.clusters(table)
        for which, (column, sentence) in AREAS.items():
            found = _mean(own[f"auc_{column}"], cluster)
            found = (
                replace(found, lo=np.fmax(found.lo, 0.0), hi=np.fmin(found.hi, 1.0)) if found.n > 1 else found
            )
            headlines[prefix + which] = _headline(
                found, "probability", sentence, "puzzles with right and wrong open cells"
            )
        headlines[prefix + "growth_open_minus_given"] = _headline(
            _mean(own["open_minus_given"], cluster),
            str(table.attrs["unit"]),
            "Exponent of a disturbance of an open cell minus that of a given one, mean over puzzles",
            "puzzles with open and given cells",
        )
    return headlines


def _cells(table: xr.Dataset, late_steps: int) -> dict[str, np.ndarray]:
    """(example, cell) late drift, growth, and whether the cell is right and open."""
    return {
        "drift": table["drift_position"].values[:, -late_steps:].mean(axis=1, dtype=float),
        "growth": table["lyap_position"].values,
        "right": table["right_position"].values,
        "open": table["open_position"].values,
    }


def _by_position(cells: Mapping[str, np.ndarray], cluster: np.ndarray) -> pd.DataFrame:
    rows = []
    for position in range(cells["growth"].shape[1]):
        row: dict[str, float] = {"position": position, "n": len(cluster)}
        for name in ("drift", "growth"):
            found = clustered.mean(cells[name][:, position], cluster)
            row |= {name: found.value, f"{name}_low": found.lo, f"{name}_high": found.hi}
        rows.append(row | {name: cells[name][:, position].mean() for name in ("right", "open")})
    return pd.DataFrame(rows)


def _within(cells: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """For each example: areas of wrong against right open cells, and growth of open minus given cells; NaN without one
    kind.
    """
    rows = []
    for drift, growth, right, free in zip(
        *(cells[name] for name in ("drift", "growth", "right", "open")), strict=True
    ):
        known = free.any() and not free.all()
        rows.append(
            {
                "n_right": int((free & right).sum()),
                "n_wrong": int((free & ~right).sum()),
                "auc_drift": contrasts.auc(drift[free], ~right[free]),
                "auc_growth": contrasts.auc(growth[free], ~right[free]),
                "open_minus_given": growth[free].mean() - growth[~free].mean() if known else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _mean(values: pd.Series, cluster: np.ndarray) -> Estimate:
    defined = values.notna().to_numpy()
    return clustered.mean(values.to_numpy(float)[defined], cluster[defined])


def _headline(estimate: Estimate, unit: str, sentence: str, among: str) -> Headline:
    note = among
    if estimate.n < two_by_two.FEWEST:
        estimate = Estimate(np.nan, np.nan, np.nan, estimate.n)
        note = f"{two_by_two.INSUFFICIENT}: {among}"
    return Headline.from_estimate(estimate, unit, sentence, note=note)
