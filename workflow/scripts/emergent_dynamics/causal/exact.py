"""Closed forms, exact solutions and rates of causal and full attention, with which the tests compare the integrators.

Nothing here is computed from data; `theory` says which value is expected for which headline.
"""

import numpy as np
from scipy import integrate, optimize, special

RENYI_PARKING = 0.7475979202534114  # Rényi 1958: share of a line that random parking covers
MOST_ITERATIONS = 20_000  # largest number of iterations for the stationary density; each takes 20 us


def pair_lifetime(beta: float, start: float, end: float) -> float:
    """ODE time in which the angle of the second of two causal tokens to the first falls from `start` to `end` radian.

    Q = K = V = 1: angle' = -sin(angle) / (1 + e^{beta (1 - cos angle)}); the time is the integral of 1 / |angle'|.
    """

    def slowness(u: float) -> float:
        return float((1.0 + np.exp(beta * (1.0 - np.cos(u)))) / np.sin(u))

    return float(integrate.quad(slowness, end, start, epsabs=0.0, epsrel=1e-13, limit=200)[0])


def centre_lifetime(beta: float, c: float, slack: float, index: np.ndarray) -> np.ndarray:
    """Least ODE time for which a strong Rényi centre stays within slack c / sqrt(beta) of its start.

    It is slack e^{c^2 / 2 - c^4 / (24 beta)} / (1 + index) for the token number `index` (from 0), if that token is at
    least c (1 + 2 slack) / sqrt(beta) from every earlier token and c > 1. Causal, d = 2, Q = K = V = 1.
    Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990, lemma 5.1.
    """
    return slack * np.exp(c**2 / 2.0 - c**4 / (24.0 * beta)) / (1.0 + index)


def pair_map(beta: float, angle: float, step_size: float, steps: int) -> float:
    """Angle in radian of the second of two causal tokens to the first after `steps` steps of the map, from `angle`.

    The second token moves by dt times its mean (1 - a, a), a = 1 / (1 + e^{-beta (1 - cos)}) on itself.
    """
    for _ in range(steps):
        other = 1.0 / (1.0 + np.exp(beta * (1.0 - np.cos(angle))))
        along = 1.0 + step_size * (1.0 - other + other * np.cos(angle))
        angle -= float(np.arctan2(step_size * other * np.sin(angle), along))
    return angle


def equiangular_overlap(beta: float, tokens: int, time: float, normalisation: str = "post") -> float:
    """Inner product gamma of any two of n tokens at an ODE time. They start orthonormal; no mask, Q = K = V = 1.

    By symmetry gamma is the same for all pairs. With w = e^{b gamma} / (e^b + (n - 1) e^{b gamma}), b = beta, the
    output y of the attention has the radial part q = 1 - (n - 1) w (1 - gamma), and

        gamma' = 2 w (1 - gamma) ((n - 1) gamma + 1) / s,

    s = 1 (post), r with r' = q (pre), r |y| with r' = q / |y| (peri), |y| (ngpt); r(0) = 1. Post: Geshkovski et al.
    2023, arXiv:2312.10794, section 6; the others: Karagodin et al. 2025, arXiv:2510.22026.
    """
    residual, unit_output = normalisation in ("pre", "peri"), normalisation in ("peri", "ngpt")

    def rate(_: float, state: np.ndarray) -> list[float]:
        gamma, r = state
        ratio = np.exp(beta * (gamma - 1.0))
        w = ratio / (1.0 + (tokens - 1) * ratio)
        radial = 1.0 - (tokens - 1) * w * (1.0 - gamma)
        own, sum_along = 1.0 - tokens * w, 1.0 + (tokens - 1) * gamma  # y = own x + w (sum of all tokens)
        size = np.sqrt(own**2 + w * sum_along * (2.0 * own + w * tokens)) if unit_output else 1.0
        speed = (r if residual else 1.0) * size
        return [2.0 * w * (1.0 - gamma) * sum_along / speed, radial / size]

    solution = integrate.solve_ivp(rate, (0.0, time), [0.0, 1.0], method="DOP853", rtol=1e-13, atol=1e-16)
    return float(solution.y[0, -1])


