"""Films of phases and spikes of run 0."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics.oscillators import frames
from emergent_dynamics.plotting.canvas import grid_canvas
from emergent_dynamics.plotting.colours import ACTIVITY, CYCLIC, table

WIDTH, HEIGHT = 448, 388  # size of a film, CSS pixels
ROW = 3  # height of a single row of units in widths of a unit
FILM_FRAMES = 129  # largest number of frames: every fourth of 513, in a fourth of the time
PI = np.pi


def mean_phase(theta: np.ndarray) -> np.ndarray:
    """Circular mean over channels of (time, channel, y, x) phases, in [-pi, pi] rad.

    An arithmetic mean would be wrong near -pi and pi.
    """
    return np.angle(np.exp(1j * theta.astype(float)).mean(1))


def phase_codes(theta: np.ndarray) -> np.ndarray:
    """(time, y, x) index of the mean phase among the 256 colours of the cyclic map."""
    return (np.floor((mean_phase(theta) + PI) / (2 * PI) * 256).astype(np.int64) % 256).astype(np.uint8)


def phase_frames(trajectory: xr.Dataset) -> Iterator[np.ndarray]:
    """Frames of the circular mean phase over channels."""
    yield from _frames(
        trajectory,
        "theta",
        phase_codes,
        "Phase, circular mean over channels",
        CYCLIC,
        (-PI, PI),
        "phase (rad)",
    )


def spike_frames(trajectory: xr.Dataset) -> Iterator[np.ndarray]:
    """Frames of the share of channels above the spike threshold."""
    yield from _frames(trajectory, "spike", spike_codes, "Spikes", ACTIVITY, (0, 1), "share of channels")


def spike_codes(spike: np.ndarray) -> np.ndarray:
    """(time, y, x) index of the share of spiking channels among 256 colours."""
    return np.rint(spike.mean(1) * 255).astype(np.uint8)


def _frames(trajectory, name, codes, title, colour_map, limits, label) -> Iterator[np.ndarray]:  # type: ignore[no-untyped-def]
    rows, columns = trajectory.sizes["y"], trajectory.sizes["x"]
    across, down, tall = ("x", "y", 1) if rows > 1 else ("unit", "", max(1, columns // ROW))
    stage, pane = grid_canvas(
        rows, columns, title=title, xlabel=across, ylabel=down, colour_map=colour_map, limits=limits,
        value_label=label, origin="upper", width=WIDTH, height=HEIGHT, tall=tall,
    )  # fmt: skip
    colours, end = table(colour_map, 256), float(trajectory["time"].values[-1]) or 1.0
    wanted = frames.spaced(trajectory.sizes["time"], FILM_FRAMES)
    times = iter(trajectory["time"].values[wanted])
    for shown in frames.read(trajectory, name, wanted):
        for code in codes(shown):
            time = next(times)
            frame = stage.blank()
            pane.cells(frame, code, colours, origin="upper")
            stage.clock(frame, f"t = {time:.2f}", time / end)
            yield frame
