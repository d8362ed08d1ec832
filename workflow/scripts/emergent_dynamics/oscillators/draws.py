"""Random draws of an experiment, by Philox address: Omega, natural frequencies, initial phases and noise."""

import numpy as np

from emergent_dynamics import streams


def draw_omega(seed: int, channels: int, mode: str) -> np.ndarray:
    """U - U^T with U uniform on [0, 1) (componentwise), or uniform rates on [-1, 1) rad per unit time (rotation)."""
    if mode == "rotation":
        return 2 * streams.uniform(seed, "oscillators.omega", 0, 0, channels) - 1
    u = streams.uniform(seed, "oscillators.omega", 0, 0, channels * channels).reshape(channels, channels)
    return u - u.T


def draw_natural(
    seed: int, runs: int, shape: tuple[int, int, int], distribution: str, scale: float
) -> np.ndarray:
    """(run, channel, y, x) natural frequencies in rad per unit time.

    lorentzian (scale = half width), gaussian (scale = sd), uniform (on [-scale, scale]).
    """
    u = np.stack(
        [streams.uniform(seed, "oscillators.natural", run, 0, int(np.prod(shape))) for run in range(runs)]
    )
    return natural_quantile(u, distribution, scale).reshape(runs, *shape)


def spaced_natural(shape: tuple[int, int, int], distribution: str, scale: float) -> np.ndarray:
    """(1, channel, y, x) natural frequencies: the quantiles (i - 1/2) / n in ascending order, rad per unit time."""
    n = int(np.prod(shape))
    return natural_quantile((np.arange(n) + 0.5) / n, distribution, scale).reshape(1, *shape)


def natural_quantile(u: np.ndarray, distribution: str, scale: float) -> np.ndarray:
    """The frequency below which a fraction u of the units lies."""
    if distribution == "lorentzian":
        return scale * np.tan(np.pi * (u - 0.5))
    if distribution == "gaussian":
        from scipy.special import ndtri  # imported only where frequencies are drawn

        return scale * ndtri(np.clip(u, 2.0**-54, 1 - 2.0**-53))
    if distribution == "uniform":
        return scale * (2 * u - 1)
    raise ValueError(f"distribution = {distribution}: must be lorentzian, gaussian or uniform")


def draw_kicks(seed: int, runs: int, shape: tuple[int, int, int], step: int) -> np.ndarray:
    """(run, channel, y, x) independent standard normal draws of one step."""
    n = int(np.prod(shape))
    return np.stack([streams.normal(seed, "oscillators.kicks", run, step, n) for run in range(runs)]).reshape(
        runs, *shape
    )


def draw_phases(seed: int, runs: int, shape: tuple[int, int, int]) -> np.ndarray:
    """(run, channel, y, x) independent uniform phases on [0, 2 pi)."""
    n = int(np.prod(shape))
    draws = [streams.uniform(seed, "oscillators.phases", run, 0, n) for run in range(runs)]
    return 2 * np.pi * np.stack(draws).reshape(runs, *shape)


def draw_clustered(seed: int, runs: int, shape: tuple[int, int, int], order: float) -> np.ndarray:
    """(run, channel, y, x) phases in rad around 0 from a wrapped Cauchy law whose order parameter r is `order`.

    They are 2 atan((1 - r) / (1 + r) tan(u / 2)) with u uniform on [-pi, pi): the conformal map of the disc from 0 to
    r.
    """
    u = draw_phases(seed, runs, shape) - np.pi
    return 2 * np.arctan((1 - order) / (1 + order) * np.tan(u / 2))


def draw_bump(seed: int, runs: int, shape: tuple[int, int, int]) -> np.ndarray:
    """(run, 1, 1, x) phases 6 r exp(-0.76 x^2) in rad, with r uniform on [-1/2, 1/2) and x in [-pi, pi) along the ring.

    Most of these starts end in a chimera (Abrams & Strogatz 2006, Int. J. Bifurcation Chaos 16, 21).
    """
    place = 2 * np.pi * np.arange(shape[-1]) / shape[-1] - np.pi
    return 6 * (draw_phases(seed, runs, shape) / (2 * np.pi) - 0.5) * np.exp(-0.76 * place**2)
