"""Closed forms and exact solutions: their published or independently computed values."""

import numpy as np
import pytest

from emergent_dynamics.causal import theory


def test_the_lifetime_of_a_pair_of_clusters():
    """beta = 49, from 0.7 to 0.1 rad: 5437.238101988, by another quadrature."""
    assert theory.pair_lifetime(49.0, 0.7, 0.1) == pytest.approx(5437.238101988, rel=1e-12)


@pytest.mark.parametrize("beta, overlap", [(1.0, 0.58977282289977), (9.0, 4.96510840061e-4)])
def test_the_overlap_of_orthonormal_tokens(beta, overlap):
    """n = 32 at t = 2, by Runge-Kutta of order 4 with h = 1e-3 on the same formula."""
    assert theory.orthonormal_overlap(beta, 32, 2.0) == pytest.approx(overlap, rel=1e-11)


@pytest.mark.parametrize("beta, k", theory.FASTEST_HARMONIC.items())
def test_the_fastest_harmonic_grows_like_the_root_of_two_beta(beta, k):
    """3 at beta = 5 is figure 4 of Bruno, Pasqualotto & Agazzi 2025."""
    assert theory.fastest_harmonic(beta) == k


def test_the_growth_of_the_fastest_harmonic_tends_to_two_over_e():
    """lambda = k^2 / beta e^{-k^2 / (2 beta)} for large beta, at k^2 = 2 beta."""
    beta = 1e6
    assert theory.uniform_growth(beta, np.array([round((2 * beta) ** 0.5)]))[0] == pytest.approx(
        2 / np.e, rel=1e-4
    )


def test_the_map_of_a_pair_becomes_its_flow():
    """Halving the step halves the distance between map and flow, when each step counts dt / (1 + dt)."""
    errors = []
    for dt in (0.01, 0.005):
        end = theory.pair_map(9.0, 0.5, dt, round(1.0 / dt))
        errors.append(theory.pair_lifetime(9.0, 0.5, end) - 1.0 / (1.0 + dt))
    assert errors[1] / errors[0] == pytest.approx(0.5, abs=0.04)
