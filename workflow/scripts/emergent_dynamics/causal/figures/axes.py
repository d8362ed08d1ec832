"""What the figures of causal attention share: the time axis, names of kinds of centres, style of expected values."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from emergent_dynamics.findings import Expectation
from emergent_dynamics.plotting import style

TIME = "time (unit of the ODE)"
UNIT = "1/√β"
KINDS = {"strong": ("strong Rényi centres", "highlight"), "renyi": ("Rényi centres", "data")}


def clock(parameters: Mapping[str, Any]) -> str:
    """The label of the time axis: the time of the model, or the unit of a user's own states."""
    return TIME if parameters.get("source", "model") == "model" else str(parameters["states"]["unit"])


def reading(clock: str) -> str:
    """The text to be written before a value of time: "t =", or "layer"."""
    return "t =" if clock == TIME else clock


def log_time(axis: Axes, label: str = TIME) -> None:
    """Make the x axis logarithmic time; an empty label draws none."""
    axis.set(xscale="log", xlabel=label)
    style.log_ticks(axis)


def expected(axis: Axes, numbers: Mapping[float, Expectation | None], label: str, **look: object) -> None:
    """Draw a dashed line through the expected values, {x: value or None}; the label "_" is not in the legend."""
    known = {x: number.value for x, number in numbers.items() if number is not None}
    if known:
        style.theory_line(axis, list(known), list(known.values()), label, **look)
