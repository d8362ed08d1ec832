"""Centres: by hand, nesting, exact mean numbers, scores; capture by centres that do not move."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal import model, renyi, theory
from emergent_dynamics.causal.findings import centres
from emergent_dynamics.causal.kernels import ode
from tests.causal.experiments import parameters


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
    expected = theory.centres_mean("strong", delta, tokens, dimension)
    assert abs(count.mean() - expected.value) < 4 * count.std() / 2000**0.5


@pytest.mark.parametrize(("tokens", "delta"), [(256, 4 / 7), (200, 0.5), (30, 0.5), (20_000, 0.5)])
def test_the_mean_number_of_renyi_centres_follows_random_parking(tokens, delta):
    """0.74759 * 2 pi / delta at n = infinity, less a finite-n deficit of about exp(-2 gamma) L^2 / n."""
    runs = 4000 if tokens < 1000 else 200
    angle = np.random.default_rng(5).uniform(0, 2 * np.pi, (runs, tokens))
    count = renyi.renyi(np.stack([np.cos(angle), np.sin(angle)], -1), delta).sum(-1)
    expected = theory.centres_mean("renyi", delta, tokens, 2)
    assert abs(count.mean() - expected.value) < 4 * count.std() / runs**0.5


def test_the_limit_of_many_tokens_is_renyis_constant():
    """Beta 64 and c = 4: 9.395 centres on the circle."""
    assert theory.centres_mean("renyi", 0.5, 10**9, 2).value == pytest.approx(9.395, abs=5e-4)


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
    parameters = {"beta": 9.0, "tokens": 64, "dimension": 3, "initial": None}
    found = centres.summarise(table, parameters)
    assert found["strong_c2_n_centres"].ok
    assert found["renyi_c2_n_centres"].expected is None  # parking on the sphere is not solved
    assert found["strong_c2_precision"].expected is None
    given = centres.summarise(table, parameters | {"initial": "mine.npy"})
    assert given["strong_c2_n_centres"].expected is None


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
    lifetime = theory.centre_lifetime(beta, c, slack, np.arange(64))
    times = [*np.sort(lifetime), 1e3 * lifetime[0]]
    moved, chosen = drift(p, c * (1.0 + 2.0 * slack) / beta**0.5, times)
    allowed = slack * c / beta**0.5
    alive = chosen & (np.array(times)[:, None, None] <= lifetime)
    assert alive.any(axis=0).sum() > 40
    assert moved[alive].max() < allowed
    assert moved[-1][chosen].max() > allowed
