"""Exact maps first, then what never changes, then rates, orders and ensembles. Numbers: `oscillators.theory`."""

import numpy as np
import pytest
from scipy.fft import idctn
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from emergent_dynamics.oscillators import draws, engines, images, kuramoto, model, theory

ENGINES = ["reference", "float64"]
PAIR = {"height": 1, "width": 2, "channels": 1, "omega": np.zeros((1, 1))}
ONE = {"height": 1, "width": 1, "channels": 1, "omega": np.zeros((1, 1))}


def phases(values):
    return np.array(values, float).reshape(1, 1, 1, -1)


def random_field(p, seed=5, runs=1):
    return model.initial(draws.draw_phases(seed, runs, p.shape), draws.draw_phases(seed + 1, runs, p.shape))


@pytest.mark.parametrize("engine", ENGINES)
def test_two_oscillators_close_their_gap_by_the_exact_map(parameters, run, engine):
    """V3. Euler then normalise, on a pair: tan(g_n / 2) = tan(g_0 / 2) (1 - 2 k dt)^n."""
    p = parameters(**PAIR, bias=0.0)
    z = run(model.initial(phases([0.0, 2.5]), phases([0.0, 0.0])), p, 512, engine).z[0, 0, 0]
    gap = np.angle(z[1] * np.conj(z[0]))
    assert gap == pytest.approx(1.442668525332954, abs=1e-12)
    assert theory.pair_gap(2.5, 0.12, 0.01, 512) == pytest.approx(1.442668525332954, abs=1e-14)
    assert theory.pair_gap_continuous(2.5, 0.12, 5.12) == pytest.approx(1.444133480, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_single_oscillator_approaches_its_input_by_the_scalar_map(parameters, run, engine):
    """V4. Bias only, gap 2 rad: 4.932484443053e-3 after 512 steps of Euler (continuous: 5.175433e-3)."""
    p = parameters(**ONE, coupling=0.0)
    z = run(model.initial(phases([2.0]), phases([0.0])), p, 512, engine).z
    assert np.angle(z.item()) == pytest.approx(4.932484443053e-3, abs=1e-14)
    assert theory.bias_gap(2.0, 1.25, 0.01, 512) == pytest.approx(4.932484443053e-3, abs=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_input_that_follows_meets_the_oscillator_on_the_way(parameters, run, engine):
    """V5. The gap decays at k_b + 0.1 and the input moves 0.1 / (k_b + 0.1) of it: 2.956797892e-3 and 0.146287 rad."""
    p = parameters(**ONE, coupling=0.0, evolve_input=True)
    end = run(model.initial(phases([2.0]), phases([0.0])), p, 512, engine)
    gap, gone = theory.following_gap(2.0, 1.25, model.INPUT_RATE, 0.01, 512)
    assert np.angle(end.z * np.conj(end.c)).item() == pytest.approx(gap, abs=1e-13)
    assert np.angle(end.c).item() == pytest.approx(gone, abs=1e-13)
    assert (gap, gone) == (pytest.approx(2.956797892e-3, abs=1e-12), pytest.approx(0.146287, abs=1e-6))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_uniform_phase_stands_still_under_every_omega(parameters, run, engine):
    """V2. Omega z is a real multiple of z when all phases are equal, so it acts radially; k_b = 0."""
    p = parameters(frequency=1.0, bias=0.0)
    start = model.initial(np.full((1, *p.shape), 0.7), np.zeros((1, *p.shape)))
    assert np.abs(run(start, p, 512, engine).z - np.exp(0.7j)).max() < 1e-12


@pytest.mark.parametrize(("engine", "bound"), [("reference", 1e-15), ("float64", 1e-15), ("float32", 5e-7)])
def test_every_oscillator_stays_on_the_circle(parameters, run, engine, bound):
    """V1. Each step ends with a normalisation; what is left is rounding (float32: 6e-8 times a few)."""
    p = parameters(frequency=0.12, evolve_input=True)
    end = run(random_field(p), p, 512, engine)
    assert np.abs(np.abs(end.z) - 1).max() <= bound
    assert np.abs(np.abs(end.c) - 1).max() <= bound


def test_a_turned_field_turns_with_its_input(parameters):
    """The equations know only differences of phases: a common turn commutes with the step."""
    p = parameters(height=5, width=6, frequency=0.3, evolve_input=True)
    field = random_field(p)
    turned = model.Field(field.z * np.exp(1.1j), field.c * np.exp(1.1j), field.spike)
    np.testing.assert_allclose(model.step(turned, p).z, model.step(field, p).z * np.exp(1.1j), atol=1e-14)


def test_rotation_turns_each_channel_at_its_own_rate(parameters):
    """Omega as a rotation, alone: one Euler step turns channel d by atan(dt k_omega Omega_d) exactly."""
    p = parameters(height=2, width=3, coupling=0.0, bias=0.0, frequency=1.5, omega_mode="rotation")
    field = random_field(p)
    turn = np.angle(model.step(field, p).z * np.conj(field.z))
    np.testing.assert_allclose(
        turn, np.broadcast_to(np.arctan(0.015 * p.omega)[:, None, None], turn.shape), atol=1e-14
    )


@pytest.mark.parametrize(
    ("mode", "expected"),
    [((0, 0, 1), 0.301509), ((0, 1, 0), 0.301509), ((1, 0, 0), 0.370294), ((1, 2, 3), 0.389780)],
)
def test_small_cosine_modes_decay_at_their_rate(parameters, run, mode, expected):
    """V6. k_b + 4 k sum sin^2(pi m / 2 n), for (channel, y, x) modes; Euler at dt = 0.001 measures 1.1e-4 less."""
    p = parameters(coupling=0.12, bias=0.3, step_size=0.001)
    assert theory.mode_rate(mode, p.shape, 0.12, 0.3) == pytest.approx(expected, abs=6e-7)
    wave = np.zeros(p.shape)
    wave[mode] = 1.0
    wave = idctn(wave)
    wave *= 1e-4 / np.abs(wave).max()
    end = run(model.initial(wave[None], np.zeros((1, *p.shape))), p, 500, "float64")
    left = (np.angle(end.z[0]) * wave).sum() / (wave**2).sum()
    assert -np.log(left) / 0.5 == pytest.approx(expected, abs=2e-4)


def test_small_phases_follow_the_generator_of_omega(parameters):
    """V7. Near synchrony, k = k_b = 0: phases(t) = expm(k_omega M t) phases(0), M = Omega - diag(row sums).

    Euler's own error after t = 1 is dt |M|^2 / 2 of the phases, 3e-4 at dt = 5e-4; halving the step halves it.
    """
    start, errors = 1e-4 * np.array([1.0, -0.5, 0.25, 0.7]), []
    for dt in (1e-3, 5e-4):
        p = parameters(height=1, width=1, coupling=0.0, bias=0.0, frequency=1.0, step_size=dt)
        field = model.initial(start.reshape(1, 4, 1, 1), np.zeros((1, 4, 1, 1)))
        for _ in range(round(1 / dt)):
            field = model.step(field, p)
        errors.append(
            np.abs(np.angle(field.z).ravel() - expm(theory.omega_generator(p.omega)) @ start).max() / 1e-4
        )
    assert errors[1] < 4e-4
    assert errors[0] / errors[1] == pytest.approx(2.0, abs=0.05)


def test_the_generator_of_omega_can_be_unstable():
    """V7, numpy's default_rng(3): eigenvalues 0, -0.217 and 0.108 +- 0.159i, so synchrony may lose its stability."""
    u = np.random.default_rng(3).random((4, 4))
    values = np.linalg.eigvals(theory.omega_generator(u - u.T))
    expected = [-0.217, 0.0, 0.108 - 0.159j, 0.108 + 0.159j]
    for value in expected:
        assert np.abs(values - value).min() < 1e-3


@pytest.mark.parametrize(
    ("factor", "rises"), [(0.02, False), (0.5, False), (1.0, False), (1.5, False), (1.9, True)]
)
def test_the_energy_never_rises_within_the_bound(parameters, factor, rises):
    """V8. Omega off, input fixed: dt <= 1 / ((1 + l) k + k_b). Not sharp: 1.5 times still holds, 1.9 times does not."""
    shape = (4, 28, 28)
    bound = theory.energy_step_bound(shape, (False,) * 3, 0.12, 1.25)
    assert bound == pytest.approx(0.4899, abs=1e-4)
    p = parameters(step_size=factor * bound)
    field = random_field(p, runs=3)
    energies = []
    for _ in range(150):
        energies.append(model.energy(field.z, field.c, p))
        field = model.step(field, p)
    rise = np.diff(energies, axis=0)
    assert (rise > 1e-9 * np.abs(energies[-1])).any() == rises


def test_the_energy_never_rises_when_the_input_follows(parameters):
    """The input's own step only turns it towards the field, which lowers -k_b cos(phi - theta) too."""
    p = parameters(height=8, width=9, step_size=0.4, evolve_input=True, periodic=(True, False, True))
    field, last = random_field(p), np.inf
    for _ in range(200):
        now = model.energy(field.z, field.c, p).item()
        assert now <= last + 1e-9 * abs(now)
        field, last = model.step(field, p), now


@pytest.mark.parametrize(("integrator", "order"), [("euler", 1), ("heun", 2), ("rk4", 4)])
def test_the_integrators_have_their_order(parameters, integrator, order):
    """V9.

    Against DOP853 at 1e-12 on 8 x 8 x 4 for t = 2: slope of log error over log step, within 0.03 (Euler) or
    0.15.
    """
    p = parameters(height=8, width=8, frequency=0.12)
    start = random_field(p, seed=9)
    theta, phi = np.angle(start.z), np.angle(start.c)
    exact = solve_ivp(
        lambda _, y: model.slopes(y.reshape(theta.shape), phi, p)[0].ravel(), (0, 2), theta.ravel(),
        method="DOP853", rtol=1e-12, atol=1e-12,
    ).y[:, -1].reshape(theta.shape)  # fmt: skip
    sizes = np.array([0.02, 0.01, 0.005]) if order == 1 else np.array([0.2, 0.1, 0.05])
    errors = []
    for dt in sizes:
        q = parameters(
            height=8, width=8, frequency=0.12, step_size=float(dt), integrator=integrator, omega=p.omega
        )
        field = start
        for _ in range(round(2 / dt)):
            field = model.step(field, q)
        errors.append(np.sqrt(np.mean(np.abs(field.z - np.exp(1j * exact)) ** 2)))
    slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.03 if order == 1 else 0.15)


def test_random_phases_have_the_rayleigh_mean_order():
    """V10. E[R] = sqrt(pi / 4 N) = 0.015826 at N = 3136; 2000 draws, standard error 0.52 R / sqrt(2000)."""
    order = np.abs(np.exp(1j * draws.draw_phases(1, 2000, (4, 28, 28))).mean((1, 2, 3)))
    assert theory.random_order(3136) == pytest.approx(0.015826, abs=1e-6)
    assert abs(order.mean() - theory.random_order(3136)) < 4 * order.std() / np.sqrt(2000)


def all_to_all(parameters, distribution, coupling, n=10_000, end=50.0, dt=0.02):
    """Mean r over t in [30, 50] of n units with the distribution's quantiles as frequencies, Heun."""
    u = (np.arange(n) + 0.5) / n
    p = parameters(
        height=1, width=n, channels=1, coupling=coupling, bias=0.0, step_size=dt, normalise="mean",
        topology="all_to_all",
        integrator="heun", omega=np.zeros((1, 1)),
        natural=draws.natural_quantile(u, distribution, 1.0).reshape(1, 1, 1, n),
    )  # fmt: skip
    field = model.initial(draws.draw_phases(4, 1, p.shape), np.zeros((1, *p.shape)))
    order = []
    for step in range(round(end / dt)):
        field = model.step(field, p)
        if step * dt >= 30:
            order.append(abs(field.z.mean()))
    return np.mean(order)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("distribution", "coupling", "expected"),
    [("lorentzian", 3.0, 0.57735), ("lorentzian", 4.0, 0.70711),
     ("gaussian", 2.0, 0.715174), ("gaussian", 3.0, 0.925182)],
)  # fmt: skip
def test_all_to_all_units_reach_kuramotos_order(parameters, distribution, coupling, expected):
    """V13, V14. r = sqrt(1 - K_c / K), and the Gaussian's closed form; 10^4 units, within 0.01."""
    assert theory.locked_order(distribution, 1.0, coupling) == pytest.approx(expected, abs=5e-6)
    assert all_to_all(parameters, distribution, coupling) == pytest.approx(expected, abs=0.01)


