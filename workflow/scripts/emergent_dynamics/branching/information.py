"""The guessing game as a channel: what the number of active neurons in the last layer tells about the first.

Information in bits. A joint table is (..., k_in, k_out), counts or probabilities. Cover & Thomas 2006,
chapters 2 and 7.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special
from scipy.special import xlogy

from emergent_dynamics.branching import exact
from emergent_dynamics.branching.headlines import EXACT, headline, highest, label, row, shown
from emergent_dynamics.branching.model import Parameters
from emergent_dynamics.store import Headline

GRID = np.linspace(0.5, 2.0, 301)  # sigmas of the exact curve


def joint_law(channel: np.ndarray, lowest: int, highest: int) -> np.ndarray:
    """(..., k_in, k_out) probabilities for inputs uniform from lowest to highest, both included."""
    k = np.arange(channel.shape[-1])
    excited = ((k >= lowest) & (k <= highest)) / (highest - lowest + 1)
    return excited[:, None] * channel


def mutual_information(joint: np.ndarray) -> np.ndarray:
    """I = sum p(x, y) log2 [p(x, y) / (p(x) p(y))], of each table; of counts it is the plug-in estimate."""
    p = joint / joint.sum((-2, -1), keepdims=True)
    entropies = xlogy(p, p).sum((-2, -1)) - sum(xlogy(q, q).sum(-1) for q in (p.sum(-1), p.sum(-2)))
    return np.maximum(entropies, 0.0) / np.log(2.0)


def miller_madow(joint: np.ndarray) -> np.ndarray:
    """The plug-in estimate less its bias (K_xy - K_x - K_y + 1) / (2 n ln 2), K counting outcomes seen.
    Miller 1955.
    """
    seen = joint > 0
    excess = seen.sum((-2, -1)) - seen.any(-1).sum(-1) - seen.any(-2).sum(-1) + 1
    return mutual_information(joint) - excess / (2.0 * joint.sum((-2, -1)) * np.log(2.0))


def standard_error(joint: np.ndarray) -> float:
    """Of the plug-in estimate of one table of counts: sd of log2 [p(x, y) / (p(x) p(y))] over sqrt(n)."""
    n = joint.sum()
    p = joint / n
    expected = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    score = np.zeros_like(p)
    np.log2(p, where=p > 0, out=score)
    score -= np.where(p > 0, np.log2(np.where(expected > 0, expected, 1.0)), 0.0)
    return float(np.sqrt(max((p * score**2).sum() - (p * score).sum() ** 2, 0.0) / n))


def capacity(channel: np.ndarray, tolerance: float = 1e-5) -> float:
    """Largest information over all inputs, in bits, to `tolerance`. Blahut 1972 and Arimoto 1972, IEEE T-IT
    18.
    """
    inputs = np.full(channel.shape[0], 1.0 / channel.shape[0])
    negative_entropy = xlogy(channel, channel).sum(1)
    for _ in range(100_000):
        output = inputs @ channel
        divergence = negative_entropy - xlogy(channel, np.where(output > 0, output, 1.0)).sum(1)
        bound = divergence.max()
        inputs = inputs * np.exp(divergence - bound)
        lower = bound + np.log(inputs.sum())
        inputs /= inputs.sum()
        if bound - lower < tolerance * np.log(2.0):
            break
    return float(lower / np.log(2.0))


def map_accuracy(joint: np.ndarray) -> np.ndarray:
    """Probability that the most likely input given the output is the right one."""
    return joint.max(-2).sum(-1) / joint.sum((-2, -1))


def rms_error(joint: np.ndarray) -> np.ndarray:
    """Root mean squared error, in neurons, of the conditional mean E[k_in | k_out]: sqrt(E Var[k_in |
    k_out]).
    """
    p = joint / joint.sum((-2, -1), keepdims=True)
    k = np.arange(joint.shape[-2], dtype=np.float64)
    marginal = p.sum(-2)
    first, second = (p * k[:, None]).sum(-2), (p * k[:, None] ** 2).sum(-2)
    spread = second - np.divide(first**2, marginal, out=np.zeros_like(first), where=marginal > 0)
    return np.sqrt(np.maximum(spread.sum(-1), 0.0))


def exact_curve(sigma: np.ndarray, widths: tuple[int, ...], rule: str, inputs: tuple[int, int]) -> np.ndarray:
    """(sigma,) exact information in bits."""
    channel = np.array([exact.channel(exact.links(s, widths, rule), len(widths)) for s in sigma])
    return mutual_information(joint_law(channel, *inputs))


def tabulate(joint: np.ndarray, p: Parameters) -> pd.DataFrame:
    """One row per sigma: the exact channel, and what `joint` (sigma, k_in, k_out), counts of trials, says
    about it.

    `mi_lo`, `mi_hi` : 95 % of mi_corrected; `chance` : accuracy of a guess without looking.
    """
    rows: list[Mapping[str, object]] = []
    for sigma, counts in zip(p.sigma, joint, strict=True):
        channel = exact.channel(exact.links(sigma, p.widths, p.rule), p.layers)
        law = joint_law(channel, *p.inputs)
        corrected, n = float(miller_madow(counts)), int(counts.sum())
        half = special.ndtri(0.975) * standard_error(counts)
        rows.append(
            {
                "sigma": sigma,
                "rule": p.rule,
                "mi_exact": float(mutual_information(law)),
                "mi_sampled": float(mutual_information(counts)),
                "mi_corrected": corrected,
                "mi_lo": corrected - half,
                "mi_hi": corrected + half,
                "capacity": capacity(channel),
                "map_accuracy": float(map_accuracy(law)),
                "map_accuracy_sampled": float(map_accuracy(counts)),
                "chance": 1.0 / (p.inputs[1] - p.inputs[0] + 1),
                "rms_error": float(rms_error(law)),
                "n": n,
            }
        )
    return pd.DataFrame(rows)


def tabulate_curve(p: Parameters) -> pd.DataFrame:
    """sigma, rule, mi: the exact curve of both rules on the grid `GRID`, for the peak and for figures."""
    rows = [
        pd.DataFrame({"sigma": GRID, "rule": rule, "mi": exact_curve(GRID, p.widths, rule, p.inputs)})
        for rule in ("linear", "noisy_or")
        if rule == "linear" or min(p.widths[1:]) >= GRID[-1]
    ]
    return pd.concat(rows, ignore_index=True)


def summarise(found: pd.DataFrame, curve: pd.DataFrame, p: Parameters) -> dict[str, Headline]:
    """Where the exact information peaks, and the sampled one against it."""
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
