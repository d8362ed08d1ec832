"""What this room's figures share: the time axis, the names of the kinds of centres, and how expected numbers look."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from emergent_dynamics.findings import Expectation
from emergent_dynamics.plotting import style

TIME = "time (unit of the ODE)"
UNIT = "1/√β"
KINDS = {"strong": ("strong Rényi centres", "highlight"), "renyi": ("Rényi centres", "data")}


def clock(parameters: Mapping[str, Any]) -> str:
    """What the time axis is called: the time of the model, or the unit of vectors that somebody brought."""
    return TIME if parameters.get("source", "model") == "model" else str(parameters["states"]["unit"])


def reading(clock: str) -> str:
    """What stands before a moment of time: "t =", or "layer"."""
    return "t =" if clock == TIME else clock


def log_time(axis: Axes, label: str = TIME) -> None:
    """Logarithmic time along x; label "": none."""
    axis.set(xscale="log", xlabel=label)
    style.log_ticks(axis)


def expected(axis: Axes, numbers: Mapping[float, Expectation | None], label: str, **look: object) -> None:
    """A dashed line through the numbers there are, x -> number; a label "_" stays out of the legend."""
    known = {x: number.value for x, number in numbers.items() if number is not None}
    if known:
        style.theory_line(axis, list(known), list(known.values()), label, **look)
