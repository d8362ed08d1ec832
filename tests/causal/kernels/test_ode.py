"""The flow: exact solutions, order, invariants, stability bounds, and what it costs."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from emergent_dynamics.causal import exact, groups, model
from emergent_dynamics.causal.kernels import cpu, ode
from tests.causal.experiments import CASES, parameters, random_matrix


def flow(x, p, *times):
    """x carried through the times; its evaluations."""
    x, step_size, evaluations = x.copy(), np.zeros(len(x)), np.zeros(len(x), np.int64)
    for start, stop in zip((0.0, *times), times, strict=False):
        ode.flow(x, step_size, evaluations, p, start, stop)
    return x, evaluations


def solution(x, p, time):
    """One run (token, coord) by SciPy's DOP853 on the reference's velocity, to 1e-11."""
    found = solve_ivp(
        lambda _, y: model.velocity(y.reshape(1, *x.shape), p).reshape(-1),
        (0.0, time), x.reshape(-1), method="DOP853", rtol=1e-11, atol=1e-12,
    )  # fmt: skip
    return found.y[:, -1].reshape(x.shape)


@pytest.mark.parametrize("tolerance, allowed", [(1e-6, 5e-4), (1e-7, 1e-4)])
def test_a_pair_of_clusters_lives_for_its_exact_time(tolerance, allowed):
    """beta = 49, 0.7 rad apart: 0.1 rad after 5437.238 (`exact.pair_lifetime`); relative error of that time."""
    p = parameters(tokens=2, runs=1, tolerance=tolerance)
    lifetime = exact.pair_lifetime(49.0, 0.7, 0.1)
    end, _ = flow(np.array([[[1.0, 0.0], [np.cos(0.7), np.sin(0.7)]]]), p, lifetime)
    angle = np.arctan2(end[0, 1, 1], end[0, 1, 0])
    late = exact.pair_lifetime(49.0, angle, 0.1) if angle > 0.1 else -exact.pair_lifetime(49.0, 0.1, angle)
    assert abs(late) / lifetime < allowed


@pytest.mark.parametrize("beta", [1.0, 9.0])
def test_orthonormal_tokens_close_their_angles_together(beta):
    """Unmasked, n = d = 32 (`exact.equiangular_overlap`): the reference to 1e-10, the flow to 1e-7."""
    p = parameters(beta=beta, tokens=32, dimension=32, runs=1, mask="none", tolerance=1e-10)
    overlap = exact.equiangular_overlap(beta, 32, 2.0)
    end = solution(np.eye(32), p, 2.0)
    assert end[0] @ end[1] == pytest.approx(overlap, abs=1e-10)
    end, _ = flow(np.eye(32)[None], p, 2.0)
    gram = end[0] @ end[0].T
    assert np.abs(gram[~np.eye(32, dtype=bool)] - overlap).max() < 1e-7


@pytest.mark.parametrize(
    "case",
    [
        "circle",
        "any V",
        "full",
        "reflected",
        "any Q",
        "sphere",
        "sphere, any Q, K, V",
        "unnormalised",
        "unnormalised, full",
    ],
)
def test_the_flow_is_the_references_velocity_integrated(case):
    """To 1e-11 by another method, at t = 2; at tolerance 1e-7 the sum of local errors stays below 1e-4."""
    p = parameters(**{**CASES[case], "tokens": 40, "runs": 1, "tolerance": 1e-7})
    x = model.initial(p)
    end, _ = flow(x, p, 2.0)
    assert np.abs(end[0] - solution(x[0], p, 2.0)).max() < 1e-4


def test_the_method_has_order_two():
    """Ten times the evaluations, a hundredth of the error: slope -2 +- 0.2 between tolerances 1e-5 and 1e-9."""
    x = model.initial(parameters(runs=1))
    expected = solution(x[0], parameters(), 3.0)
    points = []
    for tolerance in (1e-5, 1e-7, 1e-9):
        end, evaluations = flow(x, parameters(runs=1, tolerance=tolerance), 3.0)
        points.append((np.log(evaluations[0]), np.log(np.abs(end[0] - expected).max())))
    slope = np.polyfit(*np.array(points).T, 1)[0]
    assert slope == pytest.approx(-2.0, abs=0.2)


@pytest.mark.parametrize("stages", [2, 3, 10, 100])
def test_the_coefficients_are_consistent_to_order_two(stages):
    """On y' = z y the polynomial is 1 + z + z^2 / 2 + O(z^3), and stays within 1 down to z = -(s^2 - 1) / 1.54."""

    def polynomial(z):
        c = ode.coefficients(stages)
        older, old = 1.0, 1.0 + c[0, 2] * z
        for mu, nu, mu_z, gamma_z in c[1:]:
            older, old = old, (1 - mu - nu) + mu * old + nu * older + mu_z * z * old + gamma_z * z
        return old

    z = 1e-3
    assert polynomial(z) == pytest.approx(1.0 + z + z * z / 2.0, abs=z**3)
    interval = np.linspace(-(stages**2 - 1) / 1.54, 0.0, 5001)
    assert max(abs(polynomial(z)) for z in interval) <= 1.0 + 1e-12


