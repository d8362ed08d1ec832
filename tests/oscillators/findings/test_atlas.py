"""The oscillators of the atlas against closed forms: the map's linear response, its tangent, and what must hold."""

import numpy as np
import pytest
from scipy import integrate

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import euler_map, lattice, model, settling, theory
from emergent_dynamics.oscillators.findings import atlas
from emergent_dynamics.oscillators.kernels import mean_field
from emergent_dynamics.oscillators.parameters import from_config
from emergent_dynamics.statistics import mean_interval
from tests.oscillators.experiments import complete

SCHEMA = read_schemas()[1]["oscillators"]["atlas"]
SMALL = {
    "coupling": [1, 2, 4],
    "sizes": [{"units": 100, "samples": 8}, {"units": 400, "samples": 8}],
    "end_time": 40,
    "onset": {"units": 2000, "samples": 8},
}
# dt: K_c of the map, onset at K = 2, 2.25, 2.5, 3, 4
TABLE = {
    0.1: (1.89170, 0.0677, 0.2290, 0.3978, 0.7604, 1.6038),
    0.05: (1.94787, 0.0290, 0.1696, 0.3132, 0.6095, 1.2417),
    0.02: (1.97966, 0.0106, 0.1414, 0.2731, 0.5398, 1.0860),
    0.001: (1.99900, 0.0005, 0.1258, 0.2511, 0.5019, 1.0040),
}


@pytest.fixture(scope="module")
def table():
    return atlas.find(resolve(SCHEMA, SMALL))["atlas"]


def rows(table, quantity, **where):
    found = table[(table["quantity"] == quantity) & (table["n"] > 0)]
    for key, value in where.items():
        found = found[found[key] == value]
    return found.sort_values("control")


@pytest.mark.parametrize(("step_size", "numbers"), TABLE.items())
def test_the_maps_critical_coupling_and_onset_are_those_of_its_linear_response(step_size, numbers):
    """Numbers from an adaptive quadrature by other code, to the digits that it gave."""
    assert euler_map.critical_coupling(step_size) == pytest.approx(numbers[0], abs=1e-5)
    found = [euler_map.onset(coupling, step_size) for coupling in (2, 2.25, 2.5, 3, 4)]
    assert found == pytest.approx(numbers[1:], abs=1e-4)


def test_the_onset_solves_its_condition_by_another_quadrature():
    """Over the angle arctan w instead of ln w."""
    coupling, dt = 3.0, 0.05
    growth, keep = np.exp(euler_map.onset(coupling, dt) * dt), 1 - dt * coupling

    def weight(angle):
        turn = dt * np.tan(angle)
        return (1 / (growth * np.hypot(keep, turn) - keep - 1j * turn)).real / np.pi

    mean = integrate.quad(weight, -np.pi / 2, np.pi / 2, points=[0], limit=500)[0]
    assert dt * coupling * mean / 2 == pytest.approx(1, abs=1e-8)


def test_the_flow_is_the_limit_of_small_steps_and_holds_below_the_critical_coupling():
    assert euler_map.critical_coupling(1e-6) == pytest.approx(2, abs=2e-6)
    assert euler_map.onset(3.0, 1e-5) == pytest.approx(0.5, abs=1e-4)
    assert euler_map.onset(1.0, 0.02) == -0.5


def stepped(theta, turn, pull):
    """One step of the map, from its formula."""
    z = np.exp(1j * theta)
    return np.angle(z * (1 - pull + 1j * turn) + pull * z.mean())


def test_the_tangent_is_the_derivative_of_the_step():
    """Central differences of the step along the tangent: 10 steps, to 1e-7."""
    rng = np.random.default_rng(2)
    theta, turn, tangent = rng.uniform(-3, 3, 40), 0.05 * rng.normal(size=40), rng.normal(size=40)
    tangent /= np.linalg.norm(tangent)
    ends = []
    for sign in (1, -1):
        moved = theta + sign * 1e-6 * tangent
        for _ in range(10):
            moved = stepped(moved, turn, 0.1)
        ends.append(moved)
    difference = np.angle(np.exp(1j * (ends[0] - ends[1]))) / 2e-6
    order, variance, growth = mean_field.follow(theta, tangent, turn, 0.1, 0, 10)
    assert 10 * growth == pytest.approx(np.log(np.linalg.norm(difference)), abs=1e-7)
    seen = []
    for _ in range(10):
        theta = stepped(theta, turn, 0.1)
        seen.append(abs(np.exp(1j * theta).mean()))
    assert (order, variance) == pytest.approx((np.mean(seen), np.var(seen)), abs=1e-12)


