"""The phase lag, rings, and starts that are not uniform: closed forms, equal topologies, one line for a mistake."""

import numpy as np
import pytest
from scipy import integrate

from emergent_dynamics import streams
from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import (
    checks,
    draws,
    engines,
    kuramoto,
    model,
    parameters,
    resources,
    theory,
)
from emergent_dynamics.oscillators.findings import order
from emergent_dynamics.oscillators.front import FRONT
from emergent_dynamics.oscillators.simulation import build
from tests.oscillators.experiments import KURAMOTO, complete, simulated

LINE = {"height": 1, "channels": 1, "bias": 0, "frequency": 0, "input": {"source": "uniform"}}
RING = LINE | {"topology": "ring", "normalise": "mean", "coupling": 1}


@pytest.mark.parametrize("topology", ["lattice", "all_to_all", "network"])
def test_two_units_with_a_lag_close_their_gap_and_turn(tmp_path, topology):
    """gap' = -2 k cos(lag) sin(gap): tan(gap / 2) = tan(gap_0 / 2) e^(-2 k cos(lag) t); the sum turns at
    -2 k sin(lag) cos(gap), and in all-to-all also at -2 k sin(lag), since units pull at themselves (Kuramoto's sum).
    """
    np.save(tmp_path / "w.npy", [[0.0, 1.0]])
    np.save(tmp_path / "start.npy", np.array([-1.0, 1.0]).reshape(1, 1, 2))
    own = {"network": str(tmp_path / "w.npy")} if topology == "network" else {}
    k, lag, time = 0.4, 0.9, 2.0
    config = complete(**LINE, width=2, topology=topology, coupling=k, lag=lag, integrator="rk4", step_size=0.02,
                      steps=100, initial_phases=str(tmp_path / "start.npy"), evolve_input=False, **own)  # fmt: skip
    assert list(checks.check(config)) == []
    sim = build(config | {"engine": "reference"})
    first, second = np.angle(sim.advance(sim.initial(), 0, 100)["z"]).ravel()
    gap = 2 * np.arctan(np.tan(1.0) * np.exp(-2 * k * np.cos(lag) * time))
    assert second - first == pytest.approx(gap, abs=1e-9)

    def cosine(t):
        return np.cos(2 * np.arctan(np.tan(1.0) * np.exp(-2 * k * np.cos(lag) * t)))

    turned = integrate.quad(cosine, 0, time)[0] + (time if topology == "all_to_all" else 0)
    assert (first + second) / 2 == pytest.approx(-k * np.sin(lag) * turned, abs=1e-9)


@pytest.mark.parametrize("integrator", ["euler", "rk4"])
@pytest.mark.parametrize("normalise", ["sum", "mean"])
def test_a_ring_is_the_network_of_its_weights(tmp_path, integrator, normalise):
    """Weights 1 + A cos(2 pi (i - j) / n), a unit's own among them; their sum is n."""
    n, amplitude = 20, 0.7
    apart = 2 * np.pi * (np.arange(n)[:, None] - np.arange(n)) / n
    weights = 1 + amplitude * np.cos(apart)
    np.save(tmp_path / "w.npy", (weights + weights.T) / 2)
    same = LINE | {"width": n, "coupling": 0.3, "lag": 0.8, "normalise": normalise, "integrator": integrator}
    ours = parameters.from_config(complete(**same, topology="ring", modulation=amplitude))
    theirs = parameters.from_config(complete(**same, topology="network", network=str(tmp_path / "w.npy")))
    a = b = model.initial(draws.draw_phases(1, 3, ours.shape), np.zeros((3, *ours.shape)))
    for _ in range(10):
        a, b = model.step(a, ours), model.step(b, theirs)
    assert np.abs(a.z - b.z).max() < 1e-13
    loops = -0.3 * n * (1 + amplitude) / 2
    assert model.energy(b.z, b.c, theirs) == pytest.approx(model.energy(a.z, a.c, ours) + loops)
    largest = theory.energy_range(complete(**same, topology="ring", modulation=amplitude))
    alike = model.energy(np.ones((1, *ours.shape), complex), np.ones((1, *ours.shape), complex), ours)
    assert alike.item() == pytest.approx(-largest)


