"""Groups of tokens on the sphere: the connected components if tokens with a chord below the gap are linked.

A group is named by its leader, its smallest token index; the name stays while the group gains followers. Single
linkage on chords (the sphere has radius 1); a gap of about 0.5 / sqrt(beta) suits the natural length of Karagodin,
Polyanskiy & Rigollet 2024, arXiv:2411.04990.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.store import Variable, slices


def label(x: np.ndarray, gap: float) -> np.ndarray:
    """Leader of every token's group.

    x : (..., token, coord) float64, unit vectors. Returns (..., token) int32, the smallest token index of
    the group. On the circle by sorting angles, O(n log n); on other spheres by flooding, at most n^2 / 2
    distances and O(n) memory. Exact: a token alone leads itself; label[label] == label.
    """
    flat = np.ascontiguousarray(x, dtype=np.float64).reshape(-1, *x.shape[-2:])
    out = np.empty(flat.shape[:2], np.int32)
    (_label_circle if x.shape[-1] == 2 else _label_sphere)(flat, float(gap), out)
    return out.reshape(x.shape[:-1])


def n_clusters(labels: np.ndarray) -> np.ndarray:
    """Number of groups, (...) int32, of labels (..., token): the tokens that lead themselves."""
    return (labels == np.arange(labels.shape[-1])).sum(-1, dtype=np.int32)


def leads(labels: np.ndarray) -> np.ndarray:
    """(..., token) bool: whether the token leads its group, as token 0 always does."""
    return labels == np.arange(labels.shape[-1])


def sizes(labels: np.ndarray) -> np.ndarray:
    """Tokens in the group that each token leads, (..., token) int32; 0 where it leads none."""
    tokens = labels.shape[-1]
    flat = labels.reshape(-1, tokens).astype(np.int64)
    flat += np.arange(len(flat))[:, None] * tokens
    return np.bincount(flat.reshape(-1), minlength=flat.size).astype(np.int32).reshape(labels.shape)


def variables(trajectory: xr.Dataset) -> dict[str, Variable]:
    """Layout of groups.zarr: label(run, time, token), n_clusters(run, time) and the trajectory's clock."""
    run, time, token, _ = trajectory["x"].shape
    dims, shape = ("run", "time", "token"), (run, time, token)
    return {
        **clock_variables(trajectory),
        "label": Variable(dims, shape, "int32", "leader of the token's group", "1", codec="bits"),
        "n_clusters": Variable(dims[:2], shape[:2], "int32", "number of groups", "1", codec="bits"),
    }


def clock(trajectory: xr.Dataset) -> dict[str, xr.DataArray]:
    """The time coordinates of a trajectory."""
    return {name: trajectory[name] for name in ("step", "time") if name in trajectory.coords}


def clock_variables(trajectory: xr.Dataset) -> dict[str, Variable]:
    """The time coordinates as variables of another store with the same frames."""
    return {
        name: Variable(
            ("time",),
            time.shape,
            str(time.dtype),
            time.attrs["long_name"],
            time.attrs["units"],
            kind="static",
            coordinate=True,
        )
        for name, time in clock(trajectory).items()
    }


def blocks(trajectory: xr.Dataset, gap: float) -> Iterator[dict[str, np.ndarray]]:
    """Labels and counts of one stored block of frames after the other, as `store.writing` takes them."""
    for piece in slices(trajectory[["x"]], "time"):
        labels = label(piece["x"].values, gap)
        yield {"label": labels, "n_clusters": n_clusters(labels)}


def compute(trajectory: xr.Dataset, gap: float) -> xr.Dataset:
    """The groups of every frame as a dataset in memory, with the variables, clock and attributes of groups.zarr."""
    found = list(blocks(trajectory, gap))
    dims = {"label": ("run", "time", "token"), "n_clusters": ("run", "time")}
    data: dict[str, Any] = {n: (d, np.concatenate([b[n] for b in found], axis=1)) for n, d in dims.items()}
    return xr.Dataset(data, coords=clock(trajectory), attrs=trajectory.attrs)


@numba.njit(cache=True)
def _label_circle(x, gap, out):
    """`label` for coord = 2: cut the sorted ring wherever neighbours are at least a gap apart.

    This suffices, because along the shorter arc between two joined tokens all neighbours are even closer.
    """
    # Floor: one sort of n doubles. Measured 38 us per frame of 256 tokens, 1.7 ms of 8192, most of it the sort.
    batch, n = x.shape[:2]
    angle = np.empty(n)
    group = np.empty(n, np.int64)
    for b in range(batch):
        for i in range(n):
            angle[i] = np.arctan2(x[b, i, 1], x[b, i, 0])
        order = np.argsort(angle)
        found = 0
        for s in range(n):
            group[s] = found
            i, j = order[s], order[(s + 1) % n]
            dx, dy = x[b, i, 0] - x[b, j, 0], x[b, i, 1] - x[b, j, 1]
            if np.sqrt(dx * dx + dy * dy) >= gap:
                found += 1
        # If there is no cut after the last token, its group continues at the start of the ring; if there is no cut at
        # all, there is one group.
        leader = np.full(found + 1, n, np.int64)
        for s in range(n):
            if group[s] == found:
                group[s] = 0
            leader[group[s]] = min(leader[group[s]], order[s])
        for s in range(n):
            out[b, order[s]] = leader[group[s]]


@numba.njit(cache=True)
def _label_sphere(x, gap, out):
    """`label` for any coord: flood from the smallest token not yet reached, which is the group's leader.

    waiting[:left] are the tokens not reached, in any order; waiting[left:queue_end] those whose neighbours are still
    to be searched.
    """
    # Floor: the distances, n^2 / 2 of them when every token is alone, n when all are together.
    # Measured with all alone, d = 3: 0.25 ms per frame of 256 tokens, 0.23 s of 8192. A k-d tree would win
    # there, but it lists n^2 / 2 pairs once the tokens have gathered.
    batch, n, dim = x.shape
    limit = gap * gap
    for b in range(batch):
        out[b] = -1
        waiting = np.arange(n)
        left = n
        for start in range(n):
            if out[b, start] >= 0:
                continue
            queue_end = left
            for w in range(left):
                if waiting[w] == start:
                    waiting[w], waiting[left - 1] = waiting[left - 1], start
                    break
            left -= 1
            out[b, start] = start
            while queue_end > left:
                queue_end -= 1
                i = waiting[queue_end]
                w = 0
                while w < left:
                    j = waiting[w]
                    square = 0.0
                    for c in range(dim):
                        square += (x[b, i, c] - x[b, j, c]) ** 2
                    if square < limit:
                        out[b, j] = start
                        left -= 1
                        waiting[w] = waiting[left]
                        waiting[left] = j
                    else:
                        w += 1
