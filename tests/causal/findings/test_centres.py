"""Centres: by hand, nesting, exact mean numbers, scores; capture by centres that do not move."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.causal import exact, model, renyi
from emergent_dynamics.causal.findings import centres
from emergent_dynamics.causal.kernels import ode
from emergent_dynamics.findings import agrees
from tests.causal.experiments import parameters

SEED = {
    "beta": 49, "tokens": 256, "dimension": 2, "integrator": "map", "step_size": 0.05, "steps": 10_000,
    "mask": "causal", "attention": "softmax", "initial": None, "gap": {"scaled": 0.49},
    "value": "identity", "query": "identity", "key": "identity",
}  # fmt: skip


def circle(*angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def uniform(seed, *shape):
    x = np.random.default_rng(seed).standard_normal(shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def indices(chosen):
    return np.flatnonzero(chosen).tolist()


def test_centres_of_four_tokens_worked_out_by_hand():
    """At 0, 0.8, 1.6, pi with delta 1: 0.8 is near 0; 1.6 is near 0.8, no centre itself, so Rényi only."""
    found = renyi.centres(circle(0.0, 0.8, 1.6, np.pi), delta=1.0)
    assert indices(found["strong"]) == [0, 3]
    assert indices(found["renyi"]) == [0, 2, 3]


def test_separation_is_the_arc_to_the_nearest_earlier_token():
    found = renyi.separation(circle(0.0, 3.0, -3.0, 0.1, 0.1))
    assert found[0] == np.inf
    np.testing.assert_allclose(found[1:], [3.0, 2 * np.pi - 6, 0.1, 0.0], atol=1e-15)


def test_an_antipodal_token_is_pi_away():
    """Rounding must not make arcsin's argument exceed 1."""
    x = uniform(1, 100, 3)
    assert np.allclose(renyi.separation(np.stack([x, -x], axis=1))[:, 1], np.pi, atol=1e-7)


@pytest.mark.parametrize("delta", [np.pi, 4.0, 7.0])
def test_beyond_half_the_circle_only_token_0_is_a_centre(delta):
    """2 sin(delta / 2) shrinks again beyond pi; the seed's formula would find centres there."""
    found = renyi.centres(uniform(2, 50, 2), delta)
    assert indices(found["strong"]) == indices(found["renyi"]) == [0]


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_strong_centres_are_centres_and_both_are_apart(dimension):
    x = uniform(3, 20, 200, dimension)
    found = renyi.centres(x, 0.4)
    assert not (found["strong"] & ~found["renyi"]).any()
    for run, chosen in zip(x, found["renyi"], strict=True):
        assert chosen[0]
        assert renyi.separation(run[chosen])[1:].min() > 0.4
        gram = np.clip(run @ run[chosen].T, -1, 1)
        assert np.arccos(gram).min(axis=1).max() <= 0.4 + 1e-7  # nothing is left to park


@pytest.mark.parametrize(
    ("tokens", "dimension", "delta"), [(256, 2, 4 / 7), (256, 2, 3 / 7), (200, 2, 0.5), (300, 3, 0.5)]
)
def test_the_mean_number_of_strong_centres_is_the_exact_one(tokens, dimension, delta):
    """Lemma C.1: sum over k < n of (1 - p)^k; p = delta / pi on the circle, sin^2(delta / 2) in d = 3."""
    count = renyi.strong(renyi.separation(uniform(4, 2000, tokens, dimension)), delta).sum(-1)
    expected = exact.strong_centres(delta, tokens, dimension)
    assert abs(count.mean() - expected) < 4 * count.std() / 2000**0.5


@pytest.mark.parametrize(("tokens", "delta"), [(256, 4 / 7), (200, 0.5), (30, 0.5), (20_000, 0.5)])
def test_the_mean_number_of_renyi_centres_follows_random_parking(tokens, delta):
    """0.74759 * 2 pi / delta at n = infinity, less a finite-n deficit of about exp(-2 gamma) L^2 / n."""
    runs = 4000 if tokens < 1000 else 200
    angle = np.random.default_rng(5).uniform(0, 2 * np.pi, (runs, tokens))
    count = renyi.renyi(np.stack([np.cos(angle), np.sin(angle)], -1), delta).sum(-1)
    expected = exact.renyi_centres(delta, tokens)
    assert abs(count.mean() - expected) < 4 * count.std() / runs**0.5


def test_the_limit_of_many_tokens_is_renyis_constant():
    """Beta 64 and c = 4: 9.395 centres on the circle."""
    assert exact.renyi_centres(0.5, 10**9) == pytest.approx(9.395, abs=5e-4)