def test_a_run_has_the_same_bits_whatever_runs_are_computed_beside_it():
    """Every run chooses its own steps."""
    many = parameters(runs=5, tolerance=1e-4)
    x = model.initial(many)
    together, _ = flow(x, many, 1.0, 5.0)
    for r in range(5):
        alone, _ = flow(x[r : r + 1], parameters(runs=1, tolerance=1e-4), 1.0, 5.0)
        assert np.array_equal(alone[0], together[r])


def test_the_first_token_stays_and_all_stay_on_the_sphere():
    p = parameters(tolerance=1e-4, dimension=3)
    x = model.initial(p)
    end, _ = flow(x, p, 100.0)
    assert np.abs(end[:, 0] - x[:, 0]).max() < 1e-15
    assert np.abs(np.linalg.norm(end, axis=-1) - 1.0).max() < 4e-16


@pytest.mark.parametrize("attention", ["softmax", "unnormalised"])
def test_full_attention_never_lowers_the_interaction_energy(attention):
    """E = sum_ij e^{beta <x_i, x_j>}: the flow is its gradient flow (in another metric for softmax).

    Geshkovski et al. 2023, arXiv:2312.10794. Causal attention has no such energy: each token has its own.
    """
    p = parameters(beta=3.0, mask="none", attention=attention, tolerance=1e-5)
    x = model.initial(p)
    energies = []
    for stop in (0.0, 0.1, 0.3, 1.0, 3.0, 10.0):
        end = flow(x, p, stop)[0] if stop else x
        energies.append(np.exp(p.beta * (end @ end.swapaxes(-1, -2) - 1.0)).sum((-1, -2)))
    assert (np.diff(energies, axis=0) > -1e-9).all()


def jacobian(x, p):
    """Of the flow of one run (token, coord), by central differences."""
    flat, h = x.reshape(-1), 1e-6
    columns = []
    for i in range(flat.size):
        step = np.zeros(flat.size)
        step[i] = h
        ahead, back = ((flat + s * step).reshape(1, *x.shape) for s in (1, -1))
        columns.append(((model.velocity(ahead, p) - model.velocity(back, p)) / (2 * h)).reshape(-1))
    return np.array(columns).T


@pytest.mark.parametrize("value, d", [(1.0, 2), (1.0, 3), (2.5, 3)])
def test_no_eigenvalue_of_the_causal_flow_is_below_minus_v(value, d):
    """V = v 1, A = s 1: diagonal blocks v (beta s P Cov P - sum_{j<k} a_kj <x_k, x_j>) >= -v."""
    p = parameters(tokens=24, dimension=d, runs=1, value={"diagonal": [value] * d})
    x = model.initial(p)
    for time in (0.5, 5.0, 50.0):
        end, _ = flow(x, p, time)
        eigenvalues = np.linalg.eigvals(jacobian(end[0], p))
        assert ode.known_radius(p) == value
        assert eigenvalues.real.min() > -value - 1e-5


