"""What a system gives to the driver."""

from typing import Protocol, runtime_checkable

import numpy as np

from emergent_dynamics.store import Variable

State = dict[str, np.ndarray]  # everything needed to go on; scalars are 0-d arrays
Clock = int | float  # steps, or time in the model's unit


class Simulation(Protocol):
    """One experiment, ready to run.

    stream_dim : the dimension along which frames are stored, "time" for most.
    schedule : (frame,) int64 steps or float64 times at which a frame is saved, increasing; the first is the start.
    horizon : names of the parameters that say only how far it runs and which clock values are saved; a checkpoint is
        continued when they change.
    divisible : may an interval be cut anywhere without changing a bit? True for maps, False where the
        integrator chooses its own steps and would land elsewhere.
    """

    stream_dim: str
    schedule: np.ndarray
    divisible: bool
    horizon: tuple[str, ...]

    def variables(self) -> dict[str, Variable]:
        """The layout of the store, by name; a name may carry a group ("genome/parent")."""

    def initial(self) -> State:
        """The state at schedule[0]. A static variable is found in it under its own name."""

    def advance(self, state: State, start: Clock, stop: Clock) -> State:
        """The state at `stop`, from the one at `start`, whose arrays may be reused.

        Records of a log variable are left in the state under the variable's name; the driver removes and appends them.
        """

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame: for each frame variable its values without the stream dimension (with it, if per_frame > 1)."""

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """The final variables; {} if there are none."""

    def notes(self) -> dict[str, str]:
        """Attributes of the store, for example {"engine": "cpu"}; they must not depend on how the run went."""


@runtime_checkable
class OnDevice(Protocol):
    """A simulation whose state may live elsewhere than in the arrays that the driver holds."""

    def checkpoint(self, state: State) -> State:
        """The state with all of it on the host; `state` itself stays good."""