def test_units_that_do_not_couple_neither_grow_nor_lock():
    """K = 0: phases turn freely, so the tangent keeps its length to rounding, and its mean dephases at rate 1."""
    rng = np.random.default_rng(3)
    theta, rate = rng.uniform(0, 2 * np.pi, 500), np.tan(np.pi * (rng.random(500) - 0.5))
    growth = mean_field.follow(theta, rng.normal(size=500), 0.02 * rate, 0.0, 100, 1000)[2]
    assert abs(growth) < 1e-12
    found = [
        atlas.responses(seed, {"units": 4000, "samples": 8, "step_size": 0.01}, np.array([0.0]))
        for seed in (1, 2)
    ]
    values = np.concatenate(found, axis=1)[0]
    # Euler turns a unit by arctan(dt w), so a mode of fast units dephases a little slower than e^-t: 1 % at dt = 0.01
    assert abs(values.mean() + 1) < 4 * values.std(ddof=1) / 4 + 0.01


def test_a_locked_field_forgets_a_disturbance_of_equal_frequencies():
    """Equal units at one phase: f = 1, so a tangent without rotation shrinks by 1 - pull in each step."""
    tangent = np.array([1.0, -1.0, 0.5, -0.5])
    growth = mean_field.follow(np.zeros(4), tangent, np.zeros(4), 0.1, 0, 20)[2]
    assert growth == pytest.approx(np.log(0.9), abs=1e-12)


def test_a_little_order_grows_as_theory_says(table):
    """Within 4 standard errors of the map's rate above K_c and of the flow's below."""
    found = rows(table, "onset")
    assert list(found["control"]) == [1, 2, 4]
    error = (found["hi"] - found["lo"]) / 2 / 2.3646  # Student with 7 degrees
    assert (np.abs(found["value"] - found["theory"]) < 4 * error).all()
    slower = [euler_map.slowing(coupling, 2000, 1.5) for coupling in (1, 4)]
    assert found["theory"].iloc[0] == -0.5 - slower[0]
    assert found["theory"].iloc[2] == euler_map.onset(4.0, 0.01) - slower[1]


@pytest.mark.parametrize("coupling", [0.5, 2.0, 2.0 + 2e-6, 4.0])
def test_order_by_chance_solves_its_equation(coupling):
    """dS/dt = (K - 2) S + 2 / n from 1 / n by an integrator; its mean times K."""
    units, time = 500, 1.5
    found = integrate.solve_ivp(
        lambda t, s: [(coupling - 2) * s[0] + 2 / units, coupling * s[0] / time], (0, time), [1 / units, 0.0],
        rtol=1e-10, atol=1e-14,
    )  # fmt: skip
    assert euler_map.slowing(coupling, units, time) == pytest.approx(found.y[1, -1], rel=1e-5)


def test_a_little_order_of_few_units_grows_more_slowly():
    """480 samples of 1,000 units at K = 4: 14 standard errors below the limit, by what the order by chance takes."""
    found = atlas.responses(3, {"units": 1000, "samples": 480, "step_size": 0.01}, np.array([4.0]))[0]
    error = found.std(ddof=1) / np.sqrt(found.size)
    below = euler_map.onset(4.0, 0.01) - found.mean()
    assert below > 10 * error and abs(below - euler_map.slowing(4.0, 1000, 1.5)) < 4 * error


@pytest.mark.slow  # 3 s: 20,000 units
def test_a_little_order_of_many_units_grows_as_theory_says():
    """16 samples of 20,000 units at seven couplings, each within 4 standard errors of the map's rate or the flow's."""
    couplings = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0])
    found = atlas.responses(1, {"units": 20_000, "samples": 16, "step_size": 0.01}, couplings)
    known = [euler_map.onset(k, 0.01) - euler_map.slowing(k, 20_000, 1.5) for k in couplings]
    assert (np.abs(found.mean(1) - known) < 4 * found.std(1, ddof=1) / 4).all()


def test_the_interval_of_the_onset_covers():
    """200 repeats of 8 samples of 400 units at K = 3: Student's interval covers the map's rate in 90 to 98 %."""
    onset, hits = {"units": 400, "samples": 8, "step_size": 0.01}, 0
    expected = euler_map.onset(3.0, 0.01) - euler_map.slowing(3.0, 400, 1.5)
    for seed in range(200):
        found = mean_interval(atlas.responses(seed, onset, np.array([3.0]))[0])
        hits += found.lo <= expected <= found.hi
    assert 180 <= hits <= 196


