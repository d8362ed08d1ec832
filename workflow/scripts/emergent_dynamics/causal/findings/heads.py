"""What each head of the attention does, and whether the heads agree, where Q, K and V differ between heads or layers.

With weights a_kj of a head (`model.drift`, divided by their sum over j), y_k its output and P_x y = y - <x, y> x:

    attended   mean over tokens k of exp(-sum_j a_kj ln a_kj), 1 ... n: the effective number of tokens attended to
    output     sqrt(mean over tokens of |P_x y_k|^2): what is left of the output when its radial part is taken away
    agreement  sum_k |sum_h P_x y_hk|^2 / (H sum_hk |P_x y_hk|^2), 0 ... 1: 1 if all H heads are equal, 1 / H if their
               outputs are orthogonal, 0 if they cancel

Frame t has the matrices of the layer that moves it, so that the last frame is left out where there are layers. The
effective number of a distribution is the exponential of its entropy: Hill 1973, Ecology 54:427.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, mean_interval
from emergent_dynamics.store import slices

ALL = "all"  # the row of the mean over heads (attended), of the sum (output), and of the agreement
COLUMNS = ["metric", "head", "time", "value", "lo", "hi", "n"]
WEIGHTS = 2**19  # of a block of rows: 4 MB
ROUNDING = 1e-13  # relative; an output along the token leaves less than this of itself, which counts as 0
RANGES = {"agreement": (0.0, 1.0), "output": (0.0, np.inf)}  # of attended tokens: from 1 to all
ENDS = (("start", 0), ("end", -1))


def attend(x: np.ndarray, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """The effective number of tokens that each token attends to, (token,), and P_x y, (token, coord).

    x : (token, coord) float64 unit vectors of one run. p : of a single head of a single layer. Rows of weights are
    computed in blocks, so that no n x n array exists.
    """
    n = len(x)
    attended, output = np.empty(n), np.empty_like(x)
    keys, values = x @ p.key.T, x @ p.value.T
    rows = max(1, WEIGHTS // n)
    for first in range(0, n, rows):
        own = slice(first, first + rows)
        last = min(first + rows, n) if p.causal else n
        score = p.beta * (x[own] @ p.query.T) @ keys[:last].T
        if p.causal:
            score[np.arange(last) > np.arange(n)[own, None]] = -np.inf
        largest = score.max(axis=1, keepdims=True)
        weight = np.exp(score - largest)
        total = weight.sum(axis=1, keepdims=True)
        below = np.where(weight > 0.0, score - largest, 0.0)
        attended[own] = np.exp(np.log(total[:, 0]) - (weight * below).sum(axis=1) / total[:, 0])
        scale = 1.0 / total if p.softmax else np.exp(largest) / n
        output[own] = scale * (weight @ values[:last])
    across = output - (x * output).sum(axis=1, keepdims=True) * x
    rounding = np.linalg.norm(across, axis=1) <= ROUNDING * np.linalg.norm(output, axis=1)
    across[rounding] = 0.0
    return attended, across


def measure(x: np.ndarray, p: Parameters) -> dict[tuple[str, str], float]:
    """{(metric, head): value} of one frame of one run. A single head has no agreement; it is NaN without any output.

    x : (token, coord). p : of the layer that moves the frame.
    """
    found, total, squares = {}, np.zeros_like(x), 0.0
    for head in range(p.heads):
        attended, output = attend(x, p.head(head))
        square = float((output**2).sum())
        found["attended", str(head)] = float(attended.mean())
        found["output", str(head)] = float(np.sqrt(square / len(x)))
        total += output
        squares += square
    found["attended", ALL] = float(np.mean([found["attended", str(h)] for h in range(p.heads)]))
    together = float((total**2).sum())
    found["output", ALL] = float(np.sqrt(together / len(x)))
    if p.heads > 1:
        found["agreement", ALL] = min(together / (p.heads * squares), 1.0) if squares > 0.0 else np.nan
    return found


def frames(
    trajectory: xr.Dataset, p: Parameters
) -> Iterator[tuple[float, list[dict[tuple[str, str], float]]]]:
    """The time of every frame that is moved, and `measure` of each run; one stored block is in memory at a time."""
    for piece in slices(trajectory[["x"]], "time"):
        x = piece["x"].values
        for k, time in enumerate(piece["time"].values):
            step = int(piece["step"].values[k]) if p.layered else 0
            if not (p.layered and step == p.steps):
                moved_by = p.layer(step)
                yield float(time), [measure(run, moved_by) for run in x[:, k]]


def find(trajectory: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Table `heads`, means over runs with 95 % intervals: metric, head (or "all"), time, value, lo, hi, n."""
    p = Parameters.from_config(parameters)
    rows = []
    for time, runs in frames(trajectory, p):
        for metric, head in runs[0]:
            values = np.array([run[metric, head] for run in runs])
            low, high = RANGES.get(metric, (1.0, float(p.tokens)))
            e = mean_interval(values, low, high)
            rows.append((metric, head, time, e.value, e.lo, e.hi, e.n))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return {"heads": table.sort_values(["metric", "head"], kind="stable", ignore_index=True)}


def summarise(heads: pd.DataFrame) -> dict[str, Headline]:
    """Headlines: how many tokens the heads attend to, and how far they agree, at the first and at the last frame."""
    texts = {
        "attended": (
            "tokens",
            "Effective number of tokens that a token attends to, mean over heads and tokens",
        ),
        "agreement": (
            "1",
            "Squared sum of the heads' outputs over its largest possible value, 1 if all are equal",
        ),
    }
    headlines = {}
    for metric, (unit, sentence) in texts.items():
        own = heads[(heads["metric"] == metric) & (heads["head"] == ALL)]
        for where, frame in ENDS if len(own) else ():
            row = own.iloc[frame]
            headlines[f"heads_{metric}_{where}"] = Headline.from_estimate(
                Estimate(row["value"], row["lo"], row["hi"], int(row["n"])),
                unit,
                f"{sentence}, at the {where}",
                note="no head moves a token" if np.isnan(row["value"]) else None,
            )
    return headlines