def test_scores_of_two_runs_worked_out_by_hand():
    """Delta 1 on 0, 0.8, 1.6, pi: strong {0, 3}, Rényi {0, 2, 3}; leaders {0, 3}, then {0, 1}."""
    x = np.stack([circle(0.0, 0.8, 1.6, np.pi)] * 2)[:, None]
    labels = np.array([[0, 0, 0, 3], [0, 1, 1, 1]], np.int32)[:, None]
    table = centres.find(
        xr.Dataset({"x": (("run", "time", "token", "coord"), x)}),
        xr.Dataset({"label": (("run", "time", "token"), labels)}),
        beta=16.0,
        scales=[4.0],
    )["centres"].set_index(["kind", "run"])
    columns = ["n_centres", "precision", "recall", "f1", "exact"]
    assert table.loc[("strong", 0), columns].tolist() == [2, 1.0, 1.0, 1.0, True]
    assert table.loc[("strong", 1), columns].tolist() == [2, 0.5, 0.5, 0.5, False]
    assert table.loc[("renyi", 0), columns].tolist() == pytest.approx([3, 2 / 3, 1.0, 0.8, False])
    assert table.loc[("renyi", 1), columns].tolist() == pytest.approx([3, 1 / 3, 0.5, 0.4, False])
    mean = centres.mean_scores(table.reset_index()).set_index(["kind", "score"])
    assert mean.loc[("strong", "precision"), "value"] == 0.75
    assert mean.loc[("renyi", "f1"), "value"] == pytest.approx(2 * 0.5 * 0.75 / 1.25)


def test_the_headline_compares_counts_with_theory_for_any_uniform_experiment():
    x = uniform(6, 100, 1, 64, 3)
    labels = np.zeros((100, 1, 64), np.int32)
    table = centres.find(
        xr.Dataset({"x": (("run", "time", "token", "coord"), x)}),
        xr.Dataset({"label": (("run", "time", "token"), labels)}),
        beta=9.0,
        scales=[2.0],
    )["centres"]
    parameters = SEED | {"beta": 9.0, "tokens": 64, "dimension": 3}
    found = centres.summarise(table, parameters)
    assert agrees(found["strong_c2_n_centres"]).outcome == "agrees"
    assert found["renyi_c2_n_centres"].expectation is None  # parking on the sphere is not solved
    assert found["strong_c2_precision"].expectation is None
    given = centres.summarise(table, parameters | {"initial": "mine.npy"})
    assert given["strong_c2_n_centres"].expectation is None


def drift(p, delta, times):
    """Tokens from their starts, (time, run, token) radian, and which are strong centres of delta, token 0 aside."""
    start = model.initial(p)
    x, step_size, evaluations = start.copy(), np.zeros(p.runs), np.zeros(p.runs, np.int64)
    moved = []
    for before, now in zip([0.0, *times[:-1]], times, strict=True):
        ode.flow(x, step_size, evaluations, p, before, now)
        moved.append(2.0 * np.arcsin(np.linalg.norm(x - start, axis=-1) / 2.0))
    chosen = renyi.strong(renyi.separation(start), delta)
    chosen[:, 0] = False
    return np.array(moved), chosen


@pytest.mark.parametrize("beta", [9.0, 49.0])
@pytest.mark.parametrize(("c", "slack"), [(1.5, 0.1), (2.0, 0.5), (3.0, 0.1)])
def test_no_strong_centre_leaves_its_place_within_its_lifetime(beta, c, slack):
    """Lemma 5.1 of Karagodin, Polyanskiy & Rigollet 2024, for every centre of 30 draws; far later, some have left."""
    p = parameters(runs=30, tokens=64, integrator="ode", tolerance=1e-6, beta=beta)
    lifetime = exact.centre_lifetime(beta, c, slack, np.arange(64))
    times = [*np.sort(lifetime), 1e3 * lifetime[0]]
    moved, chosen = drift(p, c * (1.0 + 2.0 * slack) / beta**0.5, times)
    allowed = slack * c / beta**0.5
    alive = chosen & (np.array(times)[:, None, None] <= lifetime)
    assert alive.any(axis=0).sum() > 40
    assert moved[alive].max() < allowed
    assert moved[-1][chosen].max() > allowed


def scored(*rows):
    """A table as `find` makes it, rows of precision, recall and exact of strong centres at c = 4."""
    precision, recall, exact = zip(*rows, strict=True)
    columns = {"run": range(len(rows)), "kind": "strong", "c": 4.0, "n_centres": range(3, 3 + len(rows))}
    f1 = [2 * p * r / (p + r) for p, r, _ in rows]
    return pd.DataFrame(columns | {"precision": precision, "recall": recall, "f1": f1, "exact": exact})


THREE = scored((1.0, 0.5, False), (0.8, 0.75, False), (0.9, 1.0, True))


