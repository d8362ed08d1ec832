"""The one verdict: what agrees, what disagrees, and what says nothing."""

import math

import numpy as np
import pytest

from emergent_dynamics.findings import Expectation, Headline, agrees
from emergent_dynamics.findings.verdict import standard_error


def expected(value=10.0, **changes):
    return Expectation(**{"value": value, "source": "a theorem", "kind": "exact", **changes})


def headline(value=10.0, **changes):
    """Standard error 0.1 of 64 runs, unless changed."""
    given = {"ci": (value - 0.2, value + 0.2), "n": 64, "standard_error": 0.1, "expectation": expected()}
    return Headline(value, **{"unit": "1", "sentence": "A number", **given, **changes})


def alarm(**changes):
    return agrees(headline(**changes)).false_alarm


def outcome(*args, **changes):
    return agrees(headline(*args, **changes)).outcome


@pytest.mark.parametrize("side", [-1, 1])
def test_four_standard_errors_are_the_limit(side):
    """z = 3.9 agrees, z = 4.1 does not, on either side."""
    assert outcome(10 + side * 0.39) == "agrees"
    assert outcome(10 + side * 0.41) == "disagrees"
    assert agrees(headline(10 + side * 0.39)).z == pytest.approx(side * 3.9)


def test_the_error_of_the_expected_value_counts():
    """hypot(0.1, 0.1) = 0.1414: 4 of them are 0.566."""
    uncertain = expected(standard_error=0.1)
    assert outcome(10.56, expectation=uncertain) == "agrees"
    assert outcome(10.57, expectation=uncertain) == "disagrees"


def test_exactly_at_the_limit_is_still_equal():
    """0.25 and 4 are binary: a difference of exactly 1 is 4 errors of 0.25."""
    one = {"ci": (10.5, 11.5), "standard_error": 0.25}
    assert outcome(11.0, **one) == "agrees" and outcome(np.nextafter(11.0, 12), **one) == "disagrees"
    quarter = {"ci": (9.0, 11.0), "standard_error": 0.625}  # 4 of them are exactly a quarter of 10
    assert not agrees(headline(10.0, **quarter)).weak
    assert agrees(headline(10.0, ci=(9.0, 11.0), standard_error=np.nextafter(0.625, 1))).weak
    inside = {"ci": (0.5, 1.5), "standard_error": 0.25, "expectation": expected(2.0, relation="<=")}
    assert agrees(headline(1.0, **inside)).weak and not agrees(headline(0.999, **inside)).weak


def test_a_tolerance_widens_what_is_equal_and_needs_its_reason():
    allowed = expected(tolerance=1.0, reason="mean field neglects correlations")
    assert (
        outcome(10.99, expectation=allowed) == "agrees" and outcome(11.01, expectation=allowed) == "disagrees"
    )
    with pytest.raises(ValueError, match="reason"):
        expected(tolerance=1.0)


@pytest.mark.parametrize(
    ("relation", "value", "verdict"),
    [
        ("<=", 5.0, "agrees"),
        ("<=", 10.3, "agrees"),
        ("<=", 10.41, "disagrees"),
        ("<=", 20.0, "disagrees"),
        (">=", 15.0, "agrees"),
        (">=", 9.7, "agrees"),
        (">=", 9.59, "disagrees"),
        (">=", 0.0, "disagrees"),
    ],
)
def test_a_bound_is_held_on_its_side_only(relation, value, verdict):
    assert outcome(value, expectation=expected(relation=relation)) == verdict


@pytest.mark.parametrize("n", [1, 7])
def test_fewer_than_eight_units_have_no_verdict(n):
    found = agrees(headline(99.0, n=n))
    assert found.outcome == "none" and found.reason == f"n = {n}: fewer than 8 independent units"
    assert outcome(99.0, n=8) == "disagrees"


def test_without_an_interval_there_is_no_verdict():
    found = agrees(headline(ci=None, standard_error=None))
    assert found.outcome == "none" and found.reason == "the value has no interval"


def test_an_undefined_value_has_no_verdict_and_says_why():
    found = agrees(headline(math.nan, ci=None, note="no run settled"))
    assert (found.outcome, found.reason) == ("none", "no run settled")