def test_order_beside_what_is_known_of_it(table):
    """Above K_c of infinitely many units, below of n; near K_c nothing is expected."""
    for units in (100, 400):
        found = rows(table, "order", size=units)
        assert np.isnan(found["theory"].iloc[1])
        assert found["theory"].iloc[2] == pytest.approx(np.sqrt(1 / 2), rel=1e-12)
        assert found["theory"].iloc[0] == pytest.approx(np.sqrt(np.pi / 4 / units * 2), rel=1e-3)
        assert (np.abs(found["value"] - found["theory"])[[True, False, True]] < 0.05).all()


def test_the_running_field_is_most_sensitive_where_it_locks():
    """At K = 2 above K = 1 and K = 4, by 4 standard errors of the difference over 48 samples of 200 units."""
    p = resolve(SCHEMA, {"end_time": 100})
    found = atlas.stationary(p, 200, 48, np.array([1.0, 2.0, 4.0]))[..., 2]
    for other in (0, 2):
        difference = found[1] - found[other]
        assert difference.mean() > 4 * difference.std(ddof=1) / np.sqrt(48)


def test_what_is_found_of_a_size_does_not_depend_on_what_else_is_asked_for(table):
    alone = SMALL | {"coupling": [2, 3], "sizes": SMALL["sizes"][1:]}
    found = atlas.find(resolve(SCHEMA, alone))["atlas"]
    for quantity in ("order", "growth", "susceptibility"):
        own, other = (rows(t, quantity, size=400, control=2)["value"] for t in (found, table))
        assert own.tolist() == other.tolist() and len(own) == 1
    critical = rows(found, "critical")
    assert critical.empty and (found["note"] == "one size does not cross").sum() == 1


def test_the_critical_coupling_is_where_scaled_orders_cross(table):
    """Recomputed from the means of the table by hand."""
    small, large = (rows(table, "order", size=n)["value"].to_numpy() * n**0.2 for n in (100, 400))
    d = large - small
    first = np.flatnonzero((d[:-1] < 0) & (d[1:] >= 0))[0]
    control = np.array([1.0, 2.0, 4.0])
    expected = np.interp(0, d[first : first + 2], control[first : first + 2])
    critical = rows(table, "critical").iloc[0]
    assert (
        critical["value"] == pytest.approx(expected, rel=1e-12) and critical["lo"] < expected < critical["hi"]
    )
    assert critical["theory"] == euler_map.critical_coupling(0.02)


def test_with_three_sizes_every_pair_has_a_crossing(table):
    """Lines -1 + K and so on, which cross where they were drawn to; the main one is of the smallest and the largest."""
    couplings, p = np.array([1.0, 3.0]), {"seed": 1, "step_size": 0.02}
    orders = {
        n: (level + slope * (couplings[:, None] - 1) + np.zeros((1, 8))) / n**0.2
        for n, level, slope in ((100, 1.0, 0.0), (200, 0.5, 0.5), (400, 0.25, 1.0))
    }
    rows = list(atlas._critical(p, couplings, orders))
    assert [(row.series, row.size) for row in rows] == [
        ("all_to_all", 400), ("pairs", 200), ("pairs", 400), ("pairs", 400),
    ]  # fmt: skip
    assert [row.value for row in rows] == pytest.approx([1.75, 2.0, 1.75, 1.5], rel=1e-12)
    assert [row.note for row in rows] == [
        "",
        *(f"of {a} and {b} units" for a, b in ((100, 200), (100, 400), (200, 400))),
    ]
    assert "pairs" not in set(table["series"])  # two sizes have one pair


@pytest.mark.parametrize("coupling", [1.0, 1.5, 2.0, 2.5, 4.0])
def test_the_time_to_settle_solves_the_flow(coupling):
    """dr/dt = -r + K r (1 - r^2) / 2 from r = 1, by quadrature of dt = dr / (dr/dt)."""
    end = settling.limit(coupling)
    stop = end + (1 - end) / np.e
    time = integrate.quad(lambda r: 1 / (r - coupling / 2 * r * (1 - r * r)), stop, 1, epsabs=1e-12)[0]
    assert settling.expected(coupling) == pytest.approx(time, rel=1e-9)
    if coupling not in (2.0,):
        order = theory.ott_antonsen(1.0, 1.0, coupling, np.array([time]))
        assert order[0] == pytest.approx(stop, rel=1e-9)


