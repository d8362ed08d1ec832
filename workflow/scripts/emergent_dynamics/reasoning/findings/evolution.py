"""The 2x2 over training: cells at each checkpoint, and the same examples followed from one to the next.

Fractions depend on the threshold, so each checkpoint is cut twice: at its own threshold (as in the original study; not
comparable between checkpoints) and at one pooled over all of them (comparable).
"""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import bootstrap, clustered, diagnostics, tables, two_by_two
from emergent_dynamics.reasoning.parameters import Settings

PARTLY = (0.5, 0.9)  # accuracies at which all four cells can be expected


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """Return `evolution`, `transitions` and `persistence` of every series; without a series they have no rows."""
    parts: dict[str, list[pd.DataFrame]] = {"evolution": [], "transitions": [], "persistence": []}
    for series, by_step in tables.steps(diagnosed).items():
        kinds = {
            "evolution": over_checkpoints(
                by_step, settings.late_steps, settings.leading, settings.resamples, settings.seed
            ),
            "transitions": transitions(by_step, settings.late_steps),
            "persistence": persistence(by_step, settings.leading),
        }
        for name, frame in kinds.items():
            frame.insert(0, "series", series)
            parts[name].append(frame)
    empty = pd.DataFrame(columns=["series", "step"])
    return {name: pd.concat(frames, ignore_index=True) if frames else empty for name, frames in parts.items()}


SENTENCES = {
    "accuracy": "Share of examples that are wholly right at the last checkpoint",
    "converged": "Share of examples that have settled at the last checkpoint",
    "mixture_wrong_converged": "Share of wrong answers that have settled at the last checkpoint",
}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return headlines of accuracy and of the shares of settled answers at the last checkpoint of each series, cut at
    the pooled threshold; n is the number of symmetry classes.
    """
    headlines: dict[str, Headline] = {}
    table = rows["evolution"]
    by_series = tables.steps(diagnosed)
    for series, frame in table.groupby("series", sort=False) if len(table) else ():
        step = int(frame["step"].max())
        pooled = frame[(frame["threshold"] == "pooled") & (frame["step"] == step)]
        last = pooled.set_index("statistic").to_dict("index")
        one = by_series[str(series)][step]
        classes = len(np.unique(one["base_puzzle"].values))
        wrong = len(np.unique(one["base_puzzle"].values[~one["exact_correct"].values]))
        note = f"step {step}, {len(one['exact_correct'])} examples, threshold pooled over the checkpoints"
        for name, sentence in SENTENCES.items():
            headlines[f"{series}_last_{name}"] = Headline(
                last[name]["value"],
                (last[name]["ci_low"], last[name]["ci_high"]),
                wrong if name == "mixture_wrong_converged" else classes,
                "share",
                sentence,
                note=note if np.isfinite(last[name]["value"]) else f"no example is wrong; {note}",
            )
        full = four_cells(frame[frame["threshold"] == "own"])
        headlines[f"{series}_checkpoints_with_four_cells"] = Headline(
            len(full),
            None,
            frame["step"].nunique(),
            "checkpoints",
            "Number of checkpoints at which all four cells can be compared",
            note=f"accuracy {PARTLY[0]} to {PARTLY[1]} and at least {two_by_two.FEWEST} examples in every cell: steps "
            + (", ".join(str(step) for step in full) or "none"),
        )
    return headlines


def four_cells(own: pd.DataFrame) -> list[int]:
    """Return the steps in rows of `evolution` with accuracy within PARTLY and at least FEWEST examples in every
    cell.
    """
    wide = own.pivot_table(index="step", columns="statistic", values="value")
    fewest = wide[[f"fraction_{c}" for c in "ABCD"]].min(axis=1) * own.groupby("step")["n"].first()
    return list(wide.index[wide["accuracy"].between(*PARTLY) & (fewest.round() >= two_by_two.FEWEST)])


def pooled_threshold(log_drift: Mapping[int, np.ndarray]) -> float:
    """Return Otsu's threshold of the log drifts of all checkpoints together."""
    return two_by_two.otsu(np.concatenate(list(log_drift.values())))


