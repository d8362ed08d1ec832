"""Avalanches: every column of the table, moments and exponents with their intervals, against plain sums."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from emergent_dynamics.branching import exact, exponents, shapes, theory
from emergent_dynamics.branching.findings import avalanches
from emergent_dynamics.branching.parameters import Members
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.findings import agrees
from tests.branching.findings import independent as other

Z = 1.959963984540054


def row(run, s):
    return run.tables["avalanches"].iloc[s]


@pytest.mark.parametrize("s", range(other.P))
def test_moments_have_students_interval_over_all_avalanches(run, s):
    """n = runs x avalanches; the values one by one, by SciPy."""
    r = row(run, s)
    for name, stored in (("mean_size", "aval/hist_size"), ("mean_duration", "aval/hist_duration")):
        counts = other.array(run.path, stored)[s].sum(0)
        values = np.repeat(np.arange(counts.size), counts)
        interval = stats.t.interval(0.95, values.size - 1, values.mean(), stats.sem(values))
        assert (r[name], r[f"{name}_lo"], r[f"{name}_hi"]) == pytest.approx(
            (values.mean(), *interval), rel=1e-9
        )
    assert (r["sigma"], r["rule"], r["n"]) == (other.EXPERIMENT["sigma"][s], "linear", 120_000)
    reached = other.array(run.path, "aval/hist_duration")[s].sum(0)[other.L]
    share = stats.binomtest(int(reached), 120_000).proportion_ci(method="exact")
    assert (r["p_reach_end_lo"], r["p_reach_end_hi"]) == pytest.approx((share.low, share.high), rel=1e-9)


@pytest.mark.parametrize("s", range(other.P))
def test_exponents_have_walds_interval_of_the_avalanches_in_their_window(run, s):
    """Half a width: 1.96 / sqrt(n Var log x) for tau and alpha; gamma's from the errors of the mean sizes."""
    r = row(run, s)
    sizes, durations, _ = other.sampled(run.path, s)
    found = other.exponents(other.sampled(run.path, s))
    for name, weights, window in (("tau", sizes, other.SIZES), ("alpha", durations, other.DURATIONS)):
        n = sum(weights.get(x, 0) for x in range(window[0], window[1] + 1))
        half = Z / math.sqrt(n * other.information_of(found[name], window))
        interval = (found[name], found[name] - half, found[name] + half)
        assert (r[name], r[f"{name}_lo"], r[f"{name}_hi"]) == pytest.approx(interval, rel=1e-7)
        assert r[f"{name}_n"] == n and r[f"{name}_window"] == f"{window[0]}-{window[1]}"
    half, n = gamma_half_width(run, s)
    assert (r["gamma"] - r["gamma_lo"], r["gamma_hi"] - r["gamma"]) == pytest.approx((half, half), rel=1e-7)
    assert r["gamma_n"] == n and r["gamma_window"] == "3-5"
    assert r["dcc_n"] == min(r["tau_n"], r["alpha_n"], r["gamma_n"])


def gamma_half_width(run, s):
    """1.96 s.e. of the slope of log <S> on log D, and the avalanches used."""
    durations = other.array(run.path, "aval/hist_duration")[s].sum(0)
    total = other.array(run.path, "aval/sum_size_by_duration")[s].sum(0)
    square = other.array(run.path, "aval/sum_squared_size_by_duration")[s].sum(0)
    d = np.array([d for d in range(3, 6) if durations[d] >= 10])
    n, mean = durations[d], total[d] / durations[d]
    error = np.sqrt((square[d] / n - mean**2) * n / (n - 1) / n) / mean
    x = np.log(d) - np.log(d).mean()
    return Z * math.sqrt(((x * error) ** 2).sum()) / (x @ x), n.sum()


