"""The guessing game: what the original's selection keeps, and how trials end, in both ensembles."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching.findings import guessing
from emergent_dynamics.findings import agrees
from tests.branching.findings import independent as other


@pytest.mark.parametrize("s", range(other.P))
@pytest.mark.parametrize("ensemble", ["unselected", "selected"])
def test_every_column_is_recomputed_from_the_joint_table(run, s, ensemble):
    """Counts and the exact channel, with the cells |out - in| < 2 or all of them."""
    table = run.tables["guessing"]
    r = table[(table["sigma"] == other.EXPERIMENT["sigma"][s]) & (table["ensemble"] == ensemble)].iloc[0]
    near = np.array([[abs(i - j) < 2 or ensemble == "unselected" for j in other.K] for i in other.K])
    counts, law = other.joint(run.path, s), other.input_law(other.EXPERIMENT["sigma"][s])
    assert (r["rule"], r["n"], r["reason"]) == ("linear", counts[near].sum(), "")
    for suffix, everything in (("", counts), ("_exact", law)):
        kept = np.where(near, everything, 0)
        total = kept.sum()
        expected = {
            "accept_rate": total / everything.sum(),
            "p_silent": kept[:, 0].sum() / total,
            "p_saturated": kept[:, 6].sum() / total,
            "accuracy": sum(kept[:, j].max() for j in other.K) / total,
            "rms_error": spread(kept / total),
        }
        for name, value in expected.items():
            assert r[f"{name}{suffix}"] == pytest.approx(value, rel=1e-9), name


def spread(p):
    """Root of E (in - E[in | out])^2."""
    total = 0.0
    for column in p.T:
        if column.sum() > 0:
            mean = column @ other.K / column.sum()
            total += column @ (other.K - mean) ** 2
    return math.sqrt(total)


def test_trials_that_end_where_the_last_layer_is_narrower_saturate_there(run):
    """`p_saturated` counts the width of the last layer, not the widest."""
    p = replace(run.trajectory.p, sigma=(1.0,), widths=(6,) * 7 + (4,))
    joint = np.zeros((1, 7, 7), int)
    joint[0, 3, [0, 4, 2]] = 10, 30, 60
    r = guessing.find(joint, p)["guessing"].iloc[0]
    assert (r["p_silent"], r["p_saturated"]) == (0.1, 0.3)


def test_a_selection_that_keeps_nothing_is_undefined_with_a_reason(run):
    """All trials jump from 1 to 6: none is selected, rate 0 with an upper end; no trial at all: no number."""
    p = replace(run.trajectory.p, sigma=(1.0,))
    joint = np.zeros((1, 7, 7), int)
    joint[0, 1, 6] = 1000
    tables = guessing.find(joint, p)
    unselected, selected = (tables["guessing"].iloc[i] for i in (0, 1))
    assert unselected["reason"] == "" and selected["reason"] == "no trial was kept"
    assert (
        math.isnan(selected["accuracy"]) and math.isnan(selected["p_silent"]) and selected["accept_rate"] == 0
    )
    h = guessing.summarise(tables, p)["accept_rate_sigma_1"]
    assert h.value == 0 and h.ci == pytest.approx((0, 1 - 0.025 ** (1 / 1000))) and h.note is None
    empty = guessing.summarise(guessing.find(joint * 0, p), p)
    assert all(math.isnan(x.value) and x.note == "no trials" and x.n == 0 for x in empty.values())
    assert {agrees(x).outcome for x in empty.values()} == {"none"}


@pytest.mark.parametrize("s", range(other.P))
def test_headlines_have_clopper_and_pearsons_interval_over_all_trials(run, s):
    sigma, counts = other.EXPERIMENT["sigma"][s], other.joint(run.path, s)
    for name, k in (("accept_rate", other.accepted(counts) * counts.sum()), ("p_silent", counts[:, 0].sum())):
        h = run.headlines[f"{name}_sigma_{sigma:g}"]
        interval = stats.binomtest(round(k), 24_000).proportion_ci(method="exact")
        assert (h.value, *h.ci) == pytest.approx((k / 24_000, interval.low, interval.high), rel=1e-9)
        assert (h.n, h.unit, h.note) == (24_000, "share", None)
        assert h.rank == (5 if (name, s) == ("accept_rate", 1) else None)
    assert (
        h.sentence == f"Share of unselected trials of the guessing game that end in silence at σ = {sigma:g}"
    )
