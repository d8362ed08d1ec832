"""Every closed form and published number evaluated a second time; and when each is expected."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, special

from emergent_dynamics.findings import Headline, agrees
from emergent_dynamics.oscillators import kuramoto, theory
from tests.oscillators.experiments import KURAMOTO, complete

DENSITIES = {
    "lorentzian": lambda w: 1 / (math.pi * (1 + w * w)),
    "gaussian": lambda w: math.exp(-w * w / 2) / math.sqrt(2 * math.pi),
    "uniform": lambda w: 0.5 if abs(w) <= 1 else 0.0,
}


def kluyver(n):
    """E|sum of n unit vectors| / n = int_0^inf (1 - J_0(t)^n) / t^2 dt / n (Kluyver 1905), the tail being 1 / T."""
    ends = [0.0, *np.linspace(0.5, 3, 6) / np.sqrt(n) * 4, 40.0, 400.0]
    parts = [
        integrate.quad(lambda t: (1 - special.j0(t) ** n) / t**2 if t else n / 4, a, b, limit=400)[0]
        for a, b in itertools.pairwise(ends)
    ]
    return (sum(parts) + 1 / ends[-1]) / n


@pytest.mark.parametrize(("n", "within"), [(10, 1.3e-4), (40, 1e-5), (3136, 1e-6)])
def test_the_order_of_random_phases_is_kluyvers_integral(n, within):
    """sqrt(pi / 4 n) (1 + 1 / 16 n): exact to 1.3e-4 of itself from `FEWEST_RANDOM` units on."""
    assert theory.random_order(n) == pytest.approx(kluyver(n), rel=within)
    assert theory.FEWEST_RANDOM == 10


def test_a_pair_is_at_its_exact_gap():
    """One step by hand: both turn by atan2(b sin g, 1 - b (1 - cos g)), b = k dt; small steps are continuous."""
    gap, b = 2.0, 0.3 * 0.1
    turned = math.atan2(b * math.sin(gap), 1 - b + b * math.cos(gap))
    assert theory.pair_gap(gap, 0.3, 0.1, 1) == pytest.approx(gap - 2 * turned, abs=1e-14)
    assert theory.pair_gap(gap, 0.3, 1e-5, 200_000) == pytest.approx(
        theory.pair_gap_continuous(gap, 0.3, 2.0), abs=1e-5
    )
    solved = integrate.solve_ivp(lambda t, g: -2 * 0.3 * np.sin(g), (0, 2), [gap], rtol=1e-11, atol=1e-12)
    assert theory.pair_gap_continuous(gap, 0.3, 2.0) == pytest.approx(solved.y[0, -1], abs=1e-9)


def test_a_gap_to_an_input_closes_by_complex_arithmetic():
    """z' = (1 - b) z + b c, normalised; then c towards the new z; three steps."""
    z, c = np.exp(2.0j), 1.0 + 0j
    for _ in range(3):
        z = z * (1 - 0.2 * 1.5) + 0.2 * 1.5 * c
        z /= abs(z)
    assert theory.bias_gap(2.0, 1.5, 0.2, 3) == pytest.approx(np.angle(z), abs=1e-14)
    z, c = np.exp(2.0j), 1.0 + 0j
    for _ in range(3):
        z = z + 0.2 * 1.5 * (c - z)
        z /= abs(z)
        c = c + 0.2 * 0.4 * (z - c)
        c /= abs(c)
    gap, gone = theory.following_gap(2.0, 1.5, 0.4, 0.2, 3)
    assert (gap, gone) == (
        pytest.approx(np.angle(z / c), abs=1e-14),
        pytest.approx(np.angle(c), abs=1e-14),
    )


def laplacian(shape, periodic):
    """Of a lattice, entry by entry; its degree minus its adjacency."""
    n = math.prod(shape)
    found = np.zeros((n, n))
    for cell in np.ndindex(*shape):
        for axis, (size, wraps) in enumerate(zip(shape, periodic, strict=True)):
            other = list(cell)
            other[axis] += 1
            if wraps or other[axis] < size:
                other[axis] %= size
                i, j = np.ravel_multi_index(cell, shape), np.ravel_multi_index(other, shape)
                found[i, j] = found[j, i] = -1
    return found - np.diag(found.sum(1))


def test_modes_decay_by_the_laplacians_eigenvalues():
    shape = (2, 3, 4)
    rates = sorted(theory.mode_rate(mode, shape, 0.7, 0.2) for mode in np.ndindex(*shape))
    np.testing.assert_allclose(
        rates, 0.2 + 0.7 * np.linalg.eigvalsh(laplacian(shape, (False,) * 3)), atol=1e-12
    )


