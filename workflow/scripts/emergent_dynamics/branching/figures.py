"""Static figures of avalanches and of the guessing game: tables and arrays in, drawings out."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.branching import exact, shapes, theory
from emergent_dynamics.branching.avalanches import Tally, Windows
from emergent_dynamics.branching.headlines import highest, shown
from emergent_dynamics.branching.model import Parameters
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS, SEQUENTIAL


def binned(histogram: np.ndarray, per_decade: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Logarithmic bins of probabilities (x,) from 1 on: geometric middle and mean probability per integer; empty
    bins are left out.
    """
    edges = np.unique(
        np.rint(np.geomspace(1, histogram.size, round(per_decade * np.log10(histogram.size)) + 1))
    )
    edges = edges.astype(np.int64)
    total = np.add.reduceat(histogram, edges[:-1])
    density = total / np.diff(edges)
    middle = np.sqrt(edges[:-1] * (edges[1:] - 1.0))
    return middle[total > 0], density[total > 0]


def _law(axis: Axes, seen: np.ndarray, law: np.ndarray, colour: str, label: str) -> None:
    x, density = binned(seen / seen.sum())
    axis.plot(x, density, "o", color=colour, label=label, markersize=4)
    if np.isfinite(law).all():
        style.theory_line(axis, *binned(law / law.sum()), label="_", linewidth=1.1)


@style.styled()
def distributions(
    tallies: list[Tally], laws: list[exact.Avalanches], table: pd.DataFrame, p: Parameters
) -> Figure:
    """Sizes and durations with their exact laws, and the fitted power law at the sigma nearest to 1."""
    drawing, [[left, right]] = style.figure(1000, 430, 1, 2, gap=78)
    critical = int(np.abs(np.array(p.sigma) - 1.0).argmin())
    for colour, sigma in zip(CATEGORIES, shown(p.sigma), strict=False):
        i = p.sigma.index(sigma)
        if tallies[i].n == 0:
            continue
        _law(left, tallies[i].sizes, laws[i].size, colour, f"σ = {sigma:g}")
        _law(right, tallies[i].durations[:-1], laws[i].duration[:-1], colour, f"σ = {sigma:g}")
    row = table.iloc[critical]
    windows = Windows.of(p.layers, p.cells)
    for axis, name, window, law in (
        (left, "tau", windows.tau, laws[critical].size),
        (right, "alpha", windows.alpha, laws[critical].duration),
    ):
        if np.isfinite(row[name]):
            x = np.array([window[0], min(window[1], law.size - 1)], float)
            line = law[window[0]] * (x / x[0]) ** -row[name]
            interval = f"[{row[f'{name}_lo']:.3f}, {row[f'{name}_hi']:.3f}]"
            text = f"{'τ' if name == 'tau' else 'α'} = {row[name]:.3f} {interval}"
            axis.plot(
                x,
                3 * line,
                color=COLOURS["highlight"],
                label=f"{text}\nexact here {row[f'{name}_exact']:.3f}",
            )
        axis.set(xscale="log", yscale="log")
        style.powers(axis)
        style.powers(axis, "y")
        seen = [
            density
            for line in axis.get_lines()
            if line.get_linestyle() == "None"
            for density in line.get_ydata()
        ]
        axis.set_ylim(0.3 * min(seen, default=0.01), 2.0)  # exact laws go on far below what was seen
        axis.legend(loc="lower left")
    left.set(xlabel="size S (neurons)", ylabel="P(S)", title="Sizes (dashed: exact law)")
    right.set(xlabel="duration D (layers)", ylabel="P(D)", title="Durations that end inside the network")
    style.letters(np.array([left, right]))
    return drawing