@pytest.mark.parametrize("s", range(other.P))
def test_the_dcc_adds_the_errors_of_the_three_exponents(run, s):
    """|gamma - (alpha - 1)/(tau - 1)|, +- 1.96 (s_gamma + s_alpha / |tau - 1| + |alpha - 1| s_tau / (tau - 1)^2)."""
    r = row(run, s)
    sd = {name: (r[f"{name}_hi"] - r[f"{name}_lo"]) / 2 / Z for name in ("tau", "alpha", "gamma")}
    error = sd["gamma"] + sd["alpha"] / abs(r["tau"] - 1)
    error += abs(r["alpha"] - 1) * sd["tau"] / (r["tau"] - 1) ** 2
    predicted = (r["alpha"] - 1) / (r["tau"] - 1)
    assert r["gamma_predicted"] == pytest.approx(predicted, rel=1e-12)
    assert r["dcc"] == pytest.approx(abs(r["gamma"] - predicted), rel=1e-12)
    assert r["dcc_hi"] == pytest.approx(r["dcc"] + Z * error, rel=1e-9)
    assert r["dcc_lo"] == pytest.approx(max(0.0, r["dcc"] - Z * error), rel=1e-9)


def test_a_dcc_far_from_zero_has_an_interval_that_does_not_touch_it():
    """tau 1.5, alpha 1.8, gamma 2.5, errors .01, .02, .03: predicted 1.6, error .03 + .02/.5 + .8 * .01/.25 = .102."""
    found = exponents.dcc(
        *(exponents.wald(v, e, n) for v, e, n in ((1.5, 0.01, 70), (1.8, 0.02, 60), (2.5, 0.03, 9)))
    )
    assert (found.value, found.standard_error, found.n) == (pytest.approx(0.9), pytest.approx(0.102), 60)
    assert found.ci == pytest.approx((0.9 - Z * 0.102, 0.9 + Z * 0.102))


@pytest.mark.parametrize("s", range(other.P))
def test_exact_columns_are_those_of_the_loop_over_states(run, s):
    """Moments, exponents, and what collapses the exact shapes."""
    r = row(run, s)
    expected = other.exponents(other.exact(s, other.sampled(run.path, s)[2]))
    for name in ("tau", "alpha", "gamma", "dcc"):
        assert r[f"{name}_exact"] == pytest.approx(expected[name], rel=1e-8)
    assert r["gamma_predicted_exact"] == pytest.approx(
        (expected["alpha"] - 1) / (expected["tau"] - 1), rel=1e-8
    )
    law = run.trajectory.laws[s]
    assert r["gamma_collapse_exact"] == pytest.approx(shapes.collapse(law.profile, 5, 7))
    assert r["mean_size_exact"] == pytest.approx(other.expectation_of(s, lambda size, d: size), rel=1e-10)
    assert r["mean_duration_exact"] == pytest.approx(other.expectation_of(s, lambda size, d: d), rel=1e-10)
    assert r["p_reach_end_exact"] == pytest.approx(
        other.expectation_of(s, lambda size, d: d == other.L), rel=1e-10
    )


@pytest.mark.parametrize("s", range(other.P))
def test_shapes_and_tests_against_power_laws_use_the_windows(run, s):
    r, tally = row(run, s), run.trajectory.tallies[s]
    shape = tally.profile / np.maximum(tally.durations, 1)[:, None]
    assert r["gamma_collapse"] == pytest.approx(shapes.collapse(shape, 5, 7))
    for comparison in exponents.compare(tally.sizes, 5, 10):
        assert r[f"p_{comparison.alternative}"] == pytest.approx(comparison.p, nan_ok=True)
    assert r["p_size"] > 1e-3  # the sizes do have their exact law
    assert r["reason"] == ""


def small(sigma=1.0, durations=(0, 3, 12, 9, 2, 1, 40, 11, 10)):
    """A tally by hand of an 8 x 6 network: sizes, and sums of S = 2 D by duration."""
    durations = np.array(durations)
    d = np.arange(durations.size)
    sizes = np.bincount(2 * d, durations, minlength=44).astype(np.int64)
    profile = np.tril(np.full((9, 9), 2), -1)[:, :8] * durations[:, None]
    return Tally(sizes, durations, 2 * d * durations, 4 * d**2 * durations, profile)


