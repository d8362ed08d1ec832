"""Closed forms and published numbers for branching processes, and what is expected of a finding's headlines."""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, xlogy

from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.findings import Expectation

# Mean-field (Galton-Watson, finite offspring variance) exponents of P(S) ~ S^-tau, P(D) ~ D^-alpha, <S>(D) ~
# D^gamma.
MEAN_FIELD = {"tau": 1.5, "alpha": 2.0, "gamma": 2.0}
MEAN_FIELD_SOURCE = (
    "Harris 1963 (Otter 1949); Beggs & Plenz 2003, J Neurosci 23:11167; Sethna et al. 2001, Nature 410:242"
)

# Mean-field exponents of the number of nodes, for a network with an absorbing state: of the cut-off of sizes, and of
# the peak of Var(k) / E[k] (branching.finite_size).
FINITE_SIZE = {"cutoff": 1.0, "peak": 0.5}

# Share of samples of a fitted power law below which the law is ruled out (Clauset, Shalizi & Newman 2009, section 4.2).
IMPLAUSIBLE = 0.1


def crackling(tau: float, alpha: float) -> float:
    """gamma = (alpha - 1) / (tau - 1), the scaling relation of crackling noise. Sethna et al. 2001, Nature
    410:242.
    """
    return (alpha - 1.0) / (tau - 1.0)


def borel(size: np.ndarray, sigma: float) -> np.ndarray:
    """P(S = s) = exp(-sigma s) (sigma s)^(s-1) / s!, s >= 1: total progeny, Poisson offspring. Borel 1942.

    Sums to the probability of extinction (1 for sigma <= 1).
    """
    s = np.asarray(size, np.float64)
    return np.exp(-sigma * s + xlogy(s - 1, sigma * s) - gammaln(s + 1))


def otter_dwass(size: np.ndarray, sigma: float, neurons: int) -> np.ndarray:
    """P(S = s) = P(Bin(s N, sigma / N) = s - 1) / s: total progeny, binomial offspring. Dwass 1969, J Appl
    Prob 6:682.
    """
    s = np.asarray(size, np.float64)
    trials, p = s * neurons, sigma / neurons
    log_choose = gammaln(trials + 1) - gammaln(s) - gammaln(trials - s + 2)
    return np.exp(log_choose + (s - 1) * np.log(p) + (trials - s + 1) * np.log1p(-p)) / s


def size_moments(sigma: float, neurons: float = np.inf) -> tuple[float, float]:
    """Mean 1 / (1 - sigma) and variance sigma (1 - sigma / N) / (1 - sigma)^3 of the size; infinite from
    sigma = 1 on.
    """
    if sigma >= 1:
        return np.inf, np.inf
    return 1.0 / (1.0 - sigma), sigma * (1.0 - sigma / neurons) / (1.0 - sigma) ** 3


def size_cutoff(sigma: float) -> float:
    """s_c = 1 / (sigma - 1 - ln sigma): the Borel law is s^-3/2 exp(-s / s_c) / (sigma sqrt(2 pi)) for large
    s.
    """
    return np.inf if sigma == 1 else 1.0 / (sigma - 1.0 - np.log(sigma))


def extinction(sigma: float, neurons: float = np.inf) -> float:
    """Smallest root of q = f(q), f = exp(sigma (q - 1)) or (1 + sigma (q - 1) / N)^N. Harris 1963, theorem
    I.6.1.
    """
    if sigma <= 1:
        return 1.0
    gap = (
        (lambda q: np.exp(sigma * (q - 1)) - q)
        if np.isinf(neurons)
        else (lambda q: (1 + sigma * (q - 1) / neurons) ** neurons - q)
    )
    return float(brentq(gap, 0.0, 1.0 - 1e-9, xtol=1e-15))


