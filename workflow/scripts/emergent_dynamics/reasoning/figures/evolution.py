"""Cells and median exponents over training."""

from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import CELL, MEANING, Tables, legend_below, name_of


@style.styled()
def draw(tables: Tables, unit: str) -> Figure:
    """Draw the shares of the four cells and the median exponents against the training step.

    Solid lines: one threshold for all steps. Faint lines: a separate threshold for each step.
    """
    table = tables["evolution"]
    series = list(dict.fromkeys(table["series"]))
    drawing, axes = style.figure(980, 60 + 390 * len(series), len(series), 2)
    for (left, right), name in zip(axes, series, strict=True):
        here = table[table["series"] == name].set_index(["threshold", "statistic"]).sort_index()
        for letter in "ABCD":
            own = here.loc[("own", f"fraction_{letter}")].sort_values("step")
            left.plot(own["step"], own["value"], color=CELL[letter], alpha=0.5, linestyle=":")
            for axis, statistic in ((left, f"fraction_{letter}"), (right, f"lambda1_{letter}")):
                row = here.loc[("pooled", statistic)].sort_values("step")
                style.estimates(axis, row["step"], row["value"], row["ci_low"], row["ci_high"], CELL[letter])
                axis.plot(row["step"], row["value"], color=CELL[letter], label=MEANING[letter])
        right_answers = here.loc[("pooled", "accuracy")].sort_values("step")
        left.plot(right_answers["step"], right_answers["value"], color=COLOURS["ink"], label="accuracy")
        ends = (right_answers["ci_low"], right_answers["ci_high"])
        style.band(left, right_answers["step"], *ends, COLOURS["ink"])
        left.plot([], [], color=COLOURS["muted"], linestyle=":", label="cut at its own threshold")
        left.set(
            xlabel="training step",
            ylabel="share of examples",
            title=f"{name_of(name)}: cells",
            ylim=(-0.02, 1.02),
        )
        right.set(xlabel="training step", ylabel=f"median λ₁ / {unit}", title="Exponents")
        right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        legend_below(left)
    style.letters(axes)
    right_answers = right_answers.sort_values("step")
    first, last = (style.interval(*right_answers.iloc[k][["value", "ci_low", "ci_high"]]) for k in (0, -1))
    style.conclude(drawing, f"Over training the share of right answers goes from {first} to {last}")
    return drawing
