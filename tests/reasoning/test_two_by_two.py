"""Late drift, Otsu's threshold, the cells."""

import numpy as np
import pytest
from skimage.filters import threshold_otsu

from emergent_dynamics.reasoning import thresholds, two_by_two
from emergent_dynamics.reasoning.findings import cells


def otsu_by_search(x, bins):
    """Between-class variance by its definition at every bin centre; the first maximum."""
    count, edges = np.histogram(x, bins=bins)
    centre = 0.5 * (edges[:-1] + edges[1:])
    best, at = -1.0, centre[0]
    for k in range(bins - 1):
        low, high = count[: k + 1], count[k + 1 :]
        if low.sum() == 0 or high.sum() == 0:
            continue
        gap = np.average(centre[: k + 1], weights=low) - np.average(centre[k + 1 :], weights=high)
        between = low.sum() * high.sum() * gap**2
        if between > best * (1 + 1e-12):
            best, at = between, centre[k]
    return at


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_otsu_is_the_library_s_to_the_bit_and_the_definition_s(seed, dtype):
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(-3, 0.5, 200), rng.normal(0.5, 0.3, 150)]).astype(dtype)
    assert two_by_two.otsu(x) == float(threshold_otsu(x.astype(float), nbins=256))
    assert two_by_two.otsu(x) == pytest.approx(otsu_by_search(x.astype(float), 256), abs=1e-12)


def test_a_constant_sample_is_its_own_threshold_and_nothing_converges():
    x = np.full(30, -2.0)
    assert two_by_two.otsu(x) == -2.0
    assert set(two_by_two.assign(x, np.ones(30, bool), two_by_two.otsu(x))) == {2}


def test_an_empty_sample_has_no_threshold():
    assert np.isnan(two_by_two.otsu(np.empty(0)))


def test_late_drift_is_the_log_of_the_last_steps_mean_and_clips_are_counted():
    drift = np.ones((3, 16))
    drift[1] = 0.0
    drift[2, -4:] = [1e-3, 3e-3, 1e-3, 3e-3]
    found, clipped = two_by_two.late_drift(drift, 4, 1e-6)
    assert found == pytest.approx([0.0, -6.0, np.log10(2e-3)])
    assert clipped == 1


def test_late_steps_beyond_the_window_are_refused():
    with pytest.raises(ValueError, match="from 1 to the 16"):
        two_by_two.late_drift(np.ones((3, 16)), 17, 1e-12)


def test_cells_are_strictly_below_the_threshold():
    cell = two_by_two.assign(np.array([-1.0, 0.0, -1.0, 0.0]), np.array([1, 1, 0, 0]), 0.0)
    assert cell.tolist() == [0, 2, 1, 3]


def test_fractions_sum_to_one_and_mixtures_are_conditional():
    rng = np.random.default_rng(1)
    log_drift, correct = rng.standard_normal(500), rng.random(500) < 0.4
    found = two_by_two.describe(log_drift, rng.standard_normal(500), correct, 0.1)
    assert sum(found[f"fraction_{c}"] for c in "ABCD") == pytest.approx(1.0)
    wrong = ~correct
    assert found["mixture_wrong_converged"] == np.mean(log_drift[wrong] < 0.1)


def test_without_wrong_examples_their_mixture_is_undefined():
    """The seed gave 0."""
    found = two_by_two.describe(np.arange(10.0), np.zeros(10), np.ones(10, bool), 5.0)
    assert np.isnan(found["mixture_wrong_converged"])


def test_a_cell_of_seven_has_no_median_and_says_so():
    cell = np.array([0] * 7 + [3] * 8)
    table = cells.medians(cell, np.zeros((15, 2)), np.ones(15), np.full(15, -1))
    assert table["note"].tolist() == ["insufficient (n<8)"] * 3 + [""]
    assert table["lambda1_median"].isna().tolist() == [True, True, True, False]


def test_an_example_that_never_halted_is_not_averaged_as_step_zero():
    halted = np.array([-1] * 10 + [4] * 10)
    table = cells.medians(np.zeros(20, int), np.zeros((20, 1)), np.ones(20), halted)
    assert table.loc[0, "halted"] == 0.5
    assert table.loc[0, "halted_at_median"] == 4


def test_one_mode_is_called_one_mode_and_two_are_called_two():
    """Gaussian: separability 2/pi at the median, Sarle 1/3. Two far points: separability 1, Sarle 1."""
    rng = np.random.default_rng(2)
    one = rng.standard_normal(4000)
    found = two_by_two.bimodality(one, 0.0)
    assert found.separability == pytest.approx(2 / np.pi, abs=0.02)
    assert found.sarle == pytest.approx(1 / 3, abs=0.03)
    assert not found.bimodal
    two = np.concatenate([rng.normal(-3, 0.1, 500), rng.normal(0, 0.1, 500)])
    found = two_by_two.bimodality(two, two_by_two.otsu(two))
    assert found.bimodal and found.separability > 0.99
    assert -2.9 < found.mixture_threshold < -0.1


def test_the_table_of_thresholds_counts_every_example_at_every_threshold():
    rng = np.random.default_rng(3)
    log_drift = np.round(rng.standard_normal(300), 1)
    correct = rng.random(300) < 0.5
    table = thresholds.table(log_drift, -log_drift, correct)
    thresholds.adjust(table)
    assert len(table) == 19
    assert (table[["nA", "nB", "nC", "nD"]].sum(axis=1) == 300).all()
    assert (table["ties"] > 0).any()
    assert (table["q_correct_minus_wrong"] >= table["p_correct_minus_wrong"]).all()
