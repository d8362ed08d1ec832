"""Information between the first layer and the last: table, curve, intervals, and when there is none."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emergent_dynamics.branching.findings import information
from emergent_dynamics.findings import agrees
from tests.branching.findings import independent as other

Z = 1.959963984540054


@pytest.mark.parametrize("s", range(other.P))
def test_every_column_is_recomputed_from_the_joint_table(run, s):
    """Entropies of counts and of the exact channel; capacity by its own conditions (Kuhn-Tucker)."""
    r, counts, sigma = (
        run.tables["information"].iloc[s],
        other.joint(run.path, s),
        other.EXPERIMENT["sigma"][s],
    )
    law = other.input_law(sigma)
    assert (r["sigma"], r["rule"], r["n"], r["reason"]) == (sigma, "linear", 24_000, "")
    assert r["mi_exact"] == pytest.approx(other.bits(law), rel=1e-9)
    assert r["mi_sampled"] == pytest.approx(other.bits(counts), rel=1e-9)
    assert r["mi_corrected"] == pytest.approx(max(0, other.miller_madow(counts)), rel=1e-9)
    for name, table in (("map_accuracy", law), ("map_accuracy_sampled", counts)):
        assert r[name] == pytest.approx(sum(max(column) for column in table.T) / table.sum())
    assert r["chance"] == 1 / 5
    inputs = np.repeat(other.K[:, None], other.N + 1, 1)
    mean = (inputs * law).sum(0) / law.sum(0)
    assert r["rms_error"] == pytest.approx(math.sqrt((law * (inputs - mean) ** 2).sum()))
    assert r["capacity"] == pytest.approx(capacity(other.channel(sigma)), abs=2e-5)


def capacity(channel):
    """Bits: maximise the information over inputs by SciPy."""
    from scipy import optimize

    def loss(logits):
        p = np.exp(logits - logits.max())
        return -other.bits((p / p.sum())[:, None] * channel)

    starts = (np.zeros(other.N + 1), np.where(other.K % 6 == 0, 2.0, -2.0))
    return max(-optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-9}).fun for start in starts)


@pytest.mark.parametrize("s", range(other.P))
def test_the_interval_is_the_delta_method_and_an_eighth_of_the_correction(run, s):
    """sd of log2 p(x, y) / p(x) p(y) over sqrt(n), times 1.96, from 0 to the entropy of the inputs."""
    r, counts = run.tables["information"].iloc[s], other.joint(run.path, s)
    p = counts / counts.sum()
    score = [(p[i, j], math.log2(p[i, j] / p[i].sum() / p[:, j].sum())) for i, j in np.argwhere(p > 0)]
    mean = sum(weight * x for weight, x in score)
    error = math.sqrt((sum(weight * x**2 for weight, x in score) - mean**2) / counts.sum())
    half = Z * error + (r["mi_sampled"] - other.miller_madow(counts)) / 8
    assert r["mi_hi"] == pytest.approx(other.miller_madow(counts) + half, rel=1e-9)
    assert r["mi_lo"] == pytest.approx(max(0.0, other.miller_madow(counts) - half), rel=1e-9, abs=1e-15)


def test_information_is_not_negative_and_not_above_the_entropy_of_the_inputs():
    """Hardly dependent counts: corrected below 0, and at most what was not corrected; a noiseless channel of 4 inputs:
    2 bits, upper end too.
    """
    counts = np.array([[1000, 1001], [999, 1001]])
    nothing = information.corrected_information(counts, 4)
    assert other.miller_madow(counts) < -1e-4
    assert (nothing.value, nothing.lo, nothing.hi) == (0.0, 0.0, pytest.approx(other.bits(counts), rel=1e-6))
    perfect = information.corrected_information(np.diag([80, 120, 100, 100]), 16)
    assert perfect.value == pytest.approx(other.miller_madow(np.diag([80, 120, 100, 100])), rel=1e-9)
    assert perfect.lo < perfect.value < perfect.hi == 2.0 and perfect.n == 400
    assert information.corrected_information(np.diag([100] * 4), 16).value == 2.0


def test_twenty_trials_per_pair_are_needed_for_an_interval(run):
    """21 x 21 outcomes at 10,000 trials cover, at 4000 they do not: 80 trials of 4 pairs are enough."""
    enough = information.corrected_information(np.full((2, 2), 20), 4)
    less = information.corrected_information(np.array([[20, 20], [20, 19]]), 4)
    assert enough.ci is not None and less.ci is None and less.n == 79 and less.value == 0.0
    empty = information.corrected_information(np.zeros((2, 2), int), 4)
    assert math.isnan(empty.value) and empty.n == 0
    p = replace(run.trajectory.p, sigma=(1.0,))
    joint = np.zeros((1, 7, 7), int)
    joint[0, 1:6, :2] = 69
    joint[0, 1, 0] += 9  # 699 of 5 x 7 x 20 = 700
    tables = information.find(joint, p)
    assert tables["information"]["reason"][0].startswith("699 trials for 35 pairs of an input and an output")
    h = information.summarise(tables, p)["information_sigma_1"]
    assert h.ci is None and h.note.startswith("699 trials") and agrees(h).outcome == "none"
    joint[0, 1, 0] += 1
    assert information.find(joint, p)["information"]["reason"][0] == ""


def test_without_trials_there_is_no_information_and_a_reason(run):
    p = replace(run.trajectory.p, sigma=(1.0,))
    table = information.find(np.ones((1, 7, 7), int), p)["information"].assign(
        mi_corrected=math.nan, reason="no trials"
    )
    h = information.summarise({"information": table, "information_curve": run.tables["information_curve"]}, p)
    assert h["information_sigma_1"].note == "no trials"


def test_the_exact_curve_has_301_sigmas_of_both_rules(run):
    """0.5 to 2 in steps of 0.005, inputs 1 to 5; noisy_or needs sigma <= N: not with layers of one neuron."""
    curve = run.tables["information_curve"]
    linear = curve[curve["rule"] == "linear"]
    assert curve.index.tolist() == list(range(602))
    assert linear["sigma"].tolist() == pytest.approx([0.5 + 0.005 * i for i in range(301)])
    for i in (0, 77, 300):
        law = other.input_law(linear["sigma"].iloc[i])
        assert linear["mi"].iloc[i] == pytest.approx(other.bits(law), rel=1e-9, abs=1e-14)
    noisy = curve[curve["rule"] == "noisy_or"]
    assert len(noisy) == 301 and (noisy["mi"].to_numpy() != linear["mi"].to_numpy()).any()
    matrix = [
        [math.comb(6, j) * q**j * (1 - q) ** (6 - j) for j in range(7)] for q in 1 - (1 - 2.0 / 6) ** other.K
    ]
    joint = np.zeros((7, 7))
    joint[1:6] = np.linalg.matrix_power(np.array(matrix), 7)[1:6] / 5
    assert noisy["mi"].iloc[300] == pytest.approx(other.bits(joint), rel=1e-9)
    for width, rules in ((2, {"linear", "noisy_or"}), (1, {"linear"})):
        p = replace(run.trajectory.p, widths=(3, width), inputs=(0, 2))
        assert set(information.curve(p)["rule"]) == rules


def test_headlines_are_the_peak_of_this_rule_and_what_was_sampled(run):
    """The other rule's larger peak is not taken; a difference counts against the peak."""
    peak, place = other.information_curve()
    tables = {name: run.tables[name] for name in ("information", "information_curve")}
    larger = tables["information_curve"].copy()
    larger.loc[larger["rule"] == "noisy_or", "mi"] += 5
    h = information.summarise(tables | {"information_curve": larger}, run.trajectory.p)
    assert h["information_peak"].value == pytest.approx(peak) and h["information_peak"].exact
    assert h["information_peak_sigma"].value == pytest.approx(place) and h["information_peak_sigma"].exact
    assert {n: x.rank for n, x in h.items() if x.rank} == {"information_peak_sigma": 2}
    assert h["information_peak"].note == "inputs 1 to 5, 8 layers: it depends on all three"
    assert (h["information_peak"].n, h["information_peak"].unit, h["information_peak_sigma"].unit) == (
        1,
        "bit",
        "1",
    )
    r = run.tables["information"].iloc[1]
    x = run.headlines["information_sigma_1"]
    assert (x.ci, x.n, x.unit, x.note) == ((r["mi_lo"], r["mi_hi"]), 24_000, "bit", None)
    assert x.expectation.scale == pytest.approx(peak)
    assert x.sentence == "Information between the first and the last layer at σ = 1"


@pytest.mark.slow
@pytest.mark.parametrize(("inputs", "n"), [((2, 9), 4000), ((0, 20), 10_000), ((0, 20), 100_000)])
def test_intervals_of_information_cover(inputs, n):
    """200 ensembles at sigma 1, 35 x 20: 93 to 99 %."""
    from emergent_dynamics.branching import alias, ensembles, exact, shannon
    from emergent_dynamics.branching.parameters import Members

    matrix = exact.transition(1.0, 20, "linear")
    table = alias.build(matrix)
    truth = float(shannon.mutual_information(shannon.joint_law(exact.channel(matrix, 35), *inputs)))
    inside = []
    for r in range(200):
        counts = ensembles.trials(table, inputs, 35, Members(5, r, 0, n), "cpu")
        found = information.corrected_information(ensembles.joint_table(counts[0], counts[-1], 20), 0)
        inside.append(found.lo <= truth <= found.hi)
    assert 0.91 <= np.mean(inside) <= 0.995