def survival(generations: int, sigma: float, neurons: float = np.inf) -> np.ndarray:
    """(generation + 1,) P(alive in generation t), t = 0...: 1 - q_t with q_{t+1} = exp(sigma (q_t - 1)),
    Poisson offspring, or (1 + sigma (q_t - 1) / N)^N, binomial.

    At sigma = 1, t P(alive) tends to 2 (Kolmogorov 1938).
    """
    alive = np.ones(generations + 1)
    for t in range(generations):
        log = -sigma * alive[t] if np.isinf(neurons) else neurons * np.log1p(-sigma * alive[t] / neurons)
        alive[t + 1] = -np.expm1(log)
    return alive


def size_given_duration(longest: int, sigma: float, neurons: float = np.inf) -> np.ndarray:
    """(longest + 1,) E[S | D = d], Poisson or binomial offspring; NaN at d = 0.

    q_d = P(D <= d) = f(q_{d-1}) and G_d = E[S; D <= d] = q_d + f'(q_{d-1}) G_{d-1}, differenced, f the offspring's
    generating function: the derivative at 1 of that of size and duration. Harris 1963, section I.13.
    """
    total = np.zeros(longest + 1)
    alive = survival(longest, sigma, neurons)
    died = 1.0 - alive
    for d in range(1, longest + 1):
        slope = (
            sigma * died[d] / (1.0 - sigma * alive[d - 1] / neurons)
        )  # f' = sigma f / (1 + sigma (q - 1) / N)
        total[d] = died[d] + slope * total[d - 1]
    return np.concatenate([[np.nan], np.diff(total) / np.diff(died)])


def wright_fisher_moments(start: int, neurons: int, layers: int) -> tuple[float, float, float]:
    """E[k], Var[k] and E[k (N - k)] in the last of `layers` layers, linear rule, sigma = 1, from `start`
    neurons.

    E[k] = k0, Var = k0 (N - k0) (1 - (1 - 1/N)^l), E[k (N - k)] = k0 (N - k0) (1 - 1/N)^l, l = layers - 1.
    Source: neutral Wright-Fisher model, Ewens 2004, section 3.2.
    """
    kept = (1.0 - 1.0 / neurons) ** (layers - 1)
    spread = start * (neurons - start)
    return float(start), spread * (1.0 - kept), spread * kept


def wright_fisher_absorption(start: int, neurons: int) -> float:
    """-2 N [x ln x + (1 - x) ln(1 - x)] layers, x = start / N: diffusion limit, about 5 % too long at N = 20.
    Ewens 2004.
    """
    x = start / neurons
    return float(-2.0 * neurons * (xlogy(x, x) + xlogy(1 - x, 1 - x)))


def driven_layer_mean(layers: int, neurons: int, sigma: float, spontaneous: float) -> np.ndarray:
    """(layer,) mu_{l+1} = sigma (mu_l (1 - p) + N p), mu_0 = 0: linear rule, sigma <= 1 (no saturation).

    At sigma = 1 this is N (1 - (1 - p)^l).
    """
    mean = np.zeros(layers)
    for layer in range(1, layers):
        mean[layer] = sigma * (mean[layer - 1] * (1.0 - spontaneous) + neurons * spontaneous)
    return mean


def critical_dynamic_range(layers: int) -> float:
    """10 log10[(1 - 0.1^(1/l)) / (1 - 0.9^(1/l))] dB, l = layers - 1: linear rule at sigma = 1, from
    `driven_layer_mean`.
    """
    links = layers - 1
    return float(10.0 * np.log10((1.0 - 0.1 ** (1.0 / links)) / (1.0 - 0.9 ** (1.0 / links))))


def driven_process(m: float, drive: float) -> tuple[float, float, float]:
    """Mean h / (1 - m), variance mean / (1 - m^2) and time -1 / ln m (steps) of A' ~ Poisson(m A + h); r_k =
    m^k.

    Source: Wilting & Priesemann 2018, Nat Commun 9:2325.
    """
    mean = drive / (1.0 - m)
    return mean, mean / (1.0 - m * m), -1.0 / np.log(m)


