"""The reference: the seed's formula, what is exact, symmetries, the initial tokens."""

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.causal import exact, model
from tests.causal.experiments import CASES, parameters, random_matrix, rotation


def seed_step(x, dt, beta, V):
    """The seed's update, one run: weights e^{beta (<x_k, x_j> - 1)} below the diagonal, V on the right of rows."""
    weight = np.tril(np.exp(beta * (x @ x.T - 1.0)))
    weight /= weight.sum(axis=1, keepdims=True)
    moved = x + dt * weight @ (x @ V)
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_a_step_is_the_seeds_with_v_transposed(d):
    """The seed multiplies rows by V, which is the paper's V^T x_j: 1e-14."""
    V = random_matrix(d, 1)
    p = parameters(dimension=d, value=V, tokens=256, runs=2)
    x = model.initial(p)
    expected = [seed_step(run, p.step_size, p.beta, np.array(V).T) for run in x]
    assert np.abs(model.step(x, p) - expected).max() < 1e-14


def test_the_first_token_stays_for_ever_with_v_the_identity():
    """It attends to itself alone, so it moves along itself."""
    p = parameters(dimension=3, tokens=4)
    x = start = model.initial(p)
    for _ in range(100):
        x = model.step(x, p)
    assert np.abs(x[:, 0] - start[:, 0]).max() < 1e-15


def test_two_tokens_follow_the_exact_map():
    """`exact.pair_map`: the second closes an angle of 0.3 by its share of attention, step by step."""
    p = parameters(tokens=2, runs=1)
    x = np.array([[[1.0, 0.0], [np.cos(0.3), np.sin(0.3)]]])
    for _ in range(40):
        x = model.step(x, p)
    assert np.arctan2(x[0, 1, 1], x[0, 1, 0]) == pytest.approx(exact.pair_map(49.0, 0.3, 0.05, 40), abs=1e-14)


def test_a_step_of_the_map_is_five_percent_less_than_its_size():
    """From 0.3, 40 steps of 0.05 end where the flow is at 40 dt / (1 + dt), not at 2: radial parts slow the tangent."""
    end = exact.pair_map(9.0, 0.3, 0.05, 40)
    time = exact.pair_lifetime(9.0, 0.3, end)
    assert time == pytest.approx(40 * 0.05 / 1.05, rel=0.01)  # what is left is O(dt)
    assert time < 0.97 * 2.0
    assert parameters().clock == 0.05 / 1.05
    assert parameters(value={"diagonal": [2.0, 2.0]}).clock == 0.05 / 1.1
    assert parameters(value="axis").clock == parameters(attention="unnormalised", beta=1).clock == 0.05


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_token_stays_on_the_sphere_and_the_velocity_is_tangential(case):
    p = parameters(**case)
    x = model.initial(p)
    assert np.abs(np.linalg.norm(model.step(x, p), axis=-1) - 1.0).max() < 4e-16
    velocity = model.velocity(x, p)
    assert np.abs((velocity * x).sum(-1)).max() < 1e-14 * max(1.0, np.abs(velocity).max())


def test_the_velocity_is_the_limit_of_the_step():
    """(step - x) / dt -> velocity with an error of O(dt)."""
    errors = []
    for dt in (1e-4, 1e-5):
        p = parameters(dimension=3, value=random_matrix(3, 5), step_size=dt)
        x = model.initial(p)
        errors.append(np.abs((model.step(x, p) - x) / dt - model.velocity(x, p)).max())
    assert errors[0] < 1e-3
    assert errors[1] / errors[0] == pytest.approx(0.1, rel=0.05)


def test_a_causal_token_is_blind_to_later_ones():
    """Changing the last 20 of 64 tokens leaves the others' step as it was."""
    p = parameters()
    x = model.initial(p)
    changed = x.copy()
    changed[:, 44:] = -changed[:, 44:]
    assert np.abs(model.step(changed, p) - model.step(x, p))[:, :44].max() < 1e-15


def test_full_attention_does_not_depend_on_the_order_of_tokens():
    p = parameters(mask="none")
    x = model.initial(p)
    order = np.random.default_rng(1).permutation(64)
    assert np.abs(model.step(x[:, order], p) - model.step(x, p)[:, order]).max() < 1e-15


def test_the_dynamics_turn_with_the_tokens():
    """With Q = K = V = 1 a rotation of the start rotates the step."""
    p = parameters()
    x = model.initial(p)
    turn = np.array(rotation(1.0))
    assert np.abs(model.step(x @ turn.T, p) - model.step(x, p) @ turn.T).max() < 1e-14


def test_a_run_starts_the_same_whatever_is_computed_beside_it():
    """Run r is a function of seed, tokens and dimension: number of runs, mask, beta and V do not matter."""
    few = model.initial(parameters(runs=2))
    many = model.initial(parameters(runs=70, mask="none", beta=9.0, value="negative_identity"))
    assert np.array_equal(many[:2], few)
    assert len(np.unique(many[:, 0, 0])) == 70
    assert not np.array_equal(model.initial(parameters(runs=2, seed=2)), few)


@pytest.mark.parametrize("d", [2, 3])
def test_initial_tokens_are_uniform_on_the_sphere(d):
    """n d |mean|^2 over 20,000 tokens is chi-squared with d degrees of freedom; d = 3: each coordinate is uniform."""
    x = model.initial(parameters(dimension=d, tokens=20_000, runs=1))[0]
    assert stats.chi2.sf(20_000 * d * (x.mean(0) ** 2).sum(), d) > 1e-3
    values = x[:, 0] if d == 3 else 2.0 * np.arctan2(x[:, 1], x[:, 0]) / (2.0 * np.pi)
    assert stats.kstest(values, stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_given_tokens_are_normalised_whatever_their_length(tmp_path):
    """Coordinates of 1e200 and 1e-200 keep their direction."""
    start = model.initial(parameters(runs=2, tokens=5))
    lengths = np.array([1e200, 1.0, 3.0, 1e-200, 1e-3])[:, None]
    np.save(tmp_path / "x.npy", start * lengths)
    found = model.initial(parameters(runs=2, tokens=5, initial=str(tmp_path / "x.npy")))
    assert np.abs(found - start).max() < 4e-16


@pytest.mark.parametrize(
    "array, said",
    [
        (
            np.ones((3, 4, 2)),
            "must be an array of shape (runs, tokens, dimension) = (3, 5, 2); it has (3, 4, 2)",
        ),
        (np.ones((3, 5, 2), complex), "a file of real numbers; it holds complex numbers"),
        (np.full((3, 5, 2), np.nan), "an array of finite numbers; it holds nan at [0, 0, 0]"),
        (np.zeros((3, 5, 2)), "an array of vectors with a direction, the one at [0, 0] is zero"),
        (np.array([{}]), "Python objects, which are never unpickled"),
    ],
    ids=["shape", "complex", "nan", "zero", "pickle"],
)
def test_given_tokens_that_cannot_start_are_refused_in_one_line(tmp_path, array, said):
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(ValueError) as error:
        model.initial(parameters(tokens=5, initial=str(tmp_path / "x.npy")))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_coordinates_below_the_square_root_of_the_smallest_float_become_zero():
    """No subnormal number appears, however long a coordinate decays."""
    x = model.normalised(np.array([1.0, 1e-151, -1e-149]))
    assert x.tolist() == [1.0, 0.0, -1e-149]
