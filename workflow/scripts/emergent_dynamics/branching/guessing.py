"""The guessing game: can the number of excited neurons be read from the last layer? All regimes get the same
inputs.

The notebook's panels differ in their inputs, and its critical one keeps only trials whose output is within
one neuron of the input. Both ensembles are here; the kept one is called `selected` and carries its acceptance
rate wherever it goes.
"""

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, information
from emergent_dynamics.branching.headlines import EXACT, headline, label, row, shown
from emergent_dynamics.branching.model import Parameters
from emergent_dynamics.statistics import proportion_interval
from emergent_dynamics.store import Headline

TOLERANCE = 2  # the notebook keeps |out - in| < 2


def within(neurons: int, tolerance: int = TOLERANCE) -> np.ndarray:
    """(k_in, k_out) bool: |out - in| < tolerance, the notebook's selection."""
    k = np.arange(neurons + 1)
    return np.abs(k[:, None] - k) < tolerance


def acceptance(joint: np.ndarray, tolerance: int = TOLERANCE) -> np.ndarray:
    """(...,) share of the trials that the selection keeps."""
    kept = np.where(within(joint.shape[-1] - 1, tolerance), joint, 0)
    return kept.sum((-2, -1)) / joint.sum((-2, -1))


def select(inputs: np.ndarray, outputs: np.ndarray, tolerance: int = TOLERANCE) -> np.ndarray:
    """(kept,) indices of the trials that the notebook would show."""
    return np.flatnonzero(np.abs(outputs.astype(np.int64) - inputs) < tolerance)


def tabulate(joint: np.ndarray, p: Parameters) -> pd.DataFrame:
    """Two rows per sigma, ensemble `unselected` and `selected`, from joint (sigma, k_in, k_out) counts of
    trials.

    p_silent, p_saturated : share of trials with no and with all neurons active at the end; accuracy : of the
    best guess from the output, in that ensemble; `_exact` : the same by linear algebra; reason : why a row is
    NaN.
    """
    rows = []
    kept = within(p.neurons)
    for sigma, counts in zip(p.sigma, joint, strict=True):
        channel = exact.channel(exact.links(sigma, p.widths, p.rule), p.layers)
        law = information.joint_law(channel, *p.inputs)
        for ensemble, mask in (("unselected", np.ones_like(kept)), ("selected", kept)):
            seen, expected = np.where(mask, counts, 0), np.where(mask, law, 0.0)
            n = int(seen.sum())
            entry: dict[str, object] = {
                "sigma": sigma,
                "rule": p.rule,
                "ensemble": ensemble,
                "n": n,
                "accept_rate": n / counts.sum() if counts.sum() else np.nan,
                "accept_rate_exact": float(expected.sum()),
            }
            for name, table, total in (("", seen, n), ("_exact", expected, expected.sum())):
                entry |= {
                    f"p_silent{name}": table[:, 0].sum() / total if total else np.nan,
                    f"p_saturated{name}": table[:, p.widths[-1]].sum() / total if total else np.nan,
                    f"accuracy{name}": float(information.map_accuracy(table)) if total else np.nan,
                    f"rms_error{name}": float(information.rms_error(table)) if total else np.nan,
                }
            rows.append(entry | {"reason": "" if n else "no trial was kept"})
    return pd.DataFrame(rows)


def summarise(found: pd.DataFrame, p: Parameters) -> dict[str, Headline]:
    """What the selection keeps, and how the unselected trials end."""
    headlines = {}
    for sigma in shown(p.sigma):
        all_trials, kept = (row(found, sigma=sigma, ensemble=name) for name in ("unselected", "selected"))
        rate = proportion_interval(kept["n"], all_trials["n"])
        headlines[f"accept_rate_{label(sigma)}"] = headline(
            rate.value,
            rate.ci,
            rate.n,
            "1",
            kept["accept_rate_exact"],
            EXACT,
            "share that |out - in| < 2 would select",
        )
        ended = round(all_trials["p_silent"] * all_trials["n"]) if all_trials["n"] else 0
        silent = proportion_interval(ended, all_trials["n"])
        headlines[f"p_silent_{label(sigma)}"] = headline(
            silent.value, silent.ci, silent.n, "1", all_trials["p_silent_exact"], EXACT, "unselected trials"
        )
    return headlines
