"""Exact distributions of the layered network, computed by linear algebra on its (N + 1) x (N + 1) transition matrix.

There is one matrix (k, k_next) for all links between layers, or one per link (link, k, k_next) where widths differ.
Probabilities are dimensionless, sizes are in neurons, durations in layers (= steps). The only error is that of
rounding (below 1e-12).
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from emergent_dynamics.branching.model import activation
from emergent_dynamics.branching.parameters import SILENCE, Train


def binomial(n: int, p: np.ndarray) -> np.ndarray:
    """Return (..., n + 1) the probabilities of 0 to n successes under Bin(n, p); p = 0 and p = 1 are exact."""
    k = np.arange(n + 1)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    p = np.asarray(p, np.float64)[..., None]
    return np.exp(choose + xlogy(k, p) + xlog1py(n - k, -p))


def spontaneous_matrix(neurons: int, spontaneous: np.ndarray | float) -> np.ndarray:
    """Return (..., k, k'): the law of k' = k + Bin(N - k, p), when spontaneous spikes join the active neurons; p may
    be an array.
    """
    p = np.asarray(spontaneous, np.float64)
    matrix = np.zeros((*p.shape, neurons + 1, neurons + 1))
    for k in range(neurons + 1):
        matrix[..., k, k:] = binomial(neurons - k, p)
    return matrix


def transition(sigma: np.ndarray | float, neurons: int, rule: str, spontaneous: float = 0.0) -> np.ndarray:
    """Return (..., k, k_next): the transition matrix from one layer to the next. sigma may be an array; rows sum to 1
    within rounding.
    """
    sigma = np.asarray(sigma, np.float64)[..., None]
    matrix = binomial(neurons, activation(np.arange(neurons + 1), sigma, neurons, rule))
    return spontaneous_matrix(neurons, spontaneous) @ matrix if spontaneous else matrix


def link(sigma: float, here: int, there: int, rule: str) -> np.ndarray:
    """Return (k, k_next): the transition matrix from a layer of `here` neurons to one of `there` neurons."""
    return binomial(there, activation(np.arange(here + 1), sigma, there, rule))


def links(sigma: float, widths: tuple[int, ...], rule: str, spontaneous: float = 0.0) -> np.ndarray:
    """Return the transition matrix of a network with layers of these widths.

    The result is one matrix if all widths are equal, and otherwise (link, k, k_next), with N the largest width.
    Counts beyond the width of a layer cannot occur; their rows lead to 0 with probability 1.
    """
    n = max(widths)
    if min(widths) == n:
        return transition(sigma, n, rule, spontaneous)
    matrix = np.zeros((len(widths) - 1, n + 1, n + 1))
    matrix[:, :, 0] = 1.0
    for layer, (here, there) in enumerate(itertools.pairwise(widths)):
        moved = link(sigma, here, there, rule)
        matrix[layer, : here + 1, : there + 1] = spontaneous_matrix(here, spontaneous) @ moved
    return matrix


def layer_law(matrix: np.ndarray, start: np.ndarray, layers: int) -> np.ndarray:
    """(layer, k): distribution of the count in each layer of one diagonal that starts from `start` (k,)."""
    law = np.empty((layers, matrix.shape[-1]))
    law[0] = start
    for layer, step in enumerate(_by_link(matrix, layers)):
        law[layer + 1] = law[layer] @ step
    return law


def _by_link(matrix: np.ndarray, layers: int) -> np.ndarray:
    return np.broadcast_to(matrix, (layers - 1, *matrix.shape[-2:]))


def channel(matrix: np.ndarray, layers: int) -> np.ndarray:
    """Return (k_in, k_out): the transition matrix from the first layer to the last."""
    if matrix.ndim == 2:
        return np.linalg.matrix_power(matrix, layers - 1)
    return functools.reduce(np.matmul, matrix)


def one_root(neurons: int, active: int = 1) -> np.ndarray:
    """Return (k,): the distribution with probability 1 at `active` neurons."""
    return np.eye(neurons + 1)[active]


@dataclass(frozen=True)
class Raster:
    """Exact moments of a frame of the driven network in its stationary state.

    mean, variance : of the number of active neurons in a frame. silent : the probability of an empty frame.
    autocorrelation : (lag,) for lags 0 to L - 1; without regular input it is exactly 0 from lag L - 1 on. layer_mean
    : (layer,). With regular input all of these are averages over its period, to which a long record converges.
    """

    mean: float
    variance: float
    silent: float
    autocorrelation: np.ndarray
    layer_mean: np.ndarray


def raster(matrix: np.ndarray, layers: int, train: Train = SILENCE) -> Raster:
    """Return the exact mean, variance, probability of silence and autocorrelation of the activity of a frame.

    A frame is a sum over independent diagonals. With regular input every interval-th diagonal starts excited:
    covariances are averaged over the diagonals of a period, and the periodic mean of the frame adds a covariance of
    its own.
    """
    k = np.arange(matrix.shape[-1] + 0.0)
    start = train.start(0, max(1, train.interval))
    interval = start.size
    laws = {n: layer_law(matrix, one_root(k.size - 1, n), layers) for n in set(start.tolist())}
    law = np.array([laws[n] for n in start.tolist()])
    mean = law @ k  # (phase, layer)
    covariance = np.empty(layers)
    later = np.broadcast_to(k, (layers if matrix.ndim == 3 else 1, k.size))  # (layer, k) E[k_{l + lag} | k_l]
    for lag in range(layers):
        before = slice(0, layers - lag)
        joint = (law[:, before] * (k * later)).sum(-1)
        covariance[lag] = (joint - mean[:, before] * mean[:, lag:]).sum() / interval
        if matrix.ndim == 2:
            later = later @ matrix.T
        else:
            later = np.matmul(matrix[: layers - lag - 1], later[1:, :, None])[..., 0]
    phase = (np.arange(interval)[:, None] - np.arange(layers)) % interval  # phase of layer l at time t
    layer = np.arange(layers)
    frame = mean[phase, layer].sum(1)
    swing = frame - frame.mean()
    covariance += [swing @ np.roll(swing, -lag) / interval for lag in range(layers)]
    # Moments cancel up to rounding, about 1e-14 of the second moment. At the last lag layer 0 is empty: exactly 0.
    silent = float(law[phase, layer, 0].prod(1).mean())
    with np.errstate(invalid="ignore"):  # the autocorrelation of activity that never changes is NaN
        autocorrelation = covariance / covariance[0]
    return Raster(frame.mean(), covariance[0], silent, autocorrelation, mean.mean(0))


@dataclass(frozen=True)
class Avalanches:
    """The exact law of an avalanche from one root in layer 0. The root counts, and the avalanche is cut off at the
    last layer.

    size : (s,) P(S = s), s from 0 to 1 + (L - 1) N. duration : (d,) P(D = d), d from 0 to L, where D = L means
    "reached the last layer" (censored). mean_size : (d,) E[S | D = d], NaN where P(D = d) is 0. profile : (d, layer)
    E[k in that layer | D = d], NaN where impossible.
    """

    size: np.ndarray
    duration: np.ndarray
    mean_size: np.ndarray
    profile: np.ndarray

    @property
    def reach(self) -> float:
        """Probability that an avalanche reaches the last layer."""
        return float(self.duration[-1])


def size_law(matrix: np.ndarray, layers: int, root: int = 1) -> np.ndarray:
    """(s,) P(S = s): the joint law of (size so far, count) is carried from layer to layer."""
    neurons = matrix.shape[-1] - 1
    largest = root + (layers - 1) * neurons
    law = np.zeros(largest + 1)
    joint = np.zeros((largest + 1, neurons + 1))
    joint[root, root] = 1.0
    for layer, step in enumerate(_by_link(matrix, layers)):
        reached = root + layer * neurons + 1
        moved = joint[:reached] @ step
        law[:reached] += moved[:, 0]
        joint[: reached + neurons] = 0.0
        for k in range(1, neurons + 1):
            joint[k : k + reached, k] = moved[:, k]
    return law + joint.sum(1)


def avalanches(matrix: np.ndarray, layers: int, root: int = 1, with_sizes: bool = True) -> Avalanches:
    """Return the laws of sizes and durations and the mean shapes of avalanches from a single root.

    matrix : without spontaneous activity. The law of sizes costs layers^2 neurons^3 operations, the rest layers^2
    neurons^2; with `with_sizes` False the law of sizes is NaN.
    """
    neurons = matrix.shape[-1] - 1
    k = np.arange(neurons + 1.0)
    each = _by_link(matrix, layers)
    alive = np.zeros((layers, neurons + 1))  # P(k_l = k, not yet extinct)
    alive[0, root] = 1.0
    for layer, step in enumerate(each):
        alive[layer + 1] = alive[layer] @ step
        alive[layer + 1, 0] = 0.0
    summed = np.zeros((layers + 1, layers))  # (d, layer) E[k in that layer; D = d]
    ends = np.zeros((layers + 1, neurons + 1))  # (d, k) P(D = d | k_l), from the last layer back to the first
    ends[layers, 1:] = 1.0
    summed[:, -1] = ends @ (alive[-1] * k)
    for layer in range(layers - 2, -1, -1):
        ends = ends @ each[layer].T
        ends[layer + 1] = each[layer][:, 0]
        ends[:, 0] = 0.0
        summed[:, layer] = ends @ (alive[layer] * k)
    duration = ends @ alive[0]
    with np.errstate(invalid="ignore"):
        profile = np.where(
            np.arange(layers) < np.arange(layers + 1)[:, None], summed / duration[:, None], np.nan
        )
    mean_size = np.where(duration > 0, np.nansum(profile, 1), np.nan)
    sizes = (
        size_law(matrix, layers, root) if with_sizes else np.full(root + (layers - 1) * neurons + 1, np.nan)
    )
    return Avalanches(sizes, duration, mean_size, profile)


def absorption_time(matrix: np.ndarray) -> np.ndarray:
    """Return (k,) the mean number of layers until the count is 0 or N, both of which must be absorbing
    (Wright-Fisher: linear rule, sigma = 1).
    """
    inner = slice(1, matrix.shape[0] - 1)
    time = np.zeros(matrix.shape[0])
    time[inner] = np.linalg.solve(
        np.eye(matrix.shape[0] - 2) - matrix[inner, inner], np.ones(matrix.shape[0] - 2)
    )
    return time
