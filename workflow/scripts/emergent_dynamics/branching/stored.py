"""Reads a trajectory of this system in the shapes that findings take."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import store
from emergent_dynamics.branching import model, series
from emergent_dynamics.branching.exact import Avalanches
from emergent_dynamics.branching.layout import TALLY
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.branching.tally import Tally


@dataclass(frozen=True)
class Trajectory:
    """A complete trajectory.zarr at `path`; every part is read when it is first requested."""

    path: Path | str

    @functools.cached_property
    def root(self) -> xr.Dataset:
        """The root group with the attributes."""
        return store.open_complete(self.path)

    @functools.cached_property
    def p(self) -> Parameters:
        """The parameters with which the trajectory was computed."""
        return Parameters.from_config(provenance.parameters(self.root))

    @functools.cached_property
    def tallies(self) -> list[Tally]:
        """Sums over avalanches, one tally per sigma, all runs together."""
        return tallies(self._group("aval"))

    @functools.cached_property
    def laws(self) -> list[Avalanches]:
        """The exact laws of avalanches, one per sigma."""
        exact = self._group("exact")
        arrays = [exact[name].values for name in ("p_size", "p_duration", "mean_size", "profile")]
        return [Avalanches(*(array[i] for array in arrays)) for i in range(len(arrays[0]))]

    @functools.cached_property
    def joint(self) -> np.ndarray:
        """(sigma, k_in, k_out) int64: trials of the guessing game, all runs together."""
        return self._group("guess")["joint"].values.sum(1)

    @functools.cached_property
    def activity(self) -> np.ndarray:
        """(sigma, run, time) uint32: active neurons in each complete frame of the driven network, in a file."""
        return activity(self._group("stoch"))

    @functools.cached_property
    def graph_activity(self) -> np.ndarray:
        """(sigma, drive, run, step) int32: active nodes of the recurrent graph."""
        return self._group("graph")["activity"].values

    @functools.cached_property
    def graph_record(self) -> np.ndarray:
        """(sigma, run, step) int32: active nodes of the recurrent graph under the record's weak drive."""
        return self._group("graph")["record"].values

    @functools.cached_property
    def graph_avalanches(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Avalanches of the graph: size, duration (sigma, run, avalanche), profile (sigma, run, life, generation)."""
        graph = self._group("graph")
        return graph["size"].values, graph["duration"].values, graph["profile"].values

    def _group(self, name: str) -> xr.Dataset:
        return store.open_complete(self.path, name)


def tallies(aval: xr.Dataset) -> list[Tally]:
    """Return the sums over avalanches, from the group `aval` of the store: one tally per sigma, over all runs."""
    arrays = [aval[TALLY[field]].values.sum(1) for field in Tally._fields]
    return [Tally(*(array[i] for array in arrays)) for i in range(aval.sizes["sigma"])]


def activity(stoch: xr.Dataset) -> np.ndarray:
    """Return (sigma, run, time) uint32 active neurons in each complete frame, mapped from a temporary file; only one
    chunk of the raster is in memory.
    """
    sizes = stoch["counts"].sizes
    frames = sizes["diagonal"] - sizes["layer"] + 1
    total = series.on_disk((sizes["sigma"], sizes["run"], frames), np.uint32)
    done, tail = 0, None
    for piece in store.slices(stoch, "diagonal"):
        counts = piece["counts"].values
        if tail is not None:
            counts = np.concatenate([tail, counts], axis=-1)
        seen = model.activity(counts)
        total[..., done : done + seen.shape[-1]] = seen
        series.release(total)
        done += seen.shape[-1]
        tail = counts[..., max(0, counts.shape[-1] - sizes["layer"] + 1) :]
    return total
