"""Cells and median exponents over training."""

from matplotlib.figure import Figure

from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS
from emergent_dynamics.reasoning.figures.palette import CELL, MEANING, Tables, legend_below


@style.styled()
def draw(tables: Tables, unit: str) -> Figure:
    """Cell fractions at the pooled threshold (own threshold faint) and median exponents over training."""
    table = tables["evolution"]
    series = list(dict.fromkeys(table["series"]))
    drawing, axes = style.figure(980, 60 + 390 * len(series), len(series), 2)
    for (left, right), name in zip(axes, series, strict=True):
        here = table[table["series"] == name]
        pooled, own = (here[here["threshold"] == which].sort_values("step") for which in ("pooled", "own"))
        for letter in "ABCD":
            left.plot(own["step"], own[f"fraction_{letter}"], color=CELL[letter], alpha=0.5, linestyle=":")
            for axis, column in ((left, f"fraction_{letter}"), (right, f"lambda1_{letter}")):
                low, high = pooled[f"{column}_low"], pooled[f"{column}_high"]
                style.estimates(axis, pooled["step"], pooled[column], low, high, CELL[letter])
                axis.plot(
                    pooled["step"], pooled[column], color=CELL[letter], label=f"{letter}  {MEANING[letter]}"
                )
        left.plot(pooled["step"], pooled["accuracy"], color=COLOURS["ink"], label="accuracy")
        style.band(left, pooled["step"], pooled["accuracy_low"], pooled["accuracy_high"], COLOURS["ink"])
        left.plot([], [], color=COLOURS["muted"], linestyle=":", label="cut at its own threshold")
        left.set(
            xlabel="training step", ylabel="share of examples", title=f"{name}: cells", ylim=(-0.02, 1.02)
        )
        right.set(xlabel="training step", ylabel=f"median λ₁ / {unit}", title="exponents")
        right.axhline(0.0, color=COLOURS["faint"], linewidth=0.8)
        legend_below(left)
    style.letters(axes)
    return drawing
