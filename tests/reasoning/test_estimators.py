"""Exponents as plain functions, on maps whose exponents are known in closed form."""

from pathlib import Path

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning import estimators
from emergent_dynamics.statistics import kaplan_yorke

GOLDEN = (3 + 5**0.5) / 2


def cat(z):
    """Arnold's cat map; every Jacobian is [[2, 1], [1, 1]], with eigenvalues GOLDEN and 1 / GOLDEN."""
    return np.stack([2 * z[:, 0] + z[:, 1], z[:, 0] + z[:, 1]], axis=1) % 1.0


def cat_jacobian(z):
    return np.broadcast_to([[2.0, 1.0], [1.0, 1.0]], (len(z), 2, 2))


def lozi(z):
    """1 - 1.7 |x| + y, 0.5 x."""
    return np.stack([1 - 1.7 * abs(z[:, 0]) + z[:, 1], 0.5 * z[:, 0]], axis=1)


def ikeda(z):
    """1 + 0.9 w exp(i (0.4 - 6 / (1 + |w|^2))) of w = x + i y."""
    w = z[:, 0] + 1j * z[:, 1]
    moved = 1 + 0.9 * w * np.exp(1j * (0.4 - 6 / (1 + abs(w) ** 2)))
    return np.stack([moved.real, moved.imag], axis=1)


def lattice(z):
    """Eight logistic maps, r = 4, each coupled to its neighbours by 0.3."""
    f = 4 * z * (1 - z)
    return 0.7 * f + 0.15 * (np.roll(f, 1, axis=1) + np.roll(f, -1, axis=1))


def spread(n, examples=50):
    return 0.1 * np.random.default_rng(0).random((examples, n))


def test_the_cat_map_has_the_logarithm_of_its_eigenvalue_in_every_window():
    """The matrix is symmetric, so its singular values are its eigenvalues at any T; QR after a warm-up too."""
    expected = [np.log(GOLDEN), -np.log(GOLDEN)]
    for found in (
        estimators.by_svd(cat, spread(2), 8, derivative=cat_jacobian),
        estimators.by_qr(cat, spread(2), 50, warm_up=40, derivative=cat_jacobian),
    ):
        assert np.abs(found - expected).max() < 1e-10


@pytest.mark.parametrize(
    ("step", "leading", "sum_"),
    [(lozi, 0.47023, np.log(0.5)), (ikeda, 0.50760, 2 * np.log(0.9))],
    ids=["lozi", "ikeda"],
)
def test_maps_of_constant_determinant_have_its_logarithm_as_their_sum(step, leading, sum_):
    """The sum is exact at every point; the leading exponent is Sprott's (2003, appendix A), within 4 s.e."""
    found = estimators.by_qr(step, spread(2), 400, warm_up=100)
    assert np.abs(found.sum(axis=1) - sum_).max() < 1e-7  # central differences
    error = found[:, 0].std(ddof=1) / len(found) ** 0.5
    assert abs(found[:, 0].mean() - leading) < 4 * error and error < 0.005


def test_a_synchronised_lattice_has_the_exponents_of_its_modes():
    """On the diagonal J = f'(x) C, C circulant with eigenvalues 0.7 + 0.3 cos(2 pi m / 8): mean ln |f'| + ln |c_m|."""
    x, slopes = 0.3, []
    for _ in range(12):
        slopes.append(np.log(abs(4 - 8 * x)))
        x = 4 * x * (1 - x)
    modes = np.log(abs(0.7 + 0.3 * np.cos(2 * np.pi * np.arange(8) / 8)))
    found = estimators.by_svd(lattice, np.full((2, 8), 0.3), 12)
    assert np.abs(found - (np.mean(slopes) - np.sort(-modes))).max() < 1e-6


def test_a_non_normal_map_grows_in_a_window_though_its_eigenvalues_shrink():
    """[[0.9, 5], [0, 0.8]]: exponents of 6 steps are those of the sixth power; by torch and by NumPy."""
    matrix = np.array([[0.9, 5.0], [0.0, 0.8]])
    expected = np.log(np.linalg.svd(np.linalg.matrix_power(matrix, 6), compute_uv=False)) / 6
    layer = torch.nn.Linear(2, 2, bias=False, dtype=torch.float64)
    layer.weight.data = torch.from_numpy(matrix)
    by_torch = estimators.by_svd(layer, torch.ones(3, 2, dtype=torch.float64), 6)
    by_numpy = estimators.by_svd(lambda z: z @ matrix.T, np.ones((3, 2)), 6)
    assert expected[0] > 0 > np.log(0.9)
    assert np.abs(by_torch - expected).max() < 1e-9 and np.abs(by_numpy - expected).max() < 1e-8
    late = estimators.by_qr(layer, torch.ones(3, 2, dtype=torch.float64), 100, warm_up=400)
    assert np.abs(late - np.log([0.9, 0.8])).max() < 1e-9