def uniform_growth(beta: float, k: np.ndarray) -> np.ndarray:
    """Growth rate of the k-th harmonic in the density of nearly uniform tokens, unmasked, d = 2, per ODE time.

    lambda_k = k^2 I_k(beta) / (beta I_0(beta)): the mean-field limit, linearised. The fastest is the number
    of clusters of the first plateau; 3 at beta = 5 in figure 4 of Bruno, Pasqualotto & Agazzi 2025,
    arXiv:2410.23228.
    """
    return k**2 * special.ive(k, beta) / (beta * special.ive(0, beta))


def fastest_harmonic(beta: float) -> int:
    """The k with the largest `uniform_growth`, about sqrt(2 beta)."""
    k = np.arange(1, 10 + int(4.0 * np.sqrt(beta)))
    return int(k[np.argmax(uniform_growth(beta, k))])


# ---- Closed forms for uniform tokens ----


def strong_centres(delta: float, tokens: int, dimension: int) -> float:
    """Mean number of strong Rényi centres among uniform tokens: sum over k < n of (1 - p)^k.

    p is the share of the sphere within delta of a point: delta / pi in d = 2, sin^2(delta / 2) in d = 3.
    """
    share = cap_share(delta, dimension)
    if share in (0.0, 1.0):
        return 1.0 if share else float(tokens)
    return float(-np.expm1(tokens * np.log1p(-share)) / share)  # 1 - (1 - p)^n, exact for a small p


def renyi_centres(delta: float, tokens: int) -> float:
    """Mean number of Rényi centres among uniform tokens on the circle, by random parking on a line.

    L theta(t), L = 2 pi / delta, t = n / L, theta the coverage of the line after t attempts per length, with the first
    correction for a fixed number of attempts. Within a Monte Carlo error of 0.05 % for L >= 5; 0.4 % too high at 4.5.
    """
    length = 2.0 * np.pi / delta
    attempts = tokens / length
    growth = np.exp(-2.0 * _ein(attempts))
    return float(length * parking_coverage(attempts) + growth * -np.expm1(-attempts))


def cap_share(delta: float, dimension: int) -> float:
    """Share of the unit sphere in `dimension` coordinates within geodesic distance delta of a point."""
    if delta >= np.pi:
        return 1.0
    half = 0.5 * special.betainc((dimension - 1) / 2.0, 0.5, np.sin(delta) ** 2)
    return float(half if delta <= np.pi / 2 else 1.0 - half)


def uniform_energy(beta: float, tokens: int, dimension: int) -> float:
    """Mean of 1 / (2 beta n^2) sum_ij e^(beta (<x_i, x_j> - 1)) over n independent uniform tokens on the sphere.

    A pair contributes E e^(beta x_1) = Gamma(d/2) (2 / beta)^(d/2 - 1) I_(d/2 - 1)(beta), a token itself 1.
    """
    order = dimension / 2.0 - 1.0
    pair = special.gamma(order + 1.0) * (2.0 / beta) ** order * special.ive(order, beta)
    return float((1.0 + (tokens - 1) * pair) / (2.0 * beta * tokens))


def mean_resultant(tokens: int, dimension: int) -> float:
    """Mean length of the mean of many independent uniform tokens, to leading order in 1 / n; sqrt(pi / 4n) in d = 2.

    The mean token is normal with variance 1 / (n d) in each coordinate, so its length has the mean of a chi law.
    """
    ratio = special.gamma((dimension + 1.0) / 2.0) / special.gamma(dimension / 2.0)
    return float(np.sqrt(2.0 / (tokens * dimension)) * ratio)


def parking_coverage(attempts: float) -> float:
    """Share of the line covered by unit cars after `attempts` uniform attempts per length; 0.7476 at the end.

    theta(t) = int_0^t exp(-2 int_0^u (1 - e^-v) / v dv) du, Gonzalez, Hemmer & Hoye 1974, Chem. Phys. 3, 228.
    """
    if attempts > 20.0:  # Ein(u) is ln u + gamma to 1e-10, and the rest of the integral has a closed form
        return RENYI_PARKING - np.exp(-2.0 * np.euler_gamma) / attempts
    covered, _ = integrate.quad(lambda u: np.exp(-2.0 * _ein(u)), 0.0, attempts, epsabs=1e-12)
    return float(covered)


def _ein(u: float) -> float:
    """The entire exponential integral int_0^u (1 - e^-v) / v dv."""
    return float(special.exp1(u) + np.log(u) + np.euler_gamma) if u > 1e-8 else float(u)


