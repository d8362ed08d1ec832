"""Exponents against central differences and closed forms: in phase, twisted, two units, uncoupled."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import checks, model, resources, tangent, theory
from emergent_dynamics.oscillators.figures import lyapunov as figure
from emergent_dynamics.oscillators.findings import lyapunov
from emergent_dynamics.statistics import kaplan_yorke
from tests.oscillators.conftest import parameters
from tests.oscillators.experiments import complete

RNG = np.random.default_rng(5)
RING = {"height": 1, "channels": 1, "bias": 0.0}


@pytest.mark.parametrize("integrator", ["euler", "heun", "rk4"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"topology": "all_to_all", "normalise": "mean"}, {"periodic": (True, True, False), "evolve_input": False},
     {"topology": "ring", "normalise": "mean", "height": 1, "channels": 1, "width": 36}],
    ids=["lattice", "all to all", "torus", "ring"],
)  # fmt: skip
def test_the_tangent_is_the_difference_of_two_steps(integrator, changes):
    """With Omega, lag, input and rates; central differences of 1e-5 rad, off by their square and rounding."""
    same = {
        "height": 4,
        "width": 3,
        "channels": 3,
        "frequency": 0.4,
        "evolve_input": True,
        "lag": 0.6,
        "coupling": 0.5,
    }
    p = parameters(**same | {"integrator": integrator, "step_size": 0.05} | changes)
    field = model.initial(*RNG.uniform(-3, 3, (2, 2, *p.shape)))
    u, v = RNG.normal(size=(2, 2, 2, *p.shape))
    after, found = tangent.step(field, tangent.Disturbances(u, v), p)
    assert np.abs(after.z - model.step(field, p).z).max() < 1e-14
    for k in range(2):
        ends = [model.step(model.initial(np.angle(field.z) + e * u[k], np.angle(field.c) + e * v[k]), p)
                for e in (1e-5, -1e-5)]  # fmt: skip
        for name, moved in (("z", found.u[k]), ("c", found.v[k])):
            one, other = (getattr(end, name) for end in ends)
            expected = np.angle(one * np.conj(other)) / 2e-5
            assert np.abs(expected - moved).max() < 1e-8 or (name == "c" and not p.evolve_input)


def spectrum(p, phases, time, vectors=None):
    """Exponents of one run that starts at `phases`, both quarters equal; vectors (vector, unit), at random without."""
    shape = (1, *p.shape)
    n = np.prod(p.shape)
    start = np.reshape(RNG.normal(size=(n, n)) if vectors is None else vectors, (n, 1, 1, *p.shape))
    field = model.initial(np.reshape(phases, shape), np.zeros(shape))
    found = tangent.exponents(field, p, start, round(time / p.step_size))
    assert found[0, 0] == pytest.approx(found[0, 1], abs=1e-6)
    return found[0, 1]


def runge_kutta(rates, dt):
    """ln |R(rate dt)| / dt of the classical scheme, largest first."""
    h = np.asarray(rates) * dt
    return np.sort(np.log(np.abs(1 + h + h**2 / 2 + h**3 / 6 + h**4 / 24)) / dt)[::-1]


@pytest.mark.parametrize(("twist", "lag"), [(0, 0.0), (2, 0.0), (2, 0.4), (1, 0.3)])
def test_a_twisted_ring_has_the_exponents_of_its_fourier_modes(twist, lag):
    """theta_j = 2 pi q j / n turns as a whole; mode m grows at -k sum over both neighbours of cos(+-2 pi q / n - lag)
    (1 - e^(+-2 pi i m / n)). Disturbances are cosines and sines, which the tangent does not mix.
    """
    n, k, dt = 8, 0.5, 0.1
    p = parameters(
        **RING, width=n, periodic=(False, False, True), coupling=k, lag=lag, step_size=dt, integrator="rk4"
    )
    angle, m = 2 * np.pi * twist / n, np.arange(n)
    rates = -k * sum(np.cos(s * angle - lag) * (1 - np.exp(2j * np.pi * s * m / n)) for s in (1, -1))
    modes = np.exp(2j * np.pi * m[:, None] * m / n)
    waves = np.where(m[:, None] <= n // 2, modes.real, modes.imag)
    found = spectrum(p, angle * m, 8.0, waves)
    assert np.sort(found)[::-1] == pytest.approx(runge_kutta(rates, dt), abs=1e-9)


@pytest.mark.parametrize("lag", [0.0, 0.5])
def test_all_to_all_units_in_phase_have_one_neutral_and_equal_exponents(lag):
    """0 once, and -K cos(lag) n - 1 times."""
    p = parameters(**RING, width=6, topology="all_to_all", normalise="mean", coupling=0.8, lag=lag, step_size=0.1,
                   integrator="rk4")  # fmt: skip
    expected = runge_kutta([0, *[-0.8 * np.cos(lag)] * 5], 0.1)
    assert spectrum(p, np.full(6, 0.3), 60.0) == pytest.approx(expected, abs=2e-6)


def test_eulers_map_shrinks_the_gap_of_equal_units_by_1_minus_dt_k():
    """At equal phases |f| = 1 with coupling to the mean: ln(1 - dt K) / dt, and 0 of the turn."""
    p = parameters(**RING, width=5, topology="all_to_all", normalise="mean", coupling=0.8, step_size=0.1)
    expected = [0, *[np.log(1 - 0.08) / 0.1] * 4]
    assert spectrum(p, np.zeros(5), 60.0) == pytest.approx(expected, abs=2e-6)


def test_two_locked_units_with_frequencies_have_the_exponent_of_adler():
    """gap' = w - 2 k sin(gap): -2 k cos(gap) at sin(gap) = w / 2 k, and 0."""
    rates = np.array([0.0, 0.6]).reshape(1, 1, 1, 2)
    p = parameters(**RING, width=2, coupling=0.5, natural=rates, step_size=0.05, integrator="rk4")
    gap = np.arcsin(0.6)
    found = spectrum(p, [0.0, gap], 30.0)
    assert found == pytest.approx(runge_kutta([0, -np.cos(gap)], 0.05), abs=1e-6)


