"""Four estimators of the branching ratio on the same activity, seen whole and in part, beside what each must
return.

`causal` counts offspring in single-root avalanches; `descendants`, `one_step` and `mr` see only the activity
of the driven network. In a network of finite depth the last three do not estimate sigma; their exact targets
are in column `expected`.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, galton_watson, regression
from emergent_dynamics.branching.headlines import EXACT, NORMAL, headline
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.regression import Estimate
from emergent_dynamics.branching.tables import label, rows, shown
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.store import Headline


def as_row(
    sigma: float, estimator: str, seen: float, found: Estimate, expected: float, n: int
) -> dict[str, object]:
    return {
        "sigma": sigma,
        "estimator": estimator,
        "seen": seen,
        "value": found.value,
        "lo": found.lo,
        "hi": found.hi,
        "expected": expected,
        "n": n,
        "reason": found.reason,
    }


def _causal(tally: Tally) -> Estimate:
    profile = tally.profile.sum(0)
    ancestors = profile[:-1].sum()
    if ancestors == 0:
        return Estimate(np.nan, np.nan, np.nan, "no avalanches")
    value = float(regression.causal(profile))
    half = NORMAL * np.sqrt(value / ancestors)  # offspring are binomial: at most Poisson
    return Estimate(value, value - half, value + half)


def _lags(p: Parameters) -> int:
    return max(2, p.layers - 1)  # nothing lives longer


def _observed(activity: np.ndarray, p: Parameters) -> dict[str, Estimate]:
    """activity (run, time): the three estimators that need no avalanches."""
    if activity.var() == 0:
        undefined = Estimate(np.nan, np.nan, np.nan, "activity never changes")
        return dict.fromkeys(("descendants", "one_step", "mr"), undefined)
    table = regression.pooled([regression.lagged(run, _lags(p)) for run in activity])
    return {
        "descendants": regression.descendants(activity.reshape(-1)),
        "one_step": regression.one_step(table),
        "mr": regression.multistep(table),
    }


def _expected(driven: exact.Raster, p: Parameters, seen: float) -> dict[str, float]:
    """r_k of binomially subsampled activity is b r_k, b = f Var / (f Var + (1 - f) mean). Wilting &
    Priesemann 2018.
    """
    nothing = {"descendants": np.nan, "one_step": np.nan, "mr": np.nan}
    if not driven.variance > 0:
        return nothing
    kept = seen * driven.variance / (seen * driven.variance + (1.0 - seen) * driven.mean)
    slopes = np.append(driven.autocorrelation, 0.0)[: _lags(p) + 1]
    return nothing | {"one_step": kept * slopes[1], "mr": regression.fit_decay(slopes)[0]}


def find(
    activity: np.ndarray, tallies: list[Tally], laws: list[exact.Avalanches], part: float, p: Parameters
) -> dict[str, pd.DataFrame]:
    """`ratio`, one row per sigma, estimator and share of units seen, all and `part`; activity (sigma, run, time)."""
    table = []
    for i, (sigma, spontaneous) in enumerate(zip(p.sigma, p.spontaneous, strict=True)):
        profile = np.nansum(laws[i].profile * laws[i].duration[:, None], 0)
        table.append(
            as_row(sigma, "causal", 1.0, _causal(tallies[i]), float(regression.causal(profile)), tallies[i].n)
        )
        driven = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        for seen in sorted({1.0, part}, reverse=True):
            watched = activity[i] if seen == 1.0 else galton_watson.subsample(activity[i], seen, p.seed)
            expected = _expected(driven, p, seen)
            for name, found in _observed(watched, p).items():
                table.append(as_row(sigma, name, seen, found, expected[name], watched.size))
    return {"ratio": pd.DataFrame(table)}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Each estimator at the sigmas shown, against its exact target."""
    headlines = {}
    for sigma in shown(p.sigma):
        for r in rows(tables["ratio"], sigma=sigma, seen=1.0):
            if r["estimator"] != "descendants":
                headlines[f"{r['estimator']}_{label(sigma)}"] = headline(
                    r["value"], (r["lo"], r["hi"]), r["n"], "1", r["expected"], EXACT, r["reason"] or None
                )
    return headlines
