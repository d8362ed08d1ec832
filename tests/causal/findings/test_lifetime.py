"""Lifetimes: spells by hand, censored medians, two tokens whose every collapse is known, lemma 5.1."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from emergent_dynamics.causal import exact, groups, simulation, theory
from emergent_dynamics.causal.findings import lifetime
from emergent_dynamics.findings import agrees
from tests.causal.experiments import experiment

MAP = experiment()


def run_of(*frames, time=None):
    """A one-run groups dataset, frames[time][token] the leaders."""
    label = np.array(frames, np.int32)[None]
    return xr.Dataset(
        {
            "label": (("run", "time", "token"), label),
            "n_clusters": (("run", "time"), groups.n_clusters(label)),
        },
        coords={"time": np.arange(1.0, len(frames) + 1) if time is None else np.array(time, float)},
    )


def simulated(parameters):
    """x(run, time, token, coord) of the model, in memory."""
    made = simulation.build(parameters)
    state, frames = made.initial(), []
    for before, now in zip(made.schedule[[0, *range(len(made.schedule) - 1)]], made.schedule, strict=True):
        state = made.advance(state, before, now) if now > before else state
        frames.append(state["x"].copy())
    return xr.Dataset(
        {"x": (("run", "time", "token", "coord"), np.stack(frames, axis=1))}, coords={"time": made.schedule}
    )


def tables_of(dataset, parameters=MAP):
    return lifetime.find(dataset, xr.Dataset(), parameters)


def test_spells_of_a_run_worked_out_by_hand():
    """The peak is the second frame; 1 leads from there to between 3 and 4, 2 to the end, 1 again in the last frame."""
    dataset = run_of([0, 0, 0], [0, 1, 2], [0, 1, 2], [0, 0, 2], [0, 1, 2])
    rows = tables_of(dataset)["lifetime"].to_numpy().tolist()
    assert rows == [[0, 1, 2.0, 3.5, True], [0, 1, 5.0, 5.0, False], [0, 2, 2.0, 5.0, False]]


def test_a_run_collapses_once_and_for_all():
    """One group between two frames with two does not count; 0 from the start, inf while there are two at the end."""
    for frames, time in (
        ([[0, 1], [0, 0], [0, 1], [0, 0], [0, 0]], 3.5),
        ([[0, 0], [0, 0]], 0.0),
        ([[0, 0], [0, 1]], np.inf),
    ):
        assert tables_of(run_of(*frames))["collapse"].to_numpy().tolist() == [[0, time]]


def test_survival_of_a_run_worked_out_by_hand():
    """Of the spells 1.5, 0 (cut) and 3 (cut) two of two last longer than any time below 1.5, and one of two longer."""
    table = tables_of(run_of([0, 0, 0], [0, 1, 2], [0, 1, 2], [0, 0, 2], [0, 1, 2]))["survival"]
    assert table[["of", "time", "value", "n"]].to_numpy().tolist() == [
        *(["runs", time, 1.0, 1] for time in (1.0, 2.0, 3.0, 4.0, 5.0)),
        ["groups", 1.5, 0.5, 2],
        ["groups", 3.0, 0.5, 1],
    ]


def test_survival_of_runs_is_the_share_with_several_groups_in_each_frame(pairs):
    """Where nothing comes back: two tokens, and the exact share within the band of 19 frames of 20."""
    parameters, _, grouped, tables = pairs
    rows = tables["survival"].query("of == 'runs'")
    several = (grouped["n_clusters"].values > 1).mean(axis=0)[grouped["time"].values > 0]
    np.testing.assert_allclose(rows["value"], several, rtol=1e-12)
    times, shares = theory.pair_survival(parameters)
    at = rows[(rows["time"] > times[0]) & (rows["time"] < times[-1])]
    known = np.interp(np.log(at["time"]), np.log(times), shares)
    assert ((at["lo"] < known) & (known < at["hi"])).mean() > 0.9


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    times = np.geomspace(1e-3, 1e6, 5000)
    thinned = lifetime._thinned(np.append(times, 0.0))
    assert 0.9 * lifetime.MOST_TIMES < len(thinned) <= lifetime.MOST_TIMES
    assert (thinned[0], thinned[-1]) == (times[0], times[-1])


def test_the_censored_median_is_kaplan_and_meiers():
    """SciPy's ecdf of right-censored samples, ties and all: the first age at which it is one half or less."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        age, cut = np.ceil(rng.exponential(10, 60)), np.ceil(rng.exponential(20, 60))
        ended = age <= cut
        sample = stats.CensoredData.right_censored(np.minimum(age, cut), ~ended)
        survival = stats.ecdf(sample).sf
        expected = survival.quantiles[survival.probabilities <= 0.5 + 1e-12][0]
        found = lifetime.censored_log_median(np.minimum(age, cut), ended, np.arange(60))
        assert found.value == pytest.approx(np.log(expected), rel=1e-12)
        assert found.lo <= found.value <= found.hi and found.n == 60


def test_a_median_that_is_not_reached_is_undefined():
    ones = np.ones(5)
    assert np.isnan(lifetime.censored_log_median(ones, np.arange(5) < 2, np.arange(5)).value)
    assert lifetime.censored_log_median(ones, ones > 0, np.zeros(5)).ci is None  # of a single run
    assert np.isnan(lifetime.censored_log_median(ones[:0], ones[:0] > 0, ones[:0]).value)
    assert np.isnan(lifetime.log_median(np.array([1.0, np.inf, np.inf])).value)
    assert lifetime.log_median(np.array([1.0, 2.0, np.inf])).value == pytest.approx(np.log(2))


