"""The power law without an upper end: published fits, and the package that made the method known."""

from pathlib import Path

import numpy as np
import powerlaw
import pytest
from scipy import special, stats

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


def test_the_package_powerlaw_finds_the_same_lowest_value_exponent_and_distance():
    """Terrorism, 9,101 numbers, by its exact zeta law, whose likelihood it maximises to about 2e-5."""
    numbers = np.loadtxt(REFERENCE / "terrorism.txt")
    other = powerlaw.Fit(numbers, discrete=True, estimate_discrete=False, verbose=False)
    sample = Sample.from_numbers(numbers)
    found = power_law.fit(sample, None, None)
    assert found.lowest == other.xmin == 12
    assert found.estimate.value == pytest.approx(other.power_law.alpha, abs=5e-5)
    assert power_law.distance(sample, found) == pytest.approx(other.power_law.D, abs=1e-5)


def test_all_starts_are_fitted_together_as_they_are_alone():
    """Newton's method on all starts, bisection on one: the same exponents and distances."""
    sample = Sample.from_numbers(stats.zipf.rvs(1.7, size=3000, random_state=2))
    starts = np.arange(0, sample.values.size - 12, 3)
    together = power_law._distances(sample, starts)
    for start, value in zip(starts, together, strict=True):
        lowest = int(sample.values[start])
        alone = power_law.fit(sample, lowest, None)
        assert power_law.distance(sample, alone) == pytest.approx(value, abs=1e-8)


def test_drawn_samples_have_the_law_of_the_fit_above_and_that_of_the_sample_below():
    """From 3 on a zeta law of 1.8, whose tail beyond the table of 20,000 values has 0.04 % of it."""
    numbers = np.concatenate(
        [np.repeat([1, 2], [700, 300]), stats.zipf.rvs(1.8, size=40_000, random_state=1)]
    )
    sample = Sample.from_numbers(numbers)
    tail = power_law.fit(sample, 3, None)
    rng = np.random.default_rng(3)
    drawn = [power_law.draw(sample, tail, rng) for _ in range(40)]
    assert all(one.counts.sum() == sample.counts.sum() for one in drawn)
    n = 40 * sample.counts.sum()
    for value in (1, 2):
        share = sum(one.counts[one.values == value].sum() for one in drawn) / n
        assert share == pytest.approx(
            sample.counts[value - 1] / sample.counts.sum(), abs=4 * np.sqrt(0.25 / n)
        )
    above = sum(one.counts[one.values >= 3].sum() for one in drawn)
    for value in (3, 30, 30_000, 300_000):
        share = sum(one.counts[one.values >= value].sum() for one in drawn) / above
        law = special.zeta(tail.estimate.value, value) / special.zeta(tail.estimate.value, 3)
        assert share == pytest.approx(law, abs=4 * np.sqrt(law / above) + 1e-9), value
    cut = power_law.draw(sample, power_law.fit(sample, 2, 50), rng)
    assert cut.values.min() >= 2 and cut.values.max() <= 50
    inside = (sample.values >= 2) & (sample.values <= 50)
    assert cut.counts.sum() == sample.counts[inside].sum()


@pytest.mark.parametrize("highest", [None, 200])
def test_a_power_law_is_plausible_and_a_geometric_law_is_not(highest):
    lawful = Sample.from_numbers(stats.zipf.rvs(2.0, size=2000, random_state=5))
    other = Sample.from_numbers(stats.geom.rvs(0.1, size=2000, random_state=4))
    found = power_law.plausibility(lawful, power_law.fit(lawful, 1, highest), False, 1, 40)
    assert found.value > 0.1 and found.n == 40 and found.lo < found.value < found.hi
    assert power_law.plausibility(other, power_law.fit(other, 1, highest), False, 1, 40).value == 0.0
    none = power_law.plausibility(
        lawful, power_law.fit(Sample.from_numbers(np.ones(5)), 1, None), False, 1, 40
    )
    assert np.isnan(none.value) and np.isnan(
        power_law.plausibility(lawful, power_law.fit(lawful, 1, None), False, 1, 0).value
    )


@pytest.mark.parametrize(
    ("name", "published"),
    [("terrorism", 0.68), pytest.param("words", 0.49, marks=pytest.mark.slow)],  # 250 searches: 1 s and 3 s
)
def test_the_published_plausibilities_come_out_with_exponents_in_steps_of_a_hundredth(
    monkeypatch, name, published
):
    """Clauset, Shalizi & Newman 2009, table 6.1, by 2,500 samples each; their program tries 1.50, 1.51, ..., 3.50."""
    alone, together = power_law._exponent, power_law._exponents
    monkeypatch.setattr(power_law, "_exponent", lambda *given: round(alone(*given), 2))
    monkeypatch.setattr(power_law, "_exponents", lambda *given: together(*given).round(2))
    sample = Sample.from_numbers(np.loadtxt(REFERENCE / f"{name}.txt"))
    found = power_law.plausibility(sample, power_law.fit(sample, None, None), True, 1, 250)
    assert abs(found.value - published) < 4 * np.sqrt(published * (1 - published) * (1 / 250 + 1 / 2500))


@pytest.mark.slow  # 300 searches: 3 s
def test_words_are_more_plausible_by_the_exponent_that_is_most_likely():
    """The number of docs/branching.md: the most likely exponent, not the nearest hundredth, is closer to the words."""
    sample = Sample.from_numbers(np.loadtxt(REFERENCE / "words.txt"))
    found = power_law.plausibility(sample, power_law.fit(sample, None, None), True, 1, 300)
    assert found.value == pytest.approx(0.67, abs=0.005) and found.lo > 0.49


@pytest.mark.slow  # 200 samples, each with 39 of its own: 20 s
def test_plausibility_is_uniform_where_the_law_is_true():
    """p <= 0.1 in a tenth of 200 samples of a zeta law, 4 standard errors to either side."""
    small = []
    for seed in range(200):
        sample = Sample.from_numbers(stats.zipf.rvs(2.2, size=500, random_state=seed))
        small.append(
            power_law.plausibility(sample, power_law.fit(sample, 1, None), False, seed, 39).value <= 0.1
        )
    assert abs(np.mean(small) - 0.1) < 4 * np.sqrt(0.09 / 200)


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
