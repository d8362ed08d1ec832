"""The figures of the original study, with its file names (PNG) and definitions, in colours safe for colour-blind
readers.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import CELL, RIGHT, WRONG
from emergent_dynamics.reasoning.findings.compatibility import Cut, Cuts

NAMES = ("A_conv_correct", "B_conv_wrong", "C_nonconv_correct", "D_nonconv_wrong")
FEWEST_IN_SPECTRUM = 3


def draw(cuts: Cuts) -> dict[str, Figure]:
    """Return {file name: figure} of every file (`fig_<tag>_<kind>.png`) and series (`evolution_<name>.png`)."""
    figures = {}
    for tag, cut in cuts.files.items():
        for kind, panel in (
            ("drift_hist", drift),
            ("lyap_by_cell", by_cell),
            ("scatter", scatter),
            ("spectrum", spectrum),
        ):
            figures[f"fig_{tag}_{kind}.png"] = panel(tag, cut)
    for name, members in cuts.series.items():
        figures[f"evolution_{name}.png"] = evolution(name, members)
    return figures


@style.styled()
def drift(tag: str, cut: Cut) -> Figure:
    """Draw the late drift by correctness."""
    log_drift, _, correct, tau, _ = cut
    drawing, [[axis]] = style.figure(720, 480)
    bins = np.linspace(log_drift.min(), log_drift.max() + 1e-9, 60)
    for which, colour, name in _outcomes(correct):
        axis.hist(log_drift[which], bins=bins, alpha=0.6, color=colour, label=name)
    _against_drift(axis, tag, tau, "examples")
    return drawing


@style.styled()
def by_cell(tag: str, cut: Cut) -> Figure:
    """Draw the leading exponent by cell; the median is drawn however few examples there are."""
    _, spectrum_, _, _, cell = cut
    drawing, [[axis]] = style.figure(720, 480)
    for i, letter in enumerate("ABCD"):
        y = spectrum_[cell == i, 0]
        axis.plot(
            i + 0.36 * (np.arange(len(y)) * 0.618034 % 1 - 0.5), y, ".", ms=3, alpha=0.4, color=CELL[letter]
        )
        if len(y):
            axis.hlines(np.median(y), i - 0.28, i + 0.28, color=COLOURS["ink"], linewidth=2)
    axis.set_xticks(
        range(4), [f"{name}\n(n = {int((cell == i).sum())})" for i, name in enumerate(NAMES)], fontsize=8
    )
    axis.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
    axis.set(ylabel="λ₁, full window", title=tag)
    return drawing


@style.styled()
def scatter(tag: str, cut: Cut) -> Figure:
    """Draw drift against leading exponent."""
    log_drift, spectrum_, correct, tau, _ = cut
    drawing, [[axis]] = style.figure(720, 520)
    for which, colour, name in _outcomes(correct):
        axis.scatter(log_drift[which], spectrum_[which, 0], s=5, alpha=0.45, color=colour, label=name)
    _against_drift(axis, tag, tau, "λ₁")
    return drawing


@style.styled()
def spectrum(tag: str, cut: Cut) -> Figure:
    """Draw the median spectrum of each cell with at least three examples."""
    _, spectrum_, _, _, cell = cut
    drawing, [[axis]] = style.figure(720, 480)
    for i, letter in enumerate("ABCD"):
        here = spectrum_[cell == i]
        if len(here) >= FEWEST_IN_SPECTRUM:
            low, middle, high = np.percentile(here, [25, 50, 75], axis=0)
            at = np.arange(1, here.shape[1] + 1)
            axis.plot(at, middle, "o-", ms=4, color=CELL[letter], label=f"{NAMES[i]} (n = {len(here)})")
            style.band(axis, at, low, high, CELL[letter])
        else:
            axis.plot([], [], color=CELL[letter], label=f"{NAMES[i]}: insufficient (n<{FEWEST_IN_SPECTRUM})")
    axis.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
    axis.set(xlabel="exponent", ylabel="median λ; band: quartiles", title=tag)
    axis.legend()
    return drawing


@style.styled()
def evolution(name: str, members: Sequence[tuple[int, Cut]]) -> Figure:
    """Draw cell fractions and median exponents, each checkpoint at its own threshold."""
    drawing, [[left, right]] = style.figure(1000, 440, 1, 2)
    steps = [step for step, _ in members]
    for i, letter in enumerate("ABCD"):
        left.plot(steps, [np.mean(c[4] == i) for _, c in members], "o-", color=CELL[letter], label=NAMES[i])
        medians = [_median(c[1][c[4] == i, 0]) for _, c in members]
        right.plot(steps, medians, "o-", color=CELL[letter])
    left.set(xlabel="training step", ylabel="cell fraction, own threshold", title=name)
    right.set(xlabel="training step", ylabel="median λ₁", title="Exponents")
    right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
    left.set_xticks(steps)
    right.set_xticks(steps)
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)
    return drawing


def _outcomes(correct: np.ndarray) -> list[tuple[np.ndarray, str, str]]:
    """Return mask, colour and name of right and wrong answers."""
    both = ((correct, RIGHT, "correct"), (~correct, WRONG, "wrong"))
    return [(which, colour, f"{name} (n = {int(which.sum())})") for which, colour, name in both]


def _against_drift(axis: Axes, tag: str, tau: float, what: str) -> None:
    """Draw the threshold, and label a panel whose horizontal axis is late drift."""
    style.theory_level(axis, tau, f"Otsu {tau:.2f}".replace("-", "−"), along="y")
    axis.set(xlabel="log₁₀ late drift of z_H, last 4 steps", ylabel=what, title=tag)
    axis.legend()


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) >= FEWEST_IN_SPECTRUM else float("nan")
