"""Known exponents, closed forms and published numbers, each with its source; nothing is computed from data
here.

Exponents of the validation systems are in nat per step (maps) or nat per unit time (Lorenz).
"""

from dataclasses import dataclass

import numpy as np

HENON = (0.41922, -1.62319)  # a = 1.4, b = 0.3: Sprott 2003, "Chaos and time-series analysis", table A.2
HENON_SUM = float(np.log(0.3))  # |det J| = b at every point
LOGISTIC = float(np.log(2.0))  # r = 4: conjugate to the tent map
LORENZ = (0.9056, 0.0, -14.5723)  # sigma 10, rho 28, beta 8/3: Sprott 2003, table A.5
LORENZ_SUM = -41.0 / 3.0  # the divergence -(sigma + 1 + beta)


@dataclass(frozen=True)
class Published:
    """A number somebody reported: value, 95 % interval (or None), examples it rests on, where it stands."""

    value: float
    interval: tuple[float, float] | None
    n: int
    source: str


DYNAMICS = "recursive-reasoning-dynamics, the seed author's own follow-up study"
# By the tag of the deposited file, then by headline: comparable with that file's diagnostics only.
PUBLISHED: dict[str, dict[str, Published]] = {
    "hrm26040_n8192": {
        "accuracy": Published(0.526, None, 8192, DYNAMICS),
        "auc_neg_lambda1_correct": Published(0.9841, (0.9815, 0.9865), 8192, DYNAMICS),
        "auc_matched_drift_deciles": Published(0.879, None, 8192, DYNAMICS),
    },
    "trm58590_n2048": {
        "accuracy": Published(0.876, None, 2048, DYNAMICS),
        "auc_neg_lambda1_correct": Published(0.9935, (0.9908, 0.9957), 2048, DYNAMICS),
        "wrong_that_settled": Published(0.0, (0.0, 0.0117), 254, DYNAMICS),
    },
}


def qr_alignment_bias(n: int, steps: int) -> float:
    """How far a random start makes the leading QR exponent too low, nat per step: about ln(n) / (2 T).

    The leading singular direction has weight of order 1/sqrt(n) in a random unit tangent, and T steps to
    grow.
    """
    return float(np.log(n) / (2.0 * steps))


def logistic_density_mass(low: float, high: float) -> float:
    """Share of the logistic map's (r = 4) invariant measure in [low, high]: (2/pi)(asin sqrt(high) - asin
    sqrt(low)).
    """
    low, high = np.clip([low, high], 0.0, 1.0)
    return float(2.0 / np.pi * (np.arcsin(np.sqrt(high)) - np.arcsin(np.sqrt(low))))


def capture_probability(centre: float, radius: float, steps: int, cells: int = 1 << 16) -> np.ndarray:
    """(steps + 1,) probability that the logistic search has been inside [centre +- radius] by step t =
    0..steps.

    Start uniform on [0, 1]. The surviving measure is pushed through the map in the coordinate
    theta = (2/pi) asin sqrt(x), in which the map is the tent map and, on a grid of 2^m cells, exact but for
    the window's rounding to cells: error below (steps + 1) / cells.
    """
    edge = np.sin(0.5 * np.pi * np.arange(cells + 1) / cells) ** 2
    mass = np.diff(edge)
    theta_low, theta_high = (2.0 / np.pi) * np.arcsin(
        np.sqrt(np.clip([centre - radius, centre + radius], 0, 1))
    )
    at = np.arange(cells)
    caught = np.clip(np.minimum(at + 1, theta_high * cells) - np.maximum(at, theta_low * cells), 0.0, 1.0)
    probability = np.empty(steps + 1)
    for t in range(steps + 1):
        mass = mass * (1.0 - caught)
        probability[t] = 1.0 - mass.sum()
        halves = (
            mass[: cells // 2] + mass[: cells // 2 - 1 : -1]
        )  # both branches of the tent onto one interval
        mass = np.repeat(0.5 * halves, 2)
    return probability
