"""The interface of a simulation that the driver runs."""

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from emergent_dynamics.store import Variable

State = dict[str, np.ndarray]  # everything that is needed to continue; scalars are 0-d arrays
Clock = int | float  # steps, or time in the model's unit


class Simulation(Protocol):
    """One experiment, ready to run.

    stream_dim : the dimension along which frames are stored, "time" for most.
    schedule : (frame,) int64 steps or float64 times at which a frame is saved, increasing; the first is the start.
    horizon : names of the parameters that say only how far it runs and which clock values are saved, or that only later
        jobs read; a checkpoint is continued when they change.
    divisible : whether an interval may be divided anywhere without changing a bit of the result. True for maps, False
        if the integrator chooses its own steps.
    """

    stream_dim: str
    schedule: np.ndarray
    divisible: bool
    horizon: tuple[str, ...]

    def variables(self) -> dict[str, Variable]:
        """The layout of the store, by name; a name may carry a group ("genome/parent")."""

    def initial(self) -> State:
        """The state at schedule[0]. It also contains every static variable under its own name."""

    def advance(self, state: State, start: Clock, stop: Clock) -> State:
        """The state at `stop`, from the one at `start`, whose arrays may be reused.

        Records of a log variable are left in the state under the variable's name; the driver removes and appends them.
        """

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame: the values of each frame variable, without the stream dimension unless per_frame > 1."""

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """The final variables; {} if there are none."""

    def notes(self) -> dict[str, str]:
        """Attributes of the store, for example {"engine": "cpu"}; they must not depend on how the run went."""


@runtime_checkable
class OnDevice(Protocol):
    """A simulation whose state may lie in the memory of a device instead of the arrays that the driver holds.

    together : the largest number of frames that one call of `record` computes; 1 if frames are computed one by one.
    """

    @property
    def together(self) -> int: ...

    def record(self, state: State, start: Clock, stops: Sequence[Clock]) -> Iterator[dict[str, np.ndarray]]:
        """Queue the work from `start` to the last of `stops` on the device, and return without waiting for it.

        stops : two to `together` equally spaced clock values; the distance from `start` to the first is the same. The
        iterator that is returned waits for each frame in turn. A frame is what `observe` returns, with the records of
        log variables up to it. The driver exhausts the iterator before the second of the following calls of `record`,
        and before it uses `state` for anything else.
        """

    def checkpoint(self, state: State) -> State:
        """The state with all its arrays on the host; `state` itself remains valid."""
