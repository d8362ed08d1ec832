"""Thresholds of noise: by quadrature, by the paper's constant, and by densities beside the change of kind."""

import numpy as np
import pytest
from scipy import integrate, special

from emergent_dynamics.causal import exact, theory
from tests.causal.experiments import experiment


def mean_over_sphere(function, dimension):
    """Of a function of the cosine to an axis, over the uniform law, by adaptive quadrature in the angle."""
    weight = lambda t: np.sin(t) ** (dimension - 2)  # noqa: E731
    total = integrate.quad(weight, 0, np.pi)[0]
    return integrate.quad(lambda t: function(np.cos(t)) * weight(t), 0, np.pi)[0] / total


@pytest.mark.parametrize("dimension", [2, 3, 5])
@pytest.mark.parametrize("beta", [0.5, 4.0])
def test_the_threshold_is_that_of_the_first_harmonic(dimension, beta):
    """The mean of e^(beta u) u over beta, with softmax over that of e^(beta u); half the paper's inverse constant."""
    first = mean_over_sphere(lambda u: np.exp(beta * u) * u, dimension) / beta
    zeroth = mean_over_sphere(lambda u: np.exp(beta * u), dimension)
    assert exact.noise_threshold(beta, dimension, softmax=False) == pytest.approx(first, rel=1e-10)
    assert exact.noise_threshold(beta, dimension, softmax=True) == pytest.approx(first / zeroth, rel=1e-10)
    half = dimension / 2
    published = beta**half / (2**half * special.gamma(half) * special.iv(half, beta))
    assert 1 / (2 * first) == pytest.approx(published, rel=1e-10)


def test_on_the_circle_the_threshold_is_the_growth_of_the_first_harmonic():
    growth = exact.uniform_growth(9.0, np.array([1]))[0]
    assert exact.noise_threshold(9.0, 2, softmax=True) == pytest.approx(growth, rel=1e-12)


@pytest.mark.parametrize(("dimension", "beta"), [(2, 2.4469183), (3, 1.8161545), (4, 1.5752571)])
def test_order_sets_in_continuously_up_to_the_tricritical_beta_and_jumps_beyond(dimension, beta):
    """Just above the threshold an ordered crowd falls apart at 0.97 of that beta, and stays ordered at 1.2 of it."""
    assert exact.tricritical_beta(dimension) == pytest.approx(beta, abs=1e-7)
    for factor, ordered in ((0.97, False), (1.2, True)):
        threshold = exact.noise_threshold(factor * beta, dimension, softmax=False)
        found = exact.noisy_resultant(factor * beta, 1.005 * threshold, dimension, softmax=False)
        assert (found > 0.3) if ordered else (found < 1e-3)


@pytest.mark.parametrize("softmax", [True, False])
def test_the_stationary_density_solves_its_equation_by_another_path(softmax):
    """beta = 2, circle: the trapezoidal rule with the kernel itself, iterated from a von Mises density."""
    beta, noise = 2.0, 0.7 * exact.noise_threshold(2.0, 2, softmax)
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    kernel = np.exp(beta * np.cos(angle[:, None] - angle)) / 400
    rho = np.exp(3 * np.cos(angle))
    for _ in range(2000):
        rho /= rho.mean()
        seen = kernel @ rho
        rho = seen ** (1 / (beta * noise)) if softmax else np.exp((seen - seen.max()) / (beta * noise))
    expected = (rho * np.cos(angle)).mean() / rho.mean()
    assert exact.noisy_resultant(beta, noise, 2, softmax) == pytest.approx(expected, abs=1e-8)


def test_where_a_noisy_crowd_ends_is_expected_of_full_attention_alone():
    crowd = experiment(mask="none", beta=1.0, noise=0.2, tokens=256)
    found = theory.noisy_resultant(crowd)
    assert found.value == pytest.approx(exact.noisy_resultant(1.0, 0.2, 2, softmax=True), rel=1e-12)
    threshold = exact.noise_threshold(1.0, 2, softmax=True)
    above = theory.noisy_resultant(crowd | {"noise": 2 * threshold})
    assert above.value == pytest.approx(exact.mean_resultant(256, 2) * 2**0.5, rel=1e-12)
    for change in (
        {"mask": "causal"}, {"noise": 0.0}, {"noise": 1.1 * threshold}, {"steps": 100}, {"value": "axis"},
        {"initial": "x.npy"}, {"heads": 2}, {"integrator": "ode"},
    ):  # fmt: skip
        assert theory.noisy_resultant(crowd | change) is None


@pytest.mark.parametrize("change", [{"noise": 0.1}, {"normalisation": "pre"}, {"heads": 2}])
def test_nothing_of_the_plain_map_is_expected_of_another_step(change):
    plain = experiment(tokens=256)
    assert theory.is_seed_model(plain) and theory.limit_law(plain)
    assert not theory.is_seed_model(plain | change) and theory.limit_law(plain | change) is None
