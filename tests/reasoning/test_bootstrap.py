"""Resampling by class, and the coverage of its intervals."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.reasoning import bootstrap, capture_map, two_by_two
from emergent_dynamics.reasoning.contrasts import generator
from emergent_dynamics.reasoning.parameters import Capture


def test_classes_are_drawn_whole():
    cluster = np.array([0, 0, 1, 2, 2, 2])
    for seed in range(20):
        taken = np.bincount(bootstrap.resample(cluster, generator(seed, "t")), minlength=6)
        assert taken[0] == taken[1] and taken[3] == taken[4] == taken[5]
        assert taken[0] + taken[2] + taken[3] == 3


def test_the_threshold_is_fitted_again_in_every_replicate_unless_it_is_a_number():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(-3, 0.5, 60), rng.normal(0, 0.5, 60)])
    y, c = rng.random(120) < 0.5, np.arange(120)
    assert bootstrap.replicates(bootstrap.Sample(x, x, y, c), "otsu", 30, 1)["tau"].nunique() > 10
    assert (bootstrap.replicates(bootstrap.Sample(x, x, y, c), -1.5, 30, 1)["tau"] == -1.5).all()


def test_equal_seeds_give_equal_replicates():
    rng = np.random.default_rng(0)
    x, y, c = rng.standard_normal(80), rng.random(80) < 0.5, np.arange(80)
    first = bootstrap.replicates(bootstrap.Sample(x, x, y, c), "otsu", 20, 5)
    assert first.equals(bootstrap.replicates(bootstrap.Sample(x, x, y, c), "otsu", 20, 5))
    assert not first.equals(bootstrap.replicates(bootstrap.Sample(x, x, y, c), "otsu", 20, 6))


def test_the_interval_of_a_spectrum_is_that_of_its_medians():
    """200 standard normals and 7 of another cell: half width about 1.96 sqrt(pi / 2 / 200); no interval of 7."""
    x = np.random.default_rng(4).standard_normal((207, 2))
    cell = np.repeat([0, 3], [200, 7])
    found = bootstrap.spectra(x, cell, np.arange(207), 300, 1)
    assert found.shape == (4, 2, 2) and np.isnan(found[1:]).all()
    median = np.median(x[:200], axis=0)
    assert ((found[0, :, 0] < median) & (median < found[0, :, 1])).all()
    half = 1.96 * np.sqrt(np.pi / 2 / 200)
    assert (found[0, :, 1] - found[0, :, 0]) / 2 == pytest.approx([half, half], rel=0.3)


def test_a_statistic_that_many_replicates_lack_has_no_interval():
    drawn = pd.DataFrame({"often": np.arange(100.0), "rarely": [np.nan] * 6 + [1.0] * 94})
    found = bootstrap.intervals(drawn)
    assert found["often"] == pytest.approx((2.475, 96.525))
    assert np.isnan(found["rarely"]).all()


def test_duplicated_examples_do_not_narrow_a_clustered_interval():
    """Each class copied 5 times: the clustered width stays that of the classes, the naive one shrinks sqrt 5
    times.
    """
    rng = np.random.default_rng(3)
    x = rng.standard_normal(100)
    y = rng.random(100) < 0.5
    copies = np.repeat(np.arange(100), 5)

    def width(values, right, cluster):
        low, high = bootstrap.intervals(
            bootstrap.replicates(bootstrap.Sample(values, values, right, cluster), 0.0, 400, 1)
        )["accuracy"]
        return high - low

    single = width(x, y, np.arange(100))
    assert width(x[copies], y[copies], copies) == pytest.approx(single, rel=0.1)
    assert width(x[copies], y[copies], np.arange(500)) < 0.6 * single


def test_an_interval_holds_its_own_value_and_equal_replicates_have_none():
    drawn = pd.DataFrame({"beside": np.arange(100.0), "below": np.arange(100.0), "same": np.ones(100)})
    found = bootstrap.intervals(drawn, {"beside": 200.0, "below": -3.0, "same": 1.0})
    assert found["beside"] == pytest.approx((2.475, 200.0)) and found["below"] == pytest.approx(
        (-3.0, 96.525)
    )
    assert np.isnan(found["same"]).all()


def test_a_share_of_nothing_has_the_exact_interval_instead_of_none():
    """Nobody is wrong and settled: 0 of 40, and 0 of 20 wrong ones; Clopper and Pearson's upper ends."""
    x, right = np.repeat([-3.0, 1.0, 1.0], [12, 8, 20]), np.arange(40) < 20
    values, ends = bootstrap.estimates(bootstrap.Sample(x, x, right, np.arange(40)), 0.0, 50, 1)
    assert values["fraction_B"] == values["mixture_wrong_converged"] == 0
    assert ends["fraction_B"] == pytest.approx((0.0, 1 - 0.025 ** (1 / 40)))
    assert ends["mixture_wrong_converged"] == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)))
    assert np.isnan(ends["tau"]).all()  # held, not estimated
    assert 0 < ends["fraction_A"][0] < values["fraction_A"] == 0.3 < ends["fraction_A"][1] < 1


def test_every_share_that_never_varies_counts_its_own_examples():
    """All 30 are right and settled, in 15 classes: shares of 1 and 0 end where 15 classes end."""
    x, cluster = np.full(30, -3.0), np.repeat(np.arange(15), 2)
    values, ends = bootstrap.estimates(bootstrap.Sample(x, x, np.ones(30, bool), cluster), 0.0, 20, 1)
    whole, nothing = (0.025 ** (1 / 15), 1.0), (0.0, 1 - 0.025 ** (1 / 15))
    for name in ("accuracy", "converged", "fraction_A"):
        assert values[name] == 1 and ends[name] == pytest.approx(whole)
    for name in ("fraction_B", "fraction_C", "fraction_D", "mixture_correct_nonconverged"):
        assert values[name] == 0 and ends[name] == pytest.approx(nothing)
    assert np.isnan(ends["mixture_wrong_converged"]).all()


@pytest.mark.slow
def test_the_interval_of_the_median_contrast_covers_as_often_as_it_says():
    """500 samples of 512 from the capture map, 95 % nominal: 93 to 97 % contain the contrast of 2 million."""

    def sample(examples, seed):
        p = Capture(examples, 16, 0.4, 0.04, 0.0, 0.0, 0.5, seed)
        d = capture_map.diagnose(capture_map.trajectory(p), p)
        return d["lyap_raw"][:, 0], d["exact_correct"]

    exponent, right = sample(2_000_000, 99)
    truth = np.median(exponent[right]) - np.median(exponent[~right])
    inside = 0
    for seed in range(500):
        exponent, right = sample(512, 1000 + seed)
        rng, cluster = generator(seed, "coverage"), np.arange(512)
        drawn = []
        for _ in range(400):
            take = bootstrap.resample(cluster, rng)
            values, good = exponent[take], right[take]
            drawn.append({"contrast": two_by_two.median(values[good]) - two_by_two.median(values[~good])})
        low, high = bootstrap.intervals(pd.DataFrame(drawn))["contrast"]
        inside += low <= truth <= high
    assert 0.93 <= inside / 500 <= 0.97