@pytest.mark.parametrize("periodic", [(False, False, False), (True, False, True)])
def test_the_energys_step_bound_has_the_largest_eigenvalue_of_the_adjacency(periodic):
    shape = (3, 4, 5)
    matrix = laplacian(shape, periodic)
    largest = np.linalg.eigvalsh(np.diag(np.diag(matrix)) - matrix)[-1]
    bound = theory.energy_step_bound(shape, periodic, 0.3, 1.1)
    assert bound == pytest.approx(1 / ((1 + largest) * 0.3 + 1.1), rel=1e-12)


def test_the_generator_of_omega_is_the_jacobian_of_its_force():
    """sum_e Omega_de sin(theta_e - theta_d) near equal phases, by differences."""
    omega = np.array([[0.0, 0.4, -0.1], [-0.4, 0.0, 0.7], [0.1, -0.7, 0.0]])

    def force(theta):
        return (omega * np.sin(theta[None, :] - theta[:, None])).sum(1)

    columns = [(force(1e-6 * e) - force(-1e-6 * e)) / 2e-6 for e in np.eye(3)]
    np.testing.assert_allclose(theory.omega_generator(omega), np.array(columns).T, atol=1e-9)


@pytest.mark.parametrize("name", DENSITIES)
def test_densities_and_critical_couplings(name):
    """g integrates to 1 and K_c = 2 / (pi g(0)), times the scale."""
    at = np.array([0.0, 0.3, 1.0, 2.5])
    np.testing.assert_allclose(kuramoto.density(name, at), [DENSITIES[name](w) for w in at])
    assert theory.critical_coupling(name, 1.7) == pytest.approx(1.7 * 2 / (math.pi * DENSITIES[name](0)))


def locked(name, strength, r):
    """int cos^2(a) g(K r sin a) K da, which is 1 at the stationary r."""
    return integrate.quad(
        lambda a: strength * math.cos(a) ** 2 * DENSITIES[name](strength * r * math.sin(a)),
        -math.pi / 2, math.pi / 2, limit=400, points=[-math.asin(min(1, 1 / (strength * r))), 0,
                                                     math.asin(min(1, 1 / (strength * r)))],
    )[0]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("lorentzian", 2.5),
        ("lorentzian", 6.0),
        ("gaussian", 1.7),
        ("gaussian", 4.0),
        ("uniform", 1.5),
        ("uniform", 3.0),
    ],
)
def test_the_stationary_order_solves_kuramotos_equation(name, strength):
    """1 = K int cos^2 a g(K r sin a) da, at any scale; zero below K_c."""
    r = theory.locked_order(name, 0.5, 0.5 * strength)
    assert 0 < r < 1 and locked(name, strength, r) == pytest.approx(1, abs=2e-6)
    assert theory.locked_order(name, 0.5, 0.5 * theory.critical_coupling(name, 1.0) * 0.999) == 0


def test_published_decimals():
    """sqrt(1 - 2 / 3), sqrt(1/2); Kuramoto's Gaussian r(2), r(3) (Strogatz 2000); a jump to pi / 4 (Pazo 2005)."""
    assert theory.locked_order("lorentzian", 1.0, 3.0) == pytest.approx(0.5773502691896258)
    assert theory.locked_order("lorentzian", 1.0, 4.0) == pytest.approx(0.7071067811865476)
    assert theory.locked_order("gaussian", 1.0, 2.0) == pytest.approx(0.715174, abs=1e-6)
    assert theory.locked_order("gaussian", 1.0, 3.0) == pytest.approx(0.925182, abs=1e-6)
    assert theory.locked_order("uniform", 1.0, 4 / math.pi) == pytest.approx(math.pi / 4, abs=1e-6)
    assert theory.locked_order("lorentzian", 1.0, 2.0) == 0
    assert (theory.METASTABILITY_UNIT, theory.CHIMERA_UNIT) == (1 / 12, 5 / 36)


@pytest.mark.parametrize(("name", "strength"), [("lorentzian", 3.0), ("gaussian", 2.0), ("uniform", 2.0)])
def test_the_spread_of_the_stationary_order_by_sums_over_frequencies(name, strength):
    """c = sqrt(1 - (w / K r)^2) of locked units at 4,000,000 quantiles: its variance, and d(mean)/dr by differences."""
    u = (np.arange(4_000_000) + 0.5) / 4_000_000
    w = {"lorentzian": np.tan(np.pi * (u - 0.5)), "gaussian": special.ndtri(u), "uniform": 2 * u - 1}[name]
    r = theory.locked_order(name, 1.0, strength)

    def cosines(order):
        return np.sqrt(np.clip(1 - (w / (strength * order)) ** 2, 0, None))

    slope = (cosines(r + 1e-3).mean() - cosines(r - 1e-3).mean()) / 2e-3
    expected = cosines(r).std() / math.sqrt(500) / (1 - slope)
    assert kuramoto.locked_spread(name, 2.0, 2 * strength, 500) == pytest.approx(expected, rel=2e-3)