@pytest.mark.parametrize(
    "case",
    ["full", "any V", "any Q", "reflected", "sphere, any Q, K, V", "unnormalised", "unnormalised, full"],
)
def test_the_general_bound_holds_for_every_eigenvalue(case):
    """Against the numerical Jacobian, early and late."""
    p = parameters(**{**CASES[case], "tokens": 24, "runs": 1, "tolerance": 1e-5})
    x = model.initial(p)
    a, b = ode.general_radius(p)
    for time in (0.2, 5.0):
        end, _ = flow(x, p, time)
        mean = model.drift(end, parameters(**{**CASES[case], "tokens": 24, "runs": 1, "value": "identity"}))
        rest = np.maximum(0.0, 1.0 - (mean**2).sum(-1)).max()
        bound = a + b * (rest + np.sqrt(rest))
        assert np.abs(np.linalg.eigvals(jacobian(end[0], p))).max() < bound


@pytest.mark.parametrize("tolerance, evaluations", [(1e-4, 600), (1e-6, 2000)])
def test_the_seeds_end_costs_a_tenth_of_its_steps_or_less(tolerance, evaluations):
    """beta = 49, 256 tokens, to t = 10,000 * 0.05 / 1.05: mean over 4 runs, where the map takes 10,000 steps."""
    p = parameters(tokens=256, runs=4, tolerance=tolerance)
    _, used = flow(model.initial(p), p, p.steps * p.clock)
    assert used.mean() < evaluations


def test_the_seeds_experiment_has_its_number_of_leaders():
    """200 runs of the flow at 1e-4: mean 5.845, sd 0.749 (200 runs of the map); 3 standard errors of a difference."""
    p = parameters(tokens=256, runs=200, tolerance=1e-4)
    end, _ = flow(model.initial(p), p, p.steps * p.clock)
    leaders = groups.n_clusters(groups.label(end, 0.07))
    assert leaders.mean() == pytest.approx(5.845, abs=3 * 0.749 * (2 / 200) ** 0.5)


def test_the_flow_keeps_the_leaders_of_the_map():
    """64 runs to 4,000 steps at 1e-4: the map's discretisation decides a few close calls (measured: 63 of 64)."""
    p = parameters(tokens=256, runs=64, tolerance=1e-4, steps=4000)
    x = model.initial(p)
    end, _ = flow(x, p, p.steps * p.clock)
    cpu.advance(x, p, p.steps)
    of_flow, of_map = groups.label(end, 0.07), groups.label(x, 0.07)
    own = np.arange(256)
    same = [(a == own).tolist() == (b == own).tolist() for a, b in zip(of_flow, of_map, strict=True)]
    assert np.mean(same) >= 0.95
    assert (of_flow == of_map).mean() > 0.997


def test_a_rotation_as_v_turns_every_token_at_unit_speed():
    """V = 90 degrees, beta = 0, causal: token 0 attends to itself and turns by t; pi rad after t = pi."""
    p = parameters(value=[[0.0, -1.0], [1.0, 0.0]], tokens=1, runs=1, tolerance=1e-8)
    end, _ = flow(np.array([[[1.0, 0.0]]]), p, np.pi)
    assert np.abs(end[0, 0] - [-1.0, 0.0]).max() < 1e-5


def test_a_flow_that_stands_still_costs_what_stability_asks():
    """Eight tokens at one point: to t = 1e6 in steps of (250^2 - 1) / 1.54 with 250 stages; rounding adds 1e-11."""
    p = parameters(tokens=8, runs=1)
    x = np.tile([0.6, 0.8], (1, 8, 1))
    end, evaluations = flow(x, p, 1e6)
    assert np.abs(end - x).max() < 1e-10
    assert evaluations[0] < 1e6 * 1.54 / 250 * 1.1


def test_random_matrices_are_integrated_without_failing():
    """Any Q, K, V with norms to 3, masked or not: the end is finite and on the sphere."""
    for seed in range(5):
        p = parameters(
            dimension=4, tokens=20, runs=1, tolerance=1e-4, mask="none" if seed % 2 else "causal",
            query=random_matrix(4, seed, 3.0), key=random_matrix(4, seed + 50), value=random_matrix(4, seed + 99, 3.0),
        )  # fmt: skip
        end, _ = flow(model.initial(p), p, 20.0)
        assert np.abs(np.linalg.norm(end, axis=-1) - 1.0).max() < 4e-16
