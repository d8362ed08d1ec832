"""How the driven network answers: dynamic range of the last layer, and susceptibility of the whole.

Dynamic range in dB, Kinouchi & Copelli 2006, Nat Phys 2:348: 10 log10(h_0.9 / h_0.1), h_x the drive at which
the response is F_0 + x (F_max - F_0). Here the drive is the spontaneous rate of every neuron and the response
E[k] in the last layer.
"""

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from emergent_dynamics.branching import exact, theory
from emergent_dynamics.branching.headlines import (
    EXACT,
    NORMAL,
    computed,
    headline,
    highest,
    label,
    row,
    shown,
)
from emergent_dynamics.branching.model import Parameters
from emergent_dynamics.store import Headline

DRIVES = np.geomspace(
    1e-7, 1.0, 400
)  # probability per neuron and step; 57 a decade: 1e-4 dB by cubic interpolation


def curve(sigma: float, neurons: int, layers: int, rule: str, drives: np.ndarray = DRIVES) -> np.ndarray:
    """(drive,) exact E[k] in the last layer, in neurons."""
    matrix = exact.transition(sigma, neurons, rule)
    spikes = exact.spontaneous_matrix(neurons, drives)
    law = np.zeros((drives.size, 1, neurons + 1))
    law[:, 0, 0] = 1.0
    for _ in range(layers - 1):
        law = law @ spikes @ matrix
    return law[:, 0] @ np.arange(neurons + 1.0)


def dynamic_range(drives: np.ndarray, response: np.ndarray, silent: float = 0.0) -> float:
    """dB, from a response that rises with the drive; `silent` is the response without drive. NaN if 10 % is
    below the grid.
    """
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(response)) > 0])
    level = (response[rising] - silent) / (response.max() - silent)
    if level[0] > 0.1:
        return np.nan
    low, high = PchipInterpolator(level, np.log10(drives[rising]))([0.1, 0.9])
    return float(10.0 * (high - low))


def tabulate(activity: np.ndarray, p: Parameters) -> pd.DataFrame:
    """One row per sigma: exact dynamic range, and mean, variance, susceptibility and silence of
    `activity[sigma]` (time,).

    susceptibility = Var(A) / (N L), A the active neurons in a frame; `_exact` by linear algebra.
    """
    rows = []
    for sigma, spontaneous, seen in zip(p.sigma, p.spontaneous, activity, strict=True):
        expected = exact.raster(exact.transition(sigma, p.neurons, p.rule, spontaneous), p.layers)
        cells = p.neurons * p.layers
        correlated = 1.0 + 2.0 * expected.autocorrelation[1:].sum()  # steps that count as one
        half = NORMAL * np.sqrt(seen.var() * correlated / seen.size)
        rows.append(
            {
                "sigma": sigma,
                "rule": p.rule,
                "spontaneous": spontaneous,
                "dynamic_range": dynamic_range(DRIVES, curve(sigma, p.neurons, p.layers, p.rule)),
                "mean_activity": seen.mean(),
                "mean_activity_lo": seen.mean() - half,
                "mean_activity_hi": seen.mean() + half,
                "mean_activity_exact": expected.mean,
                "susceptibility": seen.var() / cells,
                "susceptibility_exact": expected.variance / cells,
                "p_silent": (seen == 0).mean(),
                "p_silent_exact": expected.silent,
                "n": seen.size,
            }
        )
    return pd.DataFrame(rows)


def tabulate_curves(p: Parameters) -> pd.DataFrame:
    """sigma, drive, response: exact E[k] in the last layer, in neurons, for figures."""
    some = DRIVES[::8]
    rows = [
        pd.DataFrame({"sigma": s, "drive": some, "response": curve(s, p.neurons, p.layers, p.rule, some)})
        for s in p.sigma
    ]
    return pd.concat(rows, ignore_index=True)


def summarise(found: pd.DataFrame, p: Parameters) -> dict[str, Headline]:
    """Where the dynamic range is largest, its closed form at sigma = 1, and mean activity against the exact
    one.
    """
    best = highest(found, "dynamic_range")
    headlines = {
        "dynamic_range_max": headline(best["dynamic_range"], None, 1, "dB"),
        "dynamic_range_argmax": headline(best["sigma"], None, 1, "1", note="on the grid of this experiment"),
    }
    if p.rule == "linear" and 1.0 in p.sigma:
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
