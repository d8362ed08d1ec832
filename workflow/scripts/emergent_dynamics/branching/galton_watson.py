"""Galton-Watson avalanches with Poisson or binomial offspring: the mean-field reference, whose exponents are exactly
3/2, 2 and 2.

Sizes are in individuals and include the root; durations are in generations. Source: Harris 1963, "The theory of
branching processes".
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.branching.kernels import trees
from emergent_dynamics.branching.series import pieces, release


class Ensemble(NamedTuple):
    """Avalanches: size, duration (avalanche,) int64, and extinct (avalanche,) bool, False where a limit stopped the
    avalanche.
    """

    size: np.ndarray
    duration: np.ndarray
    extinct: np.ndarray


def simulate(
    sigma: float,
    n: int,
    seed: int,
    largest: int,
    longest: int,
    neurons: int = 0,
) -> Ensemble:
    """Simulate n avalanches from one root each.

    An avalanche that reaches `largest` individuals or `longest` generations is stopped and counts as not extinct.
    Offspring are Poisson(sigma), or Bin(neurons, sigma / neurons) with sigma <= neurons / 2, as in a layered network
    where no two active neurons share a target. Below the limits sizes have the law `theory.borel`, or
    `theory.otter_dwass`. Avalanche i does not depend on n.
    """
    stream = (np.uint32(0), *streams.key(seed, "branching.galton_watson"))
    ensemble = Ensemble(np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.bool_))
    trees.grow(sigma, neurons, 0, stream, (largest, longest), ensemble)
    return ensemble


def driven(m: float, drive: float, steps: int, seed: int, run: int = 0) -> np.ndarray:
    """Return the activity (steps,) int64 of the driven process A_{t+1} ~ Poisson(m A_t + h), which starts at its
    stationary mean.

    Its moments are those of `theory.driven_process`.
    """
    activity = np.empty(steps, np.int64)
    activity[0] = round(drive / (1.0 - m))
    trees.driven(m, drive, (np.uint32(run), *streams.key(seed, "branching.driven")), 0, activity)
    return activity


def subsample(activity: np.ndarray, fraction: float, seed: int, out: np.ndarray | None = None) -> np.ndarray:
    """Return (..., step) int64: the activity if each active unit is observed with probability `fraction`.

    The draws come from a NumPy Philox generator keyed by the seed. out : an array for the result, of the same shape;
    one on disk is filled in pieces.
    """
    word = [int(k) for k in streams.key(seed, "branching.subsample")]
    draw = np.random.Generator(np.random.Philox(key=word[0] | word[1] << 32)).binomial
    out = np.empty(activity.shape, np.int64) if out is None else out
    done, flat = 0, out.reshape(-1)
    for piece in pieces(activity.reshape(-1)):
        flat[done : done + piece.size] = draw(piece, fraction)
        done += piece.size
        release(out)
    return out
