"""The oscillator field in float64, written as in the equations: the reference with which engines are compared.

A unit is a point z of the unit circle at (channel, y, x); its input is a second such point c. All arrays are
(run, channel, y, x) complex128. Seed mode is `mapping: seed` with Euler, an open lattice and componentwise Omega.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from emergent_dynamics.oscillators import draws
from emergent_dynamics.oscillators.parameters import Parameters

State = dict[str, np.ndarray]  # an engine's field between steps, and spikes and speed of the last step
INPUT_RATE = 0.1  # rad per unit time, at which an evolving input follows the field


@dataclass(frozen=True)
class Field:
    """z and c after a step, and which units moved by more than the spike threshold in it."""

    z: np.ndarray
    c: np.ndarray
    spike: np.ndarray


def initial(phases: np.ndarray, input_phases: np.ndarray) -> Field:
    """The field at t = 0, before any step: no unit has moved. Both arguments broadcast to (run, channel, y, x)."""
    phases, input_phases = np.broadcast_arrays(phases, input_phases)
    return Field(np.exp(1j * phases), np.exp(1j * input_phases), np.zeros(phases.shape, bool))


def neighbour_sum(z: np.ndarray, periodic: tuple[bool, bool, bool]) -> np.ndarray:
    """S z, the sum over the six neighbours along channel, y and x. Same shape as z.

    An open end has fewer neighbours. The original study pads with zeros, which is the same, since a zero adds no force.
    """
    total = np.zeros_like(z)
    for axis, wraps in zip((-3, -2, -1), periodic, strict=True):
        if wraps:
            total += np.roll(z, 1, axis) + np.roll(z, -1, axis)
        else:
            low, high = np.moveaxis(total, axis, 0), np.moveaxis(z, axis, 0)
            low[1:] += high[:-1]
            low[:-1] += high[1:]
    return total


def coupled_sum(z: np.ndarray, p: Parameters) -> np.ndarray:
    """Sum of z over the units to which a unit is coupled: its neighbours in the lattice, all units, or those of
    the network or ring by weight.
    """
    if p.topology == "all_to_all":
        return np.broadcast_to(z.sum((-3, -2, -1), keepdims=True), z.shape)
    if p.topology == "ring":
        return ring_sum(z, p.modulation)
    if p.network is None:
        return neighbour_sum(z, p.periodic)
    return (p.network @ z.reshape(-1, p.network.shape[0]).T).T.reshape(z.shape)


def ring_sum(z: np.ndarray, modulation: float) -> np.ndarray:
    """sum_j (1 + A cos(x_i - x_j)) z_j for units evenly spaced along the last axis, by three sums. Same shape as z."""
    # Floor: three sums and two products per unit, about 20 flops. There is no kernel for rings.
    place = 2 * np.pi * np.arange(z.shape[-1]) / z.shape[-1]
    cos, sin = np.cos(place), np.sin(place)
    both = (z @ cos)[..., None] * cos + (z @ sin)[..., None] * sin
    return z.sum(-1, keepdims=True) + modulation * both


def degree(p: Parameters) -> np.ndarray:
    """(channel, y, x) number of neighbours; for all-to-all coupling the number of units, itself included, as Kuramoto
    counts.

    In a network it is the sum of the absolute weights of a unit; the weights of a ring sum to the number of units.
    """
    if p.network is not None:
        return np.asarray(abs(p.network).sum(axis=1), float).reshape(p.shape)
    if p.topology in ("all_to_all", "ring"):
        return np.full(p.shape, float(np.prod(p.shape)))
    return neighbour_sum(np.ones(p.shape), p.periodic)


def share(p: Parameters) -> np.ndarray:
    """(channel, y, x) weight of each neighbour: coupling, or coupling / degree for the mean."""
    count = degree(p)
    weight = np.full(p.shape, p.coupling)
    return (
        weight if p.normalise == "sum" else np.divide(weight, count, out=np.zeros(p.shape), where=count > 0)
    )


def lagged_share(p: Parameters) -> np.ndarray:
    """(channel, y, x) `share` times e^{-i lag}: complex, or real without a lag."""
    return share(p) * np.exp(-1j * p.lag) if p.lag else share(p)


def rotation(p: Parameters) -> np.ndarray:
    """(run or 1, channel, y, x) rate in rad per unit time at which a unit turns on its own."""
    rate = np.zeros((1, *p.shape)) if p.natural is None else np.array(p.natural, float)
    if p.omega_mode == "rotation":
        rate = rate + p.frequency * p.omega[:, None, None]
    return rate


def force(z: np.ndarray, c: np.ndarray, p: Parameters) -> np.ndarray:
    """The sum of all terms that act on a unit, except the radial -k z and -k_b z; complex, rad per unit time.

    k e^{-i lag} S z + k_omega Omega z + i rate z + k_b c
    """
    acting = lagged_share(p) * coupled_sum(z, p) + p.bias * c
    if p.omega_mode == "componentwise":
        acting = acting + p.frequency * np.einsum("de,...eyx->...dyx", p.omega, z)
    rate = rotation(p)
    return acting + 1j * rate * z if rate.any() else acting


def slopes(theta: np.ndarray, phi: np.ndarray, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """d theta / dt and d phi / dt in rad per unit time.

    d theta = k sum_nb sin(theta_nb - theta - lag) + k_omega sum_e Omega_de sin(theta_e - theta) + rate
              + k_b sin(phi - theta)
    d phi   = INPUT_RATE sin(theta - phi), or 0 when the input is fixed
    """
    z, c = np.exp(1j * theta), np.exp(1j * phi)
    follow = INPUT_RATE * np.sin(theta - phi) if p.evolve_input else np.zeros_like(phi)
    return (np.conj(z) * force(z, c, p)).imag, follow


def kicks(p: Parameters, runs: int, number: int) -> np.ndarray:
    """(run, channel, y, x) rad by which noise turns the units in step `number`: sqrt(2 D dt) times normal draws."""
    return np.sqrt(2 * p.noise * p.step_size) * draws.draw_kicks(p.seed, runs, p.shape, number)


def step(field: Field, p: Parameters, number: int = 0) -> Field:
    """Compute one step of `integrator`; `number` counts steps from 0 and decides the draws of the noise.

        euler:      z' = f / |f|,  f = z + dt (k (e^{-i lag} S z - z) + k_omega Omega z + i rate z + k_b (c - z))
                    c' = g / |g|,  g = c + dt INPUT_RATE (z' - c)             (the seed's, with the new z)
                    with noise z' = e^{i kick} f / |f|: Euler and Maruyama, since noise acts on the phase itself
        heun, rk4:  the phases' equation (`slopes`), for theta and phi together, of order 2 and 4
        spike:      |arg(z' conj z)| > spike_threshold

    Euler is undefined where f = 0 (two forces cancelling exactly), which has probability zero.
    Exact: |z'| = 1; a uniform phase stays where it is for every Omega when k_b = 0; with k_omega = 0 and
    dt <= `theory.energy_step_bound` the energy never grows.
    """
    if p.integrator == "euler":
        z, c = _euler(field, p, number)
    else:
        turn, follow = _turns(np.angle(field.z), np.angle(field.c), p)
        z, c = field.z * np.exp(1j * turn), field.c * np.exp(1j * follow)
        z, c = z / np.abs(z), c / np.abs(c)
    return Field(z, c, np.abs(np.angle(z * np.conj(field.z))) > p.spike_threshold)


def _euler(field: Field, p: Parameters, number: int) -> tuple[np.ndarray, np.ndarray]:
    dt = p.step_size
    moved = field.z * (1 - dt * (p.coupling + p.bias)) + dt * force(field.z, field.c, p)
    z = moved / np.abs(moved)
    if p.noise:
        z = z * np.exp(1j * kicks(p, len(z), number))
    if not p.evolve_input:
        return z, field.c
    followed = field.c + dt * INPUT_RATE * (z - field.c)
    return z, followed / np.abs(followed)


def _turns(theta: np.ndarray, phi: np.ndarray, p: Parameters) -> tuple[np.ndarray, ...]:
    """Changes of theta and phi, in rad, in one step of Heun (order 2) or of classical Runge-Kutta (order 4)."""
    return increments(lambda *state: slopes(state[0], state[1], p), (theta, phi), p.step_size, p.integrator)


def increments(
    slope: Callable[..., tuple[np.ndarray, ...]], state: tuple[np.ndarray, ...], dt: float, integrator: str
) -> tuple[np.ndarray, ...]:
    """Changes of the arrays of `state` in one step of `heun` or `rk4`; slope(*state) gives their time derivatives."""

    def moved(factor: float, slopes: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        return slope(*(y + dt * a / factor for y, a in zip(state, slopes, strict=True)))

    first = slope(*state)
    if integrator == "heun":
        return tuple(dt * (a + b) / 2 for a, b in zip(first, moved(1, first), strict=True))
    second = moved(2, first)
    third = moved(2, second)
    last = moved(1, third)
    stages = zip(first, second, third, last, strict=True)
    return tuple(dt * (a + 2 * b + 2 * c + d) / 6 for a, b, c, d in stages)


def observe(field: Field, p: Parameters) -> dict[str, np.ndarray]:
    """theta in [-pi, pi] rad, spike, and per run the mean field (complex, per channel) and the energy."""
    return {
        "theta": np.angle(field.z),
        "spike": field.spike,
        "mean_field": field.z.mean((-2, -1)),
        "energy": energy(field.z, field.c, p),
    }


def energy(z: np.ndarray, c: np.ndarray, p: Parameters) -> np.ndarray:
    """(run,) E = -sum_<ij> w_ij cos(theta_i - theta_j) - sum_i b_i cos(phi_i - theta_i), rad per unit time.

    w = k and b = k_b for coupling to the sum. Coupling to the mean is the same flow with mobility 1 / degree:
    w = k, b = degree k_b. Omega, rates of rotation and the lag have no energy and are left out, and so is the
    coupling of a unit to itself on a ring or all to all.
    """
    z, c = z / np.abs(z), c / np.abs(c)
    if p.topology == "all_to_all":
        pairs = (np.abs(z.sum((-3, -2, -1))) ** 2 - np.prod(p.shape)) / 2
    else:
        loops = np.prod(p.shape) * (1 + p.modulation) if p.topology == "ring" else 0.0
        pairs = ((np.conj(z) * coupled_sum(z, p)).real.sum((-3, -2, -1)) - loops) / 2
    weight = degree(p) if p.normalise == "mean" else 1.0
    return -p.coupling * pairs - p.bias * (weight * (np.conj(c) * z).real).sum((-3, -2, -1))
