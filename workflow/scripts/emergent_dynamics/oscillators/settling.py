"""How long the order of all-to-all Lorentzian units of half width 1 takes to settle from equal phases.

It is the time in which the excess of r over its limit falls to 1 / e of its first value. The excess begins large, so
the time stays finite at the critical coupling, where the inverse of the rate at which a little order grows does not.
"""

import numpy as np

from emergent_dynamics.atlas import estimators
from emergent_dynamics.oscillators.kernels import mean_field
from emergent_dynamics.statistics import Estimate

CRITICAL = 2.0  # critical coupling of the flow
LONGER = 1.6  # length of a run, in units of the time that theory gives


def limit(coupling: float) -> float:
    """r of infinitely many units in the end: 0 up to `CRITICAL`, then sqrt(1 - 2 / K) (Kuramoto 1975)."""
    return float(np.sqrt(max(0.0, 1 - CRITICAL / coupling)))


def expected(coupling: float) -> float:
    """The time to settle of infinitely many units under the flow dr/dt = -r + (K / 2) r (1 - r^2) (Ott & Antonsen
    2008).

    >>> round(expected(1.0), 3), round(expected(3.0), 3)
    (1.434, 0.564)
    """
    end = limit(coupling)
    square = (end + (1 - end) / np.e) ** 2
    growth = coupling - CRITICAL
    if growth == 0:  # r = (1 + 2 t)^(-1/2)
        return float((1 / square - 1) / 2)
    level = growth / coupling
    return float(-np.log((level / square - 1) / (level - 1)) / growth)


def measured(rates: np.ndarray, coupling: float, step_size: float, seed: int) -> tuple[Estimate, str]:
    """The time to settle under Euler's step, with its interval by the bootstrap over samples, and why it is undefined
    or "".

    rates : (sample, unit) frequencies. For couplings up to `CRITICAL` the mean over samples is taken before the
    modulus, since the modulus of one sample does not fall below n^-1/2.
    """
    steps = int(np.ceil(LONGER * expected(coupling) / step_size))
    means = np.stack([mean_field.relax(step_size * own, step_size * coupling, steps) for own in rates])
    orders = means if coupling <= CRITICAL else np.abs(means)
    drawn = estimators.resamples(len(means), seed, "oscillators.atlas.settling")
    often = (drawn[..., None] == np.arange(len(means))).sum(1)  # (resample, sample)
    value = float(step_size * _time(np.abs(orders.mean(0)), coupling))
    resampled = step_size * _time(np.abs(np.einsum("bn,ns->bs", often, orders)) / len(means), coupling)
    return estimators.percentile_interval(value, resampled, len(means))


def _time(order: np.ndarray, coupling: float) -> np.ndarray:
    """Steps until the excess of an order (..., step) is 1 / e, interpolated linearly; NaN where it stays larger."""
    end = limit(coupling)
    excess = (order - end) / (1 - end) - 1 / np.e
    return estimators.crossing(np.arange(order.shape[-1]), -excess)
