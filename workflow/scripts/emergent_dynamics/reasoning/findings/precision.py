"""What a checkpoint's numbers owe to their precision: bfloat16 beside float64, the floor, and halting.

The network that its authors evaluate runs in bfloat16; what is diagnosed is the smooth map with the stored weights.
Float64 only moves the floor of the drift: a threshold may then part "at the floor" from "still closing in". So cells
are cut a second time with relative drift clipped at `CLIP`, where the official float32 run ends.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import clustered, diagnostics, tables, two_by_two
from emergent_dynamics.reasoning.parameters import Settings

FLOOR = 1e-14  # late drift over the state's norm: at the floor of float64
CLIP = 1e-6  # the same at the floor of float32


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """`precision`, one row per checkpoint, and `halting`, one per checkpoint and ACT step.

    diagnosed : diagnostics of official checkpoints by name, which becomes the column `table`. The clipped drift is cut
    by the same rule of the threshold as the drift itself.
    """
    clipped = {name: _clipped(table, settings) for name, table in diagnosed.items()}
    own = two_by_two.shared_rule(diagnosed, settings)
    rule = two_by_two.otsu(np.concatenate(list(clipped.values()))) if settings.threshold == "pooled" else own
    rows = [_row(name, table, settings, own, clipped[name], rule) for name, table in diagnosed.items()]
    halting = [_halting(name, table) for name, table in diagnosed.items()]
    return {"precision": pd.DataFrame(rows), "halting": pd.concat(halting, ignore_index=True)}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Accuracy in bfloat16, and the shares of examples at the floor, in another cell once clipped, and halted."""
    headlines: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for name, table in chosen.items():
        prefix = f"{name}_" if len(chosen) > 1 else ""
        row = tables.rows_of(rows["precision"], name).iloc[0]
        classes = diagnostics.clusters(table)
        note = f"{table.sizes['example']} examples; "
        rounded = clustered.share(table["exact_bfloat16"].values == 1.0, classes)
        headlines[f"{prefix}accuracy_bfloat16"] = Headline.from_estimate(
            rounded,
            "share",
            "Share of examples that the network in bfloat16 gets wholly right after the last step",
            note=f"{note}{row['changed']} are right in one precision only; float64 has {row['accuracy']:.3g}",
        )
        headlines[f"{prefix}share_at_floor"] = Headline.from_estimate(
            clustered.share(_late(table, int(row["late_steps"])) < FLOOR, classes),
            "share",
            "Share of examples whose late drift is at the floor of float64",
            note=f"{note}late drift below {FLOOR:g} of the state's norm",
        )
        headlines[f"{prefix}share_halted"] = Headline.from_estimate(
            clustered.share(table["halted_at"].values >= 1, classes),
            "share",
            "Share of examples for which the halting rule held at some step",
            note=f"{note}{table.attrs['halting_rule']}",
        )
    return headlines


def _row(
    name: str,
    table: xr.Dataset,
    settings: Settings,
    own: str | float,
    clipped: np.ndarray,
    rule: str | float,
) -> dict[str, object]:
    x = two_by_two.cut(table, settings, own)
    tau = two_by_two.threshold(clipped, rule)
    cell = two_by_two.assign(clipped, x.correct, tau)
    rounded = table["exact_bfloat16"].values == 1.0
    row: dict[str, object] = {
        "table": name,
        "n": len(cell),
        "late_steps": settings.late_steps,
        "accuracy": x.correct.mean(),
        "accuracy_bfloat16": rounded.mean(),
        "changed": int(np.count_nonzero(rounded != x.correct)),
        "at_floor": (_late(table, settings.late_steps) < FLOOR).mean(),
        "tau": x.tau,
        "tau_clipped": tau,
        "other_cell": int(np.count_nonzero(cell != x.cell)),
    }
    for which, cells in (("", x.cell), ("_clipped", cell)):
        row |= {f"n_{letter}{which}": int(np.count_nonzero(cells == i)) for i, letter in enumerate("ABCD")}
    return row


def _halting(name: str, table: xr.Dataset) -> pd.DataFrame:
    """The share of examples that had halted by each step."""
    halted, classes = table["halted_at"].values, diagnostics.clusters(table)
    rows = []
    for step in table["act_step"].values:
        share = clustered.share((halted >= 1) & (halted <= step), classes)
        rows.append({"table": name, "act_step": int(step), "halted": share.value, "n": len(halted)})
        rows[-1] |= {"ci_low": share.lo, "ci_high": share.hi}
    return pd.DataFrame(rows)


def _late(table: xr.Dataset, late_steps: int) -> np.ndarray:
    """(example,) mean drift of the last steps over the state's norm."""
    return table["drift_zH"].values[:, -late_steps:].mean(axis=1) / float(table.attrs["state_norm"])


def _clipped(table: xr.Dataset, settings: Settings) -> np.ndarray:
    """(example,) log10 late drift, its relative value clipped below at CLIP."""
    floor = CLIP * float(table.attrs["state_norm"])
    return two_by_two.late_drift(table["drift_zH"].values, settings.late_steps, floor)[0]
