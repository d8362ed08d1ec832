"""Rényi and strong Rényi centres at time 0 as predictors of the leaders at the end.

Which tokens are centres is defined in `renyi`; their separation is c / sqrt(beta), geodesic, in radian.
Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.causal.renyi import renyi, separation, strong
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, bounded_mean_interval, mean_interval, proportion_interval

SCORES = {
    "n_centres": "Mean number of {kind} farther apart than {c:g} / sqrt(beta)",
    "precision": "Share of the {kind} for c = {c:g} that lead a group at the end",
    "recall": "Share of the leaders at the end that were {kind} for c = {c:g}",
    "f1": "Harmonic mean of mean precision and mean recall of the {kind} for c = {c:g}",
    "exact": "Share of runs in which the {kind} for c = {c:g} are exactly the leaders at the end",
}
NAMES = {"strong": "strong Rényi centres", "renyi": "Rényi centres"}
RANKS = {"strong_c4_precision": 2, "strong_c4_recall": 3}


def find(
    trajectory: xr.Dataset, groups: xr.Dataset, beta: float, scales: Iterable[float]
) -> dict[str, pd.DataFrame]:
    """Tables `centres` (run, kind, c, n_centres, precision, recall, f1, exact) and `centres_mean` (means over runs).

    scales : the values of c. precision : share of the centres that lead at the end. recall : share of the leaders that
    were centres. exact : whether both sets are equal. All are always defined, since token 0 is both a centre and a
    leader.
    """
    x = trajectory["x"].isel(time=0).values
    leads = leading(groups["label"].isel(time=-1).values)
    apart = separation(x)
    tables = []
    for c in scales:
        delta = c / np.sqrt(beta)
        for kind, chosen in (("strong", strong(apart, delta)), ("renyi", renyi(x, delta))):
            scores = score(chosen, leads)
            tables.append(pd.DataFrame({"run": np.arange(len(x)), "kind": kind, "c": c, **scores}))
    centres = pd.concat(tables, ignore_index=True)
    return {"centres": centres, "centres_mean": mean_scores(centres)}


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Means over runs with 95 % intervals: kind, c, score, value, lo, hi, n; f1 is computed from the mean scores."""
    rows = [
        (kind, c, name, e.value, e.lo, e.hi, e.n)
        for kind, c, runs in _sets(table)
        for name, e in _estimates(runs).items()
    ]
    return pd.DataFrame(rows, columns=["kind", "c", "score", "value", "lo", "hi", "n"])


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines for every kind and c: mean number of centres, precision, recall, F1, share of exact sets."""
    headlines = {}
    for kind, c, runs in _sets(table):
        for score_name, estimate in _estimates(runs).items():
            name = f"{kind}_c{c:g}_{score_name}"
            counted = score_name == "n_centres"
            headlines[name] = Headline.from_estimate(
                estimate,
                "centres" if counted else "share",
                SCORES[score_name].format(kind=NAMES[kind], c=c),
                expectation=theory.centres_mean(kind, c, parameters)
                if counted
                else theory.at_end(name, parameters),
                rank=RANKS.get(name),
            )
    return headlines


def score(chosen: np.ndarray, leads: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of predicted sets chosen (run, token) against leads (run, token), each (run,)."""
    hits = (chosen & leads).sum(-1)
    precision, recall = hits / chosen.sum(-1), hits / leads.sum(-1)
    return {
        "n_centres": chosen.sum(-1),
        "precision": precision,
        "recall": recall,
        "f1": 2 * hits / (chosen.sum(-1) + leads.sum(-1)),
        "exact": (chosen == leads).all(-1),
    }


def _sets(table: pd.DataFrame) -> Iterator[tuple[str, float, pd.DataFrame]]:
    """Yield kind, c and the rows of all runs, for every kind and c."""
    for _, runs in table.groupby(["kind", "c"], sort=True):
        yield str(runs["kind"].iloc[0]), float(runs["c"].iloc[0]), runs


def _estimates(runs: pd.DataFrame) -> dict[str, Estimate]:
    """Every score of `SCORES` from the runs of one kind and c."""
    return {
        "n_centres": mean_interval(runs["n_centres"].to_numpy(), 1),
        "precision": bounded_mean_interval(runs["precision"].to_numpy()),
        "recall": bounded_mean_interval(runs["recall"].to_numpy()),
        "f1": _f1(runs["precision"].to_numpy(), runs["recall"].to_numpy()),
        "exact": proportion_interval(int(runs["exact"].sum()), len(runs)),
    }


def _f1(precision: np.ndarray, recall: np.ndarray) -> Estimate:
    """2 P R / (P + R) of mean precision P and mean recall R, both positive, with the interval of the delta method."""
    p, r = precision.mean(), recall.mean()
    value = 2.0 * p * r / (p + r)
    slope_p, slope_r = 2.0 * (r / (p + r)) ** 2, 2.0 * (p / (p + r)) ** 2
    linear = value + slope_p * (precision - p) + slope_r * (recall - r)
    estimate = mean_interval(linear, 0.0, 1.0)
    if len(linear) > 1 and estimate.standard_error is None:
        return bounded_mean_interval(np.full(len(linear), value))  # all runs have the same score
    return estimate
