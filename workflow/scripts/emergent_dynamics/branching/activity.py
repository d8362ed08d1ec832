"""Activity of the driven network from its store, read in pieces along the diagonals."""

import numpy as np
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.branching import model


def read(stoch: xr.Dataset) -> np.ndarray:
    """(sigma, run, time) uint32 active neurons in each complete frame; holds no more than one chunk of the
    raster.
    """
    sizes = stoch["counts"].sizes
    frames = sizes["diagonal"] - sizes["layer"] + 1
    found = np.empty((sizes["sigma"], sizes["run"], frames), np.uint32)
    done, tail = 0, None
    for piece in store.slices(stoch, "diagonal"):
        counts = piece["counts"].values
        if tail is not None:
            counts = np.concatenate([tail, counts], axis=-1)
        seen = model.activity(counts)
        found[..., done : done + seen.shape[-1]] = seen
        done += seen.shape[-1]
        tail = counts[..., max(0, counts.shape[-1] - sizes["layer"] + 1) :]
    return found
