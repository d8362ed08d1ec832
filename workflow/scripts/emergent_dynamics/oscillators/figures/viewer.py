"""Phases and spikes of every run as a page with a time slider."""

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

from emergent_dynamics.oscillators import frames
from emergent_dynamics.oscillators.figures import film
from emergent_dynamics.plotting.colours import ACTIVITY, CYCLIC, table
from emergent_dynamics.plotting.page import page_of_runs, room
from emergent_dynamics.plotting.viewers import Layer, images, images_script, value_layer

FEW, CELLS = (
    160,
    500_000,
)  # largest number of frames of run 0, and of their cells; their size decides how many fit into a page
MOST = 1500  # largest number of frames of a run, 75 s at 20 frames per second, however small they are
SIDE = 256  # pixels per side; of a larger field every second, third, ... pixel is shown


def page(trajectory: xr.Dataset, title: str) -> str:
    """The page of phases, spikes and the order parameter of every run, with as many frames as the page holds."""
    stored, count = trajectory.sizes["time"], trajectory.sizes["run"]
    thin = max(1, -(-max(trajectory.sizes["y"], trajectory.sizes["x"]) // SIDE))
    cells = -(-trajectory.sizes["y"] // thin) * -(-trajectory.sizes["x"] // thin)
    few = frames.spaced(stored, min(FEW, max(2, CELLS // cells)))
    picked = frames.spaced(stored, min(MOST, room(_maps(trajectory, 0, few, thin), few.size, count)))

    def runs() -> Iterator[dict[str, object]]:
        for run in range(count):
            yield _maps(trajectory, run, picked, thin)

    caption = "Phase: circular mean over channels. "
    if "spike" in trajectory:  # a recording has no spikes
        caption += "Spikes: share of channels above the threshold. "
    caption += f"{len(picked)} of {stored} frames" + (f", every {thin}th pixel." if thin > 1 else ".")
    return page_of_runs(title, runs(), count, images_script(), caption)


def _maps(trajectory: xr.Dataset, run: int, picked: np.ndarray, thin: int) -> dict[str, object]:
    """The data of one run at the picked frames, every thin-th pixel."""

    def maps(name: str, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        shown = frames.read(trajectory, name, picked, run)
        return np.concatenate([of(part[..., ::thin, ::thin]) for part in shown])

    codes = maps("theta", film.phase_codes)
    layers = {"mean phase": Layer(codes, table(CYCLIC, 256), -np.pi, np.pi, "rad")}
    if "spike" in trajectory:
        share = maps("spike", lambda spikes: spikes.mean(1, dtype=np.float32))
        layers["spikes"] = value_layer(share, ACTIVITY, (0, 1))
    traces = {"order parameter": trajectory["order"].values[run, picked]}
    time = trajectory["time"].values[picked]
    return images(layers, "field", time=time, clock="t =", axes=("y", "x"), origin="upper", traces=traces)
