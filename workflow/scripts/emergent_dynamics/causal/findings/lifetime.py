"""Lifetimes: how long groups last, when only one group is left, and how long strong centres stay near their start.

A lifetime that is cut by the end of a run is censored: it is a lower bound. Medians are estimated by the method of
Kaplan & Meier 1958. Groups, and centres, of one run are not independent, so intervals come from a bootstrap over runs.
An event lies between two saved frames and is assumed to happen half-way. Times are in the model's unit.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import exact, theory
from emergent_dynamics.causal.groups import leads as leading
from emergent_dynamics.causal.renyi import separation
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, proportion_interval, survival
from emergent_dynamics.store import slices

RESAMPLES = 1000
LOG_TIME = "ln(time)"
COLUMNS = {
    "lifetime": ["run", "leader", "start", "end", "ended"],
    "collapse": ["run", "time"],
    "stay": ["run", "centre", "guaranteed", "after", "time"],
    "survival": ["of", "time", "value", "lo", "hi", "n"],
}
MOST_TIMES = 200  # of a curve of survival


def find(
    groups: xr.Dataset, trajectory: xr.Dataset, parameters: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Tables `lifetime`, a row per spell of a group; `collapse`, per run; `stay`, per strong centre; and `survival`.

    lifetime : run, leader, start, end, ended (False if cut by the end of the run). A spell is a maximal sequence of
    frames, from the peak of the run's number of groups on, in which a token leads a group; token 0 always leads one and
    has no spell. collapse : run, time (from which on one group is left; inf if several are left at the end).
    stay : run, centre (its token), guaranteed (time of lemma 5.1), after, time: the times of the frames between which
    it moved beyond the distance of the lemma; time is inf if it did not. The table is empty where the lemma does not
    apply.
    survival : of ("runs" with several groups left, against time; "groups", against their lifetime; "centres" that have
    stayed, against time over the lemma's), time, value (share), lo, hi (pointwise), n (followed up to that time).
    """
    tables: dict[str, list[Any]] = {"lifetime": _spells(groups), "collapse": _collapses(groups), "stay": []}
    if theory.centres_stay(parameters) is not None:
        tables["stay"] = _stays(trajectory, float(parameters["beta"]))
    found = {name: pd.DataFrame(rows, columns=COLUMNS[name]) for name, rows in tables.items()}
    return found | {"survival": _survival(found, groups["time"].values)}


def summarise(
    tables: Mapping[str, pd.DataFrame], groups: xr.Dataset, parameters: Mapping[str, Any]
) -> dict[str, Headline]:
    """Headlines: medians of collapse and of a group's lifetime, the share of collapsed runs, and lemma 5.1."""
    end, ratio = groups["time"].values[-1], frame_ratio(groups["time"].values)
    collapse = tables["collapse"]["time"].to_numpy()
    lives = tables["lifetime"]
    headlines = {
        "log_collapse_time": _headline(
            log_median(collapse),
            "Natural logarithm of the median time from which on one group is left",
            "in at least half of the runs several groups are left at the end, or one group exists from the start",
            theory.pair_collapse(parameters, ratio),
        ),
        "collapsed": Headline.from_estimate(
            proportion_interval(int(np.isfinite(collapse).sum()), len(collapse)),
            "share",
            "Share of runs in which one group is left at the end",
            expectation=theory.pair_collapsed(parameters, float(end)),
        ),
        "log_group_lifetime": _headline(
            censored_log_median(*_lives(tables, "groups")),
            "Natural logarithm of the median lifetime of a group, without the first token's, after the peak of the "
            "number of groups",
            "more than half of the groups still exist at the end"
            if len(lives)
            else "the first token leads the only group",
        ),
    }
    stay = tables["stay"]
    if len(stay):
        kept = stay["time"] > stay["guaranteed"]
        headlines["centres_stay"] = Headline.from_estimate(
            proportion_interval(int(kept.sum()), len(stay)),
            "share",
            "Share of strong Rényi centres that stay near their start for as long as lemma 5.1 guarantees",
            expectation=theory.centres_stay(parameters),
        )
        headlines["log_stay_ratio"] = _headline(
            censored_log_median(*_lives(tables, "centres")),
            "Natural logarithm of the median ratio of the time for which a strong Rényi centre stays near its start to "
            "the time that lemma 5.1 guarantees",
            "more than half of the centres are still near their start at the end",
            unit="ln(ratio)",
        )
    return headlines


