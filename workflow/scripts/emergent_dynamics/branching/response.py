"""How the driven network answers: dynamic range of the last layer, and susceptibility of the whole.

Dynamic range in dB, Kinouchi & Copelli 2006, Nat Phys 2:348: 10 log10(h_0.9 / h_0.1), h_x the drive at which
the response is F_0 + x (F_max - F_0). Here the drive is the spontaneous rate of every neuron and the response
E[k] in the last layer.
"""

import itertools

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
MATRICES = 8_000_000  # numbers held at once: 64 MB


def curve(sigma: float, widths: tuple[int, ...], rule: str, drives: np.ndarray = DRIVES) -> np.ndarray:
    """(drive,) exact E[k] in the last layer, in neurons."""
    pieces = -(-drives.size * max(widths) ** 2 // MATRICES)
    return np.concatenate([_curve(sigma, widths, rule, some) for some in np.array_split(drives, pieces)])


def _curve(sigma: float, widths: tuple[int, ...], rule: str, drives: np.ndarray) -> np.ndarray:
    spikes = {n: exact.spontaneous_matrix(n, drives) for n in set(widths)}
    moved = {pair: exact.link(sigma, *pair, rule) for pair in set(itertools.pairwise(widths))}
    law = np.zeros((drives.size, 1, widths[0] + 1))
    law[:, 0, 0] = 1.0
    for pair in itertools.pairwise(widths):
        law = law @ spikes[pair[0]] @ moved[pair]
    return law[:, 0] @ np.arange(widths[-1] + 1.0)


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
                "dynamic_range": dynamic_range(DRIVES, curve(sigma, p.widths, p.rule)),
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
    return pd.DataFrame(rows)


def tabulate_curves(p: Parameters) -> pd.DataFrame:
    """sigma, drive, response: exact E[k] in the last layer, in neurons, for figures."""
    some = DRIVES[::8]
    rows = [
        pd.DataFrame({"sigma": s, "drive": some, "response": curve(s, p.widths, p.rule, some)})
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