def test_reduced_equation_is_the_closed_form_at_the_critical_coupling_too():
    """dr/dt = -g r + K r (1 - r^2) / 2 by DOP853, below, at and above K = 2 g."""
    for coupling in (0.0, 1.0, 2.0, 5.0):
        solved = integrate.solve_ivp(lambda _, r, k: -r + k / 2 * r * (1 - r**2), (0, 3), [0.6], "DOP853",
                                     [0, 1, 3], rtol=1e-11, atol=1e-12, args=(coupling,))  # fmt: skip
        found = kuramoto.ott_antonsen(0.6, 1.0, coupling, np.array([0.0, 1, 3]))
        assert found == pytest.approx(solved.y[0], abs=1e-9)


REDUCED = KURAMOTO | {
    "channels": 1, "height": 40, "width": 50, "natural": {"distribution": "lorentzian", "spaced": True}, "runs": 8,
    "start": {"form": "clustered", "order": 0.4}, "integrator": "heun", "step_size": 0.05, "save": {"every": 4},
    "input": {"source": "uniform"}, "evolve_input": False,
}  # fmt: skip


@pytest.mark.parametrize(("coupling", "lag"), [(4.0, 0.0), (1.0, 0.0), (5.0, 0.7)])
def test_order_follows_ott_and_antonsen_to_its_limit(coupling, lag):
    """r(t) in every frame within 4 standard errors and the tolerance; the limit sqrt(1 - 2 / (K cos(lag)))."""
    given = REDUCED | {"coupling": coupling, "lag": lag, "steps": 160}
    config = complete(**given)
    assert list(checks.check(config)) == []
    table = order.find(simulated(**given), config)["order"]
    by_time = table.groupby("time")["order"]
    reduced = theory.reduced_order(config, np.unique(table["time"]))
    floor = 3 * 2000**-0.75 + (0.02 if coupling == 1.0 else 0)  # what is left of 2000 random phases below K_c
    assert (np.abs(by_time.mean() - reduced) <= 4 * by_time.std() / np.sqrt(8) + floor).all()
    rows = order.summarise(
        {"order": table, "chimera": table.assign(chimera=0, metastability=0).groupby("run").first(),
         "convergence": order.convergence(table, 0.01)}, config,
    )  # fmt: skip
    assert agrees(rows["order_halfway"]).outcome == "agrees"
    if coupling * np.cos(lag) > 2:
        assert agrees(rows["order_stationary"]).outcome == "agrees"
        limit = np.sqrt(1 - 2 / (coupling * np.cos(lag)))
        assert rows["order_stationary"].expectation.value == pytest.approx(limit)
    else:
        assert rows["order_stationary"].expectation is None and "spaced" in rows["order_stationary"].note


@pytest.mark.parametrize(
    "changes",
    [{"integrator": "euler"}, {"start": {"form": "uniform"}}, {"noise": 0.1, "integrator": "euler"}, {"bias": 0.2},
     {"natural": {"distribution": "gaussian"}}, {"start": {"form": "clustered", "order": 0}}],
)  # fmt: skip
def test_nothing_is_reduced_where_the_reduction_does_not_hold(changes):
    time = np.linspace(0, 5, 11)
    assert theory.reduced_order(complete(**REDUCED, coupling=3), time) is not None
    assert theory.reduced_order(complete(**{**REDUCED, **changes}, coupling=3), time) is None
    assert theory.halfway(complete(**{**REDUCED, **changes}, coupling=3), time) is None


def test_no_frame_is_halfway_where_the_start_is_the_limit_or_the_run_too_short():
    still = REDUCED | {"start": {"form": "clustered", "order": 0.7}}
    assert theory.halfway(complete(**still, coupling=4), np.linspace(0, 5, 11)) is None
    assert theory.halfway(complete(**REDUCED, coupling=4), np.linspace(0, 0.01, 3)) is None


def test_starts_have_the_order_and_the_form_that_they_say():
    """Clustered: mean e^(i m theta) = r^m, m = 1, 2 (the Poisson kernel); a bump is widest in the middle."""
    z = np.exp(1j * draws.draw_clustered(3, 1, (1, 100, 100), 0.6)).ravel()
    for m in (1, 2):
        assert abs((z**m).mean() - 0.6**m) < 4 / np.sqrt(z.size)
    assert np.ptp(draws.draw_clustered(3, 2, (1, 4, 5), 1.0)) == 0
    bump = draws.draw_bump(3, 400, (1, 1, 32))
    place = 2 * np.pi * np.arange(32) / 32 - np.pi
    assert bump.std(0).ravel() == pytest.approx(6 / np.sqrt(12) * np.exp(-0.76 * place**2), rel=0.12)
    u = streams.uniform(3, "oscillators.phases", 1, 0, 32)
    assert bump[1, 0, 0] == pytest.approx(6 * (u - 0.5) * np.exp(-0.76 * place**2))


