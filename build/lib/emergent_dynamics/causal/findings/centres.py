"""Rényi and strong Rényi centres at time 0 as predictors of the leaders at the end.

With delta = c / sqrt(beta) (geodesic, radian): token i is a strong Rényi centre when it is farther than
delta from every earlier token, a Rényi centre when it is farther than delta from every earlier centre.
Strong centres are centres; token 0 is both. Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.expectations import headline, independent
from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.causal.renyi import renyi, separation, strong
from emergent_dynamics.statistics import Estimate, mean_interval, proportion_interval
from emergent_dynamics.store import Headline

SCORES = ("n_centres", "precision", "recall", "f1", "exact")


def find(
    trajectory: xr.Dataset, groups: xr.Dataset, beta: float, scales: Iterable[float]
) -> dict[str, pd.DataFrame]:
    """`centres`: run, kind, c, n_centres, precision, recall, f1, exact; `centres_mean`: their means over runs.

    scales : the values of c. precision : share of the centres that lead at the end. recall : share of the
    leaders that were centres. exact : are both sets equal? Always defined: token 0 is a centre and a leader.
    """
    x = trajectory["x"].isel(time=0).values
    leads = leading(groups["label"].isel(time=-1).values)
    apart = separation(x)
    tables = []
    for c in scales:
        delta = c / np.sqrt(beta)
        for kind, chosen in (("strong", strong(apart, delta)), ("renyi", renyi(x, delta))):
            scores = _score(chosen, leads)
            tables.append(pd.DataFrame({"run": np.arange(len(x)), "kind": kind, "c": c, **scores}))
    centres = pd.concat(tables, ignore_index=True)
    return {"centres": centres, "centres_mean": mean_scores(centres)}


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """kind, c, score, value, lo, hi, n: means over runs with their 95 % intervals.

    f1 is the harmonic mean of mean precision and mean recall; its interval is that of the
    runs' f1, moved there.
    """
    rows = []
    for (kind, c), runs in table.groupby(["kind", "c"], sort=True):
        found = {score: mean_interval(runs[score].to_numpy(float)) for score in SCORES}
        found["exact"] = proportion_interval(int(runs["exact"].sum()), len(runs))
        for score, e in found.items():
            shift = 0.0
            if score == "f1":
                precision, recall = found["precision"].value, found["recall"].value
                shift = 2.0 * precision * recall / (precision + recall) - e.value if precision else 0.0
            rows.append((kind, c, score, e.value + shift, e.lo + shift, e.hi + shift, e.n))
    return pd.DataFrame(rows, columns=["kind", "c", "score", "value", "lo", "hi", "n"])


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines for every kind and c: mean number of centres, precision, recall, F1, share of exact sets."""
    found = {}
    for row in mean_scores(table).to_dict("records"):
        name = f"{row['kind']}_c{row['c']:g}_{row['score']}"
        estimate = Estimate(row["value"], row["lo"], row["hi"], row["n"])
        if row["score"] == "n_centres":
            expected = _expected_number(row["kind"], row["c"], parameters)
            found[name] = headline(estimate, "centres", expected)
        else:
            found[name] = headline(estimate, "1", independent(name, parameters))
    return found


def _expected_number(kind: str, c: float, parameters: Mapping[str, Any]) -> theory.Expectation | None:
    """Theory for uniform tokens; none for a given initial state."""
    if parameters["initial"] is not None:
        return None
    delta = c / parameters["beta"] ** 0.5
    return theory.centres_mean(kind, delta, parameters["tokens"], parameters["dimension"])


def _score(chosen: np.ndarray, leads: np.ndarray) -> dict[str, np.ndarray]:
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