def over_checkpoints(
    series: Mapping[int, xr.Dataset], late_steps: int, estimator: str, resamples: int, seed: int
) -> pd.DataFrame:
    """Return one row per checkpoint, threshold (own or pooled) and statistic of `bootstrap.statistics`, with its
    interval.

    series : diagnostics by training step. Intervals of fractions resample whole classes; own thresholds are fitted
    again in each resample, and the pooled one is held fixed. Raises ValueError when units differ.
    """
    diagnostics.same_unit({str(step): t for step, t in series.items()})
    log_drift = {
        step: two_by_two.late_drift(t["drift_zH"].values, late_steps, float(t.attrs["floor"]))[0]
        for step, t in series.items()
    }
    pooled = pooled_threshold(log_drift)
    rows = []
    for step, one in sorted(series.items()):
        correct = one["exact_correct"].values
        sample = bootstrap.Sample(
            log_drift[step], diagnostics.leading(one, estimator), correct, diagnostics.clusters(one)
        )
        rules: dict[str, str | float] = {"own": "otsu", "pooled": pooled}
        for which, rule in rules.items():
            values, interval = bootstrap.estimates(sample, rule, resamples, seed)
            for name, value in values.items():
                low, high = interval[name]
                rows.append((step, which, name, value, low, high, len(correct)))
    columns = ["step", "threshold", "statistic", "value", "ci_low", "ci_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def transitions(series: Mapping[int, xr.Dataset], late_steps: int) -> pd.DataFrame:
    """Return how many examples move from cell to cell between consecutive checkpoints, for cells cut at the pooled
    threshold.

    Examples are joined by idx. One row per (step, next step, from cell, to cell): n, and the share of the examples of
    the from cell with its interval over classes.
    """
    log_drift = {
        step: two_by_two.late_drift(t["drift_zH"].values, late_steps, float(t.attrs["floor"]))[0]
        for step, t in series.items()
    }
    pooled = pooled_threshold(log_drift)
    cell = {
        step: pd.DataFrame(
            {"cell": two_by_two.assign(log_drift[step], t["exact_correct"].values, pooled)}, t["idx"].values
        ).assign(puzzle=t["base_puzzle"].values)
        for step, t in series.items()
    }
    rows = []
    steps = sorted(series)
    for before, after in itertools.pairwise(steps):
        joined = cell[before].join(cell[after]["cell"].rename("cell_next"), how="inner")
        for i, j in itertools.product(range(4), repeat=2):
            there = joined[joined["cell"] == i]
            went = there["cell_next"].to_numpy() == j
            share = clustered.share(went, there["puzzle"].to_numpy())
            rows.append(
                {
                    "step": before,
                    "next_step": after,
                    "from": "ABCD"[i],
                    "to": "ABCD"[j],
                    "n": int(went.sum()),
                    "share": share.value,
                    "ci_low": share.lo,
                    "ci_high": share.hi,
                }
            )
    return pd.DataFrame(rows, columns=["step", "next_step", "from", "to", "n", "share", "ci_low", "ci_high"])


def persistence(series: Mapping[int, xr.Dataset], estimator: str) -> pd.DataFrame:
    """Return the rank correlation of the examples' exponents between consecutive checkpoints: step, next_step, n,
    spearman.
    """
    rows = []
    steps = sorted(series)
    for before, after in itertools.pairwise(steps):
        exponents = [
            pd.Series(diagnostics.leading(series[s], estimator), index=series[s]["idx"].values)
            for s in (before, after)
        ]
        joined = pd.concat(exponents, axis=1, join="inner").dropna()
        enough = len(joined) >= two_by_two.FEWEST
        rho = float(joined.corr(method="spearman").to_numpy()[0, 1]) if enough else np.nan
        rows.append({"step": before, "next_step": after, "n": len(joined), "spearman": rho})
    return pd.DataFrame(rows, columns=["step", "next_step", "n", "spearman"])
