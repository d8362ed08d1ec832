"""Closed forms for Galton-Watson processes against SciPy's distributions, root finders and tabulated values; and what
is expected of headlines, when.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from emergent_dynamics.branching import theory
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve

# sigma -> P(1), P(2), P(3), P(10), P(100), extinction, s_c; Poisson offspring, computed to 7 digits
# independently
BOREL = {
    0.5: (0.60653066, 0.18393972, 0.08367381, 3.626558e-3, 3.2606e-12, 1, 5.177),
    0.9: (0.40656966, 0.14876900, 0.08165470, 1.317556e-2, 2.591203e-4, 1, 186.549),
    1.0: (0.36787944, 0.13533528, 0.07468060, 1.251100e-2, 3.986100e-4, 1, np.inf),
    1.2: (0.30119421, 0.10886154, 0.05901924, 8.736438e-3, 5.670246e-5, 0.6863016690, 56.566),
    2.0: (0.13533528, 0.03663128, 0.01487251, 2.908153e-4, 9.4e-18, 0.2031878700, 3.259),
}


@pytest.mark.parametrize("sigma", BOREL)
def test_borel_law_extinction_and_cutoff_have_their_values(sigma):
    """exp(-sigma s) (sigma s)^(s-1) / s!, the root of q = exp(sigma (q - 1)), 1 / (sigma - 1 - ln sigma)."""
    found = (
        *theory.borel(np.array([1, 2, 3, 10, 100]), sigma),
        theory.extinction(sigma),
        theory.size_cutoff(sigma),
    )
    assert found == pytest.approx(BOREL[sigma], rel=1e-2 if sigma == 2 else 1e-4)


@pytest.mark.parametrize("sigma", [0.5, 0.7, 0.9, 1.2, 1.5, 2.0])
def test_sizes_sum_to_the_probability_of_extinction(sigma):
    """sum_s P(S = s) = q."""
    s = np.arange(1, 200_000)
    assert theory.borel(s, sigma).sum() == pytest.approx(theory.extinction(sigma), rel=1e-9)
    assert theory.otter_dwass(s[:20_000], sigma, 20).sum() == pytest.approx(
        theory.extinction(sigma, 20), rel=1e-9
    )


def test_subcritical_moments_are_those_of_the_law():
    """Mean 1 / (1 - sigma), variance sigma (1 - sigma / N) / (1 - sigma)^3: 10 and 900; 25.018519 at 0.7 and
    N = 20.
    """
    s = np.arange(1, 100_000)
    p = theory.borel(s, 0.9)
    assert (p @ s, p @ s**2 - (p @ s) ** 2) == pytest.approx(theory.size_moments(0.9), rel=1e-8)
    p = theory.otter_dwass(s[:5000], 0.7, 20)
    assert p @ s[:5000] ** 2 - (p @ s[:5000]) ** 2 == pytest.approx(theory.size_moments(0.7, 20)[1], rel=1e-8)
    assert theory.size_moments(0.7, 20)[1] == pytest.approx(25.018519, abs=1e-6)


def test_critical_survival_falls_as_two_over_t():
    """Kolmogorov: t P(alive at t) -> 2; 0.0540535 at 34, 1.9918 at 1000."""
    alive = theory.survival(1000, 1.0)
    assert alive[[1, 2, 5, 10, 34]] == pytest.approx(
        [0.632121, 0.468536, 0.268077, 0.158235, 0.0540535], rel=1e-5
    )
    assert 1000 * alive[1000] == pytest.approx(1.9918, abs=1e-4)


def test_mean_field_exponents_satisfy_the_crackling_relation():
    """gamma = (alpha - 1) / (tau - 1) = 2."""
    assert (
        theory.crackling(theory.MEAN_FIELD["tau"], theory.MEAN_FIELD["alpha"]) == theory.MEAN_FIELD["gamma"]
    )


def test_binomial_extinction_is_likelier_to_fail_than_poisson():
    """sigma = 1.2: 0.6718953 with 20 synapses, 0.6863016690 with many."""
    assert theory.extinction(1.2, 20) == pytest.approx(0.6718953, abs=1e-7)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.7])
def test_sizes_are_those_of_dwass_by_scipys_distributions(sigma):
    """P(S = s) = P(sum of s offspring = s - 1) / s: Poisson(sigma s), Bin(s N, sigma / N); s = 1 to 300."""
    s = np.arange(1, 301)
    assert theory.borel(s, sigma) == pytest.approx(stats.poisson.pmf(s - 1, sigma * s) / s, rel=1e-9)
    for n in (2, 20):
        binomial = stats.binom.pmf(s - 1, s * n, sigma / n) / s
        assert theory.otter_dwass(s, sigma, n) == pytest.approx(binomial, rel=1e-9)


@pytest.mark.parametrize("neurons", [np.inf, 2, 20])
@pytest.mark.parametrize("sigma", [0.6, 1.0, 1.4])
def test_survival_and_sizes_by_duration_come_from_the_generating_function(sigma, neurons):
    """q' = f(q), and E[S; D <= d] the derivative of x f(...) at x = 1, by a step of 1e-30 i."""

    def f(z):
        return np.exp(sigma * (z - 1)) if np.isinf(neurons) else (1 + sigma * (z - 1) / neurons) ** neurons

    died, joint = [0.0], [0j]
    for _ in range(25):
        died.append(f(died[-1]))
        joint.append((1 + 1e-30j) * f(joint[-1]))
    assert theory.survival(25, sigma, neurons) == pytest.approx(1 - np.array(died), rel=1e-10)
    mean = np.diff([z.imag * 1e30 for z in joint]) / np.diff(died)
    found = theory.size_given_duration(25, sigma, neurons)
    assert np.isnan(found[0]) and found[1:] == pytest.approx(mean, rel=1e-8)