def test_uncoupled_units_have_none_but_zeros_and_an_input_shrinks_all():
    """Without coupling exponents are 0 whatever the frequencies; with an input at their phase all are -k_b."""
    free = parameters(**RING, width=4, coupling=0.0, natural=RNG.normal(size=(1, 1, 1, 4)), integrator="heun")
    assert np.abs(spectrum(free, RNG.uniform(-3, 3, 4), 2.0)).max() < 1e-12
    held = parameters(**RING | {"bias": 0.7}, width=4, coupling=0.0, integrator="rk4", step_size=0.1)
    assert spectrum(held, np.zeros(4), 4.0) == pytest.approx(runge_kutta([-0.7] * 4, 0.1))


def test_the_sum_of_all_exponents_is_the_mean_divergence_of_the_flow():
    """d theta_i' / d theta_i = -Re(conj z_i (F_i - own part)), along a turbulent run of a lagged ring of pixels."""
    p = parameters(**RING, width=6, periodic=(False, False, True), coupling=0.5, lag=1.2, step_size=0.05,
                   natural=RNG.normal(size=(1, 1, 1, 6)), integrator="rk4")  # fmt: skip
    field = model.initial(RNG.uniform(-3, 3, (1, *p.shape)), np.zeros((1, *p.shape)))
    found = tangent.exponents(field, p, RNG.normal(size=(6, 1, 1, *p.shape)), 800)
    total, inner = 0.0, 0
    for number in range(800):
        before = field
        field = model.step(field, p)
        if number >= 400:
            means = []
            for z in (before.z, field.z):
                pulled = 0.5 * np.exp(-1.2j) * model.neighbour_sum(z, p.periodic)
                means.append(-(np.conj(z) * pulled).real.sum())
            total, inner = total + np.mean(means), inner + 1
    assert found.sum(-1).mean() == pytest.approx(total / inner, abs=2e-4)  # trapezoids in time: dt^2


def test_the_dimension_is_the_mean_over_runs_with_students_interval():
    """Exponents (a, -1) give 1 + a; 1.19 and 1.21 have the mean 1.2 with t(0.975; 1) 0.01 to either side."""
    rows = [(run, k + 1, e) for run, a in enumerate((0.19, 0.21)) for k, e in enumerate((a, -1.0))]
    table = pd.DataFrame(rows, columns=["run", "index", "exponent"])
    found = lyapunov.summarise({"lyapunov": table}, complete())["lyapunov_dimension"]
    assert (found.value, found.n) == (pytest.approx(1.2), 2)
    assert found.ci == pytest.approx((1.2 - 12.7062 * 0.01, 1.2 + 12.7062 * 0.01), abs=1e-5)


