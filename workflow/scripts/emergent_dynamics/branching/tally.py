"""Sums over avalanches.

Sizes are in neurons and include the root; durations are in layers (= steps). An avalanche that reaches the last layer
is censored: its duration is L, and it is left out of every exponent of durations.
"""

from typing import NamedTuple

import numpy as np


class Tally(NamedTuple):
    """Sums over the avalanches of one sigma; they are all that the analyses need, whatever the number of avalanches.

    sizes (s,), durations (d,) : histograms. size_sum, size_square_sum (d,) : sums of S and S^2 by duration. profile
    (d, layer) : summed counts by duration.
    """

    sizes: np.ndarray
    durations: np.ndarray
    size_sum: np.ndarray
    size_square_sum: np.ndarray
    profile: np.ndarray

    @property
    def n(self) -> int:
        """The number of avalanches."""
        return int(self.durations.sum())

    @property
    def mean_size(self) -> np.ndarray:
        """Mean size of the avalanches of each duration, (duration,); NaN for a duration that no avalanche had."""
        seen = self.durations > 0
        return np.where(seen, self.size_sum / np.where(seen, self.durations, 1), np.nan)

    @property
    def mean_size_error(self) -> np.ndarray:
        """The standard error of <S>(D), (duration,); NaN with fewer than two avalanches."""
        n = np.where(self.durations > 1, self.durations, 2)
        variance = (self.size_square_sum - self.size_sum**2 / n) / (n - 1)
        return np.where(self.durations > 1, np.sqrt(np.maximum(variance, 0.0) / n), np.nan)
