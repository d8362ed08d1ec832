"""What the start tells about the end: thresholds of separation, centres as predictors, capture by centres."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.expectations import independent, is_seed_model
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.thresholds import PERCENTILES
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS

KINDS = {"strong": ("strong Rényi centres", "highlight"), "renyi": ("Rényi centres", "data")}
UNIT = r"$1/\sqrt{\beta}$"


@style.styled()
def thresholds(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """Histograms of min_separation and max_separation over runs, their medians, and those of independent runs."""
    drawing, [[axis], [strip]] = style.figure(900, 520, rows=2, height_ratios=(4.0, 1.0), sharex=True)
    series = {
        "min_separation": ("largest separation of a follower", "data"),
        "max_separation": ("smallest separation of a leader", "highlight"),
    }
    values = {name: table[name].dropna().to_numpy() for name in series}
    pooled = np.concatenate(list(values.values()))
    if pooled.size == 0:
        style.nothing(axis, "no run has a leader besides token 0, or none has a follower")
        return drawing
    bins = np.histogram_bin_edges(pooled, bins=min(40, max(8, round(2 * len(table) ** 0.5))))
    for place, (name, (label, role)) in enumerate(series.items()):
        colour, found = COLOURS[role], values[name]
        axis.hist(found, bins, color=colour, alpha=0.3)
        axis.hist(found, bins, color=colour, histtype="step", linewidth=1.6, label=label)
        if found.size:
            axis.axvline(np.median(found), color=colour, linewidth=2.0)
            drawn = np.percentile(found, PERCENTILES)
            strip.plot(drawn[[0, -1]], [place] * 2, color=colour, linewidth=1.5)
            strip.plot(
                drawn[[1, 3]], [place] * 2, color=colour, linewidth=6.0, solid_capstyle="butt", alpha=0.6
            )
            strip.plot(drawn[2], place, "o", color=colour)
        known = [independent(f"{name}_p{q}", parameters) for q in PERCENTILES]
        points = [number.value for number in known if number is not None]
        strip.plot(points, [place - 0.36] * len(points), "|", color=COLOURS["theory"])
    axis.set(ylabel="runs")
    axis.yaxis.get_major_locator().set_params(integer=True)
    strip.set(xlabel=f"separation from all earlier tokens at the start ({UNIT})", ylim=(-0.8, 1.6))
    strip.set_yticks([0, 1], ["follower", "leader"])
    axis.set_title(f"Thresholds in {len(table)} runs; lines are medians, bars 25 to 75 % and 10 to 90 %")
    if independent("min_separation_p50", parameters):
        axis.plot([], [], "|", color=COLOURS["theory"], label="independent runs")
    axis.legend()
    return drawing


@style.styled()
def centres(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """centres_mean.csv: precision, recall and F1 against c with intervals, and the number of centres."""
    drawing, axes = style.figure(960, 640, rows=2, columns=2, sharex=True)
    panels = {"precision": "precision", "recall": "recall", "f1": "$F_1$", "n_centres": "centres"}
    for axis, (score, label) in zip(axes.flat, panels.items(), strict=True):
        for kind, (name, role) in KINDS.items():
            rows = table[(table["kind"] == kind) & (table["score"] == score)].sort_values("c")
            style.estimates(axis, rows["c"], rows["value"], rows["lo"], rows["hi"], COLOURS[role], name)
            axis.plot(rows["c"], rows["value"], color=COLOURS[role], linewidth=1.0)
            known = {c: _expected(kind, score, c, parameters) for c in rows["c"]}
            own.expected(axis, known, "expected" if kind == "strong" else "_")
        axis.set(ylabel=label, ylim=(0, None if score == "n_centres" else 1.03))
    for axis in axes[-1]:
        axis.set(xlabel=f"separation c ({UNIT})", xticks=sorted(table["c"].unique()))
    axes[0, 0].legend(loc="lower right")
    drawing.suptitle("Centres of the start as predictors of the leaders at the end", x=0.01, ha="left")
    return drawing


@style.styled()
def capture(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """capture.csv: share of tokens near a centre against time, mean with interval, 10 to 90 % of runs."""
    drawing, [[axis]] = style.figure(900, 480)
    size = float(parameters["beta"]), int(parameters["tokens"])
    for kind, (name, role) in KINDS.items():
        rows = table[(table["kind"] == kind) & (table["time"] > 0)]
        colour = COLOURS[role]
        axis.fill_between(rows["time"], rows["p10"], rows["p90"], color=colour, alpha=0.10, linewidth=0)
        style.band(axis, rows["time"], rows["lo"], rows["hi"], colour)
        axis.plot(rows["time"], rows["value"], color=colour, label=name)
        curve = theory.CURVES.get((f"captured_{kind}", *size))
        if curve and is_seed_model(parameters) and parameters["capture"] == 1:
            later = {t: number for t, number in curve.items() if t > 0}
            own.expected(
                axis, later, "independent runs" if kind == "strong" else "_", marker="o", markersize=4
            )
    axis.set(ylabel="share of tokens within the radius", ylim=(0, 1.02))
    own.log_time(axis)
    radius = f"{parameters['capture']:g}"
    axis.set_title(
        f"Tokens within {radius} ({UNIT}) of a centre of c = 4; dark band 95 % of the mean, pale 10 to 90 %"
    )
    axis.legend(loc="lower right")
    return drawing


def _expected(kind: str, score: str, c: float, parameters: Mapping[str, Any]) -> theory.Expectation | None:
    if score != "n_centres":
        return independent(f"{kind}_c{c:g}_{score}", parameters)
    if parameters["initial"] is not None:
        return None
    delta = c / parameters["beta"] ** 0.5
    return theory.centres_mean(kind, delta, parameters["tokens"], parameters["dimension"])
