"""Galton-Watson avalanches with Poisson or binomial offspring: the mean-field reference, where exponents
3/2, 2 and 2 are exact.

Sizes in individuals (root included), durations in generations. Harris 1963, "The theory of branching
processes".
"""

import math
from dataclasses import dataclass

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32, uniform53

INVERSION_BELOW = 10.0  # Hormann's own limit of validity for transformed rejection


@dataclass(frozen=True)
class Ensemble:
    """size (avalanche,) int64, duration (avalanche,) int64, extinct (avalanche,) bool: False where a limit
    ended it.
    """

    size: np.ndarray
    duration: np.ndarray
    extinct: np.ndarray


@numba.njit(cache=True)
def _uniform(low, high, run, k0, k1, used):
    """The `used`-th float64 in [0, 1) of an individual avalanche: two words of its counter (used // 2,
    avalanche, run).
    """
    w0, w1, w2, w3 = philox4x32(np.uint32(used // 2), low, high, run, k0, k1)
    return uniform53(w0, w1) if used % 2 == 0 else uniform53(w2, w3)


@numba.njit(cache=True)
def _proposed(a, b, mean, shift, low, high, run, k0, k1, used):
    """A candidate of Hormann's transformed rejection, its 1/2 - |u|, the uniform that judges it, uniforms used."""
    while True:
        u = _uniform(low, high, run, k0, k1, used) - 0.5
        v = _uniform(low, high, run, k0, k1, used + 1)
        used += 2
        us = 0.5 - abs(u)
        if us > 0.0:
            return math.floor((2.0 * a / us + b) * u + mean + shift), us, v, used


@numba.njit(cache=True)
def _poisson(mean, low, high, run, k0, k1, used):
    """A Poisson number and the count of uniforms used so far.

    Below 10 by inversion, else Hormann 1993, Insurance: Mathematics and Economics 12:39, algorithm PTRS; both
    exact.
    """
    # Floor one uniform, 5 ns; measured 25 ns by inversion at mean 1 and 45 ns by rejection (a critical
    # avalanche needs about 2 ln D of them), which a table could halve for small means only.
    if mean < INVERSION_BELOW:
        left = _uniform(low, high, run, k0, k1, used)
        number, probability = 0, math.exp(-mean)
        while left >= probability and probability > 0.0:
            left -= probability
            number += 1
            probability *= mean / number
        return number, used + 1
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        number, us, v, used = _proposed(a, b, mean, 0.43, low, high, run, k0, k1, used)
        if us >= 0.07 and v <= v_r:
            return int(number), used
        if number < 0 or (us < 0.013 and v > us):
            continue
        bound = number * math.log(mean) - mean - math.lgamma(number + 1.0)
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= bound:
            return int(number), used


@numba.njit(cache=True)
def _binomial(n, p, low, high, run, k0, k1, used):
    """Bin(n, p), p <= 1/2, and the count of uniforms used so far.

    Below a mean of 10 by inversion, else Hormann 1993, J Stat Comput Simul 46:101, algorithm BTRS; both exact.
    """
    q = 1.0 - p
    if n * p < INVERSION_BELOW:
        left = _uniform(low, high, run, k0, k1, used)
        number, probability = 0, math.exp(n * math.log1p(-p))
        while left >= probability and number < n:
            left -= probability
            probability *= (n - number) * p / ((number + 1) * q)
            number += 1
        return number, used + 1
    spread = math.sqrt(n * p * q)
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    v_r, alpha = 0.92 - 4.2 / b, (2.83 + 5.1 / b) * spread
    mode, odds = math.floor((n + 1) * p), math.log(p / q)
    height = math.lgamma(mode + 1.0) + math.lgamma(n - mode + 1.0)
    while True:
        number, us, v, used = _proposed(a, b, n * p, 0.5, low, high, run, k0, k1, used)
        if us >= 0.07 and v <= v_r:
            return int(number), used
        if number < 0 or number > n:
            continue
        bound = height - math.lgamma(number + 1.0) - math.lgamma(n - number + 1.0) + (number - mode) * odds
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return int(number), used


@numba.njit(cache=True)
def _run(sigma, neurons, first, run, k0, k1, largest, longest, size, duration, extinct):
    """Fill size, duration, extinct (avalanche,): generation sums are Poisson(sigma k) or, with neurons > 0,
    Bin(neurons k, sigma / neurons), so a generation is one draw.
    """
    for i in range(size.size):
        avalanche = np.uint64(first + i)
        low, high = np.uint32(avalanche & np.uint64(0xFFFFFFFF)), np.uint32(avalanche >> np.uint64(32))
        active, total, generation, used = 1, 0, 0, 0
        while active > 0 and total < largest and generation < longest:
            total += active
            generation += 1
            if neurons == 0:
                active, used = _poisson(sigma * active, low, high, run, k0, k1, used)
            else:
                active, used = _binomial(active * neurons, sigma / neurons, low, high, run, k0, k1, used)
        size[i], duration[i], extinct[i] = total, generation, active == 0


def simulate(
    sigma: float,
    n: int,
    seed: int,
    largest: int,
    longest: int,
    neurons: int = 0,
) -> Ensemble:
    """n avalanches from one root; one that reaches `largest` individuals or `longest` generations stops as
    not extinct.

    Offspring are Poisson(sigma), or Bin(neurons, sigma / neurons), sigma <= neurons / 2, as in a layered network
    where no two active neurons share a target. Below the limits sizes have the law `theory.borel`, or
    `theory.otter_dwass`; avalanche i never depends on n.
    """
    k0, k1 = streams.key(seed, "branching.galton_watson")
    size, duration, extinct = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.bool_)
    _run(sigma, neurons, 0, np.uint32(0), k0, k1, largest, longest, size, duration, extinct)
    return Ensemble(size, duration, extinct)


@numba.njit(cache=True)
def _driven(m, drive, run, k0, k1, first, activity):
    """activity (step,) int64 from activity[0] on, which is given; step t is avalanche number t of the
    stream.
    """
    for t in range(1, activity.size):
        step = np.uint64(first + t)
        low, high = np.uint32(step & np.uint64(0xFFFFFFFF)), np.uint32(step >> np.uint64(32))
        activity[t], _ = _poisson(m * activity[t - 1] + drive, low, high, run, k0, k1, 0)


def driven(m: float, drive: float, steps: int, seed: int, run: int = 0) -> np.ndarray:
    """(steps,) int64: A_{t+1} ~ Poisson(m A_t + h), from the stationary mean; moments in
    `theory.driven_process`.
    """
    activity = np.empty(steps, np.int64)
    activity[0] = round(drive / (1.0 - m))
    _driven(m, drive, np.uint32(run), *streams.key(seed, "branching.driven"), 0, activity)
    return activity


def subsample(activity: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """(step,) int64: each active unit is seen with probability `fraction`; a NumPy Philox generator keyed by
    the stream.
    """
    word = [int(k) for k in streams.key(seed, "branching.subsample")]
    return np.random.Generator(np.random.Philox(key=word[0] | word[1] << 32)).binomial(activity, fraction)