def stationary_orders(parameters, distribution, coupling, n=1000, runs=24, time=30.0, dt=0.025):
    """Mean r over the second half of each run, each a sample of n frequencies of its own; the cpu kernel."""
    p = parameters(
        height=1, width=n, channels=1, coupling=coupling, bias=0.0, step_size=dt, normalise="mean",
        topology="all_to_all", omega=np.zeros((1, 1)),
        natural=draws.draw_natural(3, runs, (1, 1, n), distribution, 1.0), engine="cpu",
    )  # fmt: skip
    engine = engines.choose(p)
    phases = draws.draw_phases(3, runs, p.shape)
    state, order = engine.initial(model.initial(phases, np.zeros_like(phases))), []
    for _ in range(40):
        engine.advance(state, round(time / dt / 40))
        order.append(np.abs(engine.sums(state)[0].mean(1)))
    return np.mean(order[20:], axis=0)


@pytest.mark.parametrize(
    ("distribution", "coupling"), [("gaussian", 2.0), ("lorentzian", 3.0), ("uniform", 2.0)]
)
def test_order_varies_with_the_sample_of_frequencies_as_derived(parameters, distribution, coupling):
    """V13, V14, V16. Above K_c r of 24 samples of 1000 units has Kuramoto's mean and the spread of `locked_spread`.

    Both within 4 standard errors; that of a standard deviation is 1 / sqrt(2 (24 - 1)) = 15 % of it.
    """
    found = stationary_orders(parameters, distribution, coupling)
    spread = kuramoto.locked_spread(distribution, 1.0, coupling, 1000)
    assert abs(found.mean() - theory.locked_order(distribution, 1.0, coupling)) < 4 * spread / np.sqrt(24)
    assert abs(found.std(ddof=1) / spread - 1) < 4 * 0.147


