"""Effects of precision on the 2x2: float32 and bfloat16 compared with float64, the smallest drift, and halting.

The smallest drift is set by rounding, and a threshold may separate examples at this floor from those that
still converge. The cells are therefore cut again with relative drift clipped at `two_by_two.CLIP` and, for networks
trained here, with the drift of a float32 trajectory. The authors evaluate an official network in bfloat16; what is
diagnosed is the smooth map with the stored weights.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import clustered, diagnostics, tables, two_by_two
from emergent_dynamics.reasoning.parameters import Settings

FLOOR = 1e-14  # late drift over the norm of the state, below which it is at the floor of float64
WAYS = {"": two_by_two.log_late_drift}  # measures of late drift, by the suffix of their columns
WAYS |= {"_clipped": two_by_two.log_drift_clipped, "_float32": two_by_two.log_drift_float32}


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """Return `precision`, one row per checkpoint, and `halting`, one per checkpoint and ACT step.

    diagnosed : diagnostics of networks by name, which becomes the column `table`. Drift is measured in each of `WAYS`,
    and one rule, `settings.threshold`, divides settled from unsettled examples in all of them; what was not measured
    is NaN.
    """
    rows = [{"table": name, **_accuracies(table, settings)} for name, table in diagnosed.items()]
    own = None
    for suffix, measure in WAYS.items():
        drifts = [measure(table, settings) for table in diagnosed.values()]
        rule = settings.threshold if settings.threshold != "pooled" else _pooled(drifts)
        cut = [
            _cut(drift, table["exact_correct"].values, rule)
            for drift, table in zip(drifts, diagnosed.values(), strict=True)
        ]
        own = own or cut
        for row, (tau, cell), (_, reference) in zip(rows, cut, own, strict=True):
            row |= _counts(suffix, tau, cell, reference)
    halting = [_halting(name, table) for name, table in diagnosed.items()]
    return {"precision": pd.DataFrame(rows), "halting": pd.concat(halting, ignore_index=True)}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Headlines: shares of examples with drift at the floor, in another cell in float32, and halted; bfloat16's
    accuracy.
    """
    headlines: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for name, table in chosen.items():
        prefix = f"{name}_" if len(chosen) > 1 else ""
        row = tables.rows_of(rows["precision"], name).iloc[0]
        hits = _hits(table, row)
        for which, (hit, sentence, note) in hits.items():
            share = clustered.share(hit, diagnostics.clusters(table))
            note = f"{len(hit)} examples; {note}"
            headlines[prefix + which] = Headline.from_estimate(share, "share", sentence, note=note)
    return headlines


def _hits(table: xr.Dataset, row: pd.Series) -> dict[str, tuple[np.ndarray, str, str]]:
    """Return for every known share which examples (example,) count, a sentence and a note."""
    hits = {
        "share_at_floor": (
            _late(table, int(row["late_steps"])) < FLOOR,
            "Share of examples whose late drift is at the floor of float64",
            f"late drift below {FLOOR:g} of the state's norm",
        ),
        "share_halted": (
            table["halted_at"].values >= 1,
            "Share of examples for which the halting rule held at some step",
            str(table.attrs["halting_rule"]),
        ),
    }
    if np.isfinite(row["accuracy_bfloat16"]):
        hits["accuracy_bfloat16"] = (
            table["exact_bfloat16"].values == 1.0,
            "Share of examples that the network in bfloat16 gets wholly right after the last step",
            f"{row['changed']:.0f} are right in one precision only; float64 has {row['accuracy']:.3g}",
        )
    if np.isfinite(row["tau_float32"]):
        settings = Settings(int(row["late_steps"]), "otsu", "qr", 0, 0)
        settled = [WAYS[suffix](table, settings) < row[f"tau{suffix}"] for suffix in ("", "_float32")]
        hits["moved_by_float32"] = (
            settled[0] != settled[1],
            "Share of examples that would be in another cell if the drift were computed in float32",
            f"thresholds 10^{row['tau']:.2f} in float64, 10^{row['tau_float32']:.2f} in float32",
        )
    return hits


def _accuracies(table: xr.Dataset, settings: Settings) -> dict[str, object]:
    correct, rounded = table["exact_correct"].values, table["exact_bfloat16"].values
    known = np.isfinite(rounded).all()
    return {
        "n": len(correct),
        "late_steps": settings.late_steps,
        "accuracy": correct.mean(),
        "accuracy_bfloat16": rounded.mean(),
        "changed": np.count_nonzero(rounded != correct) if known else np.nan,
        "at_floor": (_late(table, settings.late_steps) < FLOOR).mean(),
    }


def _pooled(drifts: list[np.ndarray]) -> float:
    """Return one threshold for all tables; NaN where the drift was not measured."""
    together = np.concatenate(drifts)
    return two_by_two.otsu(together) if np.isfinite(together).all() else np.nan


def _cut(log_drift: np.ndarray, correct: np.ndarray, rule: str | float) -> tuple[float, np.ndarray | None]:
    """Return the threshold and the cell of every example; NaN and None where the drift was not measured."""
    if not np.isfinite(log_drift).all():
        return np.nan, None
    tau = two_by_two.threshold(log_drift, rule)
    return tau, two_by_two.assign(log_drift, correct, tau)


def _counts(
    suffix: str, tau: float, cell: np.ndarray | None, reference: np.ndarray | None
) -> dict[str, float]:
    """Return the columns of one way of measuring drift: the threshold, how many examples it puts into another cell,
    and the number of examples in each cell.
    """
    letters = [f"n_{letter}{suffix}" for letter in "ABCD"]
    if cell is None or reference is None:
        counts = dict.fromkeys(letters, np.nan)
        return {f"tau{suffix}": tau, f"other_cell{suffix}": np.nan, **counts}
    counts = dict(zip(letters, np.bincount(cell, minlength=4).tolist(), strict=True))
    moved = {} if not suffix else {f"other_cell{suffix}": int(np.count_nonzero(cell != reference))}
    return {f"tau{suffix}": tau, **moved, **counts}


def _halting(name: str, table: xr.Dataset) -> pd.DataFrame:
    """Return the share of examples that had halted by each step."""
    halted, classes = table["halted_at"].values, diagnostics.clusters(table)
    rows = []
    for step in table["act_step"].values:
        share = clustered.share((halted >= 1) & (halted <= step), classes)
        rows.append({"table": name, "act_step": int(step), "halted": share.value, "n": len(halted)})
        rows[-1] |= {"ci_low": share.lo, "ci_high": share.hi}
    return pd.DataFrame(rows)


def _late(table: xr.Dataset, late_steps: int) -> np.ndarray:
    """Return (example,) the mean drift of the last steps divided by the norm of the state."""
    return table["drift_zH"].values[:, -late_steps:].mean(axis=1) / float(table.attrs["state_norm"])