def test_a_comparison_that_would_not_notice_a_quarter_is_weak():
    """4 s.e. = 2.4 of 10 is strong, 2.6 is weak; a larger difference is still a disagreement."""
    strong = headline(ci=(8.8, 11.2), standard_error=0.6)
    weak = headline(ci=(8.7, 11.3), standard_error=0.65)
    assert agrees(strong).outcome == "agrees" and not agrees(strong).weak
    assert (
        agrees(weak).outcome == "none"
        and agrees(weak).weak
        and "2.6 would not be noticed" in agrees(weak).reason
    )
    far = headline(13.0, ci=(11.7, 14.3), standard_error=0.65)
    assert agrees(far).outcome == "disagrees"


def test_what_lies_clear_inside_a_bound_is_not_weak():
    """0.02 +- 0.1 below 10: no difference matters."""
    assert (
        agrees(headline(0.02, ci=(-0.2, 0.2), expectation=expected(1.0, relation="<="))).outcome == "agrees"
    )


def test_an_expected_zero_needs_a_scale():
    with pytest.raises(ValueError, match="scale"):
        expected(0.0)
    assert outcome(0.1, expectation=expected(0.0, scale=2.0)) == "agrees"
    assert agrees(headline(0.1, expectation=expected(0.0, scale=1.0))).weak


@pytest.mark.parametrize("n", [1, 64])
def test_an_identity_and_a_computed_number_need_no_sample(n):
    """Held to the tolerance alone; without one, to the bit."""
    identity = expected(kind="identity")
    assert outcome(10.0, expectation=identity, ci=None, n=n) == "agrees"
    assert outcome(np.nextafter(10, 11), expectation=identity, ci=None, n=n) == "disagrees"
    computed = {"exact": True, "ci": None, "n": n, "standard_error": None}
    close = expected(tolerance=1e-9, reason="rounding")
    assert outcome(10 + 0.9e-9, expectation=close, **computed) == "agrees"
    assert outcome(10 + 1.1e-9, expectation=close, **computed) == "disagrees"


def test_no_expectation_no_verdict():
    assert agrees(headline(expectation=None)) is None


def test_the_error_towards_the_expected_value_stands_for_a_missing_one():
    """A share of 0.9 in [0.7, 0.96]: 0.06 / 1.96 towards 1, 0.2 / 1.96 towards 0."""
    share = {"ci": (0.7, 0.96), "standard_error": None}
    assert standard_error(headline(0.9, expectation=expected(1.0), **share)) == pytest.approx(0.06 / 1.959964)
    assert standard_error(headline(0.9, expectation=expected(0.5), **share)) == pytest.approx(0.2 / 1.959964)
    end = headline(1.0, ci=(0.9, 1.0), standard_error=None, expectation=expected(1.2))
    assert standard_error(end) == pytest.approx(0.1 / 1.959964)


def test_an_interval_of_width_zero_is_removed_with_a_note():
    found = headline(ci=(10.0, 10.0), note="all healed")
    assert found.ci is None and found.note == "all healed; no interval: all of 64 values are equal"
    assert headline(ci=(10.0, 10.0), exact=True).ci == (10.0, 10.0)


def test_a_value_without_an_interval_says_why():
    assert headline(ci=None, exact=True).note == "no interval: counted or computed exactly, not sampled"
    assert headline(ci=None, n=1).note == "no interval: a single sample"
    assert headline(ci=(math.nan, math.nan), n=1).note == "no interval: a single sample"
    assert headline(ci=None, n=1, note="one run").note == "one run"
    assert headline(n=1).note is None  # with an interval


def test_a_value_outside_its_interval_is_a_mistake():
    with pytest.raises(ValueError, match="outside its interval"):
        headline(ci=(10.1, 10.2))


def test_the_chance_of_a_false_alarm_is_students_tail():
    """t with 7 degrees of freedom beyond 4: 0.0052 two-sided; normal limit 6.3e-5; half for a bound."""
    assert alarm(n=8) == pytest.approx(0.00518, rel=2e-3)
    assert alarm(n=10**9) == pytest.approx(6.334e-5, rel=1e-3)
    assert alarm(n=8, expectation=expected(relation="<=")) == pytest.approx(0.00259, rel=2e-3)
    assert alarm(expectation=expected(kind="identity")) == 0
    assert alarm(n=7) == alarm(standard_error=0.65) == 0  # no verdict, no alarm


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "theory"}, {"relation": "<"}, {"source": ""}, {"value": math.inf}, {"standard_error": -1}],
)
def test_an_expectation_that_says_nothing_is_refused(wrong):
    with pytest.raises(ValueError):
        expected(**wrong)