@pytest.mark.parametrize(
    ("distribution", "coupling"), [("gaussian", 1.0), ("lorentzian", 1.0), ("uniform", 1.1)]
)
def test_incoherent_units_answer_linearly(parameters, distribution, coupling):
    """V15. Below K_c the mean of r over 24 samples is that of `incoherent_order`.

    Lorentzian: n <r^2> = 1 / (1 - K / K_c), so r is of the order 1 / sqrt(n).
    """
    found = stationary_orders(parameters, distribution, coupling)
    expected = theory.incoherent_order(distribution, 1.0, coupling, 1000)
    assert abs(found.mean() - expected) < 4 * found.std(ddof=1) / np.sqrt(24)
    lorentzian = theory.incoherent_order("lorentzian", 1.0, 1.5, 1000)
    assert lorentzian == pytest.approx(theory.random_order(1000) / np.sqrt(1 - 1.5 / 2), rel=1e-4)


def test_the_uniform_distribution_jumps_at_its_critical_coupling():
    """V16. K_c = 4 g / pi, r jumps to pi / 4 (Pazo 2005), and grows from there."""
    critical = theory.critical_coupling("uniform", 1.0)
    assert critical == pytest.approx(4 / np.pi)
    assert theory.locked_order("uniform", 1.0, critical * 0.999) == 0.0
    assert theory.locked_order("uniform", 1.0, critical) == pytest.approx(np.pi / 4, abs=1e-6)
    assert theory.locked_order("uniform", 1.0, 2.0) > np.pi / 4
    assert theory.critical_coupling("gaussian", 1.0) == pytest.approx(1.595769, abs=1e-6)
    assert theory.locked_order("gaussian", 1.0, 1.7) == pytest.approx(0.425362, abs=1e-6)