def test_spaced_frequencies_are_the_quantiles_in_every_run():
    given = parameters.from_config(complete(**REDUCED, coupling=3)).natural
    assert given.shape == (1, 1, 40, 50)
    assert np.arctan(given).ravel() / np.pi + 0.5 == pytest.approx((np.arange(2000) + 0.5) / 2000)


def test_the_tails_of_spaced_frequencies_add_up_to_the_tolerance():
    """Uncoupled units from equal phases: mean of e^(i w t) against e^-t over times 0.5 to 4."""
    time = np.linspace(0.5, 4, 200)
    for n in (250, 1000, 4000):
        rates = draws.spaced_natural((1, 1, n), "lorentzian", 1.0).ravel()
        off = np.abs(np.cos(rates * time[:, None]).mean(1) - np.exp(-time))
        assert 2 < off.max() * n**0.75 < 3.5
    given = complete(**REDUCED, coupling=3)
    assert theory.expected_stationary(given)[0].tolerance == pytest.approx(3 * 2000**-0.75)
    free = complete(**{**REDUCED, "natural": {"distribution": "lorentzian"}}, coupling=3)
    assert theory.expected_stationary(free)[0].tolerance == 0


def test_what_does_not_go_with_a_ring_a_lag_or_a_start_is_one_line():
    for config, key, says in (
        (complete(**RING | {"height": 2}, width=8), "height", "1, as topology is ring"),
        (complete(**RING | {"channels": 2}, width=8), "channels", "1, as topology is ring"),
        (complete(**RING, width=8, engine="cpu"), "engine", "auto or reference (topology is ring)"),
        (
            complete(**RING, width=8, training={"enabled": True}),
            "training.enabled",
            "false, as topology is ring",
        ),
        (complete(start={"form": "bump"}), "start.form", "uniform or clustered, as topology is lattice"),
        (complete(natural={"spaced": True}), "natural.spaced", "false, as natural.distribution is none"),
    ):
        ((found, _, allowed),) = checks.check(config)
        assert (found, allowed[: len(says)]) == (key, says)


def test_a_start_beside_a_file_of_phases_is_one_line(tmp_path):
    np.save(tmp_path / "p.npy", np.zeros((4, 28, 28)))
    ((key, _, allowed),) = checks.check(
        complete(initial_phases=str(tmp_path / "p.npy"), start={"form": "clustered"})
    )
    assert (key, allowed) == ("start.form", "uniform, as initial_phases is a file")


def test_theory_holds_back_where_a_lag_or_another_start_changes_it():
    lagged = complete(frequency=0, lag=0.2)
    assert theory.energy_bound(lagged)[1] == "no bound is known: the coupling has a phase lag"
    assert "a ring" in theory.energy_bound(complete(**RING, width=8))[1]
    clustered = complete(start={"form": "clustered"})
    assert theory.expected_start(clustered, 100) is None and theory.expected_vortices(clustered) is None
    assert not theory.has_stationary_order(complete(**KURAMOTO, lag=0.1))
    below = theory.expected_stationary(complete(**REDUCED | {"lag": 1.0}, coupling=3))
    assert below[0] is None and "phase lag" in below[1]
    curve = theory.sweep_curve(complete(**REDUCED, coupling=3, lag=0.5), "coupling", np.array([1.0, 4.0]))
    assert curve["order_stationary"] == pytest.approx([0, np.sqrt(1 - 2 / (4 * np.cos(0.5)))])


def test_a_lag_has_a_kernel_on_the_cpu_and_none_on_a_gpu():
    assert engines.choose(parameters.from_config(complete(lag=0.2))).name == "cpu"
    ring = engines.choose(parameters.from_config(complete(**RING, width=8)))
    assert ring.name == "reference" and "no ring" in ring.reason
    assert resources.has_kernels(complete(lag=0.2)) and not resources.has_kernels(complete(**RING, width=8))
    large = {"height": 2048, "width": 2048, "steps": 100_000, "device": "cuda"}
    assert resources.gpus(complete(**large)) == 1 and resources.gpus(complete(**large, lag=0.1)) == 0


def test_the_front_page_says_which_share_of_rings_are_chimeras():
    none = {"value": None, "ci": None, "unit": "1", "expectation": None, "verdict": None}
    share = {"value": 0.0, "ci": [0.0, 0.2], "unit": "share", "expectation": None, "verdict": None}
    assert "Chimeras are 0 %" in FRONT.answer({"chimera_share": share, "chimera_order": none}).text
