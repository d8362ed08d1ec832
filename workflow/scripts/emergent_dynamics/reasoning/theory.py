"""Known values of the quantities of this system: closed forms and published numbers, and when each applies.

Nothing is computed from data here. Exponents of the validation systems are in nat per step (maps) or nat per unit
time (Lorenz).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import integrate, special

from emergent_dynamics.findings import Expectation

SPROTT = "Sprott 2003, Chaos and time-series analysis, appendix A"
DYNAMICS = "recursive-reasoning-dynamics, the follow-up study of the original's author"
ROUNDING = "rounding of float64"

LINEAR_LOGS = tuple(np.linspace(0.1, -3.0, 200))  # the diagonal map's exponents, nat per step
GRID = 1 << 16  # cells of the transfer operator


class Published(NamedTuple):
    """A number that was reported about a file: the value and half a unit of its last printed digit."""

    value: float
    half_digit: float


# {tag of a deposited file: {headline: value}}; a value is comparable only with the diagnostics of that file.
PUBLISHED: dict[str, dict[str, Published]] = {
    "hrm26040_n8192": {
        "accuracy": Published(0.526, 5e-4),
        "auc_neg_lambda1_correct": Published(0.9841, 5e-5),
        "auc_matched_drift_deciles": Published(0.879, 5e-4),
    },
    "trm58590_n2048": {
        "accuracy": Published(0.876, 5e-4),
        "auc_neg_lambda1_correct": Published(0.9935, 5e-5),
        "wrong_that_settled": Published(0.0, 5e-4),
    },
}


def published(tag: str, headline: str) -> Expectation | None:
    """Return what was reported about the deposited file of this tag; it is computed from the same examples, so it has
    no sampling error.
    """
    known = PUBLISHED.get(tag, {}).get(headline)
    if known is None:
        return None
    return Expectation(
        known.value,
        DYNAMICS,
        "published",
        tolerance=known.half_digit,
        reason="half a unit of the last printed digit",
        scale=1.0,
    )


def accuracy(attributes: Mapping[str, Any]) -> Expectation | None:
    """The share that the capture map solves, known where the table is of that map (attributes of its diagnostics)."""
    if attributes.get("source") != "capture_map":
        return None
    windows = [float(attributes[name]) for name in ("centre", "radius", "trap", "trap_radius")]
    steps = int(attributes["steps"])
    share = float(capture_probability(windows[0], windows[1], steps, windows[2], windows[3])[-1])
    return Expectation(
        share,
        "transfer operator of the tent map, to which the logistic search is conjugate",
        "exact",
        tolerance=(steps + 1) / GRID,
        reason=f"windows are cut on a grid of {GRID} cells",
        scale=None if share else 1.0,  # a window in which no point of the grid lies
    )


def qr_bias(dimensions: int, steps: int) -> Expectation:
    """Return the upper bound, in nat per step, on how far the leading exponent by QR lies below the exact one on
    average.
    """
    return Expectation(
        tangent_bias_bound(dimensions, steps),
        "a Haar tangent's weight on the leading direction follows Beta(1/2, (n - 1)/2)",
        "exact",
        relation="<=",
    )


def tangent_bias_bound(dimensions: int, steps: int) -> float:
    """(digamma(n/2) - digamma(1/2)) / (2 T), nat per step: the largest mean gap of a random tangent.

    |J q|^2 = sum sigma_i^2 q_i^2 >= sigma_1^2 q_1^2 for any J, and q_1^2 of a Haar vector is Beta(1/2, (n - 1)/2), so
    that E ln q_1^2 = digamma(1/2) - digamma(n/2). About (ln n + 1.27) / (2 T); reached when one direction alone
    grows.
    """
    return float((special.digamma(dimensions / 2) - special.digamma(0.5)) / (2 * steps))


def tangent_growth(log_sigma: np.ndarray) -> float:
    """Return E ln |S q| in nat for a Haar vector q and singular values exp(log_sigma); exact, by one integral.

    q = g / |g| with g normal, so E ln |S q| = (E ln sum sigma_i^2 g_i^2 - E ln chi^2_n) / 2, and E ln X = integral
    over t > 0 of (exp(-t) - E exp(-t X)) / t (Frullani), E exp(-t X) = prod (1 + 2 sigma_i^2 t)^(-1/2).
    """
    log_sigma = np.asarray(log_sigma, float)
    top = log_sigma.max()
    weight = np.exp(2.0 * (log_sigma - top))

    def integrand(u: float) -> float:  # t = exp(u)
        t = np.exp(u)
        return float(np.exp(-t) - np.exp(-0.5 * np.log1p(2.0 * weight * t).sum()))

    logarithm = integrate.quad(integrand, -40.0, 80.0, limit=1000, points=(-5.0, 0.0, 5.0))[0]
    chi_square = special.digamma(log_sigma.size / 2) + np.log(2.0)
    return float(top + 0.5 * (logarithm - chi_square))


def linear_qr(steps: int) -> float:
    """Mean of QR's leading exponent of the diagonal map over Haar tangents, nat per step."""
    return tangent_growth(steps * np.array(LINEAR_LOGS)) / steps


