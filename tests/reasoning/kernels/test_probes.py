"""Other starts, disturbances and growth by position on maps in closed form."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from emergent_dynamics.reasoning.kernels import exponents, probes  # noqa: E402

torch.set_num_threads(1)
UNSTABLE = 0.3


def cubic(x):
    """Fixed points -1 and 1, which attract, and UNSTABLE, which parts their basins; increasing on [-1.5, 1.5]."""
    return x - 0.1 * (x + 1) * (x - UNSTABLE) * (x - 1)


def whole(z):
    return z


def test_other_starts_end_on_their_side_of_the_unstable_point():
    """A monotone map of the line: an end is 1 exactly if its start is above the unstable point."""
    starts = torch.linspace(-1.4, 1.4, 30, dtype=torch.float64).reshape(5, 6, 1)  # (start, example, n)
    own = torch.full((6, 1), 1.0, dtype=torch.float64)
    found = probes.from_starts(cubic, whole, own, starts, 200)
    goal = torch.where(starts > UNSTABLE, 1.0, -1.0)
    assert (found.ends - goal).abs().max() < 1e-9
    assert found.distance.shape == (6, 6, 6) and found.drift.shape == (6, 5, 200)
    apart = torch.cat([own[None], found.ends])[:, :, 0].T
    assert torch.allclose(found.distance, (apart[:, :, None] - apart[:, None]).abs())
    assert found.drift[:, :, -1].max() < 1e-9
    first = (cubic(starts) - starts)[:, :, 0].T.abs()
    assert torch.allclose(found.drift[:, :, 0], first)


def test_disturbances_of_a_contraction_shrink_by_its_slope():
    rate = torch.tensor([0.5, 0.9], dtype=torch.float64)
    end = torch.tensor([[1.0, -2.0]], dtype=torch.float64)
    changes = [
        torch.tensor([[1.0, 0.0]], dtype=torch.float64),
        torch.tensor([[3.0, 4.0]], dtype=torch.float64),
    ]
    found = probes.disturbed(lambda z: rate * z, whole, end, changes, 10)
    wanted = [0.5**10, np.hypot(3 * 0.5**10, 4 * 0.9**10)]
    assert np.allclose(found.numpy()[0], wanted, rtol=1e-12)


def test_growth_of_uncoupled_positions_is_the_logarithm_of_their_rates():
    """Eleven positions, more than are pushed together; T = 16 and any start."""
    rates = torch.linspace(0.2, 1.7, 11, dtype=torch.float64)
    act = exponents.by_jvp(lambda z: rates * z)
    states = [torch.ones(3, 11, dtype=torch.float64)] * 16
    unit = torch.eye(11, dtype=torch.float64)
    found = probes.growth(act.push, states, lambda some: unit[:, list(some)].expand(3, -1, -1), 11)
    assert torch.allclose(found, rates.log().expand(3, -1), atol=1e-14)


def test_growth_of_coupled_positions_is_that_of_the_power_s_columns():
    """A non-normal matrix: (1/T) ln |A^T e_i|, which differs from every logarithm of an eigenvalue."""
    matrix = torch.tensor(np.random.default_rng(0).normal(size=(6, 6)))
    act = exponents.by_jvp(lambda z: z @ matrix.T)
    states = [torch.zeros(2, 6, dtype=torch.float64)] * 9
    unit = torch.eye(6, dtype=torch.float64)
    found = probes.growth(act.push, states, lambda some: 5 * unit[:, list(some)].expand(2, -1, -1), 6)
    wanted = np.log(np.linalg.norm(np.linalg.matrix_power(matrix.numpy(), 9), axis=0)) / 9
    assert np.allclose(found.numpy(), wanted, atol=1e-12)


def test_an_annihilated_disturbance_has_the_floor():
    act = exponents.by_jvp(lambda z: z * torch.tensor([0.0, 1.0], dtype=torch.float64))
    unit = torch.eye(2, dtype=torch.float64)
    found = probes.growth(act.push, [torch.ones(1, 2, dtype=torch.float64)], lambda some: unit[None], 2)
    assert found[0].tolist() == [exponents.FLOOR, 0.0]


def test_starts_lie_on_the_spheres_of_tokens_and_do_not_depend_on_the_batch():
    shape = (2, 5, 16)
    both = probes.uniform_states(3, np.array([7, 9]), 1, shape)
    assert torch.allclose(both.norm(dim=-1), torch.full((2, 2, 5), 4.0, dtype=torch.float64))
    assert torch.equal(both[1:], probes.uniform_states(3, np.array([9]), 1, shape))
    assert not torch.equal(both, probes.uniform_states(3, np.array([7, 9]), 2, shape))
    many = probes.uniform_states(3, np.arange(400), 0, shape)
    assert abs(float(many.mean())) < 4 / (many.numel() ** 0.5)  # each coordinate has mean 0 and variance 1
    unit = probes.directions(3, np.array([7, 9]), 0, shape)
    assert torch.allclose(unit.flatten(1).norm(dim=1), torch.ones(2, dtype=torch.float64))


def test_a_tangent_of_a_position_is_random_there_and_zero_elsewhere():
    found = probes.at_positions(1, np.array([4]), [0, 3], (2, 4, 8), torch.float64).unflatten(1, (2, 4, 8))
    assert (found[0, :, 0, :, 0] != 0).all() and (found[0, :, 3, :, 1] != 0).all()
    assert not found[0, :, 1:, :, 0].any() and not found[0, :, :3, :, 1].any()
