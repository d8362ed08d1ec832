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
from emergent_dynamics.causal.leaders import mask
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.statistics import Estimate, mean_interval, proportion_interval
from emergent_dynamics.store import Headline

KINDS = ("strong", "renyi")
SCORES = ("n_centres", "precision", "recall", "f1", "exact")


def separation(x: np.ndarray) -> np.ndarray:
    """Geodesic distance of every token to its nearest earlier token, radian.

    x : (..., token, coord) unit vectors. Returns (..., token) float64; inf for token 0, the first.
    """
    flat = np.ascontiguousarray(x, dtype=np.float64).reshape(-1, *x.shape[-2:])
    square = np.empty(flat.shape[:2])
    _nearest_earlier(flat, square)
    with np.errstate(invalid="ignore"):  # of token 0: inf stays inf
        angle = 2.0 * np.arcsin(np.minimum(0.5 * np.sqrt(square), 1.0))
    return np.where(np.isinf(square), np.inf, angle).reshape(x.shape[:-1])


def strong(separations: np.ndarray, delta: float) -> np.ndarray:
    """(..., token) bool: strong Rényi centres, from `separation`."""
    return separations > delta


def renyi(x: np.ndarray, delta: float) -> np.ndarray:
    """(..., token) bool: Rényi centres of x (..., token, coord), parked in the tokens' order."""
    flat = np.ascontiguousarray(x, dtype=np.float64).reshape(-1, *x.shape[-2:])
    chosen = np.zeros(flat.shape[:2], np.bool_)
    # Beyond delta = pi no token can be farther, but its chord would shrink again.
    _park(flat, (2.0 * np.sin(0.5 * min(delta, np.pi))) ** 2, delta >= np.pi, chosen)
    return chosen.reshape(x.shape[:-1])


def centres(x: np.ndarray, delta: float) -> dict[str, np.ndarray]:
    """Both kinds, {kind: (..., token) bool}."""
    return {"strong": strong(separation(x), delta), "renyi": renyi(x, delta)}


def find(trajectory: xr.Dataset, groups: xr.Dataset, beta: float, scales: Iterable[float]) -> pd.DataFrame:
    """centres.csv: run, kind, c, n_centres, precision, recall, f1, exact.

    scales : the values of c. precision : share of the centres that lead at the end. recall : share of the
    leaders that were centres. exact : are both sets equal? Always defined: token 0 is a centre and a leader.
    """
    x = trajectory["x"].isel(time=0).values
    leads = mask(groups["label"].isel(time=-1).values)
    apart = separation(x)
    tables = []
    for c in scales:
        delta = c / np.sqrt(beta)
        for kind, chosen in (("strong", strong(apart, delta)), ("renyi", renyi(x, delta))):
            scores = _score(chosen, leads)
            tables.append(pd.DataFrame({"run": np.arange(len(x)), "kind": kind, "c": c, **scores}))
    return pd.concat(tables, ignore_index=True)


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """centres_mean.csv: kind, c, score, value, lo, hi, n: means over runs with their 95 % intervals.

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


@numba.njit(cache=True)
def _nearest_earlier(x, square):
    """square (batch, token): squared chord to the nearest earlier token; inf for token 0."""
    batch, n, dim = x.shape
    for b in range(batch):
        for i in range(n):
            best = np.inf
            for j in range(i):
                distance = 0.0
                for c in range(dim):
                    distance += (x[b, i, c] - x[b, j, c]) ** 2
                best = min(best, distance)
            square[b, i] = best


@numba.njit(cache=True)
def _park(x, limit, only_first, chosen):
    """chosen (batch, token), overwritten: squared chord to every earlier centre above limit."""
    batch, n, dim = x.shape
    centre = np.empty(n, np.int64)
    for b in range(batch):
        chosen[b] = False
        count = 0
        for i in range(n):
            free = count == 0 or not only_first
            for k in range(count):
                distance = 0.0
                for c in range(dim):
                    distance += (x[b, i, c] - x[b, centre[k], c]) ** 2
                if distance <= limit:
                    free = False
                    break
            if free:
                chosen[b, i] = True
                centre[count] = i
                count += 1
