"""THE time loop: a room supplies `initial`, `advance` and `observe`; saving, checkpoints and resume happen here."""

from emergent_dynamics.driver.contract import Clock, Simulation, State
from emergent_dynamics.driver.lock import Locked
from emergent_dynamics.driver.loop import Interrupted, discard, run
from emergent_dynamics.driver.schedule import every, logarithmic, save_points

FORMAT = 1  # raised when the bytes left on disk change; what rests on them is then computed again

__all__ = [
    "Clock",
    "Interrupted",
    "Locked",
    "Simulation",
    "State",
    "discard",
    "every",
    "logarithmic",
    "run",
    "save_points",
]
