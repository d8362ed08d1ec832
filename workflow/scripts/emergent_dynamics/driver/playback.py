"""Frames from a user's file, passed through the driver as if they were simulated."""

import numpy as np

from emergent_dynamics.driver.contract import State


class Playback:
    """Base of simulations that only read frames; a system adds `schedule`, `variables` and `observe`.

    The state is the number of the frame, so an interrupted run continues with the next frame.
    """

    stream_dim = "time"
    divisible = True
    horizon: tuple[str, ...] = ()
    reason = "a recording is read, not simulated"

    def initial(self) -> State:
        """The first frame's number."""
        return {"clock": np.asarray(0, np.int64)}

    def advance(self, state: State, start: float, stop: float) -> State:
        """The number of the frame at `stop`."""
        state["clock"] = np.asarray(stop, np.int64)
        return state

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """No final variables: {}."""
        return {}

    def notes(self) -> dict[str, str]:
        """Attributes which state that the frames were read, not computed."""
        return {"engine": "none", "device": "cpu", "engine_reason": self.reason}