@style.styled()
def collapse(tally: Tally, law: exact.Avalanches, row: pd.Series, p: Parameters) -> Figure:
    """Mean size against duration, mean shapes, and the shapes collapsed."""
    drawing, [[first, second, third]] = style.figure(1100, 400, 1, 3, gap=78)
    d = np.arange(1, p.layers)
    mean, error = tally.mean_size[d], 1.96 * tally.mean_size_error[d]
    style.estimates(first, d, mean, mean - error, mean + error, label="measured")
    style.theory_line(first, d, law.mean_size[d], label="exact")
    first.plot(
        d,
        law.mean_size[5] * (d / 5.0) ** theory.MEAN_FIELD["gamma"],
        color=COLOURS["muted"],
        label="mean field, D²",
    )
    first.set(xscale="log", yscale="log", xlabel="duration D (layers)", ylabel="⟨S⟩(D) (neurons)")
    style.powers(first)
    style.powers(first, "y")
    first.set_title(f"γ = {row['gamma']:.3f}, exact {row['gamma_exact']:.3f}")
    first.legend()
    shape = shapes.mean_profile(tally.profile, tally.durations)
    some = [
        int(x) for x in np.unique(np.linspace(5, p.layers - 1, 6).round()) if np.isfinite(shape[int(x), 0])
    ]
    gamma = row["gamma_collapse"]
    for colour, duration in zip(CATEGORIES, some, strict=False):
        second.plot(np.arange(duration), shape[duration, :duration], color=colour, label=f"D = {duration}")
        if np.isfinite(gamma):
            third.plot(shapes.GRID, shapes.rescaled(shape, np.array([duration]), gamma)[0], color=colour)
    second.set(xlabel="layer t", ylabel="⟨A(t | D)⟩ (neurons)", title="Mean shapes")
    second.set_ylim(top=1.3 * second.get_ylim()[1])
    second.legend(ncols=3, loc="upper left", columnspacing=1.0)
    third.set(
        xlabel="t / D",
        ylabel="⟨A⟩ D^(1 − γ)",
        title=f"Collapsed: γ = {gamma:.3f}, exact {row['gamma_collapse_exact']:.3f}",
    )
    style.letters(np.array([first, second, third]))
    return drawing


@style.styled()
def information(table: pd.DataFrame, curve: pd.DataFrame, p: Parameters) -> Figure:
    """Information and capacity, and the accuracy of the best guess, against sigma."""
    drawing, [[left, right]] = style.figure(1000, 420, 1, 2, gap=78)
    for rule, line in curve.groupby("rule"):
        style.theory_line(
            left, line["sigma"], line["mi"], label=f"exact, {rule}", linestyle="--" if rule == p.rule else ":"
        )
        if rule == p.rule:
            best = highest(line, "mi")
            left.axvline(
                best["sigma"], color=COLOURS["muted"], linewidth=1, label=f"peak at σ = {best['sigma']:g}"
            )
    style.estimates(
        left,
        table["sigma"],
        table["mi_corrected"],
        table["mi_lo"],
        table["mi_hi"],
        label="trials, bias corrected",
    )
    left.plot(table["sigma"], table["mi_sampled"], "x", color=COLOURS["highlight"], label="trials, plug-in")
    left.plot(table["sigma"], table["capacity"], "-", color=COLOURS["second"], label="capacity, exact")
    left.set(
        xlabel="branching ratio σ",
        ylabel="information (bit)",
        title=f"Inputs {p.inputs[0]} to {p.inputs[1]}, {p.layers} layers",
    )
    left.set_ylim(bottom=0)
    left.legend(loc="center right")
    style.theory_line(right, table["sigma"], table["map_accuracy"], label="exact")
    right.plot(table["sigma"], table["map_accuracy_sampled"], "o", color=COLOURS["data"], label="trials")
    style.theory_level(right, table["chance"].iloc[0], label="chance", linestyle=":")
    right.set(
        xlabel="branching ratio σ", ylabel="probability of a right guess", title="Best guess of the input"
    )
    right.set_ylim(bottom=0)
    right.legend()
    style.letters(np.array([left, right]))
    return drawing


@style.styled()
def guessing(joint: np.ndarray, p: Parameters) -> Figure:
    """P(out | in) at the sigmas shown, joint (sigma, k_in, k_out) counts; the band is what the original
    selects.
    """
    some = shown(p.sigma)
    drawing, [axes] = style.figure(360 * len(some), 370, 1, len(some), sharey=True)
    for axis, sigma in zip(axes, some, strict=True):
        counts = joint[p.sigma.index(sigma)].astype(float)
        total = counts.sum(1, keepdims=True)
        share = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
        style.cells(axis, np.sqrt(share.T), "√P(out | in)", colour_map=SEQUENTIAL, limits=(0, 1))
        for shift in (-1.5, 1.5):
            axis.plot(
                [-0.5, p.neurons + 0.5],
                [-0.5 + shift, p.neurons + 0.5 + shift],
                color="#FFFFFF",
                linewidth=0.8,
            )
        axis.set(
            xlabel="neurons excited",
            title=f"σ = {sigma:g}",
            xlim=(p.inputs[0] - 0.5, p.inputs[1] + 0.5),
            ylim=(-0.5, p.neurons + 0.5),
        )
        for ruler in (axis.xaxis, axis.yaxis):
            ruler.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel("neurons at the end")
    style.letters(axes)
    return drawing
