"""The estimators against full Jacobians, differences, loops and each other; the known systems."""

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning import model, theory
from emergent_dynamics.reasoning.kernels import exponents, known_systems, tangent
from emergent_dynamics.reasoning.parameters import Network

torch.set_num_threads(1)


OPTIONS = {"mlp": ("width", "learned"), "attention": ("width", "learned")}
OPTIONS |= {"mlp, norm over positions": ("positions", "learned"), "attention, rope": ("width", "rope")}


def network(mixer="mlp", kind="trm", width=8, positions=4, dtype=torch.float64):
    own = mixer.partition(",")[0]
    p = Network(kind, 5, 4, positions, width, 1, own, 2, 2.0, 1, 2, 2, 6, 3, *OPTIONS[mixer])
    return p, model.initial_weights(p, dtype)


def act_map(p, w, examples=3, seed=0):
    question = torch.from_numpy(np.random.default_rng(seed).integers(0, 5, (examples, p.positions)))
    x = model.embed(w, question, p)
    start = model.initial(p, w["head"].dtype).flatten().repeat(examples, 1)
    return lambda z: model.step(w, z.unflatten(1, (2, p.length, p.width)), x, p).flatten(1), start


@pytest.mark.parametrize("mixer", OPTIONS)
@pytest.mark.parametrize("kind", ["trm", "hrm"])
def test_the_tangents_by_hand_are_torch_s_and_carry_the_step(mixer, kind):
    """F(z) and J Q of `model.step` by forward-mode differentiation: equal to rounding, 1e-12 relative."""
    p, w = network(mixer, kind)
    step, z = act_map(p, w)
    x = model.embed(w, torch.from_numpy(np.random.default_rng(0).integers(0, 5, (3, p.positions))), p)
    z, q = step(z), exponents.tangents(1, np.arange(3), p.state_size, 4)
    before = z.clone(), q.clone()
    moved, pushed = tangent.pushing(w, x, p)(z, q)
    expected, by_jvp = exponents.push(step, z, q)
    assert torch.equal(moved, step(z)) and (moved - expected).abs().max() < 1e-12
    assert (pushed - by_jvp).norm() < 1e-12 * by_jvp.norm()
    assert torch.equal(z, before[0]) and torch.equal(q, before[1])  # nothing that was handed in is changed


@pytest.mark.parametrize("mixer", ["mlp", "attention"])
@pytest.mark.parametrize("kind", ["trm", "hrm"])
def test_jvps_are_the_central_differences(mixer, kind):
    """(F(z + h v) - F(z - h v)) / 2h = J v + O(h^2); limit 1e-6 relative in float64."""
    p, w = network(mixer, kind)
    step, z = act_map(p, w)
    z = step(z)
    q = exponents.tangents(1, np.arange(3), p.state_size, 4)
    _, pushed = exponents.push(step, z, q)
    h = 1e-6
    for j in range(4):
        difference = (step(z + h * q[:, :, j]) - step(z - h * q[:, :, j])) / (2 * h)
        assert (difference - pushed[:, :, j]).norm() < 1e-6 * pushed[:, :, j].norm()


def test_batched_tangents_equal_a_loop_of_single_ones():
    p, w = network()
    step, z = act_map(p, w)
    q = exponents.tangents(1, np.arange(3), p.state_size, 3)
    _, pushed = exponents.push(step, z, q)
    for j in range(3):
        _, one = torch.func.jvp(step, (z,), (q[:, :, j].contiguous(),))
        assert (one - pushed[:, :, j]).abs().max() < 1e-12


def test_the_subspace_svd_is_the_svd_of_the_full_product():
    """n = 80, T = 6: to 1e-6; and never below QR's leading exponent."""
    p, w = network(positions=4)
    step, start = act_map(p, w)
    assert p.state_size == 80
    q = exponents.tangents(1, np.arange(3), 80, 8)
    found, change = exponents.svd_exponents(exponents.by_jvp(step), start, q, 6, 4, passes=60, tolerance=1e-9)
    jacobians = exponents.full_jacobians(step, start, 6)
    product = torch.eye(80, dtype=torch.float64)
    for t in range(6):
        product = jacobians[:, t] @ product
    exact = torch.linalg.svdvals(product)[:, :4].log() / 6
    assert (found - exact).abs().max() < 1e-6
    assert change.max() <= 1e-9
    log_r, _ = exponents.qr_log_r(exponents.by_jvp(step), start, q[:, :, :4], 6)
    assert (found[:, 0] >= log_r.mean(dim=1)[:, 0] - 1e-6).all()


