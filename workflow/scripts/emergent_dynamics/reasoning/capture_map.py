"""A chaotic map with windows in which trajectories are captured and contract: every example's exponent is known in
closed form.

It is the synthetic source of the 2x2 analysis and has the four outcomes of a recursive reasoner (settled or not,
right or wrong) without any training. Exponents are in nat per step.
"""

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.reasoning.parameters import Capture

CHAOTIC, RIGHT, WRONG = 0, 1, 2


def initial(p: Capture, run: int = 0) -> np.ndarray:
    """(example,) float64 starts, uniform on [0, 1)."""
    return streams.uniform(p.seed, "reasoning.capture_map", run, 0, p.examples)


def regime(x: np.ndarray, p: Capture) -> np.ndarray:
    """(example,) int8: CHAOTIC, or captured by the RIGHT or the WRONG window. What is captured cannot leave: each
    window is an interval around the point to which it contracts.
    """
    inside = np.abs(x - p.centre) < p.radius
    trapped = np.abs(x - p.trap) < p.trap_radius
    return np.where(inside, RIGHT, np.where(trapped, WRONG, CHAOTIC)).astype(np.int8)


def step(x: np.ndarray, p: Capture) -> np.ndarray:
    """x' = 4 x (1 - x) outside the windows; x' = c + a (x - c) inside the window around c.  (example,) in
    and out.
    """
    where = regime(x, p)
    goal = np.where(where == RIGHT, p.centre, p.trap)
    return np.where(where == CHAOTIC, 4.0 * x * (1.0 - x), goal + p.contraction * (x - goal))


def log_slope(x: np.ndarray, p: Capture) -> np.ndarray:
    """ln |dx'/dx| of `step`, nat: ln |4 (1 - 2x)| while searching, ln a once captured."""
    with np.errstate(divide="ignore"):
        chaotic = np.log(np.abs(4.0 * (1.0 - 2.0 * x)))
    return np.where(regime(x, p) == CHAOTIC, chaotic, np.log(p.contraction))


def trajectory(p: Capture, run: int = 0) -> np.ndarray:
    """(steps + 1, example) float64."""
    x = np.empty((p.steps + 1, p.examples))
    x[0] = initial(p, run)
    for t in range(p.steps):
        x[t + 1] = step(x[t], p)
    return x


def diagnose(x: np.ndarray, p: Capture) -> dict[str, np.ndarray]:
    """Return the diagnostics that a reasoner would have, from a trajectory (steps + 1, example); names as in
    `diagnostics`.

    An example is correct when it is in the window of the solution at the end. The exponent is the mean log slope,
    which is exact.
    """
    where = regime(x, p)
    correct_t = (where[1:] == RIGHT).T
    captured = where != CHAOTIC
    when = np.where(captured.any(axis=0), captured.argmax(axis=0), -1)
    log_r = np.stack([log_slope(x[t], p) for t in range(p.steps)], axis=1)[:, :, None]
    return {
        "idx": np.arange(p.examples),
        "drift_zH": np.abs(np.diff(x, axis=0)).T,
        "logR": log_r,
        "lyap_raw": log_r.mean(axis=1),
        "lyap_svd": log_r.mean(axis=1),  # one dimension: the product's only singular value
        "exact_t": correct_t,
        "exact_correct": correct_t[:, -1],
        "token_acc": correct_t[:, -1].astype(float),
        "halted_at": when.astype(np.int16),
    }
