"""The guessing game as a channel: exact information, its estimate from trials, and what selection does to
it.
"""

import numpy as np
import pytest

from emergent_dynamics.branching import alias, ensembles, exact, selection, shannon
from emergent_dynamics.branching.parameters import Members

NEURONS, LAYERS = 20, 35
GRID = np.linspace(0.5, 2.0, 301)


@pytest.mark.parametrize(
    "rule, inputs, peak, sigma",
    [
        ("linear", (0, 20), 0.4183, 1.025),
        ("linear", (1, 20), 0.3593, 1.01),
        ("linear", (2, 9), 0.1287, 1.11),
        ("linear", (10, 19), 0.1082, 1.0),
        ("noisy_or", (0, 20), 0.2789, 1.675),
    ],
)
def test_information_peaks_where_linear_algebra_says(rule, inputs, peak, sigma):
    """The maximum over sigma depends on inputs and rule: it is at 1 only for some of them."""
    curve = shannon.exact_curve(GRID, (NEURONS,) * LAYERS, rule, inputs)
    assert curve.max() == pytest.approx(peak, abs=5e-4)
    assert GRID[curve.argmax()] == pytest.approx(sigma, abs=0.0051)


def test_a_wide_network_has_its_peak_at_one():
    """100 neurons, 35 layers: the peak lies in [0.98, 1.02]; 0.7744 bit at 1 itself, where the curve is
    steep.
    """
    grid = np.linspace(0.9, 1.1, 41)
    curve = shannon.exact_curve(grid, (100,) * LAYERS, "linear", (0, 100))
    assert 0.98 <= grid[curve.argmax()] <= 1.02
    assert curve[20] == pytest.approx(0.7744, abs=1e-4)


def test_shallow_networks_pass_more():
    """0..20, linear: 1.978 bit at 2 layers and sigma 1.25; 0.767 at 10 and 1.035."""
    for layers, peak, sigma in ((2, 1.978, 1.25), (10, 0.767, 1.035)):
        curve = shannon.exact_curve(GRID, (NEURONS,) * layers, "linear", (0, 20))
        assert (curve.max(), GRID[curve.argmax()]) == (
            pytest.approx(peak, abs=1e-3),
            pytest.approx(sigma, abs=0.0051),
        )


@pytest.mark.parametrize("sigma", [0.7, 1.0, 1.2])
def test_corrected_information_of_a_million_trials_is_the_exact_one(sigma):
    """Miller-Madow leaves less than 0.003 bit."""
    matrix = exact.transition(sigma, NEURONS, "linear")
    counts = ensembles.trials(alias.build(matrix), (0, 20), LAYERS, Members(1, 0, 0, 1_000_000), "cpu")
    joint = ensembles.joint_table(counts[0], counts[-1], NEURONS)
    law = shannon.joint_law(exact.channel(matrix, LAYERS), 0, 20)
    assert shannon.miller_madow(joint) == pytest.approx(shannon.mutual_information(law), abs=0.003)
    error = shannon.standard_error(joint)
    assert abs(shannon.miller_madow(joint) - shannon.mutual_information(law)) < 4 * error + 1e-4


def test_plug_in_bias_is_what_miller_and_madow_say():
    """sigma 1, 21 x 21 outcomes: +0.028 at 1e4 trials, +0.0028 at 1e5; the prediction 0.025 and 0.0026."""
    matrix = exact.transition(1.0, NEURONS, "linear")
    true = shannon.mutual_information(shannon.joint_law(exact.channel(matrix, LAYERS), 0, 20))
    counts = ensembles.trials(alias.build(matrix), (0, 20), LAYERS, Members(1, 0, 0, 1_000_000), "cpu")
    for n, bias in ((10_000, 0.028), (100_000, 0.0028)):
        parts = [
            ensembles.joint_table(c[0], c[-1], NEURONS) for c in np.split(counts, 1_000_000 // n, axis=1)
        ]
        plug_in = np.array([shannon.mutual_information(j) for j in parts])
        error = plug_in.std(ddof=1) / np.sqrt(len(parts))
        assert abs(plug_in.mean() - true - bias) < 4 * error + 0.003 * (n == 10_000) + 0.0003
        corrected = np.array([shannon.miller_madow(j) for j in parts])
        assert abs(corrected.mean() - true) < abs(plug_in.mean() - true)


def test_information_of_channels_known_by_hand():
    """Noiseless: log2 n bits; useless: 0; binary symmetric with flip 0.1: capacity 1 - H(0.1) = 0.531004."""
    assert shannon.mutual_information(np.eye(8)) == pytest.approx(3.0)
    assert shannon.mutual_information(np.ones((4, 5))) == pytest.approx(0.0, abs=1e-12)
    symmetric = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert shannon.capacity(symmetric) == pytest.approx(0.5310044, abs=2e-5)
    assert shannon.map_accuracy(symmetric) == pytest.approx(0.9)
    assert shannon.rms_error(np.eye(5)) == 0.0
    assert shannon.rms_error(np.ones((3, 1))) == pytest.approx(np.sqrt(2 / 3))


def test_capacity_and_accuracy_of_the_critical_network():
    """Linear, sigma 1: 1.0087 bit; best guess right in 0.1069 of the cases (chance 0.0476)."""
    channel = exact.channel(exact.transition(1.0, NEURONS, "linear"), LAYERS)
    assert shannon.capacity(channel) == pytest.approx(1.0087, abs=1e-4)
    assert shannon.map_accuracy(shannon.joint_law(channel, 0, 20)) == pytest.approx(0.1069, abs=1e-4)


def test_the_original_selection_keeps_three_percent():
    """|out - in| < 2 at sigma 1, inputs 2..9: 0.03022 exactly; simulated within 4 standard errors."""
    matrix = exact.transition(1.0, NEURONS, "linear")
    law = shannon.joint_law(exact.channel(matrix, LAYERS), 2, 9)
    p = selection.acceptance(law)
    assert p == pytest.approx(0.03022, abs=5e-6)
    n = 200_000
    counts = ensembles.trials(alias.build(matrix), (2, 9), LAYERS, Members(1, 0, 0, n), "cpu")
    kept = selection.select(counts[0], counts[-1]).size
    assert abs(kept - n * p) < 4 * np.sqrt(n * p * (1 - p))
    joint = ensembles.joint_table(counts[0], counts[-1], NEURONS)
    assert selection.acceptance(joint) == kept / n


def test_unselected_critical_trials_mostly_end_in_silence():
    """Inputs 2..9 at sigma 1: P(out = 0) = 0.6323, P(out = 20) = 0.1852; at 1.2 P(out = 20) = 0.8810."""
    for sigma, silent, full in ((1.0, 0.6323, 0.1852), (1.2, 0.1186, 0.8810)):
        law = shannon.joint_law(exact.channel(exact.transition(sigma, NEURONS, "linear"), LAYERS), 2, 9)
        assert (law[:, 0].sum(), law[:, -1].sum()) == pytest.approx((silent, full), abs=1e-4)


def test_inputs_are_uniform_and_common():
    """2 to 9, each an eighth of 80,000 within 4 standard errors; a trial's input is a function of its
    number.
    """
    excited = ensembles.trial_inputs((2, 9), Members(1, 0, 0, 80_000))
    counts = np.bincount(excited, minlength=10)
    assert counts[:2].sum() == 0 and np.abs(counts[2:] - 10_000).max() < 4 * np.sqrt(80_000 / 8 * 7 / 8)
    assert np.array_equal(ensembles.trial_inputs((2, 9), Members(1, 0, 500, 100)), excited[500:600])
