"""The atlas of the oscillators by another path: one step of the map and its derivative, written with NumPy."""

from functools import cache

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.oscillators import euler_map

EXPERIMENT = {
    "coupling": [1, 4], "sizes": [{"units": 40, "samples": 8}, {"units": 160, "samples": 8}], "end_time": 10,
    "onset": {"units": 200, "samples": 8},
}  # fmt: skip
# of the sweep at full size (config/atlas.yaml) the members that tests/atlas/test_full_size.py computes again
MEMBERS = {"coupling": [0.5, 2], "sizes": [{"units": 200, "samples": 64}]}
STEP, FINE = 0.02, 0.01  # of order and sensitivity, and of what is followed for a short time


def drawn(name, sample, units):
    """Phases, and frequencies as tangents of uniform angles."""
    phases = 2 * np.pi * streams.uniform(1, name, sample, 0, units)
    return phases, np.tan(np.pi * (streams.uniform(1, name, sample, 1, units) - 0.5))


def stepped(z, u, rate, coupling, dt):
    f = z * (1 - dt * coupling + 1j * dt * rate) + dt * coupling * z.mean()
    moved = 1j * z * u
    df = moved * (1 - dt * coupling + 1j * dt * rate) + dt * coupling * moved.mean()
    return f / abs(f), (df / f).imag


@cache
def stationary(units, coupling):
    """(sample, 2): mean order and exponent in the second half of 500 steps."""
    found = []
    for sample in range(8):
        phases, rate = drawn(f"oscillators.atlas.{units}", sample, units)
        z, u = np.exp(1j * phases), streams.normal(1, f"oscillators.atlas.{units}", sample, 2, units)
        order, growth = [], 0.0
        for step in range(500):
            z, u = stepped(z, u, rate, coupling, STEP)
            length = np.linalg.norm(u)
            u = u / length
            if step >= 250:
                growth += np.log(length)
                order.append(abs(z.mean()))
        found.append((np.mean(order), growth / 250 / STEP))
    return np.array(found)


def onset(coupling):
    found = []
    for sample in range(8):
        phases, rate = drawn("oscillators.atlas.onset.200", sample, 200)
        z, u = np.exp(1j * phases), -np.sin(phases)
        before = abs((1j * z * u).mean())
        for _ in range(150):
            z, u = stepped(z, u, rate, coupling, FINE)
        found.append(np.log(abs((1j * z * u).mean()) / before) / 1.5)
    return np.mean(found)


def relaxation(path, tables, parameters):
    """The first time at which the mean over samples of z, all phases equal at first, is below 1 / e; by `np.interp`."""
    rates = [drawn("oscillators.atlas.onset.200", sample, 200)[1] for sample in range(8)]
    z = np.ones((8, 200), complex)
    order = [1.0]
    for _ in range(230):
        z = np.stack(
            [stepped(one, np.zeros(200), rate, 1.0, FINE)[0] for one, rate in zip(z, rates, strict=True)]
        )
        order.append(abs(z.mean()))
    last = next(k for k, r in enumerate(order) if r <= 1 / np.e)
    return FINE * np.interp(-1 / np.e, [-order[last - 1], -order[last]], [last - 1, last])


def crossing(path, tables, parameters):
    """Where r n^(1/5) of both sizes are equal on the straight lines between K = 1 and 4; NaN if they do not cross."""
    scaled = [[stationary(n, k)[:, 0].mean() * n**0.2 for k in (1, 4)] for n in (40, 160)]
    (a, b), (c, d) = scaled
    return 1 + 3 * (a - c) / ((a - c) + (d - b)) if a > c and d >= b else np.nan


def slower(coupling):
    """Mean over time 1.5 of K S: the order by chance of 200 units is ((1 + 2 / g) e^(g t) - 2 / g) / 200, g = K - 2."""
    growth, times = coupling - 2, 1.5 * (np.arange(20000) + 0.5) / 20000
    return coupling / 200 * np.mean((1 + 2 / growth) * np.exp(growth * times) - 2 / growth)


RECOMPUTED = {
    "critical_coupling": crossing,
    "order_above": lambda path, tables, p: stationary(160, 4)[:, 0].mean(),
    "growth_at_peak": lambda path, tables, p: max(stationary(160, k)[:, 1].mean() for k in (1, 4)),
    "onset_below": lambda path, tables, p: onset(1),
    "onset_above": lambda path, tables, p: onset(4),
    "relaxation_below": relaxation,
}
EXPECTED = {
    "critical_coupling": euler_map.critical_coupling(
        STEP
    ),  # test_atlas.py has its table by another quadrature
    "order_above": np.sqrt(1 / 2),
    "onset_below": -0.5 - slower(1),
    "onset_above": euler_map.onset(4.0, FINE) - slower(4),
    "relaxation_below": np.log((np.e**2 + 1) / 2),  # dr/dt = -(r + r^3) / 2 from 1 to 1 / e
}
REASONS: dict = {}
# what coverage is counted of: sizes that cross near the critical coupling
COVERAGE = {
    "coupling": [1, 1.5, 1.75, 2, 2.25, 2.5, 4], "end_time": 40, "onset": {"units": 4000, "samples": 8},
    "sizes": [{"units": 100, "samples": 16}, {"units": 400, "samples": 12}],
}  # fmt: skip
# the exact value is that of the flow, from which Euler's map may differ by the tolerance of its verdict
OF_MEANS = {"relaxation_below": lambda means: means["relaxation_below"]}
