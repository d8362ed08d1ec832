"""Means over runs within the range that a quantity can have."""

import math

import numpy as np
import pandas
import pytest

from emergent_dynamics.findings import Expectation, agrees
from emergent_dynamics.nca import window


@pytest.mark.parametrize(
    ("generations", "kept"),
    [(4, [2, 3, 4]), (5, [3, 4, 5]), (1000, range(500, 1001)), (3000, range(500, 1001))],
)
def test_the_window_is_the_second_half_up_to_generation_1000(generations, kept):
    table = pandas.DataFrame({"generation": np.arange(generations + 1)})
    assert window.late(table, {"generations": generations})["generation"].tolist() == list(kept)


def drifting(shifts, spread):
    """Rows of eight runs whose measure moves by `shifts` within the window, give or take a tenth of `spread`."""
    generation = np.tile(np.arange(100), 8)
    run = np.repeat(np.arange(8), 100)
    moved = shifts + spread * np.linspace(-1, 1, 8)[run]
    return pandas.DataFrame(
        {"run": run, "generation": generation, "a": 5.0 + moved * (generation >= 50), "b": 1.0}
    )


def test_a_measure_that_drifts_within_the_window_says_so():
    """+2 between the halves, with a standard error of 0.25; the other measure is constant: no drift."""
    found = window.mean_over_runs([1.0, 2.0], "1", "A mean")
    table = drifting(2.0, 1.0)
    noted = window.with_drift({"a": found, "b": found}, table)
    assert noted["a"].note == "still drifts: by +2 from the first to the second half of the window"
    assert noted["b"] is found and window.with_drift({"a": found}, drifting(0.5, 1.0))["a"] is found
    undefined = window.mean_over_runs([1.0, math.nan, 2.0], "1", "A mean", undefined="it is dead")
    assert window.with_drift({"a": undefined}, table)["a"].note.startswith(
        "undefined in 1 of 3 runs: it is dead; still"
    )


def test_stationary_noise_is_rarely_said_to_drift():
    """Once in a thousand: of 400 sets of eight runs of noise none, three or fewer (P 0.999)."""
    rng = np.random.default_rng(2)
    headline = window.mean_over_runs([1.0, 2.0], "1", "A mean")
    table = pandas.DataFrame({"run": np.repeat(np.arange(8), 20), "generation": np.tile(np.arange(20), 8)})
    names = [f"m{k}" for k in range(400)]
    noise = pandas.DataFrame(rng.normal(size=(160, 400)), columns=names)
    noted = window.with_drift(dict.fromkeys(names, headline), pandas.concat([table, noise], axis=1))
    assert sum(one.note is not None for one in noted.values()) <= 3


def test_a_mean_over_runs_has_students_interval():
    """1.5 and 3.5: mean 2.5, t(0.975, 1) = 12.706 times their standard error of 1."""
    found = window.mean_over_runs([1.5, 3.5], "genomes", "A mean", rank=3)
    assert (found.value, found.n, found.unit, found.rank) == (2.5, 2, "genomes", 3)
    assert found.ci == pytest.approx((2.5 - 12.7062, 2.5 + 12.7062), abs=1e-4)
    assert found.standard_error == pytest.approx(1) and found.note is None


def test_an_interval_stays_within_the_limits():
    """A count is not negative, and a share not above 1; the value itself does not move."""
    assert window.mean_over_runs([0.5, 1.5], "genomes", "A count", (0, math.inf)).ci[0] == 0
    assert window.mean_over_runs([0.5, 1.5], "genomes", "A count", (0, math.inf)).ci[1] > 7
    assert window.mean_over_runs([0.5, 0.9], "share", "A share", (0, 1)).ci == (0, 1)
    assert window.mean_over_runs([-3, -1], "1", "A debt", (-math.inf, -1)).ci[1] == -1
    alike = window.mean_over_runs([1.0] * 8, "share", "A share", (0, 1))
    assert alike.ci == (pytest.approx(0.025 ** (1 / 8)), 1)  # equal values do not make it certain
    assert window.mean_over_runs([3.0] * 8, "genomes", "A count", (0, math.inf)).note.startswith(
        "no interval"
    )


def test_undefined_runs_are_left_out_and_counted():
    """One of three is undefined; of none nothing is known; NaN never becomes 0."""
    found = window.mean_over_runs([1.0, math.nan, 2.0], "1", "A mean", undefined="it is dead")
    assert (found.value, found.n, found.note) == (1.5, 2, "undefined in 1 of 3 runs: it is dead")
    none = window.mean_over_runs([math.nan], "1", "A mean", undefined="it is dead")
    assert math.isnan(none.value) and none.n == 0 and none.note == "undefined in 1 of 1 runs: it is dead"
    empty = window.mean_over_runs([], "1", "A mean", undefined="it is dead")
    assert math.isnan(empty.value) and empty.note == "it is dead"


def test_its_expectation_is_judged():
    known = Expectation(2.6, "a book", "published")
    values = 2.5 + 0.1 * np.array([-1, 1] * 8)
    assert agrees(window.mean_over_runs(values, "1", "A mean", expectation=known)).outcome == "agrees"
    assert agrees(window.mean_over_runs(values - 1, "1", "A mean", expectation=known)).outcome == "disagrees"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "limits"),
    [
        (lambda rng: rng.beta(2, 2, 8), (0, 1)),
        (lambda rng: rng.poisson(20, 8), (0, math.inf)),
    ],
    ids=["share", "count"],
)
def test_the_interval_covers_the_mean_in_95_percent(draw, limits):
    """93 to 97 % of 2,000 repeats with 8 runs; the share of 2,000 has a standard error of half a percent."""
    rng = np.random.default_rng(5)
    mean = {1: 0.5, math.inf: 20}[limits[1]]
    ends = [window.mean_over_runs(draw(rng), "1", "A mean", limits).ci for _ in range(2000)]
    assert 0.93 <= np.mean([low <= mean <= high for low, high in ends]) <= 0.97
