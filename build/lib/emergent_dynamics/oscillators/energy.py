"""The energy over time, and whether it ever rose: it may not where the discrete Lyapunov bound holds.

E = -k sum_<ij> cos(theta_i - theta_j) - k_b sum cos(phi - theta), rad per unit time; see `theory.energy_step_bound`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.oscillators import model, theory
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

ROUNDING = 1e-9  # of |E|: float32 phases change the energy of a settled field by 1e-12 of it


def find(trajectory: xr.Dataset) -> pd.DataFrame:
    """energy.csv: run, step, time, energy, change (since the frame before, NaN at the start), rises."""
    tables = []
    for run, energy in enumerate(trajectory["energy"].values):
        change = np.diff(energy, prepend=np.nan)
        tables.append(
            pd.DataFrame(
                {
                    "run": run,
                    "step": trajectory["step"].values,
                    "time": trajectory["time"].values,
                    "energy": energy,
                    "change": change,
                    "rises": change > ROUNDING * np.abs(energy),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def bound(given: Mapping[str, Any]) -> tuple[float, str]:
    """The step up to which the energy provably never rises, NaN with the reason where nothing is proven."""
    reasons = {
        "Omega acts": given["frequency"] != 0,
        "units have frequencies of their own": given["natural"]["distribution"] != "none",
        f"the integrator is {given['integrator']}": given["integrator"] != "euler",
        "coupling to the mean": given["normalise"] != "sum",
        "all to all": given["topology"] != "lattice",
        "a coupling is negative": min(given["coupling"], given["bias"]) < 0,
    }
    against = [text for text, holds in reasons.items() if holds]
    if against:
        return np.nan, "no bound is known: " + ", ".join(against)
    shape = given["channels"], given["height"], given["width"]
    periodic = tuple(given["boundary"][axis] == "periodic" for axis in model.AXES)
    return theory.energy_step_bound(shape, periodic, given["coupling"], given["bias"]), ""


def summarise(energy: pd.DataFrame, given: Mapping[str, Any]) -> dict[str, Headline]:
    """How often the energy rose between frames (0 is expected within the bound), and where it ended."""
    limit, reason = bound(given)
    rises, n = int(energy["rises"].sum()), int(energy["change"].notna().sum())
    if given["step_size"] <= limit:
        source = "Euler with normalisation is minorise-maximise for dt <= 1 / ((1 + l) k + k_b)"
        counted = Headline(rises, None, n, "frames", 0, source, rises == 0)
    else:
        counted = Headline(
            rises, None, n, "frames", note=reason or f"step_size is beyond the bound {limit:g}"
        )
    end = mean_interval(energy.groupby("run")["energy"].last().to_numpy())
    return {
        "energy_rises": counted,
        "energy_step_bound": Headline(limit, None, 1, "model time", note=reason or None),
        "energy_end": Headline(end.value, end.ci, end.n, "rad per unit time"),
    }
