"""The power law without an upper end: published fits, and the package that made the method known."""

from pathlib import Path

import numpy as np
import powerlaw
import pytest
from scipy import stats

from emergent_dynamics.branching import power_law
from emergent_dynamics.branching.power_law import Sample

REFERENCE = Path(powerlaw.__file__).parent / "reference_data"


@pytest.mark.parametrize(
    ("name", "published", "error", "start"), [("words", 1.95, 0.02, 7), ("terrorism", 2.4, 0.2, 12)]
)
def test_the_published_exponents_and_starts_come_out(name, published, error, start):
    """Clauset, Shalizi & Newman 2009, table 6.1: words 1.95(2) from 7(2), terrorism 2.4(2) from 12(4)."""
    found = power_law.fit(Sample.from_numbers(np.loadtxt(REFERENCE / f"{name}.txt")), None, None)
    assert found.lowest == start and found.highest is None
    assert abs(found.estimate.value - published) <= error
    assert round(found.estimate.value, 2 if error < 0.1 else 1) == published


def test_the_package_powerlaw_agrees_where_its_approximation_does():
    numbers = np.loadtxt(REFERENCE / "words.txt")
    other = powerlaw.Fit(numbers, discrete=True, verbose=False)
    found = power_law.fit(Sample.from_numbers(numbers), None, None)
    assert found.lowest == other.xmin
    assert found.estimate.value == pytest.approx(other.power_law.alpha, abs=1e-4)
    assert found.estimate.standard_error == pytest.approx(other.power_law.sigma, rel=2e-3)


@pytest.mark.parametrize("lowest", [1, 4])
def test_the_likelihood_of_a_zeta_law_is_largest_at_the_fit_and_its_error_is_that_of_repeats(lowest):
    fits = []
    for seed in range(60):
        x = stats.zipf.rvs(2.2, size=2000, random_state=seed)
        fits.append(power_law.fit(Sample.from_numbers(x), lowest, None).estimate)
    values = np.array([fit.value for fit in fits])
    error = np.mean([fit.standard_error for fit in fits])
    assert abs(values.mean() - 2.2) < 4 * error / np.sqrt(60)
    assert values.std(ddof=1) == pytest.approx(error, rel=0.3)
    assert np.mean([fit.lo <= 2.2 <= fit.hi for fit in fits]) >= 0.85


def test_with_an_upper_end_the_truncated_law_is_fitted():
    x = stats.zipf.rvs(1.5, size=20_000, random_state=3)
    cut = power_law.fit(Sample.from_numbers(x[x <= 300]), 1, 300)
    endless = power_law.fit(Sample.from_numbers(x[x <= 300]), 1, None)
    assert abs(cut.estimate.value - 1.5) < 4 * cut.estimate.standard_error
    assert endless.estimate.value - 1.5 > 10 * endless.estimate.standard_error
    assert (cut.lowest, cut.highest) == (1, 300)


def test_too_little_is_undefined_with_a_reason():
    for numbers in ([], [3, 3, 3], [0, 0]):
        found = power_law.fit(Sample.from_numbers(np.array(numbers)), None, None)
        assert np.isnan(found.estimate.value) and found.reason == power_law.NOTHING and found.lowest == 1


@pytest.mark.slow  # 600 samples: 5 s
@pytest.mark.parametrize(("lowest", "share"), [(3, 0.948), (None, 0.947)])
def test_the_interval_covers_as_often_as_the_documents_say(lowest, share):
    samples = (stats.zipf.rvs(2.2, size=1000, random_state=1000 + seed) for seed in range(600))
    fits = [power_law.fit(Sample.from_numbers(x), lowest, None).estimate for x in samples]
    assert np.mean([fit.lo <= 2.2 <= fit.hi for fit in fits]) == pytest.approx(share, abs=0.002)
