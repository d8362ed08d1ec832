"""Choose and read a few frames of a long trajectory, or of a table of its frames; each stored chunk is read once."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import findings
from emergent_dynamics.store import pieces_with

SHOWN = 1000  # largest number of frames of a film, a space-time diagram or a curve, which has fewer pixels


def spaced(time: np.ndarray, most: int) -> np.ndarray:
    """Indices of all frames at times (time,), in ascending order, or of at most `most` at about equal steps of ln time.

    The first and the last frame are among them.
    """
    if time.size <= most:
        return np.arange(time.size)
    later = time[time > 0]
    wanted = np.geomspace(later[0], later[-1] * (1 - 1e-12), most - 2)
    return np.unique([0, *np.searchsorted(time, wanted), time.size - 1])


def read(dataset: xr.Dataset, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """The values (run, frame, ...) of every variable (run, time, ...) at the wanted frames, in ascending order."""
    parts: dict[str, list[np.ndarray]] = {str(name): [] for name in dataset.data_vars}
    for piece, inside in pieces_with(dataset, wanted):
        for name, found in parts.items():
            found.append(piece[name].values[:, inside])
    return {name: np.concatenate(found, axis=1) for name, found in parts.items()}


def rows(path: Path | str, time: np.ndarray) -> pd.DataFrame:
    """The rows of a table with a column `time` for at most `SHOWN` of the frames at times (time,), see `spaced`."""
    return findings.read_rows(path, "time", time[spaced(time, SHOWN)])
