"""Information measures of a pair of numbers: mutual information, capacity, and accuracy and error of the best guess.

Information is in bits. A joint table is (..., k_in, k_out), counts or probabilities. Source: Cover & Thomas 2006,
chapters 2 and 7.
"""

import numpy as np
from scipy.special import xlogy

from emergent_dynamics.branching import exact


def joint_law(channel: np.ndarray, lowest: int, highest: int) -> np.ndarray:
    """(..., k_in, k_out) probabilities for inputs uniform from lowest to highest, both included."""
    k = np.arange(channel.shape[-1])
    excited = ((k >= lowest) & (k <= highest)) / (highest - lowest + 1)
    return excited[:, None] * channel


def mutual_information(joint: np.ndarray) -> np.ndarray:
    """Return I = sum p(x, y) log2 [p(x, y) / (p(x) p(y))] of each table; for counts this is the plug-in estimate."""
    p = joint / joint.sum((-2, -1), keepdims=True)
    entropies = xlogy(p, p).sum((-2, -1)) - sum(xlogy(q, q).sum(-1) for q in (p.sum(-1), p.sum(-2)))
    return np.maximum(entropies, 0.0) / np.log(2.0)


def miller_madow(joint: np.ndarray) -> np.ndarray:
    """Return the plug-in estimate minus its bias (K_xy - K_x - K_y + 1) / (2 n ln 2), where K counts the outcomes
    seen.

    Source: Miller 1955.
    """
    seen = joint > 0
    excess = seen.sum((-2, -1)) - seen.any(-1).sum(-1) - seen.any(-2).sum(-1) + 1
    return mutual_information(joint) - excess / (2.0 * joint.sum((-2, -1)) * np.log(2.0))


def standard_error(joint: np.ndarray) -> float:
    """Return the standard error of the plug-in estimate of one table of counts: the standard deviation of log2 [p(x,
    y) / (p(x) p(y))] over sqrt(n).
    """
    n = joint.sum()
    p = joint / n
    expected = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    score = np.zeros_like(p)
    np.log2(p, where=p > 0, out=score)
    score -= np.where(p > 0, np.log2(np.where(expected > 0, expected, 1.0)), 0.0)
    return float(np.sqrt(max((p * score**2).sum() - (p * score).sum() ** 2, 0.0) / n))


def capacity(channel: np.ndarray, tolerance: float = 1e-5) -> float:
    """Return the largest information over all distributions of the input, in bits, to `tolerance`.

    Source: Blahut 1972 and Arimoto 1972, IEEE T-IT 18.
    """
    inputs = np.full(channel.shape[0], 1.0 / channel.shape[0])
    negative_entropy = xlogy(channel, channel).sum(1)
    for _ in range(100_000):
        output = inputs @ channel
        divergence = negative_entropy - xlogy(channel, np.where(output > 0, output, 1.0)).sum(1)
        bound = divergence.max()
        inputs = inputs * np.exp(divergence - bound)
        lower = bound + np.log(inputs.sum())
        inputs /= inputs.sum()
        if bound - lower < tolerance * np.log(2.0):
            break
    return float(lower / np.log(2.0))


def map_accuracy(joint: np.ndarray) -> np.ndarray:
    """Probability that the most likely input given the output is the right one."""
    return joint.max(-2).sum(-1) / joint.sum((-2, -1))


def rms_error(joint: np.ndarray) -> np.ndarray:
    """Root mean squared error, in neurons, of the conditional mean E[k_in | k_out]: sqrt(E Var[k_in |
    k_out]).
    """
    p = joint / joint.sum((-2, -1), keepdims=True)
    k = np.arange(joint.shape[-2], dtype=np.float64)
    marginal = p.sum(-2)
    first, second = (p * k[:, None]).sum(-2), (p * k[:, None] ** 2).sum(-2)
    spread = second - np.divide(first**2, marginal, out=np.zeros_like(first), where=marginal > 0)
    return np.sqrt(np.maximum(spread.sum(-1), 0.0))


def exact_curve(sigma: np.ndarray, widths: tuple[int, ...], rule: str, inputs: tuple[int, int]) -> np.ndarray:
    """(sigma,) exact information in bits."""
    channel = np.array([exact.channel(exact.links(s, widths, rule), len(widths)) for s in sigma])
    return mutual_information(joint_law(channel, *inputs))
