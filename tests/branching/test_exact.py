"""The linear algebra of the layered network against closed forms, hand counts and independently measured
numbers.
"""

import numpy as np
import pytest

from emergent_dynamics.branching import exact, model, theory

NEURONS, LAYERS = 20, 35
K = np.arange(NEURONS + 1.0)

# rule, sigma -> P(S=1), P(S=2), P(S=10), E[S], sd[S], E[D], P(reach the last layer); 20 neurons, 35 layers,
# one root
REFERENCE = {
    ("linear", 0.7): (0.490395, 0.174447, 1.038992e-2, 3.33332, 4.9220, 2.41126, 2.5765e-6),
    ("linear", 1.0): (0.358486, 0.135276, 1.239853e-2, 35.0, 95.0455, 6.67048, 7.413075e-2),
    ("linear", 1.2): (0.290106, 0.107440, 7.982624e-3, 193.00912, 257.3081, 14.30326, 0.3561897),
    ("noisy_or", 0.7): (0.490395, 0.174447, 1.052379e-2, 3.23077, 4.4753, 2.38218, 1.10574e-6),
    ("noisy_or", 1.0): (0.358486, 0.135276, 1.379616e-2, 13.24295, 26.9428, 5.21278, 1.173627e-2),
    ("noisy_or", 1.2): (0.290106, 0.107440, 9.781969e-3, 56.49407, 86.6518, 11.42075, 0.1867551),
}
# sigma, spontaneous -> E[A], sd[A], P(silent frame), E[k in the last layer], r_1, r_2, r_5, r_10
DRIVEN = {
    (0.7, 0.01): (14.4755, 5.5549, 1.24e-4, 0.45602, 0.67087, 0.44958, 0.13432, 0.01739),
    (1.0, 0.005): (56.3544, 20.8455, 1.8212e-6, 3.13390, 0.92824, 0.85958, 0.67179, 0.41740),
    (1.2, 0.001): (52.6210, 27.8387, 6.85e-3, 3.49950, 0.95730, 0.90932, 0.74903, 0.48263),
}


@pytest.mark.parametrize("rule, sigma", REFERENCE)
def test_avalanche_laws_have_the_known_moments(rule, sigma):
    """Sizes and durations at the original's geometry, by an independent dynamic programme; 5 to 7 digits."""
    law = exact.avalanches(exact.transition(sigma, NEURONS, rule), LAYERS)
    s = np.arange(law.size.size)
    mean = law.size @ s
    found = (*law.size[[1, 2, 10]], mean, np.sqrt(law.size @ s**2 - mean**2))
    found += (law.duration @ np.arange(LAYERS + 1), law.reach)
    assert found == pytest.approx(REFERENCE[rule, sigma], rel=2e-5)


@pytest.mark.parametrize("sigma, spontaneous", DRIVEN)
def test_driven_frames_have_the_known_moments(sigma, spontaneous):
    """The original's three stochastic runs, in the stationary state."""
    found = exact.raster(exact.transition(sigma, NEURONS, "linear", spontaneous), LAYERS)
    numbers = (found.mean, found.variance**0.5, found.silent, found.layer_mean[-1])
    assert (*numbers, *found.autocorrelation[[1, 2, 5, 10]]) == pytest.approx(
        DRIVEN[sigma, spontaneous], rel=3e-3
    )
    assert found.autocorrelation[LAYERS - 1] == pytest.approx(0.0, abs=1e-12)  # nothing lives L - 1 steps


def test_at_sigma_one_the_mean_size_is_the_number_of_layers():
    """Linear rule: E[k] is conserved, so E[S] = L."""
    law = exact.avalanches(exact.transition(1.0, NEURONS, "linear"), LAYERS)
    assert law.size @ np.arange(law.size.size) == pytest.approx(LAYERS, abs=1e-10)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 1.7])
def test_a_childless_root_has_its_binomial_probability(sigma):
    """P(S = 1) = (1 - sigma / N)^N for either rule."""
    for rule in ("linear", "noisy_or"):
        law = exact.avalanches(exact.transition(sigma, NEURONS, rule), LAYERS)
        assert law.size[1] == pytest.approx((1 - sigma / NEURONS) ** NEURONS, rel=1e-12)


