"""The voter model's headlines by another path: counts of voters in plain Python, and a matrix of transitions."""

import numpy as np
import xarray as xr
from scipy import stats

EXPERIMENT = {"voters": 12, "share": 0.25, "runs": 16, "steps": 6}


def ones(trajectory):
    """[run]: voters with opinion 1 at the end."""
    with xr.open_zarr(trajectory) as store:
        return [round(12 * share) for share in store["share"].values[:, -1].tolist()]


def pairs(count):
    """Share of the 144 ordered pairs of voters in which the two differ."""
    opinions = [voter < count for voter in range(12)]
    return sum(a != b for a in opinions for b in opinions) / 144


def expected(of_count):
    """Mean of a function of the count after 6 steps of the exact chain: the next count is binomial."""
    chain = np.array([stats.binom.pmf(np.arange(13), 12, count / 12) for count in range(13)])
    at_end = np.linalg.matrix_power(chain, 6)[3]
    return float(at_end @ [of_count(count) for count in range(13)])


RECOMPUTED = {
    "disagreement_end": lambda trajectory, tables, p: np.mean([pairs(count) for count in ones(trajectory)]),
    "share_end": lambda trajectory, tables, p: sum(ones(trajectory)) / (12 * 16),
}
EXPECTED = {
    "disagreement_end": lambda trajectory, tables, p: expected(pairs),
    "share_end": lambda trajectory, tables, p: expected(lambda count: count / 12),
}
REASONS = {}
UNCOVERED = {"*_end": "Student's interval of a mean over independent runs, cut at its range"}
