"""The energy against time, and its change between frames."""

import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.oscillators.figures.against_time import MODEL_TIME, Curve, curve, label
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def draw(table: pd.DataFrame, proven: bool, recorded: str | None = None) -> Figure:
    """Draw energy.csv: the energy against time, and by how much it falls between frames.

    proven : whether theory says that no step raises the energy. recorded : unit of time of a recording, for which
    there is no theory; None for a simulation.
    """
    unit, time = (recorded or "unit time"), (f"time ({recorded})" if recorded else MODEL_TIME)
    what = "the couplings" if recorded else "coupling and input"
    drawing, axes = style.figure(1000, 380, columns=2, gap=92)
    level, change = axes.flat
    curve(level, Curve(table, "energy"), COLOURS["data"])
    label(level, f"energy (rad per {unit})", f"Energy of {what}", time)
    moving = table[table["change"].notna()]
    rises = int(moving["rises"].sum())
    falls = moving.assign(fall=-moving["change"])
    if rises:  # a logarithmic axis would show falls only
        curve(change, Curve(moving, "change"), COLOURS["data"])
        label(change, f"change per frame (rad per {unit})", "How it changes, mean over runs", time)
    else:
        curve(change, Curve(falls, "fall"), COLOURS["data"])
        if (falls["fall"] > 0).any():
            change.set_yscale("log", nonpositive="mask")
            style.powers(change, "y")
        label(change, f"fall per frame (rad per {unit})", "How fast it falls, mean over runs", time)
    style.letters(axes)
    bound = ", as it must at this step" if proven else ", which no theory guarantees here"
    never = f"The energy never rises in {len(moving):,} intervals{'' if recorded else bound}"
    style.conclude(
        drawing, never if rises == 0 else f"The energy rises in {rises:,} of {len(moving):,} intervals"
    )
    return drawing