def capture_probability(
    centre: float, radius: float, steps: int, trap: float = 0.0, trap_radius: float = 0.0
) -> np.ndarray:
    """(steps + 1,) probability that the logistic search has ended in [centre +- radius] by step t = 0..steps.

    Start uniform on [0, 1]; a trajectory that enters [trap +- trap_radius] first never arrives. The surviving measure
    is pushed through the map in the coordinate theta = (2/pi) asin sqrt(x), in which the map is the tent map and, on a
    grid of 2^m cells, exact but for the windows' rounding to cells: error below (steps + 1) / cells.
    """
    mass = np.diff(np.sin(0.5 * np.pi * np.arange(GRID + 1) / GRID) ** 2)
    solved, trapped = _share_inside(centre, radius), _share_inside(trap, trap_radius)
    probability = np.empty(steps + 1)
    total = 0.0
    for t in range(steps + 1):
        total += float(mass @ solved)
        probability[t] = total
        mass = mass * (1.0 - solved) * (1.0 - trapped)
        halves = mass[: GRID // 2] + mass[: GRID // 2 - 1 : -1]  # add both branches of the tent map
        mass = np.repeat(0.5 * halves, 2)
    return probability


def capture_growth(centre: float, radius: float, steps: int, contraction: float) -> float:
    """Mean exponent of the search over `steps` steps, nat per step: ln abs(4 (1 - 2x)) until captured, then ln a.

    The same surviving measure as `capture_probability`; abs(4 (1 - 2x)) is 4 abs(cos pi theta), whose logarithm's mean
    over the two cells at theta = 1/2 is ln(4 pi / cells) - 1. For no window the limit of many steps is ln 2.
    """
    mass = np.diff(np.sin(0.5 * np.pi * np.arange(GRID + 1) / GRID) ** 2)
    slope = np.log(4 * np.abs(np.cos(np.pi * (np.arange(GRID) + 0.5) / GRID)))
    slope[GRID // 2 - 1 : GRID // 2 + 1] = np.log(4 * np.pi / GRID) - 1
    outside = 1.0 - _share_inside(centre, radius)
    total = 0.0
    for _ in range(steps):
        mass = mass * outside
        total += float(mass @ slope) + (1 - float(mass.sum())) * float(np.log(contraction))
        halves = mass[: GRID // 2] + mass[: GRID // 2 - 1 : -1]
        mass = np.repeat(0.5 * halves, 2)
    return total / steps


def _share_inside(centre: float, radius: float) -> np.ndarray:
    """(GRID,) share of each cell of theta that lies in [centre +- radius]."""
    if radius == 0.0:
        return np.zeros(GRID)
    ends = np.clip([centre - radius, centre + radius], 0.0, 1.0)
    low, high = (2.0 / np.pi) * np.arcsin(np.sqrt(ends)) * GRID
    at = np.arange(GRID)
    return np.clip(np.minimum(at + 1, high) - np.maximum(at, low), 0.0, 1.0)


def validation(check: str, spectral_radius: float = np.nan) -> Expectation:
    """Return the value that the estimator must find for a known system. spectral_radius : of the coupling of the random
    network.
    """
    if check.startswith("network_g") and not check.endswith("is_chaotic"):
        return Expectation(
            float(np.log(spectral_radius)),
            "ln of the spectral radius: the origin attracts (Sompolinsky, Crisanti & Sommers 1988)",
            "exact",
            tolerance=1e-3,
            reason="boundary terms, over 300 steps",
        )
    return VALIDATION[check]


def validation_scale(check: str) -> float | None:
    """Return the scale against which a difference of a check is judged; None means its expected value."""
    return VALIDATION[check].scale if check in VALIDATION else None


def _rounded(tolerance: float, source: str, kind: str, reason: str = ROUNDING) -> Expectation:
    """Return the expectation of an error that is zero within the tolerance."""
    return Expectation(0.0, source, kind, tolerance=tolerance, reason=reason, scale=1.0)


def _printed(value: float, half_digit: float) -> Expectation:
    """Return the expectation of an exponent as printed by Sprott."""
    return Expectation(
        value, SPROTT, "published", tolerance=half_digit, reason="half a unit of the last printed digit"
    )


HENON = (0.41922, -1.62319)  # a = 1.4, b = 0.3: table A.2
HENON_SUM = float(np.log(0.3))  # |det J| = b at every point
LOGISTIC = float(np.log(2.0))  # r = 4
LORENZ = (0.9056, 0.0, -14.5723)  # sigma 10, rho 28, beta 8/3: table A.5
LORENZ_SUM = -41.0 / 3.0  # the divergence -(sigma + 1 + beta)

VALIDATION: dict[str, Expectation] = {
    "henon_lambda1": _printed(HENON[0], 5e-6),
    "henon_lambda2": _printed(HENON[1], 5e-6),
    "henon_sum_worst_step": _rounded(1e-12, "the determinant of the map is -b at every point", "exact"),
    "logistic_lambda1": Expectation(
        LOGISTIC,
        "conjugate to the tent map, whose slope is 2",
        "exact",
        tolerance=1e-8,
        reason="rounding of a million slopes, some near 0",
    ),
    "lorenz_lambda1": _printed(LORENZ[0], 5e-5),
    "lorenz_lambda2": Expectation(
        LORENZ[1], "the direction of the flow neither grows nor shrinks", "exact", scale=LORENZ[0]
    ),
    "lorenz_lambda3": _printed(LORENZ[2], 5e-5),
    "lorenz_sum": Expectation(
        LORENZ_SUM,
        "divergence of the flow, -(sigma + 1 + beta)",
        "exact",
        tolerance=2e-5,
        reason="Runge-Kutta at h = 0.005: 6e-6, falling as h^4",
    ),
    "linear_svd_worst": _rounded(1e-10, "the eigenvalues of a diagonal map", "exact"),
    "linear_qr_16_steps": Expectation(
        linear_qr(16), "mean over Haar tangents, theory.tangent_growth", "exact"
    ),
    "linear_qr_1024_steps": Expectation(
        linear_qr(1024), "mean over Haar tangents, theory.tangent_growth", "exact"
    ),
    "network_g1.5_is_chaotic": Expectation(
        0.0, "chaos above g = 1 (Sompolinsky, Crisanti & Sommers 1988)", "published", relation=">="
    ),
    "capture_map_same_trajectory": _rounded(1e-15, "capture_map.step", "identity"),
    "capture_map_worst_example": _rounded(1e-12, "sum of the logarithms of the slopes", "exact"),
    "derivative_mlp": _rounded(
        1e-6, "central differences, h = 1e-6", "identity", "differences: h^2 and rounding / h"
    ),
    "derivative_attention": _rounded(
        1e-6, "central differences, h = 1e-6", "identity", "differences: h^2 and rounding / h"
    ),
    "derivative_svd_worst": _rounded(
        1e-6, "SVD of the whole product of Jacobians", "exact", "the subspace iteration stops at 1e-8"
    ),
}
