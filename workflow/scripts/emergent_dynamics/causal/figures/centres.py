"""Centres of the start as predictors of the leaders at the end, against their separation."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.figures.axes import KINDS, UNIT
from emergent_dynamics.findings import Expectation
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def scores(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """Draw centres_mean.csv: precision, recall and F1 against c with intervals, and the number of centres."""
    drawing, axes = style.figure(960, 640, rows=2, columns=2, sharex=True)
    panels = {"precision": "precision", "recall": "recall", "f1": "F₁", "n_centres": "centres"}
    for axis, (score, label) in zip(axes.flat, panels.items(), strict=True):
        for kind, (name, role) in KINDS.items():
            rows = table[(table["kind"] == kind) & (table["score"] == score)].sort_values("c")
            style.estimates(axis, rows["c"], rows["value"], rows["lo"], rows["hi"], COLOURS[role], name)
            axis.plot(rows["c"], rows["value"], color=COLOURS[role], linewidth=1.0)
            known = {c: _expected(kind, score, c, parameters) for c in rows["c"]}
            own.expected(axis, known, _source(known) if kind == "strong" else "_")
        axis.set(ylabel=label, ylim=(0, None if score == "n_centres" else 1.03))
    for axis in axes[-1]:
        axis.set(xlabel=f"separation c ({UNIT})", xticks=sorted(table["c"].unique()))
    axes[0, 0].legend(loc="lower right")
    axes[1, 1].legend(loc="lower left")
    style.letters(axes)
    best = table[(table["kind"] == "strong") & (table["score"] == "f1")].dropna(subset="value")
    if len(best):
        top = best.sort_values("value").iloc[-1]
        score = style.interval(*top[["value", "lo", "hi"]])
        style.conclude(
            drawing,
            f"Centres of the start name the leaders of the end: F₁ = {score} with strong ones at c = {top['c']:g}",
        )
    return drawing


def _source(known: Mapping[float, Expectation | None]) -> str:
    kinds = {number.kind for number in known.values() if number is not None}
    return "closed form" if kinds == {"exact"} else ", ".join(sorted(kinds))


def _expected(kind: str, score: str, c: float, parameters: Mapping[str, Any]) -> Expectation | None:
    if score == "n_centres":
        return theory.centres_mean(kind, c, parameters)
    return theory.at_end(f"{kind}_c{c:g}_{score}", parameters)