def test_incoherent_order_by_another_integral():
    """Lorentzian: 1 / (1 - K / K_c) in closed form. Uniform, Gaussian: the answer's principal value by quadrature."""
    lorentzian = theory.incoherent_order("lorentzian", 2.0, 1.5, 1000)
    assert lorentzian == pytest.approx(math.sqrt(math.pi / 4000 / (1 - 1.5 / 4)), rel=1e-6)

    def answer(name, w):
        """pi g(w) - i P int g(v) / (w - v) dv."""
        reach = 1.0 if name == "uniform" else 12.0
        real = math.pi * DENSITIES[name](w)
        if name == "uniform" and abs(w) > 1:
            return complex(real, -integrate.quad(lambda v: 0.5 / (w - v), -1, 1)[0])
        principal, _ = integrate.quad(lambda v: DENSITIES[name](v), -reach, reach, weight="cauchy", wvar=w)
        return complex(real, principal)  # Cauchy's weight is 1 / (v - w)

    for name, top in (("gaussian", 6.0), ("uniform", 0.9999)):
        grid = np.linspace(-top, top, 2001)
        terms = [DENSITIES[name](w) / abs(1 - 0.4 * answer(name, w)) ** 2 for w in grid]
        expected = math.sqrt(math.pi / 4 * np.trapezoid(terms, grid) / 400)
        assert theory.incoherent_order(name, 1.0, 0.8, 400) == pytest.approx(expected, rel=2e-3)


def test_ott_and_antonsens_solution_solves_their_equation():
    """dr/dt = -g r + (K / 2) r (1 - r^2), by an integrator, above and below K_c."""
    for coupling in (5.0, 1.0):
        solved = integrate.solve_ivp(
            lambda t, r, k=coupling: -1.5 * r + k / 2 * r * (1 - r * r), (0, 2), [0.4], rtol=1e-11, atol=1e-13
        )
        found = theory.ott_antonsen(0.4, 1.5, coupling, np.array([0.0, 2.0]))
        np.testing.assert_allclose(found, [0.4, solved.y[0, -1]], rtol=1e-8)


# When each is expected.


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"frequency": 0.1}, "Omega acts"),
     ({"natural": {"distribution": "uniform"}}, "units have natural frequencies"),
     ({"integrator": "heun"}, "the integrator is heun"), ({"normalise": "mean"}, "coupling to the mean"),
     ({"topology": "all_to_all"}, "all to all"), ({"coupling": -0.1}, "a coupling is negative"),
     ({"bias": -0.1}, "a coupling is negative")],
)  # fmt: skip
def test_nothing_is_proven_of_the_energy_where_something_else_acts(changes, reason):
    config = complete(**{"frequency": 0, **changes})
    limit, said = theory.energy_bound(config)
    assert math.isnan(limit) and said == f"no bound is known: {reason}"
    assert theory.expected_rises(config) == (None, said)


def test_no_rise_is_expected_up_to_the_bound_and_not_beyond():
    size = {"height": 4, "width": 5, "channels": 2, "frequency": 0, "boundary": {"y": "periodic"}}
    limit, reason = theory.energy_bound(complete(**size))
    assert limit == theory.energy_step_bound((2, 4, 5), (False, True, False), 0.12, 1.25) and reason == ""
    expectation, reason = theory.expected_rises(complete(**size, step_size=limit))
    assert (expectation.value, expectation.kind, reason) == (0, "identity", "")
    expectation, reason = theory.expected_rises(complete(**size, step_size=limit * 1.01))
    assert expectation is None and "beyond the bound 0.5" in reason
    assert theory.energy_bound(complete(frequency=0, coupling=0, bias=1))[0] == 1
    assert not math.isnan(theory.energy_bound(complete(frequency=0, coupling=1, bias=0))[0])


