"""Closed forms of Kuramoto's model of all-to-all units with natural frequencies, for infinitely many or n units."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ive, wofz


def critical_coupling(distribution: str, scale: float) -> float:
    """K_c = 2 / (pi g(0)) of all-to-all units (Kuramoto 1975; uniform: Pazo 2005), rad per unit time."""
    return {"lorentzian": 2.0, "gaussian": np.sqrt(8 / np.pi), "uniform": 4 / np.pi}[distribution] * scale


def locked_order(distribution: str, scale: float, coupling: float) -> float:
    """Stationary r of infinitely many all-to-all units at coupling K; 0 at and below K_c.

    lorentzian: sqrt(1 - K_c / K). Others: the root of 1 = K int cos^2(a) g(K r sin a) da, in closed form for
    gaussian: 1 = K sqrt(pi / 8) / s e^{-x} (I0 + I1)(x), x = (K r / 2 s)^2; for uniform it jumps to pi / 4 at K_c.
    """
    if coupling < critical_coupling(distribution, scale):
        return 0.0
    strength = coupling / scale
    if distribution == "lorentzian":
        return float(np.sqrt(1 - 2 / strength))
    if distribution == "gaussian":

        def excess(r: float) -> float:
            x = (strength * r / 2) ** 2
            return strength * np.sqrt(np.pi / 8) * (ive(0, x) + ive(1, x)) - 1

        return float(brentq(excess, 1e-9, 1.0)) if excess(1e-9) > 0 else 0.0

    def excess_uniform(r: float) -> float:  # all units lock: r = <sqrt(1 - (w / K r)^2)>
        a = 1 / (strength * r)
        return (np.arcsin(a) / a + np.sqrt(1 - a * a)) / 2 - r

    lowest = 1 / strength  # at smaller r not every unit locks, and no partially locked state is stable
    return float(brentq(excess_uniform, lowest, 1.0)) if excess_uniform(lowest) > 0 else float(np.pi / 4)


def density(distribution: str, rate: np.ndarray) -> np.ndarray:
    """Density g of natural frequencies with scale 1, at `rate`."""
    if distribution == "lorentzian":
        return 1 / (np.pi * (1 + rate**2))
    if distribution == "gaussian":
        return np.exp(-(rate**2) / 2) / np.sqrt(2 * np.pi)
    return 0.5 * (np.abs(rate) <= 1)


def locked_spread(distribution: str, scale: float, coupling: float, n: int) -> float:
    """Standard deviation of the stationary r over samples of n independent frequencies, above K_c; leading order.

    r solves r = mean of c, c = sqrt(1 - (w / K r)^2) of the locked units and 0 of others. Over samples the mean
    of c has the standard deviation sqrt(var c / n), and r has that divided by 1 - d(mean)/dr. Near K_c it is n^-1/2
    (K / K_c - 1)^-3/4, which holds for K / K_c - 1 > n^-2/5 (Hong, Chate, Park & Tang 2007, PRL 99, 184101).
    """
    order, strength = locked_order(distribution, scale, coupling), coupling / scale
    last = 1.0 if distribution == "uniform" else np.inf  # the largest frequency
    angle, width = _midpoints(
        np.arcsin(min(1.0, last / (strength * order)))
    )  # angle of a locked unit: w = K r sin(angle)
    weight = density(distribution, strength * order * np.sin(angle)) * width

    def mean(power: int) -> float:
        return strength * order * float((np.cos(angle) ** power * weight).sum())

    slope = strength * float((np.sin(angle) ** 2 * weight).sum())
    return float(np.sqrt((mean(3) - mean(2) ** 2) / n) / (1 - slope))


def incoherent_order(distribution: str, scale: float, coupling: float, n: int) -> float:
    """E[r] of n units with independent frequencies below K_c: sqrt(pi / 4 <r^2>), r = |z| of a complex normal z.

    n <r^2> = int g(w) / |1 - (K / 2) G(w)|^2 dw, G(w) = int g(v) / (i (w - v) + 0) dv: each unit exerts a force
    to which the others respond linearly. Lorentzian: 1 / (1 - K / K_c); it diverges at K_c (Daido 1990, J. Stat. Phys.
    60, 753).
    """
    last = np.pi / 4 if distribution == "uniform" else np.pi / 2
    angle, width = _midpoints(last)
    rate = np.tan(angle)
    if distribution == "lorentzian":
        answer = 1 / (1 + 1j * rate)
    elif distribution == "gaussian":
        answer = np.sqrt(np.pi / 2) * wofz(-rate / np.sqrt(2))
    else:
        answer = np.pi * density(distribution, rate) - 0.5j * np.log(np.abs((1 + rate) / (1 - rate)))
    gain = np.abs(1 - coupling / scale / 2 * answer) ** 2
    square = width * float((density(distribution, rate) / gain / np.cos(angle) ** 2).sum())
    return float(np.sqrt(np.pi / 4 * square / n))


def _midpoints(end: float) -> tuple[np.ndarray, float]:
    """The middles of 20,000 equal parts of [-end, end], and the width of one."""
    parts = 20_000
    return ((np.arange(parts) + 0.5) / parts * 2 - 1) * end, 2 * end / parts


def ott_antonsen(r0: float, scale: float, coupling: float, time: np.ndarray) -> np.ndarray:
    """r at the times `time` of infinitely many Lorentzian units: dr/dt = -g r + (K / 2) r (1 - r^2) with r(0) = r0.

    r^2 = r0^2 e^{at} / (1 + r0^2 K (e^{at} - 1) / a), a = K - 2 g. With a phase lag pass K cos(lag) for K.
    """
    growth, time = coupling - 2 * scale, np.asarray(time, float)
    grown = np.expm1(growth * time)
    answer = coupling * (grown / growth if growth else time)
    return r0 * np.sqrt((1 + grown) / (1 + r0**2 * answer))
