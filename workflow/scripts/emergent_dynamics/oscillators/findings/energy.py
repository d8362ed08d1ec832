"""The energy over time, and whether it ever rose: it may not where the discrete Lyapunov bound holds.

E = -k sum_<ij> cos(theta_i - theta_j) - k_b sum cos(phi - theta), rad per unit time; see `theory.energy_step_bound`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.oscillators import theory
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline

ROUNDING = 1e-9  # of |E|: float32 phases change the energy of a settled field by 1e-12 of it


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """energy: run, step, time, energy, change (since the frame before, NaN at the start), rises."""
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
    return {"energy": pd.concat(tables, ignore_index=True)}


def summarise(tables: Mapping[str, pd.DataFrame], config: Mapping[str, Any]) -> dict[str, Headline]:
    """How often the energy rose between frames (0 is expected within the bound), and where it ended."""
    energy = tables["energy"]
    limit, reason = theory.energy_bound(config)
    rises, n = int(energy["rises"].sum()), int(energy["change"].notna().sum())
    if config["step_size"] <= limit:
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
