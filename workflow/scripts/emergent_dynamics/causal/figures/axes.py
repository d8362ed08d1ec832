"""What this room's figures share: the time axis, the names of the kinds of centres, and how expected numbers look."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from emergent_dynamics.findings import Expectation
from emergent_dynamics.plotting import style

TIME = "time (unit of the ODE)"
UNIT = "1/√β"
KINDS = {"strong": ("strong Rényi centres", "highlight"), "renyi": ("Rényi centres", "data")}


def log_time(axis: Axes, label: bool = True) -> None:
    """Logarithmic time along x."""
    axis.set(xscale="log", xlabel=TIME if label else "")
    style.log_ticks(axis)


def expected(axis: Axes, numbers: Mapping[float, Expectation | None], label: str, **look: object) -> None:
    """A dashed line through the numbers there are, x -> number; a label "_" stays out of the legend."""
    known = {x: number.value for x, number in numbers.items() if number is not None}
    if known:
        style.theory_line(axis, list(known), list(known.values()), label, **look)
