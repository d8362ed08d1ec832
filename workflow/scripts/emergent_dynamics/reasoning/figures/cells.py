"""Leading exponents of every example by cell, and the median spectrum of each cell."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import CELL, MEANING, MOST_TABLES, Tables, name_of, rows_of


@style.styled()
def draw(tables: Tables, chosen: list[str], unit: str) -> Figure:
    """Draw the leading exponent of every example by cell, with median and interval, and the median spectrum of each
    cell.
    """
    chosen = chosen[:MOST_TABLES]
    drawing, axes = style.figure(980, 60 + 360 * len(chosen), len(chosen), 2)
    for (left, right), tag in zip(axes, chosen, strict=True):
        examples, table = rows_of(tables["examples"], tag), rows_of(tables["cells"], tag)
        if examples["lambda1"].isna().all():
            for axis in (left, right):
                style.nothing(axis, "no exponents were computed")
            continue
        for i, row in enumerate(table.to_dict("records")):
            letter = row["cell"][0]
            y = examples.loc[examples["cell"] == letter, "lambda1"].to_numpy()
            x = i + 0.36 * (np.argsort(np.argsort(np.arange(len(y)) * 0.618034 % 1)) / max(len(y), 1) - 0.5)
            left.plot(x, y, ".", markersize=2.5, alpha=0.35, color=CELL[letter])
            style.estimates(
                left, [i], [row["lambda1_median"]], [row["ci_low"]], [row["ci_high"]], COLOURS["ink"]
            )
            _spectrum(right, row, letter)
        counts = [f"{MEANING[r['cell'][0]]}\nn = {r['n']}" for r in table.to_dict("records")]
        left.set_xticks(range(4), counts)
        left.set_xlim(-0.5, 3.5)
        left.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        left.set(ylabel=f"λ₁ / {unit}", title=f"{name_of(tag)}: leading exponent")
        right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        right.set(xlabel="exponent, order of the QR columns", ylabel=f"median λ / {unit}", title="Spectrum")
        right.set_xticks(range(1, 1 + len(_spectrum_columns(table))))
        right.legend()
    style.letters(axes)
    last = rows_of(tables["cells"], chosen[-1]).set_index("cell")
    medians = {
        str(cell)[0]: style.interval(*row[["lambda1_median", "ci_low", "ci_high"]])
        for cell, row in last.iterrows()
    }
    if {"A", "D"} <= set(medians):
        style.conclude(
            drawing,
            f"Median λ₁: {medians['A']} where settled and right, {medians['D']} where moving and wrong",
        )
    return drawing


def _spectrum(axis: Axes, row: Mapping[Any, Any], letter: str) -> None:
    columns = _spectrum_columns(row)
    values, low, high = ([row[f"{name}{end}"] for name in columns] for end in ("", "_low", "_high"))
    at = range(1, len(values) + 1)
    if np.isfinite(values).any():
        axis.plot(at, values, color=CELL[letter], alpha=0.5)
        style.estimates(axis, at, values, low, high, CELL[letter], MEANING[letter])
    else:
        axis.plot([], [], color=CELL[letter], label=f"{MEANING[letter]}: {row['note']}")


def _spectrum_columns(names: Iterable[Any]) -> list[str]:
    return [name for name in names if re.fullmatch(r"spectrum_\d+", str(name))]
