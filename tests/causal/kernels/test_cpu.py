"""The Numba kernels against the reference, then what must not change a bit, long runs and the atlas of V."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergent_dynamics.causal import groups, model
from emergent_dynamics.causal.kernels import cpu, direct, fourier, lanes
from tests.causal.experiments import CASES, parameters, random_matrix


def seed_trajectory_end(x, dt, beta, steps):
    """x (run, token, 2) after `steps` of the seed's formula, V = 1, in place in a few buffers."""
    n = x.shape[1]
    later = np.triu_indices(n, 1)
    weight = np.empty((n, n))
    for run in x:
        for _ in range(steps):
            np.dot(run, run.T, out=weight)
            weight -= 1.0
            weight *= beta
            weight[later] = -np.inf
            np.exp(weight, out=weight)
            run += dt * (weight @ run) / weight.sum(1, keepdims=True)
            run /= np.linalg.norm(run, axis=1, keepdims=True)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_step_is_the_references(case):
    """1e-14, from the rounding of sums; of scores to 5000 one ulp is 1e-12 of a weight, and dt of that moves."""
    p = parameters(**case)
    x = model.initial(p)
    expected = model.step(x, p)
    cpu.advance(x, p, 1)
    assert np.abs(x - expected).max() < (
        5e-14 if "query" in case and p.beta * np.abs(p.form).max() > 1e3 else 1e-14
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_clustered_state_steps_as_the_references_too(case):
    """Late states are the hard ones for a Fourier series: all weights of a row from a few places."""
    p = parameters(**case)
    x = model.initial(p)
    for _ in range(100):
        x = model.step(x, p)
    expected = model.step(x, p)
    cpu.advance(x, p, 1)
    assert np.abs(x - expected).max() < (
        5e-14 if "query" in case and p.beta * np.abs(p.form).max() > 1e3 else 1e-14
    )


def test_a_step_of_8192_tokens_is_the_formula():
    """Any V; every 127th row and the last, each summed directly, to 1e-14."""
    p = parameters(tokens=8192, runs=1, value=random_matrix(2, 1))
    start = model.initial(p)
    x = start.copy()
    cpu.advance(x, p, 1)
    for k in [*range(0, 8192, 127), 8191]:
        weight = np.exp(p.beta * (start[0, : k + 1] @ start[0, k] - 1.0))
        moved = start[0, k] + p.step_size * p.value @ (weight @ start[0, : k + 1] / weight.sum())
        assert np.abs(x[0, k] - moved / np.linalg.norm(moved)).max() < 1e-14


@settings(max_examples=30, deadline=None)
@given(
    beta=st.floats(0.01, 2000.0),
    tokens=st.integers(1, 300),
    dt=st.floats(1e-4, 0.9),
    causal=st.booleans(),
    seed=st.integers(0, 2**64 - 1),
)
def test_any_experiment_on_the_circle_steps_as_the_reference(beta, tokens, dt, causal, seed):
    """1e-14 for a step of at most 0.05; a longer one can bring a token near 0, where normalising magnifies."""
    p = parameters(
        beta=beta, tokens=tokens, step_size=dt, mask="causal" if causal else "none", seed=seed, runs=1
    )
    x = model.initial(p)
    expected = model.step(x, p)
    cpu.advance(x, p, 1)
    assert np.abs(x - expected).max() < 1e-14 * max(1.0, 0.5 / (1.0 - dt))


@pytest.mark.parametrize("case", ["circle", "many runs", "reflected", "full", "sphere", "twelve coordinates"])
def test_an_interval_may_be_cut_anywhere_without_changing_a_bit(case):
    """The driver's `divisible`."""
    p = parameters(**CASES[case])
    whole = model.initial(p)
    parts = whole.copy()
    cpu.advance(whole, p, 10)
    for steps in (3, 1, 6):
        cpu.advance(parts, p, steps)
    assert np.array_equal(whole, parts)


def test_a_run_has_the_same_bits_whatever_runs_share_its_lanes():
    """9, 33 and 70 runs: one group filled up, three groups, five; up to 8 runs each is cut into segments instead."""
    ends = {}
    for runs in (9, 33, 70):
        p = parameters(runs=runs)
        ends[runs] = model.initial(p)
        cpu.advance(ends[runs], p, 20)
    assert np.array_equal(ends[70][:9], ends[9])
    assert np.array_equal(ends[70][:33], ends[33])


@pytest.mark.parametrize("tokens", [100, 101, 256])
def test_a_run_in_segments_has_the_same_bits_alone_and_beside_others_and_a_runs_value_in_lanes(tokens):
    """1, 8 and 9 runs. 100 and 101 tokens leave places of the last segments empty. 20 steps of rounding: 1e-13."""
    ends = {}
    for runs in (1, 8, 9):
        p = parameters(runs=runs, tokens=tokens)
        ends[runs] = model.initial(p)
        cpu.advance(ends[runs], p, 20)
    assert np.array_equal(ends[8][:1], ends[1])
    assert np.abs(ends[9][:8] - ends[8]).max() < 1e-13


def test_a_run_has_the_same_bits_in_every_lane():
    p = parameters(runs=lanes.LANES)
    x = np.repeat(model.initial(parameters(runs=1)), lanes.LANES, axis=0)
    cpu.advance(x, p, 20)
    assert np.array_equal(x, np.repeat(x[:1], lanes.LANES, axis=0))


def test_the_end_of_a_long_run_is_that_of_the_seeds_formula():
    """2,000 steps of 12 runs: rounding grows about as in 1e-12 noise on the start, at most 1e-10."""
    p = parameters(runs=12)
    expected = model.initial(p)
    x = expected.copy()
    cpu.advance(x, p, 2000)
    seed_trajectory_end(expected, p.step_size, p.beta, 2000)
    assert np.abs(x - expected).max() < 1e-10


@pytest.mark.slow
def test_the_seeds_experiment_ends_as_its_formula_does_in_64_runs_of_64():
    """beta = 49, 256 tokens, 10,000 steps of 0.05: 1e-9 at the end, and the leaders are the same."""
    p = parameters(runs=64, tokens=256)
    expected = model.initial(p)
    x = expected.copy()
    cpu.advance(x, p, 10_000)
    seed_trajectory_end(expected, p.step_size, p.beta, 10_000)
    assert np.abs(x - expected).max() < 1e-9
    assert np.array_equal(groups.label(x, 0.07), groups.label(expected, 0.07))


def test_all_tokens_end_at_the_first_with_v_the_identity():
    """Theorem 4.1 of Karagodin et al. 2024; beta = 4, where two clusters live for only some 1,000 units of time."""
    p = parameters(beta=4.0, tokens=32, dimension=3, runs=1)
    start = model.initial(p)
    x = start.copy()
    cpu.advance(x, p, 60_000)
    assert np.abs(x - start[:, :1]).max() < 1e-14


@pytest.mark.parametrize(
    "value, beta, ends",
    [
        ("plane", 4.0, lambda x: np.ptp(x, axis=0).max() < 1e-9 and np.abs(x[:, 2]).max() == 0.0),
        ("axis", 9.0, lambda x: np.abs(x[:, 0]).min() == 1.0 and len(np.unique(np.sign(x[:, 0]))) == 2),
        ("negative_identity", 9.0, lambda x: len(np.unique(groups.label(x, 0.5 / 3.0))) == 32),
        (
            "negative_axis",
            9.0,
            lambda x: np.abs(x[:, 0]).min() > 0.6 and len(np.unique(np.sign(x[:, 0]))) == 2,
        ),
    ],
)
def test_the_largest_eigenvalue_of_v_decides_the_end(value, beta, ends):
    """One point in the plane of the eigenvalue; two points +-e1; 32 tokens all over the sphere; clouds round +-e1.

    Karagodin et al. 2024, Table 1 (conjectures), in the setting of its figure 1: n = 32, beta = 9, d = 3; the
    first at beta = 4, because at 9 its last two clusters merge only after 1e7 units of time.
    """
    p = parameters(beta=beta, tokens=32, dimension=3, runs=1, value=value)
    x = model.initial(p)
    cpu.advance(x, p, 60_000)
    assert ends(x[0])


@pytest.mark.parametrize("d", [2, 3])
def test_decaying_coordinates_become_zero_and_never_subnormal(d):
    """diag(1, 0..): other coordinates shrink by 1.05 a step and would pass 1e-308 after 14,500."""
    p = parameters(value={"diagonal": [1.0] + [0.0] * (d - 1)}, dimension=d, tokens=80, runs=1)
    x = model.initial(p)
    cpu.advance(x, p, 5000)
    cpu.advance(x, p, 5000)
    others = np.abs(x[..., 1:])
    assert not ((others > 0.0) & (others < model.TINY)).any()
    assert others.max() == 0.0


def test_the_exponential_of_the_direct_kernel_is_right_to_two_ulps():
    """Against NumPy on 1e5 arguments in [-708, 0]; lower ones give the last normal number's neighbourhood."""
    x = -np.geomspace(1e-12, 708.0, 100_000)
    found = np.array([direct.exp_negative(v) for v in x[::50]])
    assert np.abs(found / np.exp(x[::50]) - 1.0).max() < 4.5e-16
    assert direct.exp_negative(0.0) == 1.0
    assert 0.0 < direct.exp_negative(-1e9) < 1e-307


@pytest.mark.parametrize("b", [0.0, 0.5, 1.0, 9.0, 49.0, 1000.0, 1e5])
def test_the_series_is_the_kernel(b):
    """e^{b (cos phi - 1)} times 1, cos phi, sin phi on 1001 angles, to 1e-14."""
    s = fourier.series(b)
    phi = np.linspace(-np.pi, np.pi, 1001)
    m = np.arange(1, s.rows.shape[1] + 1)
    kernel = np.exp(-2.0 * b * np.sin(phi / 2.0) ** 2)  # b (cos phi - 1), without its rounding of 1e-16 b
    even = np.cos(np.outer(phi, m))
    assert np.abs(s.zero[0] + even @ s.rows[0] - kernel).max() < 1e-14
    assert np.abs(s.zero[1] + even @ s.rows[1] - kernel * np.cos(phi)).max() < 1e-14
    assert np.abs(np.sin(np.outer(phi, m)) @ s.rows[2] - kernel * np.sin(phi)).max() < 1e-14


def test_the_fourier_kernel_is_used_where_it_is_exact_and_cheaper():
    """d = 2, Q^T K scaled orthogonal, and rows longer than the series."""
    assert cpu.uses_fourier(parameters(tokens=256))
    assert cpu.uses_fourier(parameters(tokens=256, query=random_rotation()))
    assert not cpu.uses_fourier(parameters(tokens=32))
    assert not cpu.uses_fourier(parameters(tokens=256, query=random_matrix(2, 1)))
    assert not cpu.uses_fourier(parameters(tokens=256, dimension=3))
    assert cpu.uses_lanes(parameters(tokens=256, runs=1))
    assert not cpu.uses_lanes(parameters(tokens=256, query=random_rotation()))
    assert not cpu.uses_lanes(parameters(tokens=256, runs=9, mask="none"))


def random_rotation():
    """An orthogonal matrix to rounding, as a user would compute it."""
    return np.linalg.qr(np.random.default_rng(3).normal(size=(2, 2)))[0].tolist()


def test_scaled_orthogonal_matrices_are_recognised():
    for scale in (0.0, 1e-3, 1.0, 7.0):
        s, turn = cpu.scaled_orthogonal(scale * np.array(random_rotation()))
        assert s == pytest.approx(scale)
        assert np.abs(turn @ turn.T - np.eye(2)).max() < 1e-15
    assert np.isnan(cpu.scaled_orthogonal(np.array([[1.0, 0.0], [0.0, 1.1]]))[0])


def test_the_direct_kernel_holds_no_square_of_the_tokens():
    """8,192 tokens in d = 3: an n x n array would be 512 MiB; the kernel's arrays are under 1 MiB."""
    import resource

    p = parameters(dimension=3, tokens=8192, runs=1)
    x = model.initial(p)
    cpu.advance(model.initial(parameters(dimension=3, tokens=8, runs=1)), p, 1)  # compiles
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu.advance(x, p, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024  # KiB