def parameters(run, **changes):
    return replace(run.trajectory.p, **changes)


def test_gamma_uses_durations_of_at_least_ten_avalanches(run):
    """Only D = 2, 6, 7, 8 have 10 or more: inside the window [3, 5] nothing, so gamma and the DCC are NaN."""
    p = parameters(run, sigma=(1.0,))
    r = avalanches.find([small()], [run.trajectory.laws[1]], p)["avalanches"].iloc[0]
    assert (
        math.isnan(r["gamma"]) and math.isnan(r["gamma_exact"]) and math.isnan(r["dcc"]) and r["gamma_n"] == 0
    )
    r = avalanches.find([small(durations=(0, 3, 12, 10, 10, 9, 40, 11, 10))], [run.trajectory.laws[1]], p)
    r = r["avalanches"].iloc[0]
    assert r["gamma"] == pytest.approx(1.0) and r["gamma_n"] == 20  # S = 2 D


def test_without_avalanches_everything_is_undefined_with_a_reason(run):
    """n = 0: NaN, no interval, no verdict."""
    p = parameters(run, sigma=(1.0,))
    empty = small(durations=(0,) * 9)
    tables = avalanches.find([empty], [run.trajectory.laws[1]], p)
    headlines = avalanches.summarise(tables, p)
    assert all(math.isnan(h.value) and h.ci is None and h.note for h in headlines.values())
    assert {v.outcome for h in headlines.values() if (v := agrees(h))} == {"none"}
    assert "p_lognormal: fewer distinct values" in tables["avalanches"]["reason"][0]


def test_a_law_that_was_not_computed_is_a_reason_and_expects_nothing_of_sizes(run):
    """NaN sizes: `mean_size` and `tau` have no expectation, durations have."""
    law = run.trajectory.laws[1]
    unknown = exact.Avalanches(np.full_like(law.size, np.nan), law.duration, law.mean_size, law.profile)
    p = parameters(run, sigma=(1.0,))
    tables = avalanches.find([run.trajectory.tallies[1]], [unknown], p)
    assert tables["avalanches"]["reason"][0] == "exact size law too large to compute"
    headlines = avalanches.summarise(tables, p)
    assert headlines["mean_size_sigma_1"].expectation is None and headlines["tau_sigma_1"].expectation is None
    assert headlines["mean_duration_sigma_1"].expectation is not None


def test_exponents_are_headlines_near_criticality_only_and_tau_is_shown_first(run):
    """|sigma - 1| < 0.05; the sigma nearest to 1 has rank 1; every other one none."""
    names = {name.rpartition("_sigma_")[0] for name in run.headlines if name.endswith("sigma_0.7")}
    assert {"mean_size", "mean_duration", "p_reach_end"} <= names and not names & {
        "tau",
        "alpha",
        "gamma",
        "dcc",
    }
    tables = {"avalanches": run.tables["avalanches"].assign(sigma=[0.96, 1.01, 1.05])}
    headlines = avalanches.summarise(tables, parameters(run, sigma=(0.96, 1.01, 1.05)))
    assert {n for n in headlines if n.startswith("tau")} == {"tau_sigma_0.96", "tau_sigma_1.01"}
    assert {n: h.rank for n, h in headlines.items() if h.rank} == {"tau_sigma_1.01": 1}