@pytest.mark.parametrize("neurons", [np.inf, 2, 20])
def test_extinction_is_the_limit_of_dying_out(neurons):
    """1 up to sigma = 1; above, 1 - P(alive after 2000 generations)."""
    assert theory.extinction(1.0, neurons) == 1.0 and theory.extinction(0.3, neurons) == 1.0
    for sigma in (1.05, 1.3, 1.9):
        assert theory.extinction(sigma, neurons) == pytest.approx(
            1 - theory.survival(2000, sigma, neurons)[-1], rel=1e-12
        )


def test_critical_sizes_have_no_moments_and_no_cutoff():
    assert theory.size_moments(1.0) == (np.inf, np.inf) and theory.size_moments(1.5, 20) == (np.inf, np.inf)
    assert theory.size_moments(0.5) == (2.0, 4.0)
    assert theory.size_cutoff(1.0) == np.inf
    assert theory.size_cutoff(0.7) == pytest.approx(1 / (-0.3 - math.log(0.7)))


def test_the_crackling_relation_by_hand():
    """(1.9 - 1) / (1.6 - 1) = 1.5; mean field 1.5, 2, 2 (Harris 1963)."""
    assert theory.crackling(1.6, 1.9) == pytest.approx(1.5)
    assert theory.MEAN_FIELD == {"tau": 1.5, "alpha": 2.0, "gamma": 2.0}


@pytest.mark.parametrize(("start", "neurons", "layers"), [(3, 8, 5), (1, 20, 35)])
def test_wright_fisher_moments_are_those_of_the_chain(start, neurons, layers):
    """Powers of the binomial transition matrix, by SciPy."""
    k = np.arange(neurons + 1)
    matrix = np.array([stats.binom.pmf(k, neurons, i / neurons) for i in k])
    end = np.linalg.matrix_power(matrix, layers - 1)[start]
    mean = end @ k
    assert theory.wright_fisher_moments(start, neurons, layers) == pytest.approx(
        (mean, end @ (k - mean) ** 2, end @ (k * (neurons - k))), rel=1e-9
    )


def test_diffusion_takes_its_time_from_the_entropy():
    """-2 N [x ln x + (1 - x) ln(1 - x)]: 2 N ln 2 from the middle, 0 from the ends."""
    assert theory.wright_fisher_absorption(10, 20) == pytest.approx(40 * math.log(2))
    assert theory.wright_fisher_absorption(1, 20) == pytest.approx(40 * stats.entropy([0.05, 0.95]))
    assert theory.wright_fisher_absorption(0, 20) == theory.wright_fisher_absorption(20, 20) == 0.0


@pytest.mark.parametrize(("sigma", "rate"), [(0.8, 0.1), (1.0, 0.01)])
def test_driven_layers_have_the_mean_of_their_chain(sigma, rate):
    """Spikes join, then every neuron draws: means by SciPy's binomials, four layers of five."""
    k = np.arange(6)
    spikes = np.array([[stats.binom.pmf(j - i, 5 - i, rate) for j in k] for i in k])
    moved = spikes @ np.array([stats.binom.pmf(k, 5, sigma * i / 5) for i in k])
    law, mean = np.eye(6)[0], [0.0]
    for _ in range(3):
        law = law @ moved
        mean.append(law @ k)
    assert theory.driven_layer_mean(4, 5, sigma, rate) == pytest.approx(mean, rel=1e-10)


