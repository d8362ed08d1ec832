"""Branching ratios by four estimators, whole and in part, with their intervals and exact targets."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching import galton_watson
from emergent_dynamics.branching.findings import ratio
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.findings import agrees
from tests.branching.findings import independent as other


def row(run, s, estimator, seen=1.0):
    table = run.tables["ratio"]
    sigma = other.EXPERIMENT["sigma"][s]
    found = table[(table["sigma"] == sigma) & (table["estimator"] == estimator) & (table["seen"] == seen)]
    assert len(found) == 1
    return found.iloc[0]


def blocks(frames, lags):
    """Blocks of the jackknife, as pairs of time indices per run: 20 groups of whole segments."""
    segment = 1 << max((max(lags, 2) - 1).bit_length(), min(9, (frames // 20).bit_length() - 1))
    groups = np.array_split(np.arange(-(-frames // segment)), min(20, -(-frames // segment)))
    return [(g[0] * segment, min((g[-1] + 1) * segment, frames)) for g in groups]


def without_each_block(series, lags):
    """(block, lag) r_k of the runs together, the pairs that begin in one block left out; plain sums."""
    series = [run - run.mean() for run in np.asarray(series, float)]
    pieces = []
    for run in series:
        for start, stop in blocks(run.size, lags):
            ends = [max(start, min(stop, run.size - k)) for k in range(lags + 1)]
            products = [run[start:end] @ run[start + k : end + k] for k, end in enumerate(ends)]
            pieces.append((products, [end - start for end in ends]))
    products, pairs = (np.array(x, float) for x in zip(*pieces, strict=True))
    left = (products.sum(0) - products) / (pairs.sum(0) - pairs)
    return left / left[:, :1]


def jackknife(value, left_out):
    n = left_out.size
    half = stats.t.ppf(0.975, n - 1) * math.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    return value, value - half, value + half


def watched(run, s, seen):
    activity = run.trajectory.activity[s]
    return activity if seen == 1.0 else galton_watson.subsample(activity, seen, 1)


@pytest.mark.parametrize("seen", [1.0, 0.3])
@pytest.mark.parametrize("s", range(other.P))
def test_slopes_and_decay_have_the_interval_of_the_block_jackknife(run, s, seen):
    """Each of 60 blocks left out, sums in the time domain; n is frames, `units` the blocks."""
    series = watched(run, s, seen)
    left = without_each_block(series, 7)
    r = row(run, s, "one_step", seen)
    expected = jackknife(other.correlations(series, 7)[1], left[:, 1])
    assert (r["value"], r["lo"], r["hi"]) == pytest.approx(expected, rel=1e-9)
    m = row(run, s, "mr", seen)
    expected = jackknife(other.decay(other.correlations(series, 7)), np.array([other.decay(x) for x in left]))
    assert (m["value"], m["lo"], m["hi"]) == pytest.approx(expected, rel=1e-6)
    for x in (r, m):
        assert (x["n"], x["units"], x["reason"]) == (3 * 5993, len(left), "")


@pytest.mark.parametrize("s", range(other.P))
def test_descendants_per_ancestor_are_the_mean_of_quotients(run, s):
    """Frames with activity, 20 blocks of quotients; it has no exact target here."""
    series = run.trajectory.activity[s].reshape(-1).astype(float)
    quotient = (series[1:] / np.where(series[:-1] > 0, series[:-1], np.nan))[series[:-1] > 0]
    left = np.array([np.delete(quotient, g).mean() for g in np.array_split(np.arange(quotient.size), 20)])
    r = row(run, s, "descendants")
    assert (r["value"], r["lo"], r["hi"]) == pytest.approx(jackknife(quotient.mean(), left), rel=1e-9)
    assert math.isnan(r["expected"]) and r["units"] == 20


@pytest.mark.parametrize("s", range(other.P))
def test_exact_targets_lose_to_subsampling_what_theory_says(run, s):
    """r_k of a share f is b r_k, b = f Var / (f Var + (1 - f) mean); the decay keeps its m."""
    mean, variance = (other.driven(s)[0] @ other.K).sum(), other.variance(s)
    for seen in (1.0, 0.3):
        kept = seen * variance / (seen * variance + (1 - seen) * mean)
        assert row(run, s, "one_step", seen)["expected"] == pytest.approx(
            kept * other.autocorrelation(s)[1], rel=1e-9
        )
        assert row(run, s, "mr", seen)["expected"] == pytest.approx(
            other.decay(other.autocorrelation(s)), rel=1e-7
        )


@pytest.mark.parametrize("s", range(other.P))
def test_counted_offspring_have_the_error_of_a_ratio_of_means(run, s):
    """Sum over avalanches of (offspring - R ancestors)^2: S - 1 - R S inside, Bhatia and Davis's bound at the end."""
    tally, r = run.trajectory.tallies[s], row(run, s, "causal")
    by_layer = tally.profile.sum(0)
    value = by_layer[1:].sum() / by_layer[:-1].sum()
    total = 0.0
    for d in range(1, other.L):
        n, size, square = tally.durations[d], tally.size_sum[d], tally.size_square_sum[d]
        total += (1 - value) ** 2 * square - 2 * (1 - value) * size + n
    n, last = tally.durations[-1], tally.profile[-1, -1] / tally.durations[-1]
    size = tally.size_sum[-1] / n
    sd = math.sqrt(tally.size_square_sum[-1] / n - size**2)
    bound = abs(1 - value) * sd + value * math.sqrt(last * (6 - last))
    total += n * (((1 - value) * size - 1 + value * last) ** 2 + bound**2)
    half = 1.959963984540054 * math.sqrt(total) / by_layer[:-1].sum()
    assert (r["value"], r["lo"], r["hi"]) == pytest.approx((value, value - half, value + half), rel=1e-9)
    assert (r["n"], r["units"]) == (120_000, 120_000)
    assert r["expected"] == pytest.approx(
        other.causal_expected(None, None, None, f"x_{other.EXPERIMENT['sigma'][s]}")
    )


