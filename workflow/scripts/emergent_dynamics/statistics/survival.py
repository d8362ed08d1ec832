"""How many of lives that may be cut last longer than a time."""

import numpy as np
from scipy import special

from emergent_dynamics.statistics.intervals import LEVEL


def survival(age: np.ndarray, ended: np.ndarray, unit: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Kaplan and Meier's share of lives longer than each time, with its pointwise 95 % interval: (4, time).

    age : (life,). ended : (life,) bool, False where the life was cut at its age. unit : (life,), equal for lives that
    depend on each other, such as those of one run. at : (time,). Rows: value, lo, hi, lives that are followed up to
    the time. The error is that of the estimator linearised in sums over units, which is Greenwood's (times m / (m - 1))
    if each of m lives is a unit; the interval is Student's for m - 1 on the scale of ln(-ln share). lo and hi are NaN
    where no life has ended yet or all have, and with a single unit; every row is NaN without lives.

    Kaplan & Meier 1958, J. Am. Stat. Assoc. 53, 457; Williams 1995, Lifetime Data Analysis 1, 171.

    >>> survival(np.array([1.0, 2.0, 2.0, 3.0]), np.array([1, 1, 0, 1], bool), np.arange(4), np.array([2.5]))[0]
    array([0.5])
    """
    if not len(age):
        return np.full((4, len(at)), np.nan)
    moments, deaths = np.unique(age[ended], return_counts=True)
    at_risk = len(age) - np.searchsorted(np.sort(age), moments)
    alive = np.append(1.0, np.cumprod(1.0 - deaths / at_risk))
    passed = np.searchsorted(moments, at, side="right")
    value = alive[passed]
    lo, hi = _interval(value, _errors(age, ended, unit, (moments, deaths, at_risk), passed))
    return np.stack([value, lo, hi, len(age) - np.searchsorted(np.sort(age), at)])


def _errors(
    age: np.ndarray,
    ended: np.ndarray,
    unit: np.ndarray,
    counts: tuple[np.ndarray, np.ndarray, np.ndarray],
    passed: np.ndarray,
) -> tuple[np.ndarray, int]:
    """Standard error of ln(share) after `passed` of the moments at which lives end, (time,), and the number of units.

    At each of these moments, D of the Y lives at risk end; a life at risk adds D / (Y (Y - D)), less 1 / (Y - D) if it
    ends.
    """
    moments, deaths, at_risk = counts
    units, place = np.unique(unit, return_inverse=True)
    seen, errors = np.searchsorted(moments, age, side="right"), np.empty(len(passed))
    with np.errstate(divide="ignore", invalid="ignore"):  # where all that are left end at once
        left = 1.0 / (at_risk - deaths)
        hazard = np.append(0.0, np.cumsum(deaths / at_risk * left))
        end = np.where(ended, np.append(0.0, left)[seen], 0.0)
        for k, count in enumerate(passed):
            own = hazard[np.minimum(seen, count)] - np.where(seen <= count, end, 0.0)
            errors[k] = np.sqrt((np.bincount(place, own) ** 2).sum())
    m = len(units)
    return errors * np.sqrt(m / (m - 1)) if m > 1 else np.full(len(passed), np.nan), m


def _interval(value: np.ndarray, error: tuple[np.ndarray, int]) -> tuple[np.ndarray, np.ndarray]:
    errors, units = error
    inside = (value > 0.0) & (value < 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = special.stdtrit(max(units - 1, 1), (1 + LEVEL) / 2) * errors / -np.log(value)
        lo, hi = value ** np.exp(half), value ** np.exp(-half)
    return np.where(inside, lo, np.nan), np.where(inside, hi, np.nan)
