"""Rings made by hand, the published chimera, and the control without a lag."""

import numpy as np
import pytest

from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import ring_solution, theory
from emergent_dynamics.oscillators.findings import ring
from tests.oscillators.experiments import by_hand, complete, cut, simulated

LAG = np.pi / 2 - 0.18
RING = {
    "topology": "ring", "normalise": "mean", "height": 1, "channels": 1, "coupling": 1, "bias": 0, "frequency": 0,
    "evolve_input": False, "input": {"source": "uniform"}, "lag": LAG, "integrator": "rk4", "step_size": 0.2,
}  # fmt: skip


def from_bump(**keys):
    """A ring that starts from the published bump of phases, every tenth step stored."""
    return RING | {"save": {"every": 10}, "start": {"form": "bump"}} | keys


def along(phases, frames=4, turn=0.0):
    """A trajectory (run, time, 1, 1, x) of phases (run, x) that turn by `turn` rad from frame to frame."""
    moved = phases[:, None] + turn * np.arange(frames)[:, None]
    return by_hand(np.angle(np.exp(1j * moved))[:, :, None, None])


def test_equal_phases_and_a_twisted_state_are_no_chimeras():
    """Equal: |Z0| = 1 and no first mode; one turn along the ring: 0 and |(Zc, Zs)| = sqrt(1/2)."""
    x = ring.places(16)
    tables = ring.find(along(np.stack([0 * x + 0.3, x])), complete(**RING, width=16))
    means = ring.late_means(tables["ring"])
    assert means["uniform"].to_numpy() == pytest.approx([1, 0], abs=1e-12)
    assert means["modulated"].to_numpy() == pytest.approx([0, np.sqrt(0.5)], abs=1e-12)
    assert not means["chimera"].any()
    rows = ring.summarise(tables, complete(**RING, width=16))
    assert rows["chimera_share"].value == 0 and rows["chimera_order"].note == "no run is a chimera"


def test_a_chimera_that_collapses_in_the_second_half_is_none():
    """Nine units of sixteen in phase: |Z0| is 0.57. The second run is in phase in the last of its eight frames, so
    that the mean over its second half is 0.67.
    """
    x = ring.places(16)
    partly = np.where(np.abs(x) < 1.9, 0.0, np.pi / 2 + 4 * x)
    frames = np.stack([np.tile(partly, (8, 1))] * 2)
    frames[1, -1] = 0
    table = ring.find(by_hand(frames[:, :, None, None]), complete(**RING, width=16))["ring"]
    means = ring.late_means(table)
    assert means["uniform"].to_numpy() == pytest.approx([0.566, 0.674], abs=1e-3)
    assert (means["modulated"] > 0.05).all()
    assert means["chimera"].tolist() == [True, False]


def test_the_mean_phase_turns_as_fast_as_the_units_also_across_blocks(monkeypatch):
    """0.4 rad per frame of 0.5 time units, stored three frames to a block."""
    monkeypatch.setattr(ring, "slices", cut(3))
    found = ring.find(along(np.zeros((1, 8)), 10, 0.4), complete(**RING, width=8))["ring"]
    assert np.isnan(found["rotation"].iloc[0])
    assert found["rotation"].iloc[1:].to_numpy() == pytest.approx(0.8)
    assert list(found["step"]) == list(range(10))


def test_a_ring_turned_and_moved_has_the_same_profile():
    rng = np.random.default_rng(2)
    phases = np.where(np.abs(ring.places(30)) < 1, 0.2, rng.uniform(-3, 3, 30))
    z = np.exp(1j * phases)
    same = np.roll(z, 11) * np.exp(2j)
    assert ring.centred(same, 0.9) == pytest.approx(ring.centred(z, 0.9))
    whole, cos, sin = ring.fields(ring.centred(z, 0.9))
    local = whole + 0.9 * (cos * np.cos(ring.places(30)) + sin * np.sin(ring.places(30)))
    assert np.abs(local).argmax() == 15 and whole.imag == pytest.approx(0, abs=1e-12) and whole.real > 0


def test_the_profile_is_the_mean_over_the_second_half(monkeypatch):
    """Half of the units stand, the others turn by pi from frame to frame: order 1 and 0 over frames 2 and 3."""
    monkeypatch.setattr(ring, "slices", cut(1))
    turning = np.zeros((1, 4, 1, 1, 8))
    turning[0, 1::2, 0, 0, :2] = np.pi
    profile = ring.find(by_hand(turning), complete(**RING, width=8, modulation=0.0))["profile"]
    assert sorted(profile["order"].round(12)) == [0, 0, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("modulation", "beta"), [(0.995, 0.18), (0.9, 0.1)])
