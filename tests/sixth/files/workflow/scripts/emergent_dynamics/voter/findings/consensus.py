"""The share of an opinion and the disagreement that is left, against time."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import bounded_mean_interval
from emergent_dynamics.voter import theory
from emergent_dynamics.voter.parameters import from_config


def disagreement(share: xr.DataArray) -> xr.DataArray:
    """Probability that two voters, drawn with replacement, have different opinions: 2 x (1 - x), at most 1/2."""
    return 2 * share * (1 - share)


def find(trajectory: xr.Dataset) -> dict[str, pd.DataFrame]:
    """`consensus`: time, disagreement (mean over runs), lo, hi, n."""
    frames = disagreement(trajectory["share"]).values.T
    estimates = [bounded_mean_interval(frame, 0, 0.5) for frame in frames]
    rows = [(t, e.value, e.lo, e.hi, e.n) for t, e in zip(trajectory["time"].values, estimates, strict=True)]
    return {"consensus": pd.DataFrame(rows, columns=["time", "disagreement", "lo", "hi", "n"])}


def summarise(trajectory: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines at the end: the mean share of opinion 1, and the disagreement that is left."""
    p, last = from_config(parameters), trajectory["share"].isel(time=-1)
    return {
        "disagreement_end": Headline.from_estimate(
            bounded_mean_interval(disagreement(last).values, 0, 0.5),
            "probability",
            "Probability that two voters disagree at the end",
            expectation=theory.disagreement(p, p.steps),
            rank=1,
        ),
        "share_end": Headline.from_estimate(
            bounded_mean_interval(last.values),
            "share",
            "Mean share of opinion 1 at the end",
            expectation=theory.share(p),
            rank=2,
        ),
    }
