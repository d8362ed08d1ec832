"""Synchrony over time: order parameter of the field, its channels and windows; entropy, chimera index, convergence.

R = |mean z| (Kuramoto 1975), in [0, 1]. Chimera and metastability indices after Shanahan 2010; here they are
variances (not deviations) over non-overlapping windows of the image, divided by 5/36 and 1/12.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.codes import CODES, PARTS, encode
from emergent_dynamics.statistics import bounded_mean_interval
from emergent_dynamics.store import slices

ENTROPY_BINS = 64
# A variance of n numbers in [0, 1] is at most n / (n - 1) / 4 <= 1/2, here in units of the indices.
CHIMERA_LARGEST = 0.5 / theory.CHIMERA_UNIT
METASTABILITY_LARGEST = 0.5 / theory.METASTABILITY_UNIT
CHIMERA = "Chimera index: variance of order over windows, second half"
METASTABILITY = "Metastability index: variance of order over time, second half"
CONVERGENCE = "Time at which a run settles, of the runs that do"
MISSING = {
    "chimera_index": "one window",
    "metastability_index": "one frame",
    "convergence_time": "still moving at the end",
}


def window_order(z: np.ndarray, radius: int) -> np.ndarray:
    """(..., window) R within each window, over its pixels and all channels. z is (..., channel, y, x).

    Windows are squares of 2 radius + 1 pixels per side, or the whole side if that is shorter; pixels beyond the last
    whole window belong to none.
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
    index = (
        encode(theta) // (CODES // ENTROPY_BINS) % ENTROPY_BINS
    )  # with integer codes, since the edges of bins are codes
    frames = index.reshape(*theta.shape[:2], -1)
    number = np.arange(np.prod(theta.shape[:2])).reshape(*theta.shape[:2], 1)
    counts = np.bincount((frames + ENTROPY_BINS * number).ravel(), minlength=ENTROPY_BINS * number.size)
    share = counts.reshape(*theta.shape[:2], ENTROPY_BINS) / frames.shape[-1]
    terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1)), 0)
    return -terms.sum(-1) / np.log(ENTROPY_BINS)


def _blocks(trajectory: xr.Dataset, radius: int) -> Iterator[tuple[xr.Dataset, np.ndarray, np.ndarray]]:
    """Yield each piece of the trajectory with its window order (run, time, window) and entropy (run, time)."""
    for chunk in slices(trajectory, "time", PARTS):
        theta = chunk["theta"].values.astype(float)
        yield chunk, window_order(np.exp(1j * theta), radius), entropy(theta)