@pytest.mark.parametrize(
    "changes",
    [{}, {"normalise": "mean"}, {"boundary": {"x": "periodic", "channel": "periodic"}}, {"coupling": -0.7},
     {"topology": "all_to_all"}, {"topology": "all_to_all", "normalise": "mean"}],
)  # fmt: skip
def test_no_energy_is_beyond_its_range_which_equal_phases_reach(changes):
    """-|k| links - |k_b| weights, counted on the matrix of neighbours."""
    config = complete(height=3, width=4, channels=3, bias=0.9, **changes)
    shape, closed = (3, 3, 4), [config["boundary"][axis] == "periodic" for axis in ("channel", "y", "x")]
    degrees = np.diag(laplacian(shape, closed)) if config["topology"] == "lattice" else np.full(36, 36.0)
    links = degrees.sum() / 2 if config["topology"] == "lattice" else 36 * 35 / 2
    weights = degrees.sum() if config["normalise"] == "mean" else 36
    expected = abs(config["coupling"]) * links + 0.9 * weights
    assert theory.energy_range(config) == pytest.approx(expected, rel=1e-12)


def test_random_phases_are_expected_only_where_they_are_drawn():
    drawn, read = complete(), complete(initial_phases="mine.npy")
    assert theory.expected_start(drawn, 100).value == theory.random_order(100)
    assert theory.expected_start(drawn, 10).kind == "exact"
    assert theory.expected_start(drawn, 9) is None and theory.expected_start(read, 100) is None
    assert theory.expected_vortices(drawn).value == 1 / 3 and theory.expected_vortices(drawn).kind == "exact"
    assert theory.expected_vortices(read) is None
    assert (theory.expected_violations().value, theory.expected_violations().kind) == (0, "identity")
    violated = Headline(1, None, 9, "frames", "Violations", theory.expected_violations(), exact=True)
    assert agrees(violated).outcome == "disagrees"


@pytest.mark.parametrize(
    ("changes", "known"),
    [({}, True), ({"bias": 0.1}, False), ({"topology": "lattice"}, False),
     ({"natural": {"distribution": "none"}}, False),
     ({"frequency": 0.1}, False), ({"frequency": 0.1, "channels": 1}, True),
     ({"frequency": 0.1, "channels": 1, "omega_mode": "rotation"}, False)],
)  # fmt: skip
def test_stationary_order_is_known_of_kuramotos_units_alone(changes, known):
    assert theory.has_stationary_order(complete(**{**KURAMOTO, **changes})) == known


def test_expected_stationary_order_above_below_and_near_the_critical_coupling():
    """n = 50 x 20 units: within 1000^(-2/5) = 6.3 % of K_c = 1.5958 nothing is expected."""
    size = {**KURAMOTO, "channels": 2, "height": 25, "width": 20}
    critical = math.sqrt(8 / math.pi)
    above, reason = theory.expected_stationary(complete(**size, coupling=1.07 * critical))
    assert above.value == theory.locked_order("gaussian", 1.0, 1.07 * critical) and reason == ""
    below, reason = theory.expected_stationary(complete(**size, coupling=0.93 * critical))
    assert below.value == theory.incoherent_order("gaussian", 1.0, 0.93 * critical, 1000) and reason == ""
    assert above.kind == below.kind == "exact" and "Daido" in below.source and "Kuramoto" in above.source
    for near in (0.94, 1.06):
        expectation, reason = theory.expected_stationary(complete(**size, coupling=near * critical))
        assert expectation is None and reason.startswith("closer to K_c than n^(-2/5)")
    summed, _ = theory.expected_stationary(complete(**{**size, "normalise": "sum"}, coupling=0.003))
    assert summed.value == theory.locked_order("gaussian", 1.0, 3.0)
    wide = {**size, "natural": {"distribution": "lorentzian", "scale": 0.5}}
    assert theory.expected_stationary(complete(**wide, coupling=2.0))[0].value == pytest.approx(np.sqrt(0.5))


def test_the_curve_of_a_sweep_over_the_coupling_is_kuramotos_and_no_lattices():
    """0 below K_c, .925182 at K = 3 for Gaussian units, sqrt(1 - K_c / K) for Lorentzian ones."""
    values = np.array([1.0, 3.0])
    drawn = theory.sweep_curve(complete(**KURAMOTO), "coupling", values)["order_stationary"]
    assert drawn[0] == 0 and drawn[1] == pytest.approx(0.925182, abs=1e-6)
    lorentzian = {**KURAMOTO, "natural": {"distribution": "lorentzian", "scale": 0.5}}
    drawn = theory.sweep_curve(complete(**lorentzian), "coupling", values)["order_stationary"]
    np.testing.assert_allclose(drawn, [0, np.sqrt(2 / 3)], atol=1e-12)
    assert theory.sweep_curve(complete(), "coupling", values) == {}
    assert theory.sweep_curve(complete(**KURAMOTO), "bias", values) == {}
    assert theory.sweep_curve(complete(**{**KURAMOTO, "normalise": "sum"}), "coupling", values) == {}
