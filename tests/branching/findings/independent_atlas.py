"""The atlas of branching networks by another path: powers of transition matrices of SciPy's binomial laws."""

from functools import cache

import numpy as np
from scipy import optimize, stats

EXPERIMENT = {"sigma": [0.7, 1, 1.3], "sizes": [{"neurons": 20, "layers": 35, "runs": 4000}]}
# members of the sweep at full size (config/atlas.yaml) that tests/atlas/test_full_size.py computes again
MEMBERS = {"sigma": [0.5, 1], "rule": ["linear"]}


@cache
def matrix(sigma, neurons, spontaneous=0.0):
    """P(k' | k) of the linear rule: each neuron fires with min(1, sigma k / N); silent ones may fire first."""
    k = np.arange(neurons + 1)
    if spontaneous:  # what is active first grows by spontaneous activity, then drives the next layer
        grown = np.array([stats.binom.pmf(k - own, neurons - own, spontaneous) for own in k])
        return grown @ matrix(sigma, neurons)
    fires = np.minimum(1.0, sigma * k / neurons)
    return stats.binom.pmf(k[None, :], neurons, fires[:, None])


def reach(sigma, neurons, layers):
    return 1 - np.linalg.matrix_power(matrix(sigma, neurons), layers - 1)[1, 0]


def critical(path, tables, parameters):
    """Where L P(reach) of 70 layers of 40 and 140 layers of 80 neurons are equal, by bisection."""
    return optimize.bisect(lambda s: 140 * reach(s, 80, 140) - 70 * reach(s, 40, 70), 0.95, 1.05, xtol=1e-11)


def onset():
    return np.log((np.linalg.matrix_power(matrix(1.3, 20), 5) @ np.arange(21.0))[1]) / 5


def growth(sigma):
    """ln of the mean difference that one neuron more in layer 17 makes five layers on, over 5."""
    driven = matrix(sigma, 20, 0.005)
    law = np.linalg.matrix_power(driven, 17)[0][:-1]
    mean = np.linalg.matrix_power(driven, 5) @ np.arange(21.0)
    return np.log(law @ np.diff(mean) / law.sum()) / 5


DRAWN = (
    "binomial numbers of a whole layer of runs at once: only the same calls give them again; "
    "test_what_is_simulated_agrees_with_the_exact_laws compares them with exact laws"
)
RECOMPUTED = {"critical_sigma": critical}
REASONS = {"reach_above": DRAWN, "onset_above": DRAWN, "growth_at_peak": DRAWN}
EXPECTED = {
    "critical_sigma": 1.0,
    "reach_above": reach(1.3, 20, 35),
    "onset_above": onset(),
    "growth_at_peak": max(growth(sigma) for sigma in (0.7, 1, 1.3)),
}
