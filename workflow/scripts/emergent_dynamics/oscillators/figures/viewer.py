"""Phases and spikes of run 0 as a page with a time slider."""

import numpy as np
import xarray as xr

from emergent_dynamics.oscillators import frames
from emergent_dynamics.oscillators.figures import film
from emergent_dynamics.plotting.colours import ACTIVITY, CYCLIC, table
from emergent_dynamics.plotting.viewers import Layer, images_page, value_layer

CELLS = 150_000  # of a layer, frames thinned to fit


def page(trajectory: xr.Dataset, title: str) -> str:
    """Phase, spikes and, beside them, the order parameter, with a time slider; frames thinned to a small page."""
    rows, columns, stored = (trajectory.sizes[dim] for dim in ("y", "x", "time"))
    thin = max(1, -(-max(rows, columns) // 256))
    cells = -(-rows // thin) * -(-columns // thin)
    picked = frames.spaced(stored, max(2, CELLS // cells))
    theta = _thinned(trajectory, "theta", picked, thin)
    layers = {"mean phase": Layer(film.phase_codes(theta), table(CYCLIC, 256), -np.pi, np.pi, "rad")}
    caption = "Phase: circular mean over channels. "
    if "spike" in trajectory:  # a recording has none
        layers["spikes"] = value_layer(_thinned(trajectory, "spike", picked, thin).mean(1), ACTIVITY, (0, 1))
        caption += "Spikes: share of channels above the threshold. "
    caption += f"{len(picked)} of {stored} frames" + (f", every {thin}th pixel" if thin > 1 else "")
    traces = {"order parameter": trajectory["order"].values[0, picked]}
    time = trajectory["time"].values[picked]
    return images_page(
        layers, title, caption, time=time, clock="t =", axes=("y", "x"), origin="upper", traces=traces
    )


def _thinned(trajectory: xr.Dataset, name: str, picked: np.ndarray, thin: int) -> np.ndarray:
    """(frame, channel, y, x) of run 0 at the picked frames, every thin-th pixel."""
    return np.concatenate([shown[..., ::thin, ::thin] for shown in frames.read(trajectory, name, picked)])