# ---- Noise: infinitely many tokens, full attention, Q = K = V = 1, diffusion with the constant D on the sphere ----


def kernel_eigenvalue(beta: float, degree: np.ndarray | int, dimension: int) -> np.ndarray:
    """e^-beta times the eigenvalue of the kernel e^{beta <x, y>}, averaged over uniform y, for harmonics of `degree`.

    Gamma(d/2) (2 / beta)^{d/2 - 1} I_{degree + d/2 - 1}(beta), by the formula of Funk and Hecke.
    """
    order = dimension / 2.0 - 1.0
    return special.gamma(order + 1.0) * (2.0 / beta) ** order * special.ive(degree + order, beta)


def noise_threshold(beta: float, dimension: int, softmax: bool) -> float:
    """The diffusion constant D below which uniform tokens are unstable, radian^2 per ODE time.

    A harmonic of degree l grows at the rate l (l + d - 2) (k_l - D), where k_l is its eigenvalue divided by beta
    (unnormalised weights), or by beta times the eigenvalue of degree 0 (softmax); l = 1 has the largest k_l. Softmax:
    I_{d/2}(beta) / (beta I_{d/2-1}(beta)). Unnormalised: 1 / (2 K), K the threshold of Mun & Rosenzweig 2026,
    arXiv:2606.05140.
    """
    first = kernel_eigenvalue(beta, 1, dimension) / beta
    return float(first / kernel_eigenvalue(beta, 0, dimension) if softmax else first * np.exp(beta))


def tricritical_beta(dimension: int) -> float:
    """The beta up to which order sets in continuously at the threshold, beyond which it jumps; unnormalised weights.

    It solves I_{d/2+1}(beta) / I_{d/2}(beta) = 1 / d, where the coefficient d - (d - 1) / (1 - k_2 / k_1) of the fourth
    power of the order in the free energy at the threshold changes its sign. Mun & Rosenzweig 2026, arXiv:2606.05140.
    """

    def excess(beta: float) -> float:
        return float(special.ive(dimension / 2 + 1, beta) / special.ive(dimension / 2, beta) - 1 / dimension)

    return float(optimize.brentq(excess, 1e-3, 100.0, xtol=1e-13))


def noisy_resultant(beta: float, noise: float, dimension: int, softmax: bool) -> float:
    """Length of the mean token in the stationary state that is reached from an ordered start, with noise D > 0.

    The density rho, symmetric about an axis, solves rho ~ (k * rho)^{1 / (beta D)} (softmax) or rho ~
    exp(k * rho / (beta D)) (unnormalised), where k * rho is the mean of e^{beta <x, y>} over y. It is iterated from a
    narrow cap; the number of iterations grows near a continuous threshold.
    """
    degree = np.arange(int(20 + 8 * np.sqrt(beta)))
    nodes, weights, harmonics = _zonal(degree, dimension)
    smooth = kernel_eigenvalue(beta, degree, dimension) / (harmonics**2 @ weights)
    rho = np.exp(50.0 * (nodes - 1.0))
    rho /= rho @ weights
    for _ in range(MOST_ITERATIONS):
        seen = np.maximum((smooth * (harmonics @ (weights * rho))) @ harmonics, 1e-300)
        pull = np.log(seen) if softmax else seen * np.exp(beta)
        new = np.exp((pull - pull.max()) / (beta * noise))
        new /= new @ weights
        change = np.abs(new - rho) @ weights
        rho = new
        if change < 1e-12:
            break
    return float(rho @ (weights * nodes))


def _zonal(degree: np.ndarray, dimension: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gauss nodes in the cosine to an axis, their weights for the uniform law, zonal harmonics (degree, node)."""
    count, order = 4 * len(degree), dimension / 2.0 - 1.0
    if dimension == 2:
        nodes, weights = special.roots_chebyt(count)
        harmonics = np.cos(degree[:, None] * np.arccos(nodes))
    else:
        nodes, weights = special.roots_gegenbauer(count, order)
        top = special.eval_gegenbauer(degree, order, 1.0)
        harmonics = special.eval_gegenbauer(degree[:, None], order, nodes) / top[:, None]
    return nodes, weights / weights.sum(), harmonics