def test_headlines_of_three_runs_worked_out_by_hand():
    """P = 0.9, R = 0.75: F1 = 9/11; the delta method's slopes are 2 R^2 / (P + R)^2 and 2 P^2 / (P + R)^2."""
    found = centres.summarise(THREE, SEED)
    assert list(found) == [f"strong_c4_{score}" for score in centres.SCORES]
    values = [found[f"strong_c4_{score}"].value for score in centres.SCORES]
    assert values == pytest.approx([4.0, 0.9, 0.75, 9 / 11, 1 / 3])
    assert found["strong_c4_precision"].ci == pytest.approx((0.9 - 4.302653 * 0.1 / 3**0.5, 1.0))
    assert found["strong_c4_n_centres"].ci == pytest.approx((4 - 4.302653 / 3**0.5, 4 + 4.302653 / 3**0.5))
    slopes = 2 * 0.75**2 / 1.65**2, 2 * 0.9**2 / 1.65**2
    linear = slopes[0] * np.array([0.1, -0.1, 0.0]) + slopes[1] * np.array([-0.25, 0.0, 0.25])
    assert found["strong_c4_f1"].standard_error == pytest.approx(linear.std(ddof=1) / 3**0.5)
    assert found["strong_c4_f1"].ci[1] == 1.0
    assert [h.rank for h in found.values()] == [None, 2, 3, None, None]
    assert [h.unit for h in found.values()] == ["centres", *["share"] * 4]
    assert all("strong Rényi centres" in h.sentence and "4" in h.sentence for h in found.values())
    expected = [found[f"strong_c4_{score}"].expectation.value for score in centres.SCORES]
    assert expected == pytest.approx([5.4978, 0.9497, 0.9009, 0.9247, 0.3719], abs=1e-4)


def test_runs_that_all_score_the_same_are_not_certain():
    """64 perfect runs: at least 94 %, Clopper and Pearson; also of the harmonic mean."""
    found = centres.summarise(scored(*[(1.0, 1.0, True)] * 64), SEED)
    for score in ("precision", "recall", "f1", "exact"):
        assert found[f"strong_c4_{score}"].ci == pytest.approx((0.94399, 1.0), abs=1e-5)
    found = centres.summarise(scored(*[(1.0, 0.5, False)] * 64), SEED)["strong_c4_f1"]
    assert found.value == pytest.approx(2 / 3) and found.ci[0] < 2 / 3 < found.ci[1]


def test_a_single_run_has_no_interval():
    found = centres.summarise(scored((1.0, 0.5, False)), SEED)
    assert all(found[f"strong_c4_{score}"].ci is None for score in ("precision", "recall", "f1", "n_centres"))
    assert found["strong_c4_f1"].value == pytest.approx(2 / 3)


def test_the_interval_of_the_number_of_centres_does_not_go_below_one():
    table = scored((1.0, 0.5, False), (1.0, 0.5, False)).assign(n_centres=[1, 3])
    assert centres.summarise(table, SEED)["strong_c4_n_centres"].ci[0] == 1.0


def test_the_table_of_means_holds_what_the_headlines_say():
    both = pd.concat([THREE, THREE.assign(kind="renyi", c=3.0)])
    mean = centres.mean_scores(both)
    assert list(mean.columns) == ["kind", "c", "score", "value", "lo", "hi", "n"]
    assert mean["kind"].tolist() == ["renyi"] * 5 + ["strong"] * 5
    assert mean["c"].tolist() == [3.0] * 5 + [4.0] * 5
    found = centres.summarise(both, SEED)
    for row in mean.itertuples():
        headline = found[f"{row.kind}_c{row.c:g}_{row.score}"]
        assert (headline.value, *headline.ci, headline.n) == (row.value, row.lo, row.hi, row.n)


@pytest.mark.slow
def test_the_interval_of_the_harmonic_mean_covers_it():
    """Precision and recall of 64 runs, 5 and 6 in a set, related by their hits: 93 to 97 % of 1,000 intervals."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(1000):
        common = rng.binomial(5, 0.85, 64)
        lo, hi = centres.summarise(scored(*zip(common / 5, common / 6, [False] * 64, strict=True)), SEED)[
            "strong_c4_f1"
        ].ci
        hits += lo <= 2 * 0.85 * (0.85 * 5 / 6) / (0.85 + 0.85 * 5 / 6) <= hi
    assert 930 <= hits <= 970


def test_two_runs_that_score_the_same_have_an_interval_too():
    """1 - 0.025^(1/2) of the way to 0 is as far as two equal runs allow."""
    found = centres.summarise(scored((1.0, 1.0, True), (1.0, 1.0, True)), SEED)["strong_c4_f1"]
    assert found.ci == pytest.approx((0.025**0.5, 1.0))