def test_kaplan_and_yorkes_dimension():
    """Lorenz's published exponents (0.906, 0, -14.572) give 2.062; too few exponents give none; a point has 0."""
    assert kaplan_yorke(np.array([0.906, 0.0, -14.572])) == pytest.approx(2.0622, abs=1e-4)
    assert np.isnan(kaplan_yorke(np.array([0.2, 0.1])))
    assert kaplan_yorke(np.array([-0.2, -0.3])) == 0


def trajectory_of(config, folder):
    """A finished store of the experiment."""
    from emergent_dynamics.runtime import provenance
    from emergent_dynamics import driver, store
    from emergent_dynamics.oscillators import simulation

    attributes = provenance.attributes("oscillators", "x", config, "")
    driver.run(simulation.build(config), folder / "checkpoint", folder / "x.zarr", attributes)
    return store.open_complete(folder / "x.zarr")


SETTLED = {
    "height": 4, "width": 5, "channels": 1, "frequency": 0, "coupling": 0.4, "bias": 0.5, "steps": 400, "runs": 8,
    "step_size": 0.1, "save": {"every": 100}, "evolve_input": False, "lyapunov": {"enabled": True, "end_time": 30},
}  # fmt: skip


def test_a_settled_field_has_no_positive_exponent_and_says_so(tmp_path):
    config = complete(**SETTLED)
    assert list(checks.check(config)) == [] and "lyapunov" in resources.findings(config)
    tables = lyapunov.find(trajectory_of(config, tmp_path), config)
    assert list(tables["lyapunov"].groupby("run").size()) == [4] * 8
    rows = lyapunov.summarise(tables, config)
    largest = rows["lyapunov_largest"]
    assert largest.value < -0.2 and largest.n == 8 and agrees(largest).outcome == "agrees"
    assert (largest.expectation.relation, largest.expectation.tolerance) == ("<=", pytest.approx(1 / 15))
    assert rows["lyapunov_dimension"].value == 0
    table = pd.DataFrame(tables["lyapunov"])
    assert table["exponent"].to_numpy() == pytest.approx(table[["earlier", "later"]].mean(axis=1).to_numpy())
    assert figure.draw(table).get_suptitle().startswith("The largest exponent is -0.")


def test_units_in_phase_have_an_exponent_of_zero_without_rounding(tmp_path):
    """0 once, -K cos(lag) else; the title has no digits of rounding and says that all runs have it."""
    together = {"topology": "all_to_all", "normalise": "mean", "height": 1, "width": 6, "channels": 1, "bias": 0,
                "frequency": 0, "evolve_input": False, "input": {"source": "uniform"}, "integrator": "heun",
                "step_size": 0.1, "steps": 5, "start": {"form": "clustered", "order": 1.0}, "runs": 2, "coupling": 4,
                "lyapunov": {"enabled": True, "exponents": 2, "end_time": 40}}  # fmt: skip
    config = complete(**together)
    table = lyapunov.find(trajectory_of(config, tmp_path), config)["lyapunov"]
    assert table["exponent"].tolist()[::2] == [0.0, 0.0]
    title = "The largest exponent is 0 nat per unit time in all runs"
    assert figure.draw(table).get_suptitle() == title


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"lag": 0.1}, "the coupling has a phase lag"), ({"noise": 0.1}, "noise acts"),
     ({"frequency": 0.1}, "Omega acts"), ({"natural": {"distribution": "gaussian"}}, "natural frequencies"),
     ({"step_size": 1.5}, "Euler's step may be too long")],
)  # fmt: skip
def test_nothing_is_expected_of_the_largest_exponent_where_there_is_no_gradient(changes, says):
    found, reason = theory.expected_exponent(complete(**{**SETTLED, **changes}))
    assert found is None and says in reason


def test_more_exponents_than_directions_are_one_line():
    own = complete(**SETTLED | {"lyapunov": {"enabled": True, "exponents": 21}})
    ((key, _, allowed),) = checks.check(own)
    assert (key, allowed) == ("lyapunov.exponents", "at most 20, one per phase")
    short = complete(**SETTLED | {"lyapunov": {"enabled": True, "end_time": 0.2}})
    ((key, _, allowed),) = checks.check(short)
    assert (key, allowed) == ("lyapunov.end_time", "at least 0.4, 4 steps")
    assert resources.lyapunov_mb(own) >= resources.mem_mb(own) and resources.lyapunov_minutes(own) == 10
