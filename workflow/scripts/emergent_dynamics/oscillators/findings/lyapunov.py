"""Lyapunov exponents of the field, from the exact tangent of its step, continuing from the end of the run.

They are the largest exponents of small disturbances of the phases, and of the input if it evolves, in nat per unit
time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import model, parameters, tangent, theory
from emergent_dynamics.statistics import kaplan_yorke, mean_interval

DECIMALS = 12  # of an exponent; QR factorisations leave rounding of some 1e-15
LARGEST = "Largest Lyapunov exponent"
DIMENSION = "Kaplan-Yorke dimension: that of a volume which neither grows nor shrinks"


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Table `lyapunov`: run, index (from 1), exponent, earlier, later. The last two are the values in the third and in
    the last quarter of the time, and exponent is their mean.

    The simulation continues from the last stored frame, whose phases are rounded (exponents do not depend on that), and
    the noise from its next step. Disturbances start at random; they align in the first half of `lyapunov.end_time`.
    """
    p, own = parameters.from_config(config), config["lyapunov"]
    theta = trajectory["theta"].isel(time=-1).values.astype(float)
    field = model.initial(theta, trajectory["input_phase_end"].values.astype(float))
    parts = 2 if p.evolve_input else 1
    units = parts * int(np.prod(p.shape))
    drawn = [
        [streams.normal(config["seed"], "oscillators.lyapunov", run, k, units) for run in range(len(theta))]
        for k in range(own["exponents"])
    ]
    start = np.array(drawn).reshape(own["exponents"], len(theta), parts, *p.shape)
    steps = max(4, round(own["end_time"] / p.step_size))
    spectra = tangent.exponents(field, p, start, steps, own["every"], config["steps"])
    rows = [
        (run, k + 1, quarters[:, k].mean(), *quarters[:, k])
        for run, quarters in enumerate(np.round(spectra, DECIMALS) + 0.0)  # + 0.0 turns -0.0 into 0.0
        for k in range(own["exponents"])
    ]
    return {"lyapunov": pd.DataFrame(rows, columns=["run", "index", "exponent", "earlier", "later"])}


def summarise(tables: Mapping[str, pd.DataFrame], config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines of the largest exponent and of the dimension, as means over runs."""
    table = tables["lyapunov"]
    wide = table.pivot_table(index="run", columns="index", values="exponent").to_numpy()
    largest = mean_interval(wide[:, 0])
    expectation, reason = theory.expected_exponent(config)
    dimensions = np.array([kaplan_yorke(one) for one in wide])
    spread = mean_interval(dimensions, 0.0, float(wide.shape[1]))
    lacking = int(np.isnan(dimensions).sum())
    more = f"{lacking} of {len(wide)} runs are left out: they need more exponents" if lacking else None
    alone = "no interval: one run" if len(wide) == 1 else None
    return {
        "lyapunov_largest": Headline.from_estimate(
            largest, "nat per unit time", LARGEST, expectation=expectation, note=alone or reason or None
        ),
        "lyapunov_dimension": Headline.from_estimate(spread, "1", DIMENSION, note=more or alone),
    }