def test_two_passes_of_the_subspace_give_four_digits():
    p, w = network()
    step, start = act_map(p, w)
    q = exponents.tangents(1, np.arange(3), 80, 8)
    two, _ = exponents.svd_exponents(exponents.by_jvp(step), start, q, 6, 2, passes=2)
    many, _ = exponents.svd_exponents(exponents.by_jvp(step), start, q, 6, 2, passes=60, tolerance=1e-10)
    assert (two - many)[:, 0].abs().max() < 1e-3


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_qr_after_every_sub_update_gives_the_same_sum(dtype, limit):
    """Composition of QR factors: diagonals multiply; 1e-12 in float64, 1e-5 in float32 per ACT step."""
    p, w = network(dtype=dtype)
    step, start = act_map(p, w)
    q = exponents.tangents(1, np.arange(3), p.state_size, 3, dtype)
    once, _ = exponents.qr_log_r(exponents.by_jvp(step), start, q, 4)
    question = torch.from_numpy(np.random.default_rng(0).integers(0, 5, (3, p.positions)))
    x = model.embed(w, question, p)

    def net(y):
        return model.net(w, "net", model.positions_first(y), p).transpose(0, 1)

    def low(z):
        z = z.unflatten(1, (2, p.length, p.width))
        return torch.stack([z[:, 0], net(z[:, 1] + z[:, 0] + x)], dim=1).flatten(1)

    def high(z):
        z = z.unflatten(1, (2, p.length, p.width))
        return torch.stack([net(z[:, 0] + z[:, 1]), z[:, 1]], dim=1).flatten(1)

    z, total = start, torch.zeros(3, 3, dtype=torch.float64)  # log_diagonal is float64
    for _ in range(4):
        for update in (low, low, high) * 2:
            z, pushed = exponents.push(update, z, q)
            q, r = exponents.orthonormal(pushed)
            total += exponents.log_diagonal(r)
    assert (once.sum(dim=1) - total).abs().max() / 4 < limit


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_an_example_s_exponents_do_not_depend_on_its_batch(dtype, limit):
    p, w = network(dtype=dtype)
    step, start = act_map(p, w, examples=7)
    q = exponents.tangents(1, np.arange(7), p.state_size, 3, dtype)
    together, _ = exponents.qr_log_r(exponents.by_jvp(step), start, q, 6)
    for i in range(7):
        alone_step, alone_start = act_map(p, w, examples=7)
        z = start.clone()
        alone = exponents.by_jvp(lambda y, f=alone_step, z=z, i=i: f(_put(z, i, y))[i : i + 1])
        log_r, _ = exponents.qr_log_r(alone, alone_start[:1], q[i : i + 1], 6)
        assert (log_r[0] - together[i]).abs().max() < limit


def _put(z, i, y):
    return torch.cat([z[:i], y, z[i + 1 :]])


@pytest.mark.parametrize("k", [1, 4])
def test_in_place_and_a_few_at_a_time_the_factors_are_the_same(k):
    """Bit for bit, 19 matrices: two groups of eight and three more."""
    a = torch.from_numpy(np.random.default_rng(k).normal(size=(19, 30, k)))
    q, r = exponents.orthonormal(a)
    assert torch.equal(exponents.orthonormalise(a), r) and torch.equal(a, q)


def test_tangents_belong_to_the_example_not_to_its_place():
    whole = exponents.tangents(1, np.array([5, 9, 2]), 30, 4)
    assert torch.equal(exponents.tangents(1, np.array([2]), 30, 4)[0], whole[2])
    assert (whole.mT @ whole - torch.eye(4)).abs().max() < 1e-12


def test_a_direction_that_a_map_annihilates_is_floored():
    q = exponents.tangents(1, np.arange(2), 3, 3)
    shrink = exponents.by_jvp(lambda z: z * torch.tensor([1.0, 0.5, 0.0]).double())
    log_r, _ = exponents.qr_log_r(shrink, torch.zeros(2, 3).double(), q, 2)
    assert torch.isfinite(log_r).all()
    assert log_r[:, -1, -1].max() < -30


def test_a_random_tangent_makes_qr_low_by_its_alignment():
    """Leading direction alone grows: E gap of order ln(n) / (2T); n = 2000, T = 16: 0.24 predicted."""
    n, steps = 2000, 16
    scale = torch.full((n,), -2.0, dtype=torch.float64)
    scale[0] = 0.1
    q = exponents.tangents(1, np.arange(64), n, 1)
    grow = exponents.by_jvp(lambda z: z * scale.exp())
    log_r, _ = exponents.qr_log_r(grow, torch.zeros(64, n, dtype=torch.float64), q, steps)
    gap = 0.1 - log_r.mean(dim=(1, 2))
    # E ln|q_1| = -(ln n + 1.27) / 2 for a random unit vector: .278; SD of ln|q_1| is 1.11, so .0087 for 64.
    assert abs(float(gap.mean()) - (np.log(n) + 1.2704) / (2 * steps)) < 4 * 0.0087
    assert theory.tangent_bias_bound(n, steps) == pytest.approx((np.log(n) + 1.2704) / (2 * steps), abs=1e-4)


@pytest.mark.parametrize(
    ("step", "push", "n"),
    [
        (known_systems.henon_map, known_systems.henon_push, 2),
        (known_systems.logistic_map, known_systems.logistic_push, 1),
        (known_systems.lorenz_step, known_systems.lorenz_push, 3),
    ],
)
def test_the_tangents_of_a_known_system_by_hand_are_torch_s(step, push, n):
    z, q = torch.rand(5, n).double() * 10, exponents.tangents(1, np.arange(5), n, n)
    for found, expected in zip(push(z, q), exponents.push(step, z, q), strict=True):
        assert (found - expected).abs().max() < 1e-13
