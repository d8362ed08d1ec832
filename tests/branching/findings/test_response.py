"""The driven network's answer: dynamic range, mean activity, susceptibility, silence."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from emergent_dynamics.branching.exact import Raster
from emergent_dynamics.branching.findings import response
from tests.branching.findings import independent as other

Z = 1.959963984540054


@pytest.mark.parametrize("s", range(other.P))
def test_every_column_is_recomputed_from_frames_and_matrices(run, s):
    r, frames, sigma = run.tables["response"].iloc[s], other.frames(run.path, s), other.EXPERIMENT["sigma"][s]
    laws, _ = other.driven(s)
    assert (r["sigma"], r["rule"], r["spontaneous"]) == (sigma, "linear", other.EXPERIMENT["spontaneous"][s])
    assert r["dynamic_range"] == pytest.approx(other.dynamic_ranges()[sigma], rel=1e-9)
    correlated = 1 + 2 * other.autocorrelation(s)[1:].sum()
    mean, half = frames.mean(), Z * math.sqrt(frames.var() * correlated / frames.size)
    assert (r["mean_activity"], r["mean_activity_lo"], r["mean_activity_hi"]) == pytest.approx(
        (mean, mean - half, mean + half), rel=1e-9
    )
    assert (r["n"], r["units"]) == (frames.size, int(frames.size / correlated))
    assert r["mean_activity_exact"] == pytest.approx((laws @ other.K).sum(), rel=1e-9)
    assert (r["susceptibility"], r["p_silent"]) == pytest.approx((frames.var() / 48, (frames == 0).mean()))
    assert r["susceptibility_exact"] == pytest.approx(other.variance(s) / 48, rel=1e-9)
    assert r["p_silent_exact"] == pytest.approx(laws[:, 0].prod(), rel=1e-9)


def test_the_dynamic_range_is_that_of_the_drives_themselves():
    """Without interpolation: the roots of E[k](h) = 10 % and 90 % of its largest value, to 1e-3 dB."""
    for sigma in other.EXPERIMENT["sigma"]:
        most = other.response(sigma)[1].max()

        def level(log_h, sigma=sigma, most=most):
            moved = np.linalg.matrix_power(other.spikes(10**log_h) @ other.step(sigma), other.L - 1)
            return moved[0] @ other.K / most

        low, high = (optimize.brentq(lambda x, y=y: level(x) - y, -7, 0, xtol=1e-13) for y in (0.1, 0.9))
        assert other.dynamic_ranges()[sigma] == pytest.approx(10 * (high - low), abs=1e-3)


def test_mean_activity_stays_between_none_and_all():
    """Activity of 0 and 1 of 1 neuron; correlations of 3 frames; hardly any frame."""
    driven = Raster(0.5, 0.25, 0.5, np.array([1.0, 1.0, 0.0]), np.array([0.5]))
    found = response.mean_activity(np.array([[0, 0, 0, 1]]), driven, 1)
    half = Z * math.sqrt(3 / 16 * 3 / 4)
    assert (found.value, found.lo, found.hi, found.n) == (0.25, 0.0, pytest.approx(min(1.0, 0.25 + half)), 1)
    assert response.mean_activity(np.array([[1, 1, 0, 1]]), driven, 1).hi == 1.0


@pytest.mark.parametrize("correlation", [np.nan, -1.0])
def test_mean_activity_that_never_changes_or_alternates_is_that_of_independent_frames(correlation):
    """Correlations are undefined without spontaneous activity: the job ended in a traceback."""
    driven = Raster(0.0, 0.0, 1.0, np.array([1.0, correlation]), np.zeros(2))
    found = response.mean_activity(np.zeros((2, 500), int), driven, 8)
    assert (found.value, found.lo, found.hi, found.n) == (0.0, 0.0, 0.0, 1000)


def test_curves_have_every_eighth_drive(run):
    """sigma, drive, response: 50 drives from 1e-7 on, exact E[k] in the last layer."""
    curves = run.tables["response_curves"]
    assert curves.index.tolist() == list(range(3 * 50))
    for sigma, line in curves.groupby("sigma"):
        drives, mean = other.response(sigma)
        assert line["drive"].tolist() == pytest.approx(drives[::8].tolist())
        assert line["response"].tolist() == pytest.approx(mean[::8].tolist(), rel=1e-9)


def test_headlines_are_the_largest_range_its_place_and_the_closed_form(run):
    h, p = run.headlines, run.trajectory.p
    best = run.tables["response"]["dynamic_range"].idxmax()
    assert h["dynamic_range_max"].value == run.tables["response"]["dynamic_range"][best]
    assert h["dynamic_range_argmax"].value == other.EXPERIMENT["sigma"][best]
    assert [(h[f"dynamic_range_{x}"].unit, h[f"dynamic_range_{x}"].n) for x in ("max", "argmax", "sigma_1")] == [
        ("dB", 1), ("1", 1), ("dB", 1),
    ]  # fmt: skip
    assert all(h[f"dynamic_range_{x}"].exact for x in ("max", "argmax", "sigma_1"))
    assert h["dynamic_range_argmax"].rank == 4 and h["dynamic_range_max"].rank is None
    assert h["dynamic_range_argmax"].note == "on the grid of this experiment"
    assert "dynamic_range_sigma_1" not in response.summarise(run.tables, replace(p, rule="noisy_or"))
    for s, sigma in enumerate(other.EXPERIMENT["sigma"]):
        x, r = h[f"mean_activity_sigma_{sigma:g}"], run.tables["response"].iloc[s]
        assert (x.value, x.ci) == (r["mean_activity"], (r["mean_activity_lo"], r["mean_activity_hi"]))
        assert (x.n, x.unit) == (r["units"], "neuron")
    assert x.sentence == "Mean number of active neurons of the driven network at σ = 1.3"


def test_susceptibility_has_a_jackknife_of_twenty_blocks_of_each_run(run):
    frames = other.frames(run.path, 1)
    pieces = [piece for one in frames for piece in np.array_split(one, 20)]
    without = [np.concatenate(pieces[:k] + pieces[k + 1 :]).var() / 48 for k in range(60)]
    half = stats.t.ppf(0.975, 59) * math.sqrt(59 / 60 * ((without - np.mean(without)) ** 2).sum())
    r, value = run.tables["response"].iloc[1], frames.var() / 48
    assert (r["susceptibility"], r["susceptibility_lo"], r["susceptibility_hi"]) == pytest.approx(
        (value, value - half, value + half), rel=1e-9
    )
    headline = run.headlines["susceptibility_sigma_1"]
    assert (headline.n, headline.unit) == (60, "neuron") and headline.expectation.value == r[
        "susceptibility_exact"
    ]


@pytest.mark.slow
def test_the_intervals_of_mean_activity_and_susceptibility_cover():
    """200 records of 20,000 steps, 35 x 20 at sigma 1."""
    from emergent_dynamics.branching import alias, ensembles, exact, model
    from emergent_dynamics.branching.parameters import Members

    matrix = exact.transition(1.0, 20, "linear", 0.005)
    table, law = alias.build(matrix), exact.raster(matrix, 35)
    inside, spread = [], []
    for r in range(200):
        seen = model.activity(ensembles.raster(table, 35, Members(3, r, 0, 20_000), "cpu"))
        found = response.mean_activity(seen[None], law, 700)
        inside.append(found.lo <= law.mean <= found.hi)
        wide = response.susceptibility(seen[None], 700)
        spread.append(wide.lo <= law.variance / 700 <= wide.hi)
    assert 0.91 <= np.mean(spread) <= 0.99
    assert 0.91 <= np.mean(inside) <= 0.99
