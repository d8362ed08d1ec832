"""Response of the last layer to spontaneous activity, and the dynamic range of any response curve.

The dynamic range in dB is 10 log10(h_0.9 / h_0.1), where h_x is the drive at which the response is F_0 + x (F_max -
F_0) (Kinouchi & Copelli 2006, Nat Phys 2:348). In the layered network the drive is the spontaneous rate of every
neuron, and the response is E[k] in the last layer.
"""

import itertools

import numpy as np
from scipy.interpolate import PchipInterpolator

from emergent_dynamics.branching import exact

DRIVES = np.geomspace(
    1e-7, 1.0, 400
)  # probability per neuron and step; 57 per decade, so that cubic interpolation errs by 1e-4 dB
MATRICES = 8_000_000  # largest number of matrix elements in memory: 64 MB


def curve(sigma: float, widths: tuple[int, ...], rule: str, drives: np.ndarray = DRIVES) -> np.ndarray:
    """Return (drive,) the exact expected number of active neurons E[k] in the last layer, for each drive."""
    pieces = -(-drives.size * max(widths) ** 2 // MATRICES)
    return np.concatenate([_curve(sigma, widths, rule, some) for some in np.array_split(drives, pieces)])


def _curve(sigma: float, widths: tuple[int, ...], rule: str, drives: np.ndarray) -> np.ndarray:
    spikes = {n: exact.spontaneous_matrix(n, drives) for n in set(widths[:-1])}
    moved = {pair: exact.link(sigma, *pair, rule) for pair in set(itertools.pairwise(widths))}
    law = np.zeros((drives.size, 1, widths[0] + 1))
    law[:, 0, 0] = 1.0
    for pair in itertools.pairwise(widths):
        law = law @ spikes[pair[0]] @ moved[pair]
    return law[:, 0] @ np.arange(widths[-1] + 1.0)


def decibels(drives: np.ndarray, response: np.ndarray, silent: float = 0.0) -> float:
    """Return the dynamic range in dB of a response (drive,) that rises with the drive.

    silent : the response without drive. The result is NaN if the response never rises above `silent`, or if it already
    exceeds 10 % of its range at the weakest drive above 0.
    """
    if not response.max() > silent:
        return np.nan
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(response)) > 0]) & (drives > 0)
    level = (response[rising] - silent) / (response.max() - silent)
    if level.size < 2 or level[0] > 0.1:
        return np.nan
    low, high = PchipInterpolator(level, np.log10(drives[rising]))([0.1, 0.9])
    return float(10.0 * (high - low))
