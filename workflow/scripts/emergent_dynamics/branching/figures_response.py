"""Static figures of branching ratios, of the driven network's response, and of the recurrent graph."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.branching import theory
from emergent_dynamics.branching.figures import binned
from emergent_dynamics.branching.headlines import shown
from emergent_dynamics.branching.model import Graph
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS, table

NAMES = {"causal": "offspring in avalanches", "one_step": "slope of A(t+1) on A(t)", "mr": "multistep (MR)"}


@style.styled()
def ratio(found: pd.DataFrame) -> Figure:
    """Estimators against sigma, the activity seen whole and in part; dashed what each must return."""
    seen = sorted(found["seen"].unique(), reverse=True)
    drawing, [axes] = style.figure(500 * len(seen), 420, 1, len(seen), sharey=True, gap=30)
    for axis, share in zip(axes, seen, strict=True):
        part = found[found["seen"] == share]
        for colour, (name, label) in zip(CATEGORIES, NAMES.items(), strict=False):
            rows = part[part["estimator"] == name].dropna(subset=["value"])
            if len(rows):
                style.estimates(axis, rows["sigma"], rows["value"], rows["lo"], rows["hi"], colour, label)
                style.theory_line(axis, rows["sigma"], rows["expected"], label="_", color=colour)
        rows = part[part["estimator"] == "descendants"].dropna(subset=["value"])
        axis.plot(rows["sigma"], rows["value"], "x", color=COLOURS["muted"], label="mean of A(t+1) / A(t)")
        edge = found["sigma"].min(), found["sigma"].max()
        axis.plot(edge, edge, color=COLOURS["faint"], linewidth=1, label="σ")
        axis.set(
            xlabel="branching ratio σ", title=f"{100 * share:g} % of the neurons seen (dashed: exact targets)"
        )
        axis.set_ylim(0, min(2.5, 1.15 * max(edge[1], rows["value"].max() if len(rows) else 1)))
    axes[0].set_ylabel("estimate")
    axes[0].legend()
    style.letters(axes)
    return drawing


@style.styled()
def response(found: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Response curves, dynamic range and susceptibility."""
    drawing, [[first, second, third]] = style.figure(1100, 400, 1, 3, gap=78)
    groups: list[tuple[Any, pd.DataFrame]] = list(curves.groupby("sigma"))
    colours = table("viridis", max(2, len(groups))) / 255.0
    for colour, (sigma, line) in zip(colours, groups, strict=False):
        name = (
            f"σ = {sigma:g}" if sigma in (groups[0][0], groups[len(groups) // 2][0], groups[-1][0]) else None
        )
        first.plot(line["drive"], line["response"], color=colour, label=name, linewidth=1.3)
    first.set(
        xscale="log",
        xlabel="drive (per neuron and step)",
        ylabel="E[k] in the last layer (neurons)",
        title="Response, exact",
    )
    first.set_xlim(1e-5, 1)
    style.powers(first)
    first.legend()
    second.plot(found["sigma"], found["dynamic_range"], "o-", color=COLOURS["data"])
    second.axvline(1.0, color=COLOURS["muted"], linewidth=1)
    second.set(xlabel="branching ratio σ", ylabel="dynamic range (dB)", title="Dynamic range, exact")
    third.plot(found["sigma"], found["susceptibility"], "o", color=COLOURS["data"], label="measured")
    style.theory_line(third, found["sigma"], found["susceptibility_exact"], label="exact")
    third.set(xlabel="branching ratio σ", ylabel="Var(A) / all neurons (neurons)", title="Susceptibility")
    third.legend()
    style.letters(np.array([first, second, third]))
    return drawing


@style.styled()
def graph(found: pd.DataFrame, curves: pd.DataFrame, sizes: np.ndarray, p: Graph) -> Figure:
    """The recurrent graph: mean activity against drive, dynamic range, and sizes (sigma, avalanche) without drive."""
    drawing, [[left, right, last]] = style.figure(1200, 400, 1, 3, gap=78)
    for colour, (sigma, line) in zip(CATEGORIES, curves.groupby("sigma"), strict=False):
        line = line[(line["drive"] > 0) & (line["active"] > 0)].sort_values("drive")
        left.plot(line["drive"], line["active"], "o-", color=colour, label=f"σ = {sigma:g}", linewidth=1.2)
    left.set(xscale="log", yscale="log", xlabel="drive (per node and step)", ylabel="active nodes (share)")
    left.set_title("Mean activity of the recurrent graph")
    left.legend()
    right.plot(found["sigma"], found["dynamic_range"], "o-", color=COLOURS["data"])
    right.set(xlabel="branching ratio σ", ylabel="dynamic range (dB)", title="Dynamic range")
    for colour, sigma in zip(CATEGORIES, shown(p.sigma), strict=False):
        seen = np.bincount(sizes[p.sigma.index(sigma)], minlength=p.nodes + 1)[: p.nodes] / sizes.shape[1]
        last.plot(*binned(seen), "o", color=colour, label=f"σ = {sigma:g}", markersize=4)
        if p.weights == "equal" and not p.inhibitory:
            law = np.append(0.0, theory.otter_dwass(np.arange(1, p.nodes), sigma, p.degree))
            style.theory_line(last, *binned(law), label="_", linewidth=1.1)
    bottom = 0.3 / sizes.shape[1] / p.nodes**0.5
    last.set(xscale="log", yscale="log", xlabel="size (spikes)", ylabel="P(size)", ylim=(bottom, 2))
    last.set_title("Avalanches without drive (dashed: tree)")
    last.legend()
    for axis in (left, last):
        style.powers(axis)
        style.powers(axis, "y")
    style.letters(np.array([left, right, last]))
    return drawing
