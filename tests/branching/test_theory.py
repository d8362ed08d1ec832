"""Closed forms for Galton-Watson processes against their own identities and tabulated values."""

import numpy as np
import pytest

from emergent_dynamics.branching import theory

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
