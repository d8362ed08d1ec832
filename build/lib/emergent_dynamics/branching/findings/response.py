"""How the driven network answers: dynamic range of the last layer, and susceptibility of the whole."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import dynamic_range, exact, theory
from emergent_dynamics.branching.headlines import EXACT, NORMAL, computed, headline
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import highest, label, row, shown
from emergent_dynamics.store import Headline


def find(activity: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """`response`, one row per sigma: exact dynamic range, and mean, variance, susceptibility and silence of
    `activity[sigma]` (time,).

    susceptibility = Var(A) / all neurons, A the active neurons in a frame; `_exact` by linear algebra.
    """
    rows = []
    for sigma, spontaneous, seen in zip(p.sigma, p.spontaneous, activity, strict=True):
        expected = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
        correlated = 1.0 + 2.0 * expected.autocorrelation[1:].sum()  # steps that count as one
        half = NORMAL * np.sqrt(seen.var() * correlated / seen.size)
        rows.append(
            {
                "sigma": sigma,
                "rule": p.rule,
                "spontaneous": spontaneous,
                "dynamic_range": dynamic_range.decibels(
                    dynamic_range.DRIVES, dynamic_range.curve(sigma, p.widths, p.rule)
                ),
                "mean_activity": seen.mean(),
                "mean_activity_lo": seen.mean() - half,
                "mean_activity_hi": seen.mean() + half,
                "mean_activity_exact": expected.mean,
                "susceptibility": seen.var() / p.cells,
                "susceptibility_exact": expected.variance / p.cells,
                "p_silent": (seen == 0).mean(),
                "p_silent_exact": expected.silent,
                "n": seen.size,
            }
        )
    return {"response": pd.DataFrame(rows), "response_curves": curves(p)}


def curves(p: Parameters) -> pd.DataFrame:
    """sigma, drive, response: exact E[k] in the last layer, in neurons, for figures."""
    some = dynamic_range.DRIVES[::8]
    rows = [
        pd.DataFrame({"sigma": s, "drive": some, "response": dynamic_range.curve(s, p.widths, p.rule, some)})
        for s in p.sigma
    ]
    return pd.concat(rows, ignore_index=True)


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Where the dynamic range is largest, its closed form at sigma = 1, and mean activity against the exact
    one.
    """
    found = tables["response"]
    best = highest(found, "dynamic_range")
    headlines = {
        "dynamic_range_max": headline(best["dynamic_range"], None, 1, "dB"),
        "dynamic_range_argmax": headline(best["sigma"], None, 1, "1", note="on the grid of this experiment"),
    }
    if p.rule == "linear" and 1.0 in p.sigma and len(set(p.widths)) == 1:
        value = row(found, sigma=1.0)["dynamic_range"]
        source = "theory.critical_dynamic_range: N (1 - (1 - p)^l) inverted"
        headlines["dynamic_range_sigma_1"] = computed(
            value, "dB", theory.critical_dynamic_range(p.layers), 1e-3, source
        )
    for sigma in shown(p.sigma):
        r = row(found, sigma=sigma)
        ci = (r["mean_activity_lo"], r["mean_activity_hi"])
        headlines[f"mean_activity_{label(sigma)}"] = headline(
            r["mean_activity"], ci, r["n"], "neuron", r["mean_activity_exact"], EXACT
        )
    return headlines
