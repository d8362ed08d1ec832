"""Exponents of avalanche distributions by truncated discrete maximum likelihood on histograms, and tests of the power
law against other distributions.

Every model is P(x) ~ exp(theta . B(x)) on lowest <= x <= highest, so one Newton iteration on a convex function fits
all of them, and the cost does not depend on the number of avalanches. The normalisation accounts for both cut-offs:
an unbounded fit to a finite system is biased and takes true power laws for lognormal (Marshall et al. 2016, Front
Physiol 7:250).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import special

from emergent_dynamics.branching import theory
from emergent_dynamics.statistics import Estimate, quotient_interval

# Sufficient statistics of each model. The second parameter must not be positive, else the law is a different one.
MODELS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], ...]] = {
    "power_law": (np.log,),
    "exponential": (lambda x: x,),
    "lognormal": (np.log, lambda x: np.log(x) ** 2),
    "power_law_with_cutoff": (np.log, lambda x: x),
}


FEWEST = 10  # avalanches of one duration; with fewer the logarithm of their mean size is biased by its noise
FLAT = "no interval: tau is not known to differ from 1, where (alpha - 1)/(tau - 1) has no bound"
TOO_FEW_DURATIONS = f"fewer than two durations in the window that {FEWEST} avalanches have"
SINGULAR = "the likelihood is flat at its maximum, so the model cannot be fitted in this window"


class Windows(NamedTuple):
    """The lowest and the highest value that each exponent is fitted to; both are included."""

    tau: tuple[int, int]
    alpha: tuple[int, int]
    gamma: tuple[int, int]

    @classmethod
    def of_network(
        cls, layers: int, cells: int, chosen: Mapping[str, Sequence[int] | None] | None = None
    ) -> "Windows":
        """Return the windows `chosen` by the user, and defaults for the others.

        By default a window begins at 5 (gamma: 3), since discreteness distorts the distributions below, and ends
        where the finite size takes effect: at a tenth of the neurons for tau, L - 1 layers for alpha, and L / 2
        layers for gamma.
        """
        windows = {
            "tau": (5, max(10, cells // 10)),
            "alpha": (5, layers - 1),
            "gamma": (3, max(5, layers // 2)),
        }
        for name, window in (chosen or {}).items():
            if window is not None:
                lowest, highest = window
                windows[name] = (lowest, highest)
        return cls(**windows)


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    theta : (parameter,), for the power laws theta[0] is minus the exponent. covariance : of theta. log_likelihood :
    its maximum. n : the total weight inside the window. log_probability : (x,) over the window. reason : empty, or
    why everything else is NaN.
    """

    model: str
    lowest: int
    highest: int
    n: float
    theta: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    log_probability: np.ndarray
    reason: str

    @property
    def exponent(self) -> float:
        """tau of P(x) ~ x^-tau."""
        return -float(self.theta[0])

    @property
    def standard_error(self) -> float:
        """The standard error of the exponent, from the Fisher information of the truncated law."""
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def estimate(self) -> Estimate:
        """The exponent with Wald's interval; n is the weight inside the window."""
        return wald(self.exponent, self.standard_error, int(self.n))