def parabola(x: np.ndarray) -> np.ndarray:
    """Return 6 x (1 - x), the mean-field avalanche shape with unit area. Papanikolaou et al. 2011, Nat Phys 7:316."""
    return 6.0 * x * (1.0 - x)


# Expectations of headlines: the source of each value, the scale against which a difference is measured, and
# the conditions under which a value is expected. Findings compute the values that need the matrices of the
# network.

THIS_NETWORK = "linear algebra on the transition matrices of this very network (branching.exact)"
SAME_WINDOW = "the same estimator on the exact law of this network, in the same window"
SAME_WINDOW_OF_TREES = (
    "the same estimator on the exact law: Borel 1942, Dwass 1969; generating functions, Harris 1963"
)
SUBSAMPLED = "r_k = m^k times a constant under subsampling: Wilting & Priesemann 2018, Nat Commun 9:2325"
INTERPOLATION = 1e-3  # dB
NEAR_CRITICAL = 0.05  # farther from sigma = 1 no power law is expected, so no exponent is compared
RARE = 0.01  # least scale of a difference of probabilities, otherwise judged against the probability
CRITICAL_DCC = (
    0.8  # a quarter is the DCC of 0.2 below which Ma et al. 2019, Neuron 104:655, call a network critical
)


def near_critical(sigma: float) -> bool:
    """Return whether sigma is so close to 1 that power-law exponents are expected at all."""
    return abs(sigma - 1.0) < NEAR_CRITICAL


def expected_mean(value: float) -> Expectation | None:
    """Return the expectation of a mean or variance of this network, computed by linear algebra; None for NaN."""
    return _exact(value, THIS_NETWORK, abs(value) or 1.0)


def expected_probability(value: float, source: str = THIS_NETWORK) -> Expectation | None:
    """Return a probability by linear algebra or by a product; None where it was not computed."""
    return _exact(value, source, max(abs(value), RARE))


def expected_exponent(value: float) -> Expectation | None:
    """Return the exponent that the exact law of this network has in a finite window, not its mean-field limit."""
    return _exact(value, SAME_WINDOW, abs(value) or 1.0)


def expected_dcc(value: float) -> Expectation | None:
    """Return the distance of the two values of gamma that the exact law of this network has."""
    return _exact(value, SAME_WINDOW, CRITICAL_DCC)


def expected_tree_exponent(value: float) -> Expectation | None:
    """Return the exponent that the exact law of critical trees has in a finite window."""
    return _exact(value, SAME_WINDOW_OF_TREES, abs(value) or 1.0)


def expected_information(value: float, peak: float) -> Expectation | None:
    """Return the information of this network in bits; differences are judged against `peak`, the largest over all
    sigmas.
    """
    return _exact(value, THIS_NETWORK, peak or 1.0)


def expected_multistep(m: float) -> Expectation:
    """Return the branching ratio of the driven process, which the multistep estimator gives for any share of the
    units.
    """
    return Expectation(m, SUBSAMPLED, "exact")


def expected_critical_range(p: Parameters) -> Expectation | None:
    """Return `critical_dynamic_range`; None unless the rule is linear, all layers are equally wide, and sigma = 1 is
    in the sweep.
    """
    if p.rule != "linear" or 1.0 not in p.sigma or len(set(p.widths)) > 1:
        return None
    return Expectation(
        critical_dynamic_range(p.layers),
        "N (1 - (1 - p)^l) inverted: Wright-Fisher chain with mutation (theory.critical_dynamic_range)",
        "exact",
        tolerance=INTERPOLATION,
        reason="the response is interpolated between 57 drives per decade, which costs up to 1e-4 dB",
    )


def expected_childless(value: float) -> Expectation | None:
    """Return the probability that a random root of the graph has no offspring."""
    return expected_probability(
        value, "mean over the nodes of prod (1 - p) over their synapses, 1 for inhibitory ones"
    )


def _exact(value: float, source: str, scale: float) -> Expectation | None:
    if not math.isfinite(value):
        return None
    return Expectation(value, source, "exact", scale=scale)