def test_silence_has_no_ratio_and_says_so(run):
    """Activity that never changes and no avalanche: NaN, a reason, no verdict."""
    p, tally = replace(run.trajectory.p, sigma=(1.0,), spontaneous=(0.0,)), run.trajectory.tallies[1]
    nothing = Tally(*(np.zeros_like(x) for x in tally))
    tables = ratio.find(np.zeros((1, 2, 400), int), [nothing], [run.trajectory.laws[1]], 0.5, p)
    table = tables["ratio"]
    assert table["value"].isna().all() and set(table["reason"]) == {"activity never changes", "no avalanches"}
    assert table[table["estimator"] != "causal"]["expected"].isna().all()
    headlines = ratio.summarise(tables, p)
    assert headlines["causal_sigma_1"].note == "no avalanches"
    assert agrees(headlines["causal_sigma_1"]).outcome == "none"


def test_a_share_of_one_is_one_row_and_a_shallow_network_has_two_lags(run):
    """`seen: 1` adds no second row; L = 2: lags 0 to 2, the last one exactly 0."""
    t, p = run.trajectory, replace(run.trajectory.p, sigma=(1.0,), spontaneous=(0.01,))
    table = ratio.find(t.activity[1:2], t.tallies[1:2], t.laws[1:2], 1.0, p)["ratio"]
    assert table["estimator"].tolist() == ["causal", "descendants", "one_step", "mr"]
    assert ratio._lags(replace(p, widths=(6, 6))) == 2 and ratio._lags(p) == 7


def test_headlines_are_three_estimators_of_the_whole_activity(run):
    names = [n for n in run.headlines if n.rpartition("_sigma_")[0] in ("causal", "one_step", "mr")]
    assert len(names) == 9
    for s, sigma in enumerate(other.EXPERIMENT["sigma"]):
        for estimator in ("causal", "one_step", "mr"):
            h, r = run.headlines[f"{estimator}_sigma_{sigma:g}"], row(run, s, estimator)
            assert (h.value, h.ci, h.n, h.unit, h.rank) == (
                r["value"],
                (r["lo"], r["hi"]),
                r["units"],
                "1",
                None,
            )
    assert h.sentence.endswith("driven network's activity, at σ = 1.3")


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "rate"), [(0.7, 0.01), (1.0, 0.005), (1.2, 0.001)])
def test_intervals_of_ratios_cover(sigma, rate):
    """200 records of 20,000 steps, 200 ensembles of 20,000 avalanches, 35 x 20."""
    from emergent_dynamics.branching import alias, ensembles, exact, model, regression
    from emergent_dynamics.branching.parameters import Members

    driven = exact.transition(sigma, 20, "linear", rate)
    law = exact.raster(driven, 35)
    slopes = np.append(law.autocorrelation, 0.0)[:35]
    quiet = exact.transition(sigma, 20, "linear")
    avalanches = exact.avalanches(quiet, 35)
    truth = {
        "one_step": slopes[1],
        "mr": regression.fit_decay(slopes)[0],
        "causal": float(regression.causal(np.nansum(avalanches.profile * avalanches.duration[:, None], 0))),
    }
    inside = {name: [] for name in truth}
    tables = alias.build(driven), alias.build(quiet)
    for r in range(200):
        seen = model.activity(ensembles.raster(tables[0], 35, Members(3, r, 0, 20_000), "cpu"))
        lagged = regression.lagged(seen, 34)
        tally = ensembles.empty_tally(35, 20)
        ensembles.add_avalanches(tally, tables[1], 35, Members(11, r, 0, 20_000), "cpu")
        found = (regression.one_step(lagged), regression.multistep(lagged), regression.causal_in(tally, 20))
        for (name, value), estimate in zip(truth.items(), found, strict=True):
            inside[name].append(estimate.lo <= value <= estimate.hi)
    assert all(0.89 <= np.mean(each) <= 0.99 for each in inside.values()), inside
