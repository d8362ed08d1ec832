"""Exact solutions and rates of causal and full attention, to which the tests hold the integrators.

Nothing here is computed from data; `theory` says which of them is expected of which headline.
"""

import numpy as np
from scipy import integrate, special


def pair_lifetime(beta: float, start: float, end: float) -> float:
    """ODE time in which the second of two causal tokens closes its angle to the first, `start` to `end` radian.

    Q = K = V = 1: angle' = -sin(angle) / (1 + e^{beta (1 - cos angle)}); the time is the integral of 1 / |angle'|.
    """

    def slowness(u: float) -> float:
        return float((1.0 + np.exp(beta * (1.0 - np.cos(u)))) / np.sin(u))

    return float(integrate.quad(slowness, end, start, epsabs=0.0, epsrel=1e-13, limit=200)[0])


def centre_lifetime(beta: float, c: float, slack: float, index: np.ndarray) -> np.ndarray:
    """ODE time for which a strong Rényi centre stays within slack c / sqrt(beta) of its start, at least.

    The centre at place `index` (0 is the first token) lies c (1 + 2 slack) / sqrt(beta) from every earlier token,
    c > 1: slack e^{c^2 / 2 - c^4 / (24 beta)} over its place counted from 1. Causal, d = 2, Q = K = V = 1.
    Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990, lemma 5.1.
    """
    return slack * np.exp(c**2 / 2.0 - c**4 / (24.0 * beta)) / (1.0 + index)


def pair_map(beta: float, angle: float, step_size: float, steps: int) -> float:
    """The same pair under the map: the angle after `steps` steps.

    The second token moves by dt times its mean (1 - a, a), a = 1 / (1 + e^{-beta (1 - cos)}) on itself.
    """
    for _ in range(steps):
        other = 1.0 / (1.0 + np.exp(beta * (1.0 - np.cos(angle))))
        along = 1.0 + step_size * (1.0 - other + other * np.cos(angle))
        angle -= float(np.arctan2(step_size * other * np.sin(angle), along))
    return angle


def orthonormal_overlap(beta: float, tokens: int, time: float) -> float:
    """Inner product of two tokens at a time, for n tokens that start orthonormal, without a mask, with Q = K = V = 1.

    gamma' = 2 e^{b gamma} (1 - gamma) ((n - 1) gamma + 1) / (e^b + (n - 1) e^{b gamma}), b = beta, gamma(0) = 0.
    Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, section 6.
    """

    def rate(_: float, gamma: np.ndarray) -> np.ndarray:
        weight = np.exp(beta * (gamma - 1.0))
        return 2.0 * weight * (1.0 - gamma) * ((tokens - 1) * gamma + 1.0) / (1.0 + (tokens - 1) * weight)

    found = integrate.solve_ivp(rate, (0.0, time), [0.0], method="DOP853", rtol=1e-13, atol=1e-16)
    return float(found.y[0, -1])


def uniform_growth(beta: float, k: np.ndarray) -> np.ndarray:
    """Growth rate of the k-th harmonic of the tokens' density around uniform, unmasked, d = 2, per ODE time.

    lambda_k = k^2 I_k(beta) / (beta I_0(beta)): the mean-field limit, linearised. The fastest is the number
    of clusters of the first plateau; 3 at beta = 5 in figure 4 of Bruno, Pasqualotto & Agazzi 2025,
    arXiv:2410.23228.
    """
    return k**2 * special.ive(k, beta) / (beta * special.ive(0, beta))


def fastest_harmonic(beta: float) -> int:
    """The k of the largest `uniform_growth`, about sqrt(2 beta)."""
    k = np.arange(1, 10 + int(4.0 * np.sqrt(beta)))
    return int(k[np.argmax(uniform_growth(beta, k))])