def log_median(times: np.ndarray) -> Estimate:
    """ln of the median of independent times (inf if censored); the interval lies between two order statistics.

    It covers at least 95 % for every distribution, since the number of times below the median is binomial. NaN if the
    median, or an end of its interval, is censored or 0.
    """
    from scipy import stats

    ordered, n = np.sort(times), len(times)
    low = int(stats.binom.ppf(0.025, n, 0.5)) - 1  # from 0: P(fewer than low + 1 below the median) < 2.5 %
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(ordered[(n - 1) // 2] * ordered[n // 2]) / 2.0 if n else np.nan
        ends = np.log(ordered[[low, n - 1 - low]]) if low >= 0 else np.full(2, np.nan)
    if not np.isfinite(value):
        return Estimate(np.nan, np.nan, np.nan, n)
    lo, hi = ends if np.isfinite(ends).all() else (np.nan, np.nan)
    return Estimate(float(value), float(lo), float(hi), n)


def censored_log_median(age: np.ndarray, ended: np.ndarray, run: np.ndarray) -> Estimate:
    """ln of Kaplan and Meier's median of partly censored ages, with a percentile bootstrap over runs.

    age, ended (False if censored), run : (life,). n is the number of runs that have lives. NaN if more than half of the
    lives continue; no interval if that is so in more than 2.5 % of the resamples, or with a single run.
    """
    order = np.lexsort((~ended, age))  # at equal ages, ended lives come before censored ones
    age, ended, (runs, place) = age[order], ended[order], np.unique(run[order], return_inverse=True)
    if not len(age):
        return Estimate(np.nan, np.nan, np.nan, 0)
    value = _median(age, ended, np.ones(len(age)))
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(len(runs), np.full(len(runs), 1.0 / len(runs)), RESAMPLES)
    medians = np.sort([_median(age, ended, weight[place].astype(float)) for weight in drawn])
    lo, hi = medians[[int(0.025 * RESAMPLES), int(0.975 * RESAMPLES)]]
    if not np.isfinite(value) or value <= 0.0:
        return Estimate(np.nan, np.nan, np.nan, len(runs))
    if len(runs) == 1 or not np.isfinite(hi) or lo <= 0.0:
        return Estimate(float(np.log(value)), np.nan, np.nan, len(runs))
    return Estimate(float(np.log(value)), float(np.log(lo)), float(np.log(hi)), len(runs))


def _median(age: np.ndarray, ended: np.ndarray, weight: np.ndarray) -> float:
    """The first age at which Kaplan and Meier's share of survivors is at most one half; inf if there is none.

    Ages are in ascending order; each life counts `weight` times.
    """
    at_risk = np.cumsum(weight[::-1])[::-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        alive = np.cumprod(np.where(ended & (weight > 0), 1.0 - weight / at_risk, 1.0))
    below = alive <= 0.5 + 1e-12
    return float(age[below.argmax()]) if below.any() else np.inf


def frame_ratio(time: np.ndarray) -> float:
    """Largest ratio of the times of neighbouring frames after time 0; 1 with fewer than two such frames."""
    later = time[time > 0]
    return float((later[1:] / later[:-1]).max()) if len(later) > 1 else 1.0


def _lives(
    tables: Mapping[str, pd.DataFrame], of: str, end: float = np.inf
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Age, whether it ended, and run: of runs with several groups, cut at `end`, of groups, or of centres.

    Ages of centres are in units of the time that lemma 5.1 guarantees.
    """
    rows = tables[{"runs": "collapse", "groups": "lifetime", "centres": "stay"}[of]]
    run, time = rows["run"].to_numpy(int), rows["end" if of == "groups" else "time"].to_numpy(float)
    if of == "groups":
        return time - rows["start"].to_numpy(float), rows["ended"].to_numpy(bool), run
    ended = np.isfinite(time)
    if of == "runs":
        return np.minimum(time, end), ended, run
    after = rows["after"].to_numpy(float)
    age = np.where(ended, (after + time) / 2.0, after)
    return age / rows["guaranteed"].to_numpy(float), ended, run


def _survival(tables: Mapping[str, pd.DataFrame], time: np.ndarray) -> pd.DataFrame:
    """Rows of `survival`: of the runs at the frames, of groups and centres at the ages at which they end or are cut."""
    curves = []
    for of in ("runs", "groups", "centres"):
        age, ended, run = _lives(tables, of, time[-1])
        at = _thinned(time if of == "runs" else age)
        rows = pd.DataFrame(survival(age, ended, run, at).T, columns=["value", "lo", "hi", "n"])
        curves.append(rows.assign(of=of, time=at, n=rows["n"].astype(int)))
    return pd.concat(curves, ignore_index=True)[COLUMNS["survival"]]


def _thinned(times: np.ndarray) -> np.ndarray:
    """The distinct positive times; of more than MOST_TIMES those next to equal steps of the logarithm."""
    distinct = np.unique(times[times > 0.0])
    if len(distinct) <= MOST_TIMES:
        return distinct
    wanted = np.geomspace(distinct[0], distinct[-1] * (1 - 1e-12), MOST_TIMES)
    return distinct[np.unique(np.searchsorted(distinct, wanted))]


def _headline(
    estimate: Estimate, sentence: str, undefined: str, expectation: Any = None, unit: str = LOG_TIME
) -> Headline:
    note = (
        undefined
        if np.isnan(estimate.value)
        else "no interval: one of its ends is censored"
        if estimate.ci is None
        else None
    )
    return Headline.from_estimate(estimate, unit, sentence, expectation=expectation, note=note)


def _spells(groups: xr.Dataset) -> list[tuple[int, int, float, float, bool]]:
    """Rows of `lifetime`, in the order of their ends; one stored block of labels is in memory at a time."""
    time, peak = groups["time"].values, groups["n_clusters"].values.argmax(axis=1)
    began = np.full((groups.sizes["run"], groups.sizes["token"]), np.nan)
    rows, k = [], 0
    for piece in slices(groups[["label"]], "time"):
        for labels in piece["label"].values.swapaxes(0, 1):
            leads = leading(labels)
            leads[:, 0] = False
            leads[peak > k] = False
            for run, token in np.argwhere(~leads & ~np.isnan(began)):
                rows.append(
                    (int(run), int(token), float(began[run, token]), (time[k - 1] + time[k]) / 2.0, True)
                )
                began[run, token] = np.nan
            began[leads & np.isnan(began)] = time[k]
            k += 1
    left = np.argwhere(~np.isnan(began))
    return rows + [
        (int(run), int(token), float(began[run, token]), float(time[-1]), False) for run, token in left
    ]


def _collapses(groups: xr.Dataset) -> list[tuple[int, float]]:
    """Rows of `collapse`."""
    time, rows = groups["time"].values, []
    for run, counts in enumerate(groups["n_clusters"].values):
        several = np.flatnonzero(counts > 1)
        last = int(several[-1]) if len(several) else -1
        inside = 0 <= last < len(time) - 1
        rows.append((run, (time[last] + time[last + 1]) / 2.0 if inside else 0.0 if last < 0 else np.inf))
    return rows


def _stays(trajectory: xr.Dataset, beta: float) -> list[tuple[int, int, float, float, float]]:
    """Rows of `stay` for the strong centres to which lemma 5.1 applies; one stored block of frames is in memory."""
    start = trajectory["x"].isel(time=0).values
    chosen = separation(start) > theory.LEMMA_C * (1.0 + 2.0 * theory.LEMMA_SLACK) / beta**0.5
    chosen[:, 0] = False
    run, token = np.nonzero(chosen)
    limit = 2.0 * np.sin(theory.LEMMA_SLACK * theory.LEMMA_C / beta**0.5 / 2.0)
    time = trajectory["time"].values
    left, k = np.full(len(run), len(time)), 0
    for piece in slices(trajectory[["x"]], "time"):
        x = piece["x"].values[run, :, token]
        away = np.linalg.norm(x - start[run, token][:, None], axis=-1) > limit
        left = np.where((left == len(time)) & away.any(axis=1), k + away.argmax(axis=1), left)
        k += x.shape[1]
    after, until = time[left - 1], np.append(time, np.inf)[left]
    guaranteed = exact.centre_lifetime(beta, theory.LEMMA_C, theory.LEMMA_SLACK, token)
    return list(
        zip(run.tolist(), token.tolist(), guaranteed.tolist(), after.tolist(), until.tolist(), strict=True)
    )
