"""The layered network without chance: every distribution by linear algebra on the (N + 1) x (N + 1)
transition matrix.

Probabilities are dimensionless, sizes in neurons, durations in layers (= steps). Rounding is the only error
(below 1e-12).
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.special import gammaln, xlog1py, xlogy

from emergent_dynamics.branching.model import activation


def binomial(n: int, p: np.ndarray) -> np.ndarray:
    """Bin(n, p): (..., n + 1) probabilities of 0 to n; p = 0 and p = 1 are exact."""
    k = np.arange(n + 1)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    p = np.asarray(p, np.float64)[..., None]
    return np.exp(choose + xlogy(k, p) + xlog1py(n - k, -p))


def spontaneous_matrix(neurons: int, spontaneous: np.ndarray | float) -> np.ndarray:
    """(..., k, k'): spikes join the active ones, k' = k + Bin(N - k, p); p may be an array."""
    p = np.asarray(spontaneous, np.float64)
    matrix = np.zeros((*p.shape, neurons + 1, neurons + 1))
    for k in range(neurons + 1):
        matrix[..., k, k:] = binomial(neurons - k, p)
    return matrix


def transition(sigma: np.ndarray | float, neurons: int, rule: str, spontaneous: float = 0.0) -> np.ndarray:
    """(..., k, k_next): one layer on. sigma may be an array; rows sum to 1 within rounding."""
    sigma = np.asarray(sigma, np.float64)[..., None]
    matrix = binomial(neurons, activation(np.arange(neurons + 1), sigma, neurons, rule))
    return spontaneous_matrix(neurons, spontaneous) @ matrix if spontaneous else matrix


def layer_law(matrix: np.ndarray, start: np.ndarray, layers: int) -> np.ndarray:
    """(layer, k): distribution of the count in each layer of one diagonal that starts from `start` (k,)."""
    law = np.empty((layers, matrix.shape[-1]))
    law[0] = start
    for layer in range(1, layers):
        law[layer] = law[layer - 1] @ matrix
    return law


def channel(matrix: np.ndarray, layers: int) -> np.ndarray:
    """(..., k_in, k_out): from the first layer to the last."""
    return np.linalg.matrix_power(matrix, layers - 1)


def one_root(neurons: int, active: int = 1) -> np.ndarray:
    """(k,): certainly `active` neurons."""
    return np.eye(neurons + 1)[active]


@dataclass(frozen=True)
class Raster:
    """Frames of the driven network, stationary.

    mean, variance : of the active neurons in a frame; silent : probability of an empty frame;
    autocorrelation : (lag,) from lag 0 to L - 1; from lag L - 1 on it is exactly 0; layer_mean : (layer,).
    """

    mean: float
    variance: float
    silent: float
    autocorrelation: np.ndarray
    layer_mean: np.ndarray


def raster(matrix: np.ndarray, layers: int) -> Raster:
    """Sums over diagonals, which are independent: mean, variance, silence and autocorrelation of a frame's
    activity.
    """
    neurons = matrix.shape[0] - 1
    k = np.arange(neurons + 1.0)
    law = layer_law(matrix, one_root(neurons, 0), layers)
    mean = law @ k
    covariance = np.empty(layers)
    later = k.copy()  # E[k_{l + lag} | k_l]
    for lag in range(layers):
        first = layers - lag
        covariance[lag] = (law[:first] @ (k * later) - mean[:first] * mean[lag:]).sum()
        later = matrix @ later
    # Rounding of the cancelling moments is ~1e-14 of the second moment; at the last lag layer 0 is empty:
    # exactly 0.
    return Raster(mean.sum(), covariance[0], float(law[:, 0].prod()), covariance / covariance[0], mean)


@dataclass(frozen=True)
class Avalanches:
    """Law of an avalanche from one root in layer 0, root included; it is cut off at the last layer.

    size : (s,) P(S = s), s from 0 to 1 + (L - 1) N; duration : (d,) P(D = d), d from 0 to L, where D = L
    means "reached the last layer" (censored); mean_size : (d,) E[S | D = d], NaN where P(D = d) is 0;
    profile : (d, layer) E[k in that layer | D = d], NaN where impossible.
    """

    size: np.ndarray
    duration: np.ndarray
    mean_size: np.ndarray
    profile: np.ndarray

    @property
    def reach(self) -> float:
        """Probability to reach the last layer."""
        return float(self.duration[-1])


def size_law(matrix: np.ndarray, layers: int, root: int = 1) -> np.ndarray:
    """(s,) P(S = s): the joint law of (size so far, count) is carried from layer to layer."""
    neurons = matrix.shape[0] - 1
    largest = root + (layers - 1) * neurons
    law = np.zeros(largest + 1)
    joint = np.zeros((largest + 1, neurons + 1))
    joint[root, root] = 1.0
    for layer in range(1, layers):
        reached = root + (layer - 1) * neurons + 1
        moved = joint[:reached] @ matrix
        law[:reached] += moved[:, 0]
        joint[: reached + neurons] = 0.0
        for k in range(1, neurons + 1):
            joint[k : k + reached, k] = moved[:, k]
    return law + joint.sum(1)


def avalanches(matrix: np.ndarray, layers: int, root: int = 1, with_sizes: bool = True) -> Avalanches:
    """Sizes, durations and mean shapes of single-root avalanches (no drive: `matrix` without spontaneous
    activity).

    Sizes cost layers^2 neurons^3 operations, the rest layers^2 neurons^2; without sizes their law is NaN.
    """
    neurons = matrix.shape[0] - 1
    k = np.arange(neurons + 1.0)
    alive = np.zeros((layers, neurons + 1))  # P(k_l = k, not yet extinct)
    alive[0, root] = 1.0
    for layer in range(1, layers):
        alive[layer] = alive[layer - 1] @ matrix
        alive[layer, 0] = 0.0
    duration = np.zeros(layers + 1)
    profile = np.full((layers + 1, layers), np.nan)
    extinct_in = np.zeros((layers, neurons + 1))  # P(extinct after exactly m more layers | k)
    extinct_in[0, 0] = 1.0
    for more in range(1, layers):
        extinct_in[more] = matrix @ extinct_in[more - 1]
        extinct_in[more, 0] = 0.0
    for last in range(1, layers + 1):
        if last < layers:
            end = extinct_in[last - np.arange(last)]
        else:  # alive in the last layer: P(alive L - 1 - l layers later | k)
            end = 1.0 - np.cumsum(extinct_in, 0)[layers - 1 - np.arange(layers)]
        duration[last] = alive[0] @ end[0]
        if duration[last] > 0:
            profile[last, :last] = (alive[:last] * end) @ k / duration[last]
    mean_size = np.where(duration > 0, np.nansum(profile, 1), np.nan)
    sizes = (
        size_law(matrix, layers, root) if with_sizes else np.full(root + (layers - 1) * neurons + 1, np.nan)
    )
    return Avalanches(sizes, duration, mean_size, profile)


def absorption_time(matrix: np.ndarray) -> np.ndarray:
    """(k,) mean number of layers until 0 or N, both of which must be absorbing (Wright-Fisher: linear rule,
    sigma = 1).
    """
    inner = slice(1, matrix.shape[0] - 1)
    time = np.zeros(matrix.shape[0])
    time[inner] = np.linalg.solve(
        np.eye(matrix.shape[0] - 2) - matrix[inner, inner], np.ones(matrix.shape[0] - 2)
    )
    return time


def stored_laws(exact: xr.Dataset) -> list[Avalanches]:
    """The laws in the group `exact` of a trajectory, one per sigma."""
    names = ("p_size", "p_duration", "mean_size", "profile")
    arrays = [exact[name].values for name in names]
    return [Avalanches(*(array[i] for array in arrays)) for i in range(len(arrays[0]))]