def test_the_critical_chain_is_the_neutral_wright_fisher_model():
    """E[k] = 5, Var = 75 (1 - 0.95^34) = 61.888154, E[k (N - k)] = 13.111846 from k0 = 5. Ewens 2004."""
    end = exact.channel(exact.transition(1.0, NEURONS, "linear"), LAYERS)[5]
    found = end @ K, end @ (K - 5) ** 2, end @ (K * (NEURONS - K))
    assert found == pytest.approx(theory.wright_fisher_moments(5, NEURONS, LAYERS), abs=1e-10)
    assert found[1] == pytest.approx(61.888154, abs=1e-6)


def test_absorption_takes_a_little_less_than_the_diffusion_says():
    """Mean time to 0 or N from 1, 5, 10: 7.2312, 21.138, 26.2295; diffusion 7.941, 22.493, 27.726."""
    time = exact.absorption_time(exact.transition(1.0, NEURONS, "linear"))
    assert time[[1, 5, 10]] == pytest.approx([7.2312, 21.138, 26.2295], rel=1e-4)
    diffusion = [theory.wright_fisher_absorption(k, NEURONS) for k in (1, 5, 10)]
    assert diffusion == pytest.approx([7.941, 22.493, 27.726], rel=1e-4)
    assert (time[[1, 5, 10]] < diffusion).all()


@pytest.mark.parametrize("sigma, spontaneous", [(0.7, 0.01), (1.0, 0.005)])
def test_layer_means_follow_the_linear_recursion(sigma, spontaneous):
    """mu_{l+1} = sigma (mu_l (1 - p) + N p) as long as nothing saturates; N (1 - (1 - p)^l) at sigma = 1."""
    law = exact.layer_law(
        exact.transition(sigma, NEURONS, "linear", spontaneous), exact.one_root(NEURONS, 0), LAYERS
    )
    expected = theory.driven_layer_mean(LAYERS, NEURONS, sigma, spontaneous)
    assert law @ K == pytest.approx(expected, rel=1e-11)
    if sigma == 1:
        assert expected == pytest.approx(NEURONS * (1 - (1 - spontaneous) ** np.arange(LAYERS)), rel=1e-12)


def test_small_sizes_are_those_of_the_independent_tree():
    """S <= 2 needs no two active neurons in a layer, so Otter-Dwass is exact there, and only there."""
    law = exact.avalanches(exact.transition(1.0, NEURONS, "linear"), LAYERS)
    tree = theory.otter_dwass(np.arange(1, 11), 1.0, NEURONS)
    assert law.size[1:3] == pytest.approx(tree[:2], rel=1e-12)
    assert abs(law.size[10] / tree[9] - 1) > 1e-3


@pytest.mark.parametrize("rule", ["linear", "noisy_or"])
def test_laws_are_probabilities_and_agree_with_each_other(rule):
    """Rows, sizes and durations sum to 1; E[S] from sizes is E[S] from durations and shapes."""
    for sigma in (0.5, 1.0, 1.9):
        matrix = exact.transition(sigma, NEURONS, rule)
        assert matrix.sum(1) == pytest.approx(np.ones(NEURONS + 1), abs=1e-12)
        law = exact.avalanches(matrix, LAYERS)
        assert (law.size.sum(), law.duration.sum()) == pytest.approx((1.0, 1.0), abs=1e-11)
        by_duration = np.nansum(law.duration * law.mean_size)
        assert law.size @ np.arange(law.size.size) == pytest.approx(by_duration, rel=1e-10)


def test_a_network_of_two_layers_by_hand():
    """L = 2, N = 2, sigma = 1: k1 ~ Bin(2, 1/2), so S is 1, 2, 3 with probabilities 1/4, 1/2, 1/4."""
    law = exact.avalanches(exact.transition(1.0, 2, "linear"), 2)
    assert law.size == pytest.approx([0, 0.25, 0.5, 0.25])
    assert law.duration == pytest.approx([0, 0.25, 0.75])
    assert law.mean_size[1:] == pytest.approx([1.0, 2 + 1 / 3])


def test_rules_agree_to_first_order_and_saturate_differently():
    """linear reaches 1 at k = N / sigma; noisy_or never does below sigma = N; equal for k = 1."""
    k = np.arange(NEURONS + 1)
    linear, noisy = (model.activation(k, 1.2, NEURONS, rule) for rule in ("linear", "noisy_or"))
    assert linear[1] == pytest.approx(noisy[1])
    assert (noisy[2:] < linear[2:]).all()
    assert linear[17] == 1.0 and noisy[20] < 1.0