def test_the_interval_of_a_median_lies_between_the_order_statistics_of_the_sign_test():
    """20 values: the 6th and the 15th cover with 95.9 %; the 7th and the 14th would with 88.5 %."""
    found = lifetime.log_median(np.exp(np.arange(1.0, 21.0)))
    assert (found.value, found.lo, found.hi) == pytest.approx((10.5, 6.0, 15.0))
    assert lifetime.log_median(np.arange(1.0, 6.0)).ci is None  # five values cannot reach 95 %


@pytest.fixture(scope="module")
def pairs():
    """2,000 pairs of tokens at beta = 4 to time 300."""
    parameters = experiment(
        runs=2000, tokens=2, beta=4, integrator="ode", tolerance=1e-6, end_time=300, save={"log": 150}
    )
    trajectory = simulated(parameters)
    grouped = groups.compute(trajectory, 0.49 / 2)
    return parameters, trajectory, grouped, lifetime.find(grouped, trajectory, parameters)


def test_every_pair_collapses_between_the_frames_around_its_exact_time(pairs):
    _, trajectory, _, tables = pairs
    start, time = trajectory["x"].values[:, 0], trajectory["time"].values
    edge = 2 * np.arcsin(0.49 / 4)
    for (a, b), end in zip(start, tables["collapse"]["time"], strict=True):
        angle = np.arccos(np.clip(a @ b, -1, 1))
        expected = exact.pair_lifetime(4.0, angle, edge) if angle > edge else 0.0
        if np.isinf(end):
            assert expected > 299
            continue
        k = np.searchsorted(time, end)
        assert time[max(k - 1, 0)] * (1 - 2e-3) <= expected <= time[k] * (1 + 2e-3)


def test_headlines_of_pairs_agree_with_the_closed_form(pairs):
    parameters, _, grouped, tables = pairs
    found = lifetime.summarise(tables, grouped, parameters)
    for name in ("log_collapse_time", "collapsed"):
        assert agrees(found[name]).outcome == "agrees" and found[name].expectation.kind == "exact"
    edge = 2 * np.arcsin(0.49 / 4)
    assert found["log_collapse_time"].expectation.value == pytest.approx(
        np.log(exact.pair_lifetime(4.0, np.pi / 2, edge))
    )
    share = found["collapsed"].expectation.value
    assert exact.pair_lifetime(4.0, share * np.pi, edge) == pytest.approx(300.0, rel=1e-6)


def test_what_is_expected_of_two_tokens_is_expected_of_nothing_else():
    pair = experiment(tokens=2, integrator="ode", beta=4)
    assert theory.pair_collapse(pair, 1.1).tolerance == pytest.approx(np.log(1.1) / 2)
    others = {"tokens": 3}, {"mask": "none"}, {"integrator": "map"}, {"value": "axis"}, {"initial": "x.npy"}
    for change in others:
        assert theory.pair_collapse(pair | change, 1.1) is None
        assert theory.pair_collapsed(pair | change, 10.0) is None
    assert theory.pair_collapse(pair | {"gap": 1.5}, 1.1) is None  # half of the pairs start as one group
    assert theory.pair_collapsed(pair | {"gap": 2.0}, 10.0).value == pytest.approx(1.0)


def test_centres_stay_for_as_long_as_the_lemma_says():
    """30 runs of 64 tokens at beta = 49: all keep the promise, and live longer by the ratio."""
    parameters = experiment(runs=30, integrator="ode", tolerance=1e-4, end_time=5000, save={"log": 80})
    trajectory = simulated(parameters)
    grouped = groups.compute(trajectory, 0.07)
    tables = lifetime.find(grouped, trajectory, parameters)
    found = lifetime.summarise(tables, grouped, parameters)
    assert agrees(found["centres_stay"]).outcome == "agrees" and len(tables["stay"]) > 50
    assert found["log_stay_ratio"].value > np.log(2) and found["log_stay_ratio"].n == 30
    early = tables | {"stay": tables["stay"].assign(after=0.0, time=0.5 * tables["stay"]["guaranteed"])}
    assert agrees(lifetime.summarise(early, grouped, parameters)["centres_stay"]).outcome == "disagrees"
    for change in (
        {"integrator": "map"},
        {"dimension": 3},
        {"mask": "none"},
        {"key": "axis"},
        {"source": "states"},
    ):
        assert theory.centres_stay(parameters | change) is None


@pytest.mark.slow  # 200 bootstraps of 1,000 resamples take 10 s
def test_the_interval_of_a_censored_median_covers():
    """Lives of 5 to 15 per run that share a random rate of their run, a third of them cut: 95 % within 4 s.e."""
    rng = np.random.default_rng(1)

    def drawn(runs):
        run = np.repeat(np.arange(runs), rng.integers(5, 16, runs))
        age = rng.exponential(1, len(run)) * rng.gamma(4, 1, runs)[run]
        cut = rng.exponential(8, len(run))
        return np.minimum(age, cut), age <= cut, run

    whole = rng.exponential(1, 10**6) * rng.gamma(4, 1, 10**6)
    truth = np.log(np.median(whole))
    covered = 0
    for _ in range(200):
        found = lifetime.censored_log_median(*drawn(40))
        covered += found.lo <= truth <= found.hi
    assert abs(covered - 190) < 4 * (200 * 0.95 * 0.05) ** 0.5
