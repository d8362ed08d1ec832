"""The guessing game: can the number of excited neurons be read from the last layer? All regimes get the same
inputs.

The notebook's panels differ in their inputs, and its critical one keeps only trials whose output is within
one neuron of the input. Both ensembles are here; the kept one is called `selected` and carries its acceptance
rate wherever it goes.
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
    """`guessing`, two rows per sigma, ensemble `unselected` and `selected`, from joint (sigma, k_in, k_out) counts of
    trials.

    p_silent, p_saturated : share of trials with no and with all neurons active at the end; accuracy : of the
    best guess from the output, in that ensemble; `_exact` : the same by linear algebra; reason : why a row is
    NaN.
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
    """What the selection keeps, and how the unselected trials end."""
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