def test_headlines_say_unit_n_and_what_they_are(run):
    """n of a mean is all avalanches, of an exponent those in its window."""
    h, r = run.headlines, row(run, 1)
    assert (h["mean_size_sigma_1"].unit, h["mean_size_sigma_1"].n) == ("neuron", 120_000)
    assert (h["mean_duration_sigma_1"].unit, h["p_reach_end_sigma_1"].unit) == ("layer", "probability")
    assert [h[f"{name}_sigma_1"].n for name in ("tau", "alpha", "gamma", "dcc")] == [
        r["tau_n"], r["alpha_n"], r["gamma_n"], r["dcc_n"],
    ]  # fmt: skip
    assert h["tau_sigma_1"].sentence == "Exponent of avalanche sizes at σ = 1, sampled from 5 to 10"
    assert (
        h["p_reach_end_sigma_0.7"].sentence
        == "Probability that an avalanche reaches the last layer at σ = 0.7"
    )
    assert h["mean_size_sigma_1.3"].ci == (row(run, 2)["mean_size_lo"], row(run, 2)["mean_size_hi"])
    assert h["dcc_sigma_1"].expectation.scale == 0.8 and h["dcc_sigma_1"].note


def test_windows_that_are_chosen_are_those_that_are_fitted(run):
    """Sizes 3 to 20, durations 2 to 6, gamma on 2 to 4; a window left out keeps its default."""
    t, s = run.trajectory, 1
    windows = exponents.Windows.of_network(8, 48, {"tau": [3, 20], "alpha": [2, 6], "gamma": [2, 4]})
    r = avalanches.find(t.tallies, t.laws, t.p, windows)["avalanches"].iloc[s]
    sizes, durations, mean = other.sampled(run.path, s)
    assert r["tau"] == pytest.approx(other.exponent(sizes, (3, 20)), rel=1e-7)
    assert r["alpha"] == pytest.approx(other.exponent(durations, (2, 6)), rel=1e-7)
    assert r["gamma"] == pytest.approx(other.slope(mean, (2, 4)), rel=1e-9)
    assert (r["tau_window"], r["alpha_window"], r["gamma_window"]) == ("3-20", "2-6", "2-4")
    assert exponents.Windows.of_network(8, 48, {"tau": [3, 20], "alpha": None}) == ((3, 20), (5, 7), (3, 5))


def test_an_exponent_without_enough_values_says_why(run):
    """Durations 6 and 7 alone cannot hold a fit's window of one value, nor a slope."""
    t = run.trajectory
    windows = exponents.Windows((5, 10), (7, 7), (7, 7))
    tables = avalanches.find(t.tallies, t.laws, t.p, windows)
    h = avalanches.summarise(tables, t.p)
    assert math.isnan(h["alpha_sigma_1"].value) and math.isnan(h["gamma_sigma_1"].value)
    assert "alpha: fewer distinct values" in h["alpha_sigma_1"].note
    assert "gamma: fewer than two durations in the window that 10 avalanches have" in h["gamma_sigma_1"].note


@pytest.mark.slow
def test_intervals_of_avalanches_cover():
    """200 ensembles of 20,000 at sigma 1: 93 to 98.5 % (binomial 4 s.e.: 6 %), the DCC at least 95 %."""
    from emergent_dynamics.branching import alias, ensembles
    from emergent_dynamics.branching.exponents import Windows

    matrix = exact.transition(1.0, 20, "linear")
    law, table, windows = exact.avalanches(matrix, 35), alias.build(matrix), Windows.of_network(35, 700)
    inside = {name: [] for name in ("tau", "alpha", "gamma", "dcc")}
    for r in range(200):
        tally = ensembles.empty_tally(35, 20)
        ensembles.add_avalanches(tally, table, 35, Members(11, r, 0, 20_000), "cpu")
        often = tally.durations >= exponents.FEWEST
        found, reasons = avalanches._sampled_exponents(tally, often, windows)
        assert reasons == []
        truth = avalanches._exact_exponents(law, often, windows)
        for name, each in inside.items():
            each.append(found[f"{name}_lo"] <= truth[name] <= found[f"{name}_hi"])
    share = {name: np.mean(each) for name, each in inside.items()}
    assert all(0.91 <= share[name] <= 0.99 for name in ("tau", "alpha", "gamma")), share
    assert share["dcc"] >= 0.95
    assert theory.near_critical(1.0) and special.ndtri(0.975) == pytest.approx(Z)