def find(trajectory: xr.Dataset, config: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Three tables of a trajectory; `config` has the size of windows and the speed at which a run counts as settled.

    order: run, step, time, order, order_<channel>, local_order (mean over windows), entropy, speed; per run and frame.
    chimera: run, chimera, metastability, over the frames of the second half; NaN with fewer than two frames or windows.
    convergence: run, time, reason.
    """
    rows, local = [], []
    for chunk, within, disorder in _blocks(trajectory, config["local_radius"]):
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
    per_run = pd.DataFrame(chimera, columns=["chimera", "metastability"]).rename_axis("run").reset_index()
    return {"order": order, "chimera": per_run, "convergence": convergence(order, config["settled"])}


def indices(local: np.ndarray) -> tuple[float, float]:
    """Chimera and metastability index of (time, window) order: variance over windows, over time, in their units.

    chimera = mean_t var_s R_s(t) / (5/36); metastability = mean_s var_t R_s(t) / (1/12); sample variances.
    """
    frames, count = local.shape
    across = local.var(1, ddof=1).mean() / theory.CHIMERA_UNIT if count > 1 else np.nan
    along = local.var(0, ddof=1).mean() / theory.METASTABILITY_UNIT if frames > 1 else np.nan
    return float(across), float(along)


def convergence(order: pd.DataFrame, settled: float) -> pd.DataFrame:
    """Table of run, time (from which on the speed remains below `settled`, else NaN) and reason (why it is NaN)."""
    rows = []
    for run, own in order.groupby("run"):
        fast = np.flatnonzero(~(own["speed"].to_numpy() < settled))
        first = fast[-1] + 1 if fast.size else 0
        if first < len(own):
            rows.append((run, own["time"].iloc[first], ""))
        else:
            rows.append((run, np.nan, "still moving at the end"))
    return pd.DataFrame(rows, columns=["run", "time", "reason"])


def summarise(tables: Mapping[str, pd.DataFrame], config: Mapping[str, Any]) -> dict[str, Headline]:
    """Order at the start and the end, chimera, metastability, entropy and convergence; means over runs."""
    order, chimera, settled = tables["order"], tables["chimera"], tables["convergence"]
    first, last = order.groupby("run").first(), order.groupby("run").last()
    headlines = _start(first, config)
    for name, values, high, unit, sentence, rank in (
        ("order_end", last["order"], 1.0, "1", "Order parameter of the whole field at the end", 2),
        ("local_order_end", last["local_order"], 1.0, "1", "Order parameter within windows at the end", None),
        ("entropy_end", last["entropy"], 1.0, "1", "Entropy of the phases at the end, 1 is uniform", None),
        ("chimera_index", chimera["chimera"], CHIMERA_LARGEST, "5/36", CHIMERA, None),
        ("metastability_index", chimera["metastability"], METASTABILITY_LARGEST, "1/12", METASTABILITY, None),
        (
            "convergence_time",
            settled["time"],
            float(last["time"].max()),
            _time_unit(config),
            CONVERGENCE,
            None,
        ),
    ):
        e = bounded_mean_interval(values.to_numpy(), 0.0, high)
        lacking = len(values) - e.n
        note = f"{lacking} of {len(values)} runs are left out: {MISSING[name]}" if lacking else _alone(e.n)
        headlines[name] = Headline.from_estimate(e, unit, sentence, rank=rank, note=note)
    time = order.loc[order["run"] == order["run"].iloc[0], "time"].to_numpy()
    reached = theory.halfway(config, time)
    if reached is not None:
        frame, expectation = reached
        e = bounded_mean_interval(order.groupby("run")["order"].nth(frame).to_numpy())
        note = "; ".join(filter(None, [f"at time {time[frame]:g}", _alone(e.n)]))
        sentence = "Order parameter halfway from its start to its limit"
        headlines["order_halfway"] = Headline.from_estimate(
            e, "1", sentence, expectation=expectation, rank=2, note=note
        )
    if theory.has_stationary_order(config):
        headlines["order_stationary"] = _stationary(order, config)
    return headlines


def _start(first: pd.DataFrame, config: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines of the whole field and of its windows before the first step; a window has the units of all channels."""
    units = config["channels"] * config["height"] * config["width"]
    sides = (min(2 * config["local_radius"] + 1, config[side]) for side in ("height", "width"))
    in_a_window = config["channels"] * math.prod(sides)
    headlines = {}
    for name, column, n, sentence in (
        ("order_start", "order", units, "Order parameter of the whole field at the start"),
        ("local_order_start", "local_order", in_a_window, "Order parameter within windows at the start"),
    ):
        e = bounded_mean_interval(first[column].to_numpy())
        expectation = theory.expected_start(config, n)
        headlines[name] = Headline.from_estimate(e, "1", sentence, expectation=expectation, note=_alone(e.n))
    return headlines


def _stationary(order: pd.DataFrame, config: Mapping[str, Any]) -> Headline:
    """Headline of R over the second half, against theory for this number of units; each run draws its frequencies."""
    late = order[order["time"] >= order["time"].max() / 2].groupby("run")["order"].mean().to_numpy()
    e = bounded_mean_interval(late)
    expectation, reason = theory.expected_stationary(config)
    sentence = "Stationary order parameter of all-to-all units, second half"
    note = reason or _alone(e.n)
    return Headline.from_estimate(e, "1", sentence, expectation=expectation, rank=1, note=note)


def _time_unit(config: Mapping[str, Any]) -> str:
    return str(config["recording"]["time_unit"]) if theory.is_recorded(config) else "model time"


def _alone(runs: int) -> str | None:
    return "no interval: one run" if runs == 1 else None
