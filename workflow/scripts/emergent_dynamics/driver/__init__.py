"""The only loop over time. A system supplies `initial`, `advance` and `observe`; this package saves and resumes."""

from emergent_dynamics.driver.contract import Clock, Simulation, State
from emergent_dynamics.driver.lock import Locked
from emergent_dynamics.driver.loop import Interrupted, discard, run
from emergent_dynamics.driver.schedule import every, logarithmic, save_points

FORMAT = 1  # raised when the bytes written to disk change; dependent results are then computed again

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
