"""Compiled kernels of trees and driven processes: one Poisson or binomial number per generation, from addressed
uniform numbers.

An address is (low, high, run, k0, k1): the halves of the number of the avalanche or step, the run, and the key of the
stream.
"""

import math

import numpy as np

from emergent_dynamics.runtime.compiler import numba
from emergent_dynamics.streams import philox4x32, uniform53

INVERSION_BELOW = 10.0  # mean from which on transformed rejection is valid (Hormann)


@numba.njit(cache=True)
def _uniform(address, used):
    """Return the `used`-th float64 in [0, 1) of an address: two words of the counter (used // 2, avalanche, run)."""
    low, high, run, k0, k1 = address
    w0, w1, w2, w3 = philox4x32(np.uint32(used // 2), low, high, run, k0, k1)
    return uniform53(w0, w1) if used % 2 == 0 else uniform53(w2, w3)


@numba.njit(cache=True)
def _proposed(a, b, mean, shift, address, used):
    """Return a candidate of Hormann's transformed rejection, its 1/2 - |u|, the uniform number that decides about it,
    and the number of uniform numbers used.
    """
    while True:
        u = _uniform(address, used) - 0.5
        v = _uniform(address, used + 1)
        used += 2
        us = 0.5 - abs(u)
        if us > 0.0:
            return math.floor((2.0 * a / us + b) * u + mean + shift), us, v, used


@numba.njit(cache=True)
def poisson(mean, address, used):
    """Return a Poisson number and the number of uniform numbers used so far.

    Below a mean of 10 by inversion, else by Hormann 1993, Insurance: Mathematics and Economics 12:39, algorithm PTRS;
    both are exact.
    """
    # Floor: one uniform, 5 ns. Measured: 25 ns by inversion at mean 1, 45 ns by rejection. A table could halve this for
    # small means only. A critical avalanche of at most D generations needs about 2 ln D Poisson numbers.
    if mean < INVERSION_BELOW:
        left = _uniform(address, used)
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
        number, us, v, used = _proposed(a, b, mean, 0.43, address, used)
        if us >= 0.07 and v <= v_r:
            return int(number), used
        if number < 0 or (us < 0.013 and v > us):
            continue
        bound = number * math.log(mean) - mean - math.lgamma(number + 1.0)
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= bound:
            return int(number), used


@numba.njit(cache=True)
def binomial(n, p, address, used):
    """Return one draw from the binomial distribution of n and p <= 1/2, and the number of uniform numbers used so
    far.

    Below a mean of 10 by inversion, else by Hormann 1993, J Stat Comput Simul 46:101, algorithm BTRS; both are exact.
    """
    q = 1.0 - p
    if n * p < INVERSION_BELOW:
        left = _uniform(address, used)
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
        number, us, v, used = _proposed(a, b, n * p, 0.5, address, used)
        if us >= 0.07 and v <= v_r:
            return int(number), used
        if number < 0 or number > n:
            continue
        bound = height - math.lgamma(number + 1.0) - math.lgamma(n - number + 1.0) + (number - mode) * odds
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return int(number), used


@numba.njit(cache=True)
def grow(sigma, neurons, first, stream, limits, ensemble):
    """Fill the arrays (avalanche,) of `ensemble` = (size, duration, extinct); limits = (largest size, longest
    duration).

    The number of individuals in the next generation is Poisson(sigma k) or, with neurons > 0, Bin(neurons k, sigma /
    neurons), so one number is drawn per generation.
    """
    largest, longest = limits
    size, duration, extinct = ensemble
    run, k0, k1 = stream
    for i in range(size.size):
        avalanche = np.uint64(first + i)
        low, high = np.uint32(avalanche & np.uint64(0xFFFFFFFF)), np.uint32(avalanche >> np.uint64(32))
        address = (low, high, run, k0, k1)
        active, total, generation, used = 1, 0, 0, 0
        while active > 0 and total < largest and generation < longest:
            total += active
            generation += 1
            if neurons == 0:
                active, used = poisson(sigma * active, address, used)
            else:
                active, used = binomial(active * neurons, sigma / neurons, address, used)
        size[i], duration[i], extinct[i] = total, generation, active == 0


@numba.njit(cache=True)
def driven(m, drive, stream, first, activity):
    """Fill activity (step,) int64 after activity[0], which is given; step t has the address of avalanche `first` +
    t.
    """
    run, k0, k1 = stream
    for t in range(1, activity.size):
        step = np.uint64(first + t)
        low, high = np.uint32(step & np.uint64(0xFFFFFFFF)), np.uint32(step >> np.uint64(32))
        activity[t], _ = poisson(m * activity[t - 1] + drive, (low, high, run, k0, k1), 0)
