"""The one verdict of all systems: does a measurement agree with what is expected of it?"""

import math
from dataclasses import dataclass, replace

from scipy import special

from emergent_dynamics.findings.expectation import Expectation
from emergent_dynamics.findings.headline import Headline

LIMIT = 4.0  # largest |z|, in combined standard errors
FEWEST = 8  # fewest independent units; with fewer, neither the error nor its distribution is known
WEAK = 0.25  # share of the scale; a comparison that cannot detect this difference has no verdict
NORMAL_HALF_WIDTH = 1.959963984540054  # a 95 % interval's half-width in standard errors

AGREES, DISAGREES, NONE = "agrees", "disagrees", "none"


@dataclass(frozen=True)
class Verdict:
    """The result of a comparison.

    outcome : "agrees", "disagrees" or "none". z : the difference in combined standard errors, NaN if undefined.
    weak : whether there is no verdict because a difference of a quarter would not be noticed. noticeable : the smallest
    difference that would be noticed, in the headline's unit. reason : why there is no verdict, else "".
    false_alarm : probability of "disagrees" although the expectation is true.
    """

    outcome: str
    z: float = math.nan
    weak: bool = False
    noticeable: float = math.nan
    reason: str = ""
    false_alarm: float = 0.0


def agrees(headline: Headline) -> Verdict | None:
    """The verdict on a headline; None if there is no expected value.

    z = (value - expected) / hypot(standard error, standard error of the expected value). The value agrees if |z| <= 4
    or if the difference is within the tolerance; for a bound only a difference on its wrong side counts. There is no
    verdict with fewer than 8 independent units, without an interval, or if 4 standard errors exceed a quarter of the
    expectation's scale ("weak"), unless the difference is larger than that. A value computed without sampling, and an
    identity, are compared without a standard error of the value.

    >>> half = Expectation(0.5, "a fair coin", "exact")
    >>> agrees(Headline(0.51, (0.49, 0.53), 100, "share", "Share of heads", half)).outcome
    'agrees'
    """
    expectation = headline.expectation
    if expectation is None:
        return None
    if math.isnan(headline.value):
        return Verdict(NONE, reason=headline.note or "the value is undefined")
    excess = _excess(headline.value, expectation)
    if headline.exact or expectation.kind == "identity":
        return _without_sampling(excess, expectation)
    if headline.ci is None and not headline.standard_error:
        return Verdict(NONE, reason=headline.note or "the value has no interval")
    if headline.n < FEWEST:
        return Verdict(NONE, reason=f"n = {headline.n}: fewer than {FEWEST} independent units")
    error = math.hypot(standard_error(headline), expectation.standard_error)
    verdict = _with_sampling(headline.value - expectation.value, excess, error, expectation)
    return verdict if verdict.weak else replace(verdict, false_alarm=_false_alarm(headline.n, expectation))


def standard_error(headline: Headline) -> float:
    """The headline's standard error, else its interval's half-width towards the expected value / 1.96, else NaN."""
    if headline.standard_error and math.isfinite(headline.standard_error):
        return headline.standard_error
    if headline.ci is None:
        return math.nan
    below, above = headline.value - headline.ci[0], headline.ci[1] - headline.value
    expectation = headline.expectation
    towards = above if expectation is not None and expectation.value > headline.value else below
    return (towards or max(below, above)) / NORMAL_HALF_WIDTH


def _false_alarm(n: int, expectation: Expectation) -> float:
    """Probability beyond 4 standard errors of Student's t with n - 1 degrees of freedom; one-sided for a bound."""
    tail = float(special.stdtr(n - 1, -LIMIT))
    return 2 * tail if expectation.relation == "=" else tail


def _excess(value: float, expectation: Expectation) -> float:
    """The distance between the value and the expected value; for a bound, 0 if the value satisfies it."""
    difference = value - expectation.value
    sides = {"=": abs(difference), "<=": max(difference, 0.0), ">=": max(-difference, 0.0)}
    return sides[expectation.relation]


def _without_sampling(excess: float, expectation: Expectation) -> Verdict:
    allowed = max(expectation.tolerance, LIMIT * expectation.standard_error)
    return Verdict(AGREES if excess <= allowed else DISAGREES, noticeable=allowed)


def _with_sampling(difference: float, excess: float, error: float, expectation: Expectation) -> Verdict:
    z = difference / error
    noticeable = max(LIMIT * error, expectation.tolerance)
    if excess > noticeable:
        return Verdict(DISAGREES, z, noticeable=noticeable)
    inside = expectation.relation != "=" and excess == 0 and abs(z) > LIMIT
    if LIMIT * error > WEAK * expectation.noticeable_scale and not inside:
        reason = f"weak: a difference below {noticeable:.2g} would not be noticed"
        return Verdict(NONE, z, weak=True, noticeable=noticeable, reason=reason)
    return Verdict(AGREES, z, noticeable=noticeable)
