"""Four estimators of the branching ratio on the same activity, observed in full and in part, with their exact
targets.

`causal` counts offspring in single-root avalanches; `descendants`, `one_step` and `mr` use only the activity of the
driven network. In a network of finite depth the last three do not estimate sigma; the exact targets of `one_step` and
`mr` are in the column `expected`.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, galton_watson, regression, series, theory
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.regression import Ratio
from emergent_dynamics.branching.tables import label, measured, rows, shown
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.findings import Headline


def _lags(p: Parameters) -> int:
    return max(2, p.layers - 1)  # no activity lives longer


def _observed(activity: np.ndarray, p: Parameters) -> dict[str, Ratio]:
    """Return the three estimators that need only activity (run, time) and no avalanches."""
    if all((piece == activity[0, 0]).all() for piece in series.pieces(activity.reshape(-1))):
        return dict.fromkeys(
            ("descendants", "one_step", "mr"), regression.undefined("activity never changes")
        )
    table = regression.pooled([regression.lagged(run, _lags(p)) for run in activity])
    return {
        "descendants": regression.descendants(activity.reshape(-1)),
        "one_step": regression.one_step(table),
        "mr": regression.multistep(table),
    }


def _expected(driven: exact.Raster, p: Parameters, seen: float) -> dict[str, float]:
    """Return the exact target of each estimator where it is known, else NaN.

    The slopes r_k of binomially subsampled activity are multiplied by b = f Var / (f Var + (1 - f) mean), where f is
    the share `seen`. Source: Wilting & Priesemann 2018.
    """
    nothing = {"descendants": np.nan, "one_step": np.nan, "mr": np.nan}
    if not driven.variance > 0:
        return nothing
    kept = seen * driven.variance / (seen * driven.variance + (1.0 - seen) * driven.mean)
    slopes = np.append(driven.autocorrelation, 0.0)[: _lags(p) + 1]
    return nothing | {"one_step": kept * slopes[1], "mr": regression.fit_decay(slopes)[0]}


def _part(activity: np.ndarray, seen: float, seed: int) -> np.ndarray:
    """Return activity (run, time) on disk, if each unit is observed with probability `seen`."""
    out = series.on_disk(activity.shape, np.int64)
    return galton_watson.subsample(activity, seen, seed, out)


def find(
    activity: np.ndarray, tallies: list[Tally], laws: list[exact.Avalanches], part: float, p: Parameters
) -> dict[str, pd.DataFrame]:
    """Return the table `ratio`, one row per sigma, estimator and observed share of the units: all, and `part`.

    activity : (sigma, run, time).
    """
    table = []
    for i, (sigma, spontaneous) in enumerate(zip(p.sigma, p.spontaneous, strict=True)):
        profile = np.nansum(laws[i].profile * laws[i].duration[:, None], 0)
        offspring = regression.causal_in(tallies[i], p.widths[-1])
        columns = {"sigma": sigma, "estimator": "causal", "seen": 1.0}
        table.append(columns | offspring.columns(float(regression.causal(profile)), tallies[i].n))
        driven = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        for seen in sorted({1.0, part}, reverse=True):
            watched = activity[i] if seen == 1.0 else _part(activity[i], seen, p.seed)
            expected = _expected(driven, p, seen)
            for name, estimate in _observed(watched, p).items():
                columns = {"sigma": sigma, "estimator": name, "seen": seen}
                table.append(columns | estimate.columns(expected[name], watched.size))
    return {"ratio": pd.DataFrame(table)}


SENTENCES = {
    "causal": "Offspring per active neuron, counted in avalanches",
    "one_step": "Slope of the activity of one step on that of the step before",
    "mr": "Multistep estimate of the branching ratio from the driven network's activity",
}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of the estimators at the sigmas shown, each with its exact target."""
    headlines = {}
    for sigma in shown(p.sigma):
        for r in rows(tables["ratio"], sigma=sigma, seen=1.0):
            if r["estimator"] in SENTENCES:
                headlines[f"{r['estimator']}_{label(sigma)}"] = measured(
                    r,
                    "value",
                    "1",
                    f"{SENTENCES[r['estimator']]}, at σ = {sigma:g}",
                    n="units",
                    ends=("lo", "hi"),
                    expectation=theory.expected_mean(r["expected"]),
                )
    return headlines