def test_order_grows_as_ott_and_antonsen_say(parameters):
    """V17. dr/dt = -g r + (K / 2) r (1 - r^2), 20,000 Lorentzian units from r = 0.5; the limit is sqrt(1 - 2 / K)."""
    n, dt = 20_000, 0.02
    frequency = draws.natural_quantile((np.arange(n) + 0.5) / n, "lorentzian", 1.0)
    p = parameters(
        height=1, width=n, channels=1, coupling=4.0, bias=0.0, step_size=dt, normalise="mean",
        topology="all_to_all",
        integrator="heun", omega=np.zeros((1, 1)),
        natural=np.random.default_rng(2).permutation(frequency).reshape(1, 1, 1, n),
    )  # fmt: skip
    a = 0.5  # a wrapped Cauchy of order a lies on Ott and Antonsen's manifold
    start = 2 * np.arctan((1 - a) / (1 + a) * np.tan(np.pi * ((np.arange(n) + 0.5) / n - 0.5)))
    field, times, order = model.initial(start.reshape(1, 1, 1, n), np.zeros((1, *p.shape))), [], []
    for step in range(1, 151):
        field = model.step(field, p)
        times.append(step * dt)
        order.append(abs(field.z.mean()))
    expected = theory.ott_antonsen(a, 1.0, 4.0, np.array(times))
    assert theory.ott_antonsen(a, 1.0, 4.0, np.array([50.0])) == pytest.approx(np.sqrt(0.5), abs=1e-9)
    assert np.abs(np.array(order) - expected).max() < 0.014  # 2 / sqrt(20,000)


def test_degree_counts_what_a_neighbour_sum_reaches(parameters):
    """Sum of degrees = twice the links: open 4 x 3 x 5 has 3*15 + 2*20 + 4*12 links, periodic 3 per site."""
    p = parameters(height=3, width=5)
    assert model.degree(p).sum() == 2 * (3 * 15 + 2 * 20 + 4 * 12)
    p = parameters(height=3, width=5, periodic=(True, True, True))
    assert (model.degree(p) == 6).all()


@pytest.mark.parametrize(
    ("mapping", "black", "white"),
    [("half_turn", 0.0, np.pi), ("full_turn", 0.0, 2 * np.pi), ("seed", -2.6654, 17.7278)],
)
def test_mappings_span_their_arcs(mapping, black, white):
    """The seed's 'scale to 2 pi' spans -2.665 to 17.728 rad, 3.246 turns."""
    found = images.map_intensity(np.array([0.0, 1.0]), mapping)
    np.testing.assert_allclose(found, [black, white], atol=1e-3)
