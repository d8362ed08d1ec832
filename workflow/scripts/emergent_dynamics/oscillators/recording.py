"""A user's recorded phases, or phases of a user's real signals, as a store of this project.

The phase of a signal is the angle of its analytic signal in a band: the Fourier transform with negative frequencies
and everything outside the band set to 0 (Gabor 1946; Boashash 1992, Proc. IEEE 80:520). Near the ends of a record the
phase is wrong, since the transform is periodic, so one period of the lower edge of the band is left out at both ends.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import fft

from emergent_dynamics.driver import State
from emergent_dynamics.driver.playback import Playback
from emergent_dynamics.inputs.files import opened
from emergent_dynamics.oscillators.codes import CODES, stored
from emergent_dynamics.oscillators.network import edge_variables, edges, network_of
from emergent_dynamics.store import Variable

FIELD = ("run", "time", "channel", "y", "x")
ROUNDING = 1e-12  # share of a signal below which its amplitude in the band is rounding
CODE = {"scale_factor": 2 * np.pi / CODES, "add_offset": -np.pi}


def trimmed(band: tuple[float, float], time_step: float) -> int:
    """Frames that are left out at either end of a signal: one period of the lower edge."""
    return int(np.ceil(1.0 / (band[0] * time_step)))


def phases_of(signal: np.ndarray, band: tuple[float, float], time_step: float) -> np.ndarray:
    """(time, ...) phases in (-pi, pi] rad of real signals (time, ...), in a band of frequencies in cycles per time.

    Phases are given up to both ends of the record, where the filter makes them less accurate. They are NaN for a
    signal that has no power in the band beyond rounding.

    >>> t = np.arange(400) / 100
    >>> phase = phases_of(np.cos(2 * np.pi * 5 * t)[:, None], (4, 6), 0.01)
    >>> bool(np.allclose(np.exp(1j * phase[:, 0]), np.exp(2j * np.pi * 5 * t)))
    True
    """
    frequency = fft.fftfreq(len(signal), time_step)
    kept = (frequency >= band[0]) & (frequency <= band[1])
    spectrum = fft.fft(signal - signal.mean(0), axis=0)
    spectrum[~kept] = 0
    analytic = fft.ifft(spectrum, axis=0)
    amplitude = np.abs(analytic)
    least = ROUNDING * np.abs(signal).max(
        0
    )  # a constant signal leaves the rounding of its transform in the band
    return np.where((amplitude > 0) & (amplitude.max(0) > least), np.angle(analytic), np.nan)


class RecordedPhases(Playback):
    """A user's recording in the form that the driver takes (`driver.Simulation`): theta(run, time, channel, y, x).

    The file has the shape (time, unit), (time, y, x) or (run, time, channel, y, x).
    Recorded phases are read frame by frame; signals are held in memory as a whole, since their phases need the whole
    record.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config, own = config, config["recording"]
        self.time_step, self.unit = float(own["time_step"]), own["time_unit"]
        self.shape = config["channels"], config["height"], config["width"]
        self.first, self.values = 0, opened(own["path"]).load()
        self.several = len(self.values.shape) == 5
        frames = self.values.shape[1 if self.several else 0]
        if config["source"] == "signals":
            self.first = trimmed(own["band"], self.time_step)
            runs = np.asarray(self.values[...], np.float64)
            runs = runs if self.several else runs[None]
            self.values = np.stack([phases_of(run, own["band"], self.time_step) for run in runs])
            self.several = True
            frames -= 2 * self.first
            if np.isnan(self.values).any():
                unit = np.argwhere(np.isnan(self.values).any(axis=1))[0].tolist()
                raise ValueError(f"{own['path']}: signal {unit} has nothing in the band {list(own['band'])}")
        self.schedule = np.arange(frames)
        self.network = network_of(config)

    def variables(self) -> dict[str, Variable]:
        """The layout: phases, and the quantities per frame that `findings.order` reads."""
        runs, frames = self.config["runs"], len(self.schedule)
        rounded = self.config["store_dtype"] == "uint16"
        line = ("run", "time")
        own = {}
        if self.network is not None:
            text, unit = "energy of the couplings", f"rad per {self.unit}"
            own = edge_variables(self.network) | {
                "energy": Variable(line, (runs, frames), "float64", text, unit)
            }
        return own | {
            "theta": Variable(
                FIELD, (runs, frames, *self.shape), self.config["store_dtype"], "phase", "rad",
                attrs=CODE if rounded else {}, codec="table" if rounded else "float",
            ),
            "time": Variable(("time",), (frames,), "float64", "time", self.unit, coordinate=True),
            "step": Variable(("time",), (frames,), "int64", "frame of the record", "1", coordinate=True),
            "order": Variable(line, (runs, frames), "float64", "order parameter |mean z|", "1"),
            "channel_order": Variable(
                (*line, "channel"), (runs, frames, self.shape[0]), "float64", "order parameter of a channel", "1"
            ),
            "speed": Variable(
                line, (runs, frames), "float64", "root mean square speed", f"rad per {self.unit}"
            ),
        }  # fmt: skip

    def initial(self) -> State:
        """The first frame's number, and the edges of a network."""
        return super().initial() | ({} if self.network is None else edges(self.network))

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """One frame; the speed follows from the shortest turn from the frame before."""
        k = int(state["clock"])
        theta = self._frame(k)
        mean = np.exp(1j * theta).mean((-2, -1))
        speed = np.full(len(theta), np.nan)
        if k:
            turned = np.angle(np.exp(1j * (theta - self._frame(k - 1))))
            speed = np.sqrt((turned**2).mean((1, 2, 3))) / self.time_step
        own = {} if self.network is None else {"energy": self._energy(theta)}
        return own | {
            "theta": stored(np.angle(np.exp(1j * theta)), self.config["store_dtype"]),
            "time": np.asarray((self.first + k) * self.time_step),
            "step": np.asarray(self.first + k, np.int64),
            "order": np.abs(mean.mean(1)),
            "channel_order": np.abs(mean),
            "speed": speed,
        }

    def _energy(self, theta: np.ndarray) -> np.ndarray:
        """(run,) -k sum over edges of w cos(theta_i - theta_j), rad per time; see `model.energy`."""
        z = np.exp(1j * theta.reshape(len(theta), -1))
        pairs = (np.conj(z) * (self.network @ z.T).T).real.sum(axis=1) / 2
        return -self.config["coupling"] * pairs

    def _frame(self, k: int) -> np.ndarray:
        """(run, channel, y, x) phases of the k-th frame that is kept, unchanged."""
        at = self.first + k
        frame = np.asarray(self.values[:, at] if self.several else self.values[at], np.float64)
        return frame.reshape(self.config["runs"], *self.shape)
