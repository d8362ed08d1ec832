"""The guessing game as an information channel: how much the number of active neurons in the last layer tells about
the number in the first.

Information is in bits. A joint table is (..., k_in, k_out), counts or probabilities. Source: Cover & Thomas 2006,
chapters 2 and 7.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from emergent_dynamics.branching import exact, shannon, theory
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import highest, label, measured, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate

CELL = 20  # trials per pair of an input and an output; with as many the remaining bias is below the interval
GRID = np.linspace(0.5, 2.0, 301)  # sigmas of the exact curve


def find(joint: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """Return the table `information`, one row per sigma, and `information_curve`, the exact curve.

    joint : (sigma, k_in, k_out) counts of trials, which are compared with the exact channel. `mi_lo`, `mi_hi` : 95 %
    interval of `mi_corrected`. `chance` : probability of guessing the input without looking at the output.
    """
    rows: list[Mapping[str, object]] = []
    for sigma, counts in zip(p.sigma, joint, strict=True):
        channel = exact.channel(exact.links(sigma, p.widths, p.rule), p.layers)
        law = shannon.joint_law(channel, *p.inputs)
        pairs = (p.inputs[1] - p.inputs[0] + 1) * (p.widths[-1] + 1)
        corrected = corrected_information(counts, pairs)
        rows.append(
            {
                "sigma": sigma,
                "rule": p.rule,
                "mi_exact": float(shannon.mutual_information(law)),
                "mi_sampled": float(shannon.mutual_information(counts)),
                "mi_corrected": corrected.value,
                "mi_lo": corrected.lo,
                "mi_hi": corrected.hi,
                "capacity": shannon.capacity(channel),
                "map_accuracy": float(shannon.map_accuracy(law)),
                "map_accuracy_sampled": float(shannon.map_accuracy(counts)),
                "chance": 1.0 / (p.inputs[1] - p.inputs[0] + 1),
                "rms_error": float(shannon.rms_error(law)),
                "n": corrected.n,
                "reason": "" if corrected.n >= CELL * pairs else _too_few(corrected.n, pairs),
            }
        )
    return {"information": pd.DataFrame(rows), "information_curve": curve(p)}


def _too_few(trials: int, pairs: int) -> str:
    return (
        f"{trials} trials for {pairs} pairs of an input and an output: with fewer than {CELL} per pair the bias is "
        "not known well enough for an interval"
    )


def corrected_information(counts: np.ndarray, pairs: int) -> Estimate:
    """Return the information in bits of (k_in, k_out) counts, from 0 to the entropy of the inputs, with its interval.

    The estimate is that of Miller and Madow, and 0 where it is negative. The bias that remains is a fraction of the
    correction, so an eighth of the correction is added to each half of the interval. `pairs` is the number of pairs
    of an input and an output; with fewer than `CELL` trials per pair there is no interval. Where the corrected
    estimate is not positive, its error is not known either, and the interval extends at least to the estimate before
    correction.
    """
    n = int(counts.sum())
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    plain, corrected = float(shannon.mutual_information(counts)), float(shannon.miller_madow(counts))
    error = float(shannon.standard_error(counts))
    half = special.ndtri(0.975) * error + abs(plain - corrected) / 8
    most = np.log2(np.count_nonzero(counts.sum(1)))
    upper = corrected + half if corrected > 0.0 else max(corrected + half, plain)
    value, lo, hi = (min(max(0.0, x), most) for x in (corrected, corrected - half, upper))
    if n < CELL * pairs:
        return Estimate(value, np.nan, np.nan, n)
    return Estimate(value, lo, hi, n, error)


def curve(p: Parameters) -> pd.DataFrame:
    """Return the exact mutual information against sigma for both rules, with columns sigma, rule and mi.

    The sigmas are `GRID`. Figures draw this curve, and the headlines take its maximum.
    """
    rows = [
        pd.DataFrame({"sigma": GRID, "rule": rule, "mi": shannon.exact_curve(GRID, p.widths, rule, p.inputs)})
        for rule in ("linear", "noisy_or")
        if rule == "linear" or min(p.widths[1:]) >= GRID[-1]
    ]
    return pd.concat(rows, ignore_index=True)


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of the maximum of the exact information, and of the sampled information beside its exact
    value.
    """
    table, curve = tables["information"], tables["information_curve"]
    best = highest(curve[curve["rule"] == p.rule], "mi")
    note = f"inputs {p.inputs[0]} to {p.inputs[1]}, {p.layers} layers: it depends on all three"
    headlines = {
        "information_peak": Headline(
            best["mi"],
            None,
            1,
            "bit",
            "Largest information between the first and the last layer over all σ",
            note=note,
            exact=True,
        ),
        "information_peak_sigma": Headline(
            best["sigma"],
            None,
            1,
            "1",
            "Branching ratio at which the information is largest",
            note=note,
            exact=True,
            rank=2,
        ),
    }
    for sigma in shown(p.sigma):
        r = row(table, sigma=sigma)
        headlines[f"information_{label(sigma)}"] = measured(
            r,
            "mi_corrected",
            "bit",
            f"Information between the first and the last layer at σ = {sigma:g}",
            ends=("mi_lo", "mi_hi"),
            note=r["reason"] or None,
            expectation=theory.expected_information(r["mi_exact"], best["mi"]),
        )
    return headlines