def _maximise(
    basis: np.ndarray, mean: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minimise log Z(theta) - theta . mean by Newton's method with step halving; return theta, log p and the Hessian.

    basis : (parameter, x), standardised so that theta is of order 1. mean : (parameter,) sample means of the basis.
    """

    def evaluate(theta: np.ndarray) -> tuple[float, np.ndarray]:
        exponent = theta @ basis
        log_z = (
            np.logaddexp.reduce(exponent)
            if exponent.size < 64
            else exponent.max() + np.log(np.exp(exponent - exponent.max()).sum())
        )
        return log_z - theta @ mean, exponent - log_z

    theta = start
    value, log_p = evaluate(theta)
    for _ in range(100):
        p = np.exp(log_p)
        expected = basis @ p
        hessian = (basis * p) @ basis.T - np.outer(expected, expected)
        move = np.linalg.solve(hessian + 1e-14 * np.eye(theta.size), mean - expected)
        scale = 1.0
        while scale > 1e-6:
            new_value, new_log_p = evaluate(theta + scale * move)
            if new_value <= value + 1e-15 * abs(value):
                break
            scale /= 2
        theta, value, log_p = theta + scale * move, new_value, new_log_p
        if np.abs(scale * move).max() < 1e-10:
            break
    return theta, log_p, hessian


def wald(value: float, standard_error: float, n: int) -> Estimate:
    """Return the estimate with its 95 % interval under a normal distribution."""
    half = special.ndtri(0.975) * standard_error
    return Estimate(value, value - half, value + half, n, standard_error)


def _undefined(model: str, lowest: int, highest: int, n: float, reason: str) -> Fit:
    size = len(MODELS[model])
    nan = np.full(size, np.nan)
    return Fit(
        model, lowest, highest, n, nan, np.full((size, size), np.nan), np.nan, np.full(0, np.nan), reason
    )


def fit(histogram: np.ndarray, lowest: int, highest: int, model: str = "power_law") -> Fit:
    """Fit `model` by maximum likelihood on lowest <= x <= highest.

    histogram : (x,) counts or probabilities of x = 0, 1, .... With probabilities the fit is the limit to which the
    estimator converges with more and more data. A second parameter that would be positive is set to 0, where the
    model is the power law.
    """
    highest = min(highest, histogram.size - 1)
    weight = np.asarray(histogram[lowest : highest + 1], np.float64)
    n = float(weight.sum())
    if not np.isfinite(n):
        return _undefined(model, lowest, highest, 0.0, "the law is not known")
    if np.count_nonzero(weight) < len(MODELS[model]) + 1:
        return _undefined(model, lowest, highest, n, "fewer distinct values in the window than the fit needs")
    x = np.arange(lowest, highest + 1, dtype=np.float64)
    raw = np.array([statistic(x) for statistic in MODELS[model]])
    centre, spread = raw.mean(1, keepdims=True), raw.std(1, keepdims=True)
    basis = (raw - centre) / spread
    try:
        theta, log_p, hessian = _maximise(basis, basis @ weight / n, np.zeros(len(raw)))
        theta = theta / spread[:, 0]
        if theta.size == 2 and theta[1] > 0:
            return _on_the_boundary(model, fit(histogram, lowest, highest))
        covariance = np.linalg.inv(hessian * np.outer(spread, spread)) / n
    except np.linalg.LinAlgError:
        return _undefined(model, lowest, highest, n, SINGULAR)
    return Fit(model, lowest, highest, n, theta, covariance, float(weight @ log_p), log_p, "")


def _on_the_boundary(model: str, power_law: Fit) -> Fit:
    """Return the fit of a model with two parameters whose second is 0, from the fit of the power law."""
    covariance = np.full((2, 2), np.nan)
    covariance[0, 0] = power_law.covariance[0, 0]
    theta = np.array([power_law.theta[0], 0.0])
    return replace(power_law, model=model, theta=theta, covariance=covariance)


@dataclass(frozen=True)
class Comparison:
    """The log likelihood of the power law minus that of an alternative, and a p-value.

    A small p with a negative ratio rejects the power law.
    """

    alternative: str
    ratio: float
    p: float
    test: str


def compare(histogram: np.ndarray, lowest: int, highest: int) -> list[Comparison]:
    """Compare the power law with each other model on the same window.

    Nested alternatives (lognormal, and power law with cut-off, which become the power law where their second
    parameter is 0) are tested by the likelihood ratio, whose law at that boundary is half a chi-squared (Chernoff
    1954); the exponential is tested by Vuong 1989, Econometrica 57:307.
    """
    base = fit(histogram, lowest, highest)
    weight = np.asarray(histogram[lowest : base.highest + 1], np.float64)
    comparisons = []
    for name in list(MODELS)[1:]:
        other = fit(histogram, lowest, highest, name)
        if base.reason or other.reason:
            comparisons.append(Comparison(name, np.nan, np.nan, base.reason or other.reason))
            continue
        ratio = base.log_likelihood - other.log_likelihood
        if other.theta.size == 2:
            p = 1.0 if ratio >= 0 else 0.5 * float(special.chdtrc(1, -2 * ratio))
            comparisons.append(Comparison(name, ratio, p, "likelihood ratio, half chi-squared"))
        else:
            difference = base.log_probability - other.log_probability
            variance = weight @ difference**2 / base.n - (ratio / base.n) ** 2
            p = 2.0 * float(special.ndtr(-abs(ratio) / np.sqrt(base.n * variance)))
            comparisons.append(Comparison(name, ratio, p, "Vuong"))
    return comparisons


def size_against_duration(
    mean_size: np.ndarray, lowest: int, highest: int, error: np.ndarray | None = None
) -> Estimate:
    """Estimate gamma of <S>(D) ~ D^gamma by least squares of log <S> on log D over lowest <= D <= highest, with equal
    weights.

    mean_size : (duration,), NaN for durations that are not to be used. error : (duration,) its standard error, which
    is propagated to the slope; None for exact values, which have no interval. n of the estimate is the number of
    durations used.
    """
    duration = np.arange(lowest, min(highest, mean_size.size - 1) + 1)
    duration = duration[np.isfinite(mean_size[duration])]
    if duration.size < 2:
        return Estimate(np.nan, np.nan, np.nan, duration.size)
    x = np.log(duration) - np.log(duration).mean()
    value = float(x @ np.log(mean_size[duration]) / (x @ x))
    if error is None:
        return Estimate(value, np.nan, np.nan, duration.size)
    relative = error[duration] / mean_size[duration]
    return wald(value, float(np.sqrt((x**2) @ relative**2)) / float(x @ x), duration.size)


def dcc(tau: Estimate, alpha: Estimate, gamma: Estimate) -> Estimate:
    """Return the deviation from criticality coefficient: the distance of gamma from the value that tau and alpha
    predict.

    All three exponents come from the same avalanches, whose joint law is not stored. Their propagated errors are
    therefore added, which is an upper bound (Minkowski), so the interval covers the true value at least as often as
    it states. Source: Ma et al. 2019, Neuron 104:655.
    """
    value = abs(gamma.value - theory.crackling(tau.value, alpha.value))
    slope = 1.0 / (tau.value - 1.0)
    errors = [e.standard_error if e.standard_error is not None else np.nan for e in (gamma, alpha, tau)]
    error = errors[0] + abs(slope) * errors[1] + abs(alpha.value - 1.0) * slope**2 * errors[2]
    bound = wald(value, error, min(tau.n, alpha.n))
    return Estimate(value, float(np.maximum(0.0, bound.lo)), bound.hi, bound.n, error)


class Used(NamedTuple):
    """For each exponent, which avalanches it is fitted to: tau, alpha, gamma (avalanche,) bool."""

    tau: np.ndarray
    alpha: np.ndarray
    gamma: np.ndarray


def dcc_of_avalanches(
    sizes: np.ndarray, durations: np.ndarray, used: Used, fits: tuple[Estimate, Estimate, Estimate]
) -> Estimate:
    """Return the DCC of avalanches whose sizes and durations (avalanche,) are both known.

    fits : tau, alpha and gamma. With its sign the DCC is the quotient of gamma (tau - 1) - (alpha - 1) and tau - 1; its
    interval is Fieller's, with the covariance of both from the influence of each avalanche on them (delta method), so
    that the correlations of the three exponents are included. The interval of the modulus follows. Without one, NaN,
    where tau is not known to differ from 1.
    """
    tau, alpha, gamma = fits
    on_tau = _influence(sizes, used.tau, tau)
    on_product = (tau.value - 1.0) * _influence_on_slope(sizes, durations, used.gamma) + gamma.value * on_tau
    both = np.stack([on_product - _influence(durations, used.alpha, alpha), on_tau])
    signed = gamma.value - theory.crackling(tau.value, alpha.value)
    lo, hi = quotient_interval((signed * (tau.value - 1.0), tau.value - 1.0), both @ both.T)
    moved = (both[0] - signed * on_tau) / (tau.value - 1.0)
    nearest = 0.0 if lo <= 0 <= hi else min(abs(lo), abs(hi))
    n = min(int(one.sum()) for one in used)
    return Estimate(abs(signed), nearest, max(abs(lo), abs(hi)), n, float(np.sqrt(moved @ moved)))


def _influence(numbers: np.ndarray, used: np.ndarray, fit: Estimate) -> np.ndarray:
    """Return (avalanche,) the influence of each on an exponent fitted by maximum likelihood: -(ln x - mean) s.e.^2."""
    error = np.nan if fit.standard_error is None else fit.standard_error
    moved, logs = np.zeros(numbers.size), np.log(numbers[used])
    moved[used] = -(error**2) * (logs - logs.mean()) if logs.size else np.nan
    return moved


def _influence_on_slope(sizes: np.ndarray, durations: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return (avalanche,) the influence of each on the slope of `size_against_duration`."""
    moved, own = np.zeros(sizes.size), sizes[used].astype(float)
    kinds, number, n = np.unique(durations[used], return_inverse=True, return_counts=True)
    if kinds.size < 2:
        return np.full(sizes.size, np.nan)
    x = np.log(kinds) - np.log(kinds).mean()
    mean = np.bincount(number, own) / n
    moved[used] = (x / (x @ x) / n)[number] * (own / mean[number] - 1.0)
    return moved
