"""The guessing game: can the number of excited neurons be inferred from the last layer? All regimes get the same
inputs.

The panels of the original notebook differ in their inputs, and its critical panel keeps only trials whose output is
within one neuron of the input. Here both ensembles are reported; the second one is called `selected`, and its
acceptance rate is stored with it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exact, shannon, theory
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.selection import within
from emergent_dynamics.branching.tables import label, nearest, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import proportion_interval


def find(joint: np.ndarray, p: Parameters) -> dict[str, pd.DataFrame]:
    """Return the table `guessing` from joint (sigma, k_in, k_out) counts: two rows per sigma, for the ensembles
    `unselected` and `selected`.

    p_silent, p_saturated : share of trials with no neuron and with all neurons active at the end. accuracy :
    probability that the best guess from the output is right, in that ensemble. `<name>_exact` : the same by linear
    algebra. reason : why a row is NaN.
    """
    rows = []
    kept = within(p.neurons)
    for sigma, counts in zip(p.sigma, joint, strict=True):
        channel = exact.channel(exact.links(sigma, p.widths, p.rule), p.layers)
        law = shannon.joint_law(channel, *p.inputs)
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
                    f"accuracy{name}": float(shannon.map_accuracy(table)) if total else np.nan,
                    f"rms_error{name}": float(shannon.rms_error(table)) if total else np.nan,
                }
            rows.append(entry | {"reason": "" if n else "no trial was kept"})
    return {"guessing": pd.DataFrame(rows)}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of the share of trials that the selection keeps, and of the share of unselected trials that
    end silent.
    """
    headlines = {}
    for sigma in shown(p.sigma):
        everything, kept = (
            row(tables["guessing"], sigma=sigma, ensemble=name) for name in ("unselected", "selected")
        )
        n = everything["n"]
        headlines[f"accept_rate_{label(sigma)}"] = Headline.from_estimate(
            proportion_interval(kept["n"], n),
            "share",
            f"Share of trials of the guessing game that the selection |out - in| < 2 would keep at σ = {sigma:g}",
            expectation=theory.expected_probability(kept["accept_rate_exact"]),
            rank=5 if sigma == nearest(p.sigma) else None,
            note=None if n else "no trials",
        )
        headlines[f"p_silent_{label(sigma)}"] = Headline.from_estimate(
            proportion_interval(round(np.nan_to_num(everything["p_silent"]) * n), n),
            "share",
            f"Share of unselected trials of the guessing game that end in silence at σ = {sigma:g}",
            expectation=theory.expected_probability(everything["p_silent_exact"]),
            note=None if n else "no trials",
        )
    return headlines