def test_the_solution_solves_its_equation_on_a_grid(modulation, beta):
    """<h> and <h cos x> over 200,000 places: the midpoint rule loses 1e-7 at the edge's square root."""
    found = ring_solution.solve(modulation, np.pi / 2 - beta)
    x = (np.arange(200_000) + 0.5) / 200_000 * 2 * np.pi - np.pi
    h = ring_solution.local(found, x) * np.exp(1j * beta)
    assert h.mean() == pytest.approx(found.uniform, abs=1e-6)
    assert modulation * (h * np.cos(x)).mean() == pytest.approx(found.modulated, abs=1e-6)
    locked = np.abs(x) < ring_solution.edge(found)
    assert np.abs(h[locked]) == pytest.approx(1) and (np.abs(h[~locked]) < 1).all()


def test_there_is_no_chimera_without_a_lag_and_none_is_expected():
    assert ring_solution.solve(0.995, 0.0) is None and ring_solution.solve(0.995, 0.5) is None
    own = complete(**RING, width=64)
    assert set(theory.expected_chimera(own)) == {"chimera_order", "chimera_unevenness", "chimera_rotation"}
    for changes in ({"lag": 0.0}, {"lag": 0.5}, {"bias": 0.1}, {"normalise": "sum"}, {"noise": 0.1},
                    {"natural": {"distribution": "gaussian"}}):  # fmt: skip
        assert theory.expected_chimera(complete(**{**RING, **changes}, width=64)) == {}
    assert theory.expected_chimera(complete(**{**RING, "coupling": 2}, width=64))[
        "chimera_rotation"
    ].value == pytest.approx(-2 * ring_solution.solve(0.995, LAG).rate)


def from_the_solution(units, runs):
    """(run, 1, 1, unit) phases: locked units at arg h, the others from the Poisson kernel with mean h."""
    h = ring_solution.local(ring_solution.solve(0.995, LAG), ring.places(units))
    u = np.random.default_rng(4).uniform(-np.pi, np.pi, (runs, units))
    r = np.minimum(np.abs(h), 1)
    return (np.angle(h) + 2 * np.arctan((1 - r) / (1 + r) * np.tan(u / 2)))[:, None, None]


def test_a_chimera_stays_and_is_the_published_one(tmp_path):
    """256 units from the solution, 8 runs of 60 time units: all three headlines agree, and so does the profile."""
    np.save(tmp_path / "start.npy", from_the_solution(256, 8))
    given = RING | {"width": 256, "runs": 8, "steps": 300, "save": {"every": 10}}
    given |= {"initial_phases": str(tmp_path / "start.npy")}
    config = complete(**given)
    tables = ring.find(simulated(**given), config)
    rows = ring.summarise(tables, config)
    assert rows["chimera_share"].value == 1 and rows["chimera_share"].n == 8
    assert {name: agrees(row).outcome for name, row in rows.items() if row.expectation} == dict.fromkeys(
        ["chimera_order", "chimera_unevenness", "chimera_rotation"], "agrees"
    )
    measured = tables["profile"].groupby("place")["order"].mean()
    known = np.minimum(
        np.abs(ring_solution.local(ring_solution.solve(0.995, LAG), measured.index.to_numpy())), 1
    )
    assert np.abs(measured - known).mean() < 0.06  # the edge of a finite ring moves, and so blurs


def test_without_a_lag_the_same_start_locks_in_phase():
    given = from_bump(width=128, runs=8, steps=150, lag=0)
    config = complete(**given)
    tables = ring.find(simulated(**given), config)
    assert ring.summarise(tables, config)["chimera_share"].value == 0
    assert tables["ring"].groupby("run")["uniform"].last().to_numpy() == pytest.approx(1, abs=1e-6)


@pytest.mark.slow  # 10,000 steps of 16 rings of 256 units: 20 s
def test_chimeras_appear_from_the_published_start_and_agree():
    """As `chimera` of config/seeds.yaml."""
    given = from_bump(width=256, runs=16, steps=10_000)
    config = complete(**given)
    rows = ring.summarise(ring.find(simulated(**given), config), config)
    assert rows["chimera_order"].n >= 8
    assert all(agrees(row).outcome == "agrees" for row in rows.values() if row.expectation)