def test_any_torch_module_will_do():
    """At the fixed point 0 of tanh(M z), M normal, exponents are ln |eigenvalues of M|."""
    rotation = torch.tensor([[0.6, -0.3], [0.3, 0.6]], dtype=torch.float64)
    layer = torch.nn.Linear(2, 2, bias=False, dtype=torch.float64)
    layer.weight.data = rotation
    module = torch.nn.Sequential(layer, torch.nn.Tanh())
    found = estimators.by_qr(module, torch.zeros(4, 2, dtype=torch.float64), 10)
    assert np.abs(found - np.log(np.hypot(0.6, 0.3))).max() < 1e-12


def test_exponents_carry_gradients():
    """Of g M z: lambda_i = ln g + those of M, so d lambda_i / d g = 1 / g for every column, window and M."""
    gain = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    matrix = torch.from_numpy(np.random.default_rng(1).standard_normal((5, 5)))
    q = torch.linalg.qr(torch.from_numpy(np.random.default_rng(2).standard_normal((2, 5, 3))))[0]
    found = estimators.differentiable(lambda z: gain * z @ matrix.T, torch.ones(2, 5).double(), q, 4)
    plain = torch.from_numpy(estimators.by_qr(lambda z: 0.7 * z @ matrix.T, torch.ones(2, 5).double(), 4, 3))
    for row in found.flatten():
        (slope,) = torch.autograd.grad(row, gain, retain_graph=True)
        assert float(slope) == pytest.approx(1 / 0.7, rel=1e-12)
    assert found.shape == plain.shape == (2, 3)


def test_flossing_brings_a_map_to_the_edge_of_chaos():
    """Descent on lambda^2 of z -> g tanh(z) at 0, lambda = ln g: from g = 0.5 to g = 1, where it is 0."""
    gain = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    start, q = torch.zeros(1, 1).double(), torch.ones(1, 1, 1).double()

    def step(z):
        return gain * torch.tanh(z)

    for _ in range(60):
        penalty = estimators.differentiable(step, start, q, 3).square().sum()
        (slope,) = torch.autograd.grad(penalty, gain)
        with torch.no_grad():
            gain -= 0.2 * slope
    assert float(gain.detach()) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("spectrum", "dimension"),
    [
        ([0.41922, -1.62319], 1 + 0.41922 / 1.62319),  # Hénon
        ([0.9056, 0.0, -14.5723], 2 + 0.9056 / 14.5723),  # Lorenz
        ([-14.5723, 0.9056, 0.0], 2 + 0.9056 / 14.5723),
        ([-0.1, -2.0], 0.0),
        ([0.0, -1.0], 1.0),
        ([0.9, -0.9], np.nan),
        ([0.5, 0.1], np.nan),
        ([np.nan, -1.0], np.nan),
        ([], np.nan),
    ],
)
def test_kaplan_and_yorke_s_dimension(spectrum, dimension):
    assert kaplan_yorke(np.array(spectrum)) == pytest.approx(dimension, nan_ok=True)


def test_what_cannot_be_is_said_in_one_line():
    with pytest.raises(ValueError, match=r"start: shape \(3,\), must be \(example, n\)"):
        estimators.by_qr(cat, np.zeros(3), 4)
    with pytest.raises(ValueError, match="k = 3: must be from 1 to the 2 dimensions"):
        estimators.by_qr(cat, np.zeros((1, 2)), 4, 3)
    with pytest.raises(ValueError, match="at most 1000"):
        estimators.by_svd(lambda z: z, np.zeros((1, 1001)), 1)


def test_the_lines_in_the_documents_find_henon_s_dimension():
    """1 + 0.41922 / 1.62319 = 1.258 (Sprott 2003); the exponent of 100 x 500 steps is good to .003."""
    page = (Path(__file__).parents[2] / "docs" / "reasoning.md").read_text()
    code = next(block for block in page.split("```python")[1:] if "estimators" in block).split("```")[0]
    found = {}
    exec(code, found)
    assert found["spectrum"].sum() == pytest.approx(np.log(0.3), abs=1e-8)
    assert found["dimension"] == pytest.approx(1 + 0.41922 / 1.62319, abs=0.005)
