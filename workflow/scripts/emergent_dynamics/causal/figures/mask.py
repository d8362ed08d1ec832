"""The number of groups with the causal mask and without it."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.causal.members import spaced
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS


@style.styled()
def contrast(table: pd.DataFrame) -> Figure:
    """Draw mask.csv: groups with and without the causal mask from the same start, and their paired difference."""
    drawing, [[axis], [below]] = style.figure(900, 600, rows=2, sharex=True, height_ratios=(1.6, 1.0))
    later = table[table["time"] > 0]
    if later.empty:
        style.nothing(axis, "the sweep has no two members that differ in the mask only")
        below.set_visible(False)
        return drawing
    for place, (pair, rows) in enumerate(later.groupby("pair", sort=False)):
        colour, name = CATEGORIES[place % len(CATEGORIES)], f", {spaced(str(pair))}" if pair else ""
        axis.plot(rows["time"], rows["masked"], color=colour, label=f"causal mask{name}")
        axis.plot(
            rows["time"], rows["unmasked"], color=colour, alpha=0.5, linewidth=1.0, label=f"no mask{name}"
        )
        style.band(below, rows["time"], rows["lo"], rows["hi"], colour)
        below.plot(rows["time"], rows["difference"], color=colour)
    axis.set(ylabel="groups", ylim=(0, None))
    axis.set_title(f"Masked and full attention from the same tokens, means of {later['n'].max()} runs")
    style.conclude(drawing, f"Groups at the end, with the mask less without: {_differences(later)}")
    axis.legend()
    below.axhline(0.0, color=COLOURS["muted"], linewidth=1.0)
    below.set(ylabel="masked − unmasked")
    own.log_time(below)
    below.set_title("Paired difference, 95 %")
    return drawing


def _differences(later: pd.DataFrame) -> str:
    """The last difference, of several pairs those of the first and of the last pair."""
    ends = later.groupby("pair", sort=False).last()
    ends = ends.iloc[sorted({0, len(ends) - 1})]
    texts = [
        style.interval(*row[["difference", "lo", "hi"]]) + (f" with {spaced(str(pair))}" if pair else "")
        for pair, row in ends.iterrows()
    ]
    return ", ".join(texts)