def test_order_of_equal_phases_settles_in_the_time_of_the_flow():
    """3,200 units, 16 samples, dt 0.01: within 4 % and 4 standard errors; the interval says how well it is known."""
    rates = np.stack([atlas._drawn(1, "settling", sample, 3200)[1] for sample in range(16)])
    for coupling in (1.0, 1.5, 3.0):
        found, note = settling.measured(rates, coupling, 0.01, 1)
        known, error = settling.expected(coupling), (found.hi - found.lo) / 2 / 2.1314  # 15 degrees
        assert abs(found.value - known) < 0.04 * known + 4 * error and note == "" and found.n == 16
        assert 0 < error < 0.05


def test_units_without_frequencies_settle_as_one():
    """All frequencies 0: equal phases stay equal, so the excess never falls, and nothing is said."""
    found, note = settling.measured(np.zeros((4, 50)), 1.0, 0.05, 1)
    assert np.isnan(found.value) and note == "100% of the resamples have none"


def test_rows_of_relaxation_have_theory_and_the_inverse_of_the_onset(table):
    found = rows(table, "relaxation")
    assert list(found["control"]) == [1, 2, 4] and list(found["unit"]) == ["natural times"] * 3
    assert found["theory"].tolist() == [settling.expected(k) for k in (1.0, 2.0, 4.0)]
    alone = table[(table["quantity"] == "relaxation") & (table["n"] == 0)].set_index("control")["theory"]
    assert alone[1.0] == 2.0 and alone[4.0] == 1 / euler_map.onset(4.0, 0.01)


def test_the_exponent_of_a_field_with_one_input_is_its_closed_form():
    """-0.268460406643 at k 0.5, k_b 0.3, dt 0.05, to 1e-9 after time 75; its tangent is that of `model.step`."""
    field = lattice.Lattice((4, 8, 8), 0.5, 0.3, 0.05)
    assert lattice.expected(field) == pytest.approx(-0.268460406643, abs=1e-12)
    assert lattice.exponents(field, 1, 1, 150.0) == pytest.approx(lattice.expected(field), abs=1e-9)
    given = {
        "channels": 4,
        "height": 8,
        "width": 8,
        "coupling": 0.5,
        "bias": 0.3,
        "frequency": 0,
        "step_size": 0.05,
    }
    given |= {"normalise": "sum", "evolve_input": False, "input": {"source": "uniform"}}
    given |= {"boundary": dict.fromkeys(("channel", "y", "x"), "periodic")}
    p = from_config(complete(**given))
    rng = np.random.default_rng(4)
    theta, tangent = rng.uniform(-3, 3, (1, 4, 8, 8)), rng.normal(size=(4, 8, 8))
    ends = [
        model.step(model.initial(theta + sign * 1e-6 * tangent, np.zeros_like(theta)), p).z
        for sign in (1, -1)
    ]
    z, u = lattice._step(field, np.exp(1j * theta[0]), tangent)
    np.testing.assert_allclose(u, np.angle(ends[0] / ends[1])[0] / 2e-6, atol=1e-7)
    np.testing.assert_allclose(z, model.step(model.initial(theta, np.zeros_like(theta)), p).z[0], atol=1e-14)


def test_the_series_of_the_lattice_is_there_when_it_is_asked_for(table):
    assert set(table["series"]) == {"all_to_all"}
    lattices = {"bias": [0.4], "runs": 2, "end_time": 60}
    found = atlas.find(resolve(SCHEMA, SMALL | {"coupling": [1, 4], "lattice": lattices}))["atlas"]
    (own,) = found[found["series"] == "lattice"].to_dict("records")
    assert own["control"] == 0.4 and own["n"] == 2 and own["window"] == 30
    assert own["value"] == pytest.approx(own["theory"], abs=1e-6)


def test_headlines_and_panel_are_made_from_the_rows(table):
    found = atlas.summarise(table)
    named = {
        "critical_coupling",
        "order_above",
        "growth_at_peak",
        "onset_below",
        "onset_above",
        "relaxation_below",
    }
    assert set(found) == named
    assert agrees(found["onset_above"]).outcome == "agrees"
    assert found["order_above"].expectation.value == theory.locked_order("lorentzian", 1.0, 4.0)
    assert found["growth_at_peak"].value == rows(table, "growth", size=400)["value"].max()
    critical = found["critical_coupling"]
    assert atlas.panel(table).title.startswith(f"Locks at K = {critical.value:.3g} [")
    undefined = table.assign(lo=np.nan, hi=np.nan)
    assert atlas.panel(undefined).title.startswith("Order rises with K; most sensitive at K = ")
