"""Four estimators of the branching ratio on the same activity, seen whole and in part, beside what each must
return.

`causal` counts offspring in single-root avalanches; `descendants`, `one_step` and `mr` see only the activity
of the driven network. In a network of finite depth the last three do not estimate sigma; their exact targets
are in column `expected`.
"""

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, galton_watson, ratio
from emergent_dynamics.branching.avalanches import Tally
from emergent_dynamics.branching.headlines import EXACT, NORMAL, headline, label, row, rows, shown
from emergent_dynamics.branching.model import Parameters
from emergent_dynamics.branching.ratio import Estimate
from emergent_dynamics.store import Headline

PROCESS = {
    "m": 0.98,
    "drive": 10.0,
    "steps": 200_000,
    "seen": 0.05,
    "lags": 300,
}  # of the check on a recurrent process


def _row(
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
    value = float(ratio.causal(profile))
    half = NORMAL * np.sqrt(value / ancestors)  # offspring are binomial: at most Poisson
    return Estimate(value, value - half, value + half)


def _lags(p: Parameters) -> int:
    return max(2, p.layers - 1)  # nothing lives longer


def _observed(activity: np.ndarray, p: Parameters) -> dict[str, Estimate]:
    """activity (run, time): the three estimators that need no avalanches."""
    if activity.var() == 0:
        undefined = Estimate(np.nan, np.nan, np.nan, "activity never changes")
        return dict.fromkeys(("descendants", "one_step", "mr"), undefined)
    table = ratio.pooled([ratio.lagged(run, _lags(p)) for run in activity])
    return {
        "descendants": ratio.descendants(activity.reshape(-1)),
        "one_step": ratio.one_step(table),
        "mr": ratio.multistep(table),
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
    return nothing | {"one_step": kept * slopes[1], "mr": ratio.fit_decay(slopes)[0]}


def tabulate(
    activity: np.ndarray, tallies: list[Tally], laws: list[exact.Avalanches], part: float, p: Parameters
) -> pd.DataFrame:
    """One row per sigma, estimator and share of units seen, all and `part`; activity (sigma, run, time)."""
    table = []
    for i, (sigma, spontaneous) in enumerate(zip(p.sigma, p.spontaneous, strict=True)):
        profile = np.nansum(laws[i].profile * laws[i].duration[:, None], 0)
        table.append(
            _row(sigma, "causal", 1.0, _causal(tallies[i]), float(ratio.causal(profile)), tallies[i].n)
        )
        driven = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        for seen in sorted({1.0, part}, reverse=True):
            watched = activity[i] if seen == 1.0 else galton_watson.subsample(activity[i], seen, p.seed)
            expected = _expected(driven, p, seen)
            for name, found in _observed(watched, p).items():
                table.append(_row(sigma, name, seen, found, expected[name], watched.size))
    return pd.DataFrame(table)


def check_on_process(seed: int) -> pd.DataFrame:
    """The same table for A' ~ Poisson(m A + h), where the multistep estimator must return m from 5 % of the
    units.
    """
    m, seen, steps = PROCESS["m"], PROCESS["seen"], int(PROCESS["steps"])
    watched = galton_watson.subsample(galton_watson.driven(m, PROCESS["drive"], steps, seed), seen, seed)
    table = ratio.lagged(watched, int(PROCESS["lags"]))
    found = [
        _row(m, "mr", seen, ratio.multistep(table), m, steps),
        _row(m, "one_step", seen, ratio.one_step(table), np.nan, steps),
    ]
    return pd.DataFrame(found)


def summarise(found: pd.DataFrame, process: pd.DataFrame, p: Parameters) -> dict[str, Headline]:
    """Each estimator at the sigmas shown, against its exact target; MR on the process that it is made for."""
    headlines = {}
    for sigma in shown(p.sigma):
        for r in rows(found, sigma=sigma, seen=1.0):
            if r["estimator"] != "descendants":
                headlines[f"{r['estimator']}_{label(sigma)}"] = headline(
                    r["value"], (r["lo"], r["hi"]), r["n"], "1", r["expected"], EXACT, r["reason"] or None
                )
    mr = row(process, estimator="mr")
    source = "r_k = m^k times a constant under subsampling: Wilting & Priesemann 2018, Nat Commun 9:2325"
    headlines["mr_process_m_0.98"] = headline(
        mr["value"], (mr["lo"], mr["hi"]), mr["n"], "1", mr["expected"], source, "5 % of the units seen"
    )
    return headlines
