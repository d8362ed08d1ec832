"""Phenotypic diversity of every generation: CTFP (counts), GEP (entropy), GCVP (off-median share), CLOGV (local order).

All are functions of q, alpha in tenths. Jain & Nichele 2024; corrected forms stand beside the original ones.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.nca.stationary import anchors, headline, stationary
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.store import Headline

VALUES = tuple(f"n_{k / 10:.1f}" for k in range(11))


def table(frames: xr.Dataset) -> pd.DataFrame:
    """One row a run and generation: gep, gcvp, clogv, their variants, then the counts n_0.0 ... n_1.0, n_above.

    frames : alpha (run, generation, y, x) uint8 tenths, read in blocks of generations.
    gep_possible : entropy over ln 11 instead of ln of the number of values present, so comparable over time.
    alpha_sd : population standard deviation of q / 10 over cells.
    zlib : bits a cell of the deflated frame. n_above : cells above 1.0 (unbounded boards only).
    """
    return pd.concat(_blocks(frames), ignore_index=True).sort_values(["run", "generation"], ignore_index=True)


def _blocks(frames: xr.Dataset) -> Iterator[pd.DataFrame]:
    for block in store.slices(frames[["alpha"]], "generation"):
        alpha = block["alpha"].transpose("run", "generation", "y", "x").values
        counts, clogv = measure(alpha.reshape(-1, *alpha.shape[2:]))
        runs, generations = np.meshgrid(block["run"], block["generation"], indexing="ij")
        columns = {"run": runs.reshape(-1), "generation": generations.reshape(-1)}
        columns |= {"gep": gep(counts), "gcvp": gcvp(counts), "clogv": clogv}
        columns |= {"gep_possible": entropy(counts) / np.log(11), "alpha_sd": alpha_sd(counts)}
        columns["zlib"] = complexity(alpha.reshape(-1, *alpha.shape[2:]))
        columns |= {name: counts[:, k] for k, name in enumerate(VALUES)}
        yield pd.DataFrame(columns | {"n_above": counts[:, 11:].sum(axis=1)})


def measure(alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """alpha (frame, y, x) uint8 -> counts (frame, 256) int64 and CLOGV (frame,)."""
    counts, order = np.empty((len(alpha), 256), np.int64), np.empty(len(alpha))
    for i, frame in enumerate(alpha):
        counts[i] = np.bincount(frame.reshape(-1), minlength=256)
        order[i] = clogv(frame, counts[i])
    return counts, order


def entropy(counts: np.ndarray) -> np.ndarray:
    """Shannon entropy of the values (..., value), nats; an absent value adds nothing."""
    share = counts / counts.sum(axis=-1, keepdims=True)
    return -np.where(counts > 0, share * np.log(np.where(counts > 0, share, 1.0)), 0.0).sum(axis=-1)


def gep(counts: np.ndarray) -> np.ndarray:
    """Global entropy: H / ln K with K the number of values present; 0 for K = 1. In [0, 1]; K moves with time."""
    present = (counts > 0).sum(axis=-1)
    return np.where(present > 1, entropy(counts) / np.log(np.maximum(present, 2)), 0.0)


def gcvp(counts: np.ndarray) -> np.ndarray:
    """Gross cell variance: sqrt of the share of cells whose q is not the median (rounded half to even). In [0, 1]."""
    total, below = counts.sum(axis=-1), counts.cumsum(axis=-1)
    lower = (below >= (total[..., None] + 1) // 2).argmax(axis=-1)
    upper = (below >= total[..., None] // 2 + 1).argmax(axis=-1)
    median = np.rint((lower + upper) / 2).astype(int)
    on = np.take_along_axis(counts, median[..., None], axis=-1)[..., 0]
    return np.sqrt(1 - on / total)


def alpha_sd(counts: np.ndarray) -> np.ndarray:
    """Population standard deviation of alpha = q / 10 over cells."""
    q = np.arange(counts.shape[-1]) / 10
    share = counts / counts.sum(axis=-1, keepdims=True)
    mean = (share * q).sum(axis=-1, keepdims=True)
    return np.sqrt((share * (q - mean) ** 2).sum(axis=-1))


def complexity(alpha: np.ndarray) -> np.ndarray:
    """Bits a cell that a deflated frame takes, alpha (frame, y, x) uint8; more order along the rows, fewer bits."""
    return np.array([8 * len(zlib.compress(frame.tobytes(), 1)) / frame.size for frame in alpha])


def clogv(q: np.ndarray, counts: np.ndarray) -> float:
    """Local organisation: sd over cells of the sd, within each wrapped 3x3, of f = (n_q - min n) / (max n - min n).

    n_q counts the cells with q's value, min and max run over the values present; 0 if they are equal. At most 1/4.
    """
    present = counts[counts > 0]
    spread = present.max() - present.min()
    if spread == 0:
        return 0.0
    return float(_local_sd_sd(q, (counts - present.min()) / spread))


@numba.njit(cache=True)
def _local_sd_sd(q, share):
    """Two passes over the torus; q (y, x) uint8, share (256,) float64."""
    # Floor: 18 loads and adds a cell and a square root, 0.1 ms for 200x200. No sum runs along x, so rows vectorise.
    height, width = q.shape
    f = np.empty((height + 2, width + 2))
    for y in range(height + 2):
        row = q[(y - 1) % height]
        for x in range(width):
            f[y, x + 1] = share[row[x]]
        f[y, 0], f[y, width + 1] = f[y, width], f[y, 1]
    local = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            mean = 0.0
            for dy in range(3):
                mean += f[y + dy, x] + f[y + dy, x + 1] + f[y + dy, x + 2]
            mean /= 9.0
            square = 0.0
            for dy in range(3):
                for dx in range(3):
                    square += (f[y + dy, x + dx] - mean) ** 2
            local[y, x] = np.sqrt(square / 9.0)
    return np.std(local)


def summarise(table: pd.DataFrame, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Means over the stationary window of each run, with the interval over runs, beside the known values."""
    window = stationary(table, parameters)
    return {
        name: headline(window, name, "1", anchors(parameters).get(name)) for name in ("gep", "gcvp", "clogv")
    } | {"zlib": headline(window, "zlib", "bit")}
