"""The guessing game as a channel: what the number of active neurons in the last layer tells about the first.

Information in bits. A joint table is (..., k_in, k_out), counts or probabilities. Cover & Thomas 2006,
chapters 2 and 7.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from emergent_dynamics.branching import exact, shannon
from emergent_dynamics.branching.headlines import EXACT, headline
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tables import highest, label, row, shown
from emergent_dynamics.store import Headline

GRID = np.linspace(0.5, 2.0, 301)  # sigmas of the exact curve


def find(joint: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """`information`, one row per sigma, and `information_curve`, the exact curve.

    joint : (sigma, k_in, k_out) counts of trials, beside the exact channel.

    `mi_lo`, `mi_hi` : 95 % of mi_corrected; `chance` : accuracy of a guess without looking.
    """
    rows: list[Mapping[str, object]] = []
    for sigma, counts in zip(p.sigma, joint, strict=True):
        channel = exact.channel(exact.links(sigma, p.widths, p.rule), p.layers)
        law = shannon.joint_law(channel, *p.inputs)
        corrected, n = float(shannon.miller_madow(counts)), int(counts.sum())
        half = special.ndtri(0.975) * shannon.standard_error(counts)
        rows.append(
            {
                "sigma": sigma,
                "rule": p.rule,
                "mi_exact": float(shannon.mutual_information(law)),
                "mi_sampled": float(shannon.mutual_information(counts)),
                "mi_corrected": corrected,
                "mi_lo": corrected - half,
                "mi_hi": corrected + half,
                "capacity": shannon.capacity(channel),
                "map_accuracy": float(shannon.map_accuracy(law)),
                "map_accuracy_sampled": float(shannon.map_accuracy(counts)),
                "chance": 1.0 / (p.inputs[1] - p.inputs[0] + 1),
                "rms_error": float(shannon.rms_error(law)),
                "n": n,
            }
        )
    return {"information": pd.DataFrame(rows), "information_curve": curve(p)}


def curve(p: Parameters) -> pd.DataFrame:
    """sigma, rule, mi: the exact curve of both rules on the grid `GRID`, for the peak and for figures."""
    rows = [
        pd.DataFrame({"sigma": GRID, "rule": rule, "mi": shannon.exact_curve(GRID, p.widths, rule, p.inputs)})
        for rule in ("linear", "noisy_or")
        if rule == "linear" or min(p.widths[1:]) >= GRID[-1]
    ]
    return pd.concat(rows, ignore_index=True)


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Where the exact information peaks, and the sampled one against it."""
    found, curve = tables["information"], tables["information_curve"]
    best = highest(curve[curve["rule"] == p.rule], "mi")
    note = f"exact, inputs {p.inputs[0]} to {p.inputs[1]}, {p.layers} layers: depends on all three"
    headlines = {
        "information_peak": headline(best["mi"], None, 1, "bit", note=note),
        "information_peak_sigma": headline(best["sigma"], None, 1, "1", note=note),
    }
    for sigma in shown(p.sigma):
        r = row(found, sigma=sigma)
        bias = abs(
            r["mi_sampled"] - r["mi_corrected"]
        )  # what Miller and Madow leave is a fraction of what they take
        ci = (r["mi_lo"] - bias / 8, r["mi_hi"] + bias / 8)
        headlines[f"information_{label(sigma)}"] = headline(
            r["mi_corrected"], ci, r["n"], "bit", r["mi_exact"], EXACT
        )
    return headlines
