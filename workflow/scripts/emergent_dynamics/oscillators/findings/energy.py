"""The energy over time, and whether it ever rises; it cannot if the discrete Lyapunov bound holds.

E = -k sum_<ij> cos(theta_i - theta_j) - k_b sum cos(phi - theta), rad per unit time; see `theory.energy_step_bound`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import theory
from emergent_dynamics.statistics import bounded_mean_interval

ROUNDING = 1e-9  # relative to |E|; float32 phases change the energy of a settled field by 1e-12


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Table `energy`: run, step, time, energy, change (since the previous frame, NaN at the start), rises."""
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


def largest(trajectory: xr.Dataset, config: Mapping[str, Any]) -> float:
    """The largest |E| that any phases can have, rad per unit time; the weights of a network are read from the store."""
    weights = trajectory["edge_weight"].values if "edge_weight" in trajectory else None
    return theory.energy_range(config, weights)


def summarise(
    tables: Mapping[str, pd.DataFrame], config: Mapping[str, Any], largest: float | None = None
) -> dict[str, Headline]:
    """Headlines: how often the energy rises between frames (0 is expected within the bound), and its final value.

    largest : the largest possible |E|; if None, that of a lattice or of all-to-all units. A recording has no step size,
    so its headline names no largest step.
    """
    largest = theory.energy_range(config) if largest is None else largest
    energy = tables["energy"]
    limit, unknown = theory.energy_bound(config)
    expectation, unproven = theory.expected_rises(config)
    end = bounded_mean_interval(energy.groupby("run")["energy"].last().to_numpy(), -largest, largest)
    headlines = {
        "energy_rises": Headline(
            int(energy["rises"].sum()),
            None,
            int(energy["change"].notna().sum()),
            "intervals between frames",
            "Intervals between frames in which the energy rises",
            expectation,
            rank=3,
            note=unproven or None,
            exact=True,
        ),
        "energy_end": Headline.from_estimate(
            end,
            f"rad per {config['recording']['time_unit']}"
            if theory.is_recorded(config)
            else "rad per unit time",
            f"Energy of {'coupling' if theory.is_recorded(config) else 'coupling and input'} at the end",
            note="no interval: one run" if end.n == 1 else None,
        ),
    }
    if not theory.is_recorded(config):
        headlines["energy_step_bound"] = Headline(
            limit,
            None,
            1,
            "model time",
            "Largest step for which the energy provably never rises",
            note=unknown or None,
            exact=True,
        )
    return headlines
