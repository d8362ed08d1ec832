"""THE time loop: a room supplies `initial`, `advance` and `observe`; saving, checkpoints and resume happen here."""

from emergent_dynamics.driver.contract import Clock, Simulation, State
from emergent_dynamics.driver.lock import Locked
from emergent_dynamics.driver.loop import Interrupted, discard, run
from emergent_dynamics.driver.schedule import every, logarithmic, save_points

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