@pytest.mark.parametrize("layers", [2, 8, 35])
def test_the_critical_dynamic_range_inverts_the_response(layers):
    """Roots of N (1 - (1 - h)^(L - 1)) = 10 % and 90 % of N."""
    low, high = (
        optimize.brentq(lambda h, x=x: 1 - (1 - h) ** (layers - 1) - x, 0, 1, xtol=1e-15) for x in (0.1, 0.9)
    )
    assert theory.critical_dynamic_range(layers) == pytest.approx(10 * math.log10(high / low), rel=1e-10)


def test_the_driven_process_has_its_mean_variance_and_time():
    """m = 0.98, h = 10: 500, 12,626.26, 49.498 steps."""
    assert theory.driven_process(0.98, 10.0) == pytest.approx((500.0, 12_626.262626, 49.498316), rel=1e-7)
    assert theory.driven_process(0.5, 3.0) == pytest.approx((6.0, 8.0, 1 / math.log(2)))


def test_the_parabola_has_unit_area_and_is_highest_in_the_middle():
    x = np.linspace(0, 1, 10_001)
    assert np.trapezoid(theory.parabola(x), x) == pytest.approx(1.0, rel=1e-7)
    assert theory.parabola(np.array([0.0, 0.25, 0.5, 1.0])) == pytest.approx([0, 1.125, 1.5, 0])


def test_exponents_are_compared_within_a_twentieth_of_one():
    assert [theory.near_critical(s) for s in (0.9501, 1.0, 1.0499)] == [True] * 3
    assert [theory.near_critical(s) for s in (0.5, 0.9499, 1.0501)] == [False] * 3
    assert not theory.near_critical(0.75) and theory.near_critical(1.03125)
    assert not theory.near_critical(0.875 + 0.0625) and not theory.near_critical(
        1 + theory.NEAR_CRITICAL + 1e-9
    )


@pytest.mark.parametrize(
    ("expected", "scales"),
    [
        (theory.expected_mean, {5.0: 5.0, -2.0: 2.0, 0.0: 1.0}),
        (theory.expected_exponent, {1.5: 1.5, 0.0: 1.0, -0.3: 0.3}),
        (theory.expected_tree_exponent, {1.9: 1.9, 0.0: 1.0, -0.2: 0.2}),
        (theory.expected_probability, {0.5: 0.5, 1e-9: 0.01, 0.0: 0.01, 0.02: 0.02}),
        (theory.expected_childless, {0.4: 0.4, 0.001: 0.01}),
        (theory.expected_dcc, {0.06: 0.8, 0.0: 0.8}),
        (lambda x: theory.expected_information(x, 0.4), {0.1: 0.4, 0.0: 0.4}),
        (lambda x: theory.expected_information(x, 0.0), {0.0: 1.0}),
    ],
)
def test_an_exact_value_is_expected_on_its_scale_and_an_unknown_one_is_not(expected, scales):
    """NaN and infinity expect nothing; kind exact, equal, without tolerance or error, with a source."""
    for value, scale in scales.items():
        found = expected(value)
        assert (found.value, found.scale, found.kind, found.relation) == (value, scale, "exact", "=")
        assert (found.tolerance, found.standard_error) == (0.0, 0.0) and len(found.source) > 20
    assert expected(math.nan) is None and expected(math.inf) is None


def test_sources_tell_matrices_from_estimators():
    assert "linear algebra" in theory.expected_mean(1.0).source == theory.expected_probability(0.1).source
    assert "linear algebra" in theory.expected_information(0.1, 1.0).source
    assert "exact law of this network, in the same window" in theory.expected_exponent(1.5).source
    assert theory.expected_exponent(1.5).source == theory.expected_dcc(0.1).source
    assert "Borel" in theory.expected_tree_exponent(1.5).source
    assert "prod (1 - p)" in theory.expected_childless(0.5).source


def test_the_multistep_estimate_is_expected_to_be_m():
    found = theory.expected_multistep(0.98)
    assert (found.value, found.kind, found.scale) == (0.98, "exact", None) and "Wilting" in found.source


def test_the_closed_dynamic_range_applies_to_equal_layers_by_the_linear_rule_at_one():
    """Within the 1e-3 dB that interpolation costs, and says so; None otherwise."""
    p = Parameters.from_config(
        resolve(read_schemas()[1]["branching"], {"layers": 5, "neurons": 4, "sigma": [0.5, 1]})
    )
    found = theory.expected_critical_range(p)
    assert found.value == theory.critical_dynamic_range(5) and found.tolerance == 1e-3
    assert "interpolated" in found.reason and found.kind == "exact" and "Wright-Fisher" in found.source
    assert theory.expected_critical_range(replace(p, rule="noisy_or")) is None
    assert theory.expected_critical_range(replace(p, sigma=(0.5, 1.5))) is None
    assert theory.expected_critical_range(replace(p, widths=(4, 4, 5, 4, 4))) is None
