"""Synchrony over time: order parameter of the field, its channels and windows; entropy, chimera index, convergence.

R = |mean z| (Kuramoto 1975), in [0, 1]. Chimera and metastability indices after Shanahan 2010; here they are
variances (not deviations) over non-overlapping windows of the image, divided by 5/36 and 1/12.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.oscillators import theory
from emergent_dynamics.statistics import mean_interval
from emergent_dynamics.store import Headline, slices

ENTROPY_BINS = 64


def window_order(z: np.ndarray, radius: int) -> np.ndarray:
    """(..., window) R within each window, over its pixels and all channels. z is (..., channel, y, x).

    Windows are squares of 2 radius + 1 pixels, or the whole side where that is shorter; pixels beyond the last whole
    window belong to none.
    """
    height, width = z.shape[-2:]
    side_y, side_x = min(2 * radius + 1, height), min(2 * radius + 1, width)
    ny, nx = height // side_y, width // side_x
    inside = z.mean(-3)[..., : ny * side_y, : nx * side_x]
    tiles = inside.reshape(*inside.shape[:-2], ny, side_y, nx, side_x)
    return np.abs(tiles.mean((-3, -1))).reshape(*inside.shape[:-2], ny * nx)


def entropy(theta: np.ndarray) -> np.ndarray:
    """Shannon entropy of the phases in 64 bins, divided by log 64: 1 is uniform, 0 is one bin.

    theta is (run, time, channel, y, x); returns (run, time). Independent uniform phases give 1 - 63 / (2 n log 64).
    """
    index = np.floor((theta / (2 * np.pi) + 0.5) * ENTROPY_BINS).astype(np.int64) % ENTROPY_BINS
    frames = index.reshape(*theta.shape[:2], -1)
    number = np.arange(np.prod(theta.shape[:2])).reshape(*theta.shape[:2], 1)
    counts = np.bincount((frames + ENTROPY_BINS * number).ravel(), minlength=ENTROPY_BINS * number.size)
    share = counts.reshape(*theta.shape[:2], ENTROPY_BINS) / frames.shape[-1]
    terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1)), 0)
    return -terms.sum(-1) / np.log(ENTROPY_BINS)


def blocks(trajectory: xr.Dataset, radius: int) -> Iterator[tuple[xr.Dataset, np.ndarray, np.ndarray]]:
    """Stored chunk by chunk: the chunk, its window order (run, time, window) and entropy (run, time)."""
    for chunk in slices(trajectory, "time"):
        theta = chunk["theta"].values.astype(float)
        yield chunk, window_order(np.exp(1j * theta), radius), entropy(theta)


def find(trajectory: xr.Dataset, radius: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """order.csv, a row per run and frame, and chimera.csv, a row per run.

    order: run, step, time, order, order_<channel>, local_order (mean over windows), entropy, speed.
    chimera: run, chimera, metastability, over the frames of the second half; NaN with fewer than two frames or windows.
    """
    rows, local = [], []
    for chunk, within, disorder in blocks(trajectory, radius):
        local.append(within)
        for run in range(chunk.sizes["run"]):
            table = {"run": run, "step": chunk["step"].values, "time": chunk["time"].values}
            table["order"] = chunk["order"].values[run]
            for d in range(chunk.sizes["channel"]):
                table[f"order_{d}"] = chunk["channel_order"].values[run, :, d]
            table |= {
                "local_order": within[run].mean(-1),
                "entropy": disorder[run],
                "speed": chunk["speed"].values[run],
            }
            rows.append(pd.DataFrame(table))
    joined = np.concatenate(local, axis=1)
    chimera = [indices(joined[run, joined.shape[1] // 2 :]) for run in range(len(joined))]
    order = pd.concat(rows).sort_values(["run", "step"], kind="stable", ignore_index=True)
    found = pd.DataFrame(chimera, columns=["chimera", "metastability"])
    return order, found.rename_axis("run").reset_index()


def indices(local: np.ndarray) -> tuple[float, float]:
    """Chimera and metastability index of (time, window) order: variance over windows, over time, in their units.

    chimera = mean_t var_s R_s(t) / (5/36); metastability = mean_s var_t R_s(t) / (1/12); sample variances.
    """
    frames, count = local.shape
    across = local.var(1, ddof=1).mean() / theory.CHIMERA_UNIT if count > 1 else np.nan
    along = local.var(0, ddof=1).mean() / theory.METASTABILITY_UNIT if frames > 1 else np.nan
    return float(across), float(along)


def convergence(order: pd.DataFrame, settled: float) -> pd.DataFrame:
    """convergence.csv: run, time, reason: from when on the speed stays below `settled`, NaN if it never does."""
    rows = []
    for run, own in order.groupby("run"):
        fast = np.flatnonzero(~(own["speed"].to_numpy() < settled))
        first = fast[-1] + 1 if fast.size else 0
        found = first < len(own)
        rows.append(
            (run, own["time"].iloc[first] if found else np.nan, "" if found else "still moving at the end")
        )
    return pd.DataFrame(rows, columns=["run", "time", "reason"])


def summarise(
    order: pd.DataFrame, chimera: pd.DataFrame, settled: pd.DataFrame, given: Mapping[str, Any]
) -> dict[str, Headline]:
    """Order at the start and the end, chimera, metastability, entropy and convergence; means over runs."""
    first, last = order.groupby("run").first(), order.groupby("run").last()
    found = {"order_start": _order_start(first["order"].to_numpy(), given)}
    for name, values, unit in (
        ("order_end", last["order"], "1"),
        ("local_order_end", last["local_order"], "1"),
        ("entropy_end", last["entropy"], "1"),
        ("chimera_index", chimera["chimera"], "5/36 (variance)"),
        ("metastability_index", chimera["metastability"], "1/12 (variance)"),
        ("convergence_time", settled["time"], "model time"),
    ):
        e = mean_interval(values.to_numpy())
        note = None if e.n == len(values) else f"{len(values) - e.n} of {len(values)} runs undefined"
        found[name] = Headline(e.value, e.ci, e.n, unit, note=note)
    if (
        given["topology"] == "all_to_all"
        and given["natural"]["distribution"] != "none"
        and given["bias"] == 0
    ):
        found["order_stationary"] = _order_stationary(order, given)
    return found


def _order_start(values: np.ndarray, given: Mapping[str, Any]) -> Headline:
    e = mean_interval(values)
    if given["initial_phases"] is not None:
        return Headline(e.value, e.ci, e.n, "1")
    expected = theory.random_order(given["channels"] * given["height"] * given["width"])
    spread = (
        expected * np.sqrt(4 / np.pi - 1) / np.sqrt(len(values))
    )  # Rayleigh's standard error, known beforehand
    source = "Rayleigh: sqrt(pi / 4 n) for n independent phases; ok within 4 standard errors"
    return Headline(e.value, e.ci, e.n, "1", expected, source, bool(abs(e.value - expected) < 4 * spread))


def _order_stationary(order: pd.DataFrame, given: Mapping[str, Any]) -> Headline:
    """R over the second half against theory for as many units, each run a sample of frequencies of its own."""
    late = order[order["time"] >= order["time"].max() / 2].groupby("run")["order"].mean().to_numpy()
    e, n = mean_interval(late), given["channels"] * given["height"] * given["width"]
    coupling = given["coupling"] * (1 if given["normalise"] == "mean" else n)
    distribution, scale = given["natural"]["distribution"], given["natural"]["scale"]
    distance = coupling / theory.critical_coupling(distribution, scale) - 1
    if abs(distance) < n**-0.4:
        note = "closer to K_c than n^(-2/5): no theory for a finite number of units (Hong et al. 2007)"
        return Headline(e.value, e.ci, e.n, "1", note=note)
    if distance > 0:
        expected = theory.locked_order(distribution, scale, coupling)
        spread = theory.locked_spread(distribution, scale, coupling, n)
        source = "Kuramoto 1975; ok within 4 standard errors of finite samples of frequencies"
    else:
        expected = theory.incoherent_order(distribution, scale, coupling, n)
        spread = expected * np.sqrt(4 / np.pi - 1)  # Rayleigh, as if the time average were one moment
        source = "Daido 1990: incoherent units, linear response; ok within 4 standard errors"
    within = 4 * spread / np.sqrt(e.n)
    return Headline(e.value, e.ci, e.n, "1", expected, source, bool(abs(e.value - expected) < within))
