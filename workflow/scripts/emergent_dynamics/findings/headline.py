"""Headlines: the main numbers of a finding, with their intervals."""

import math
from dataclasses import dataclass
from typing import Any

from emergent_dynamics.findings.expectation import Expectation
from emergent_dynamics.statistics import Estimate

EXACT = "no interval: counted or computed exactly, not sampled"
SINGLE = "no interval: a single sample"


@dataclass(frozen=True)
class Headline:
    """One number that a reader will quote, with its interval and what is expected of it.

    value, ci : value and 95 % interval in `unit`; None without an interval. NaN means undefined; `note` has the reason.
    n : the number of independent units that the value rests on. unit : text; "1" for a pure number.
    sentence : what the number is, for a reader who has not seen the code.
    rank : 1 to 5 for the numbers that are shown first, else None.
    standard_error : of the value; without it, it is estimated from the interval's half-width towards the expectation.
    exact : the value was computed without sampling; it needs no interval, and only here may an interval have width 0.

    An interval of width 0 of a sampled value is removed with a note: equal samples do not make a value certain. A
    value without an interval has a note: the given one, or that it is exact or a single sample.
    Raises ValueError when the value lies outside its interval.
    """

    value: float
    ci: tuple[float, float] | None
    n: int
    unit: str
    sentence: str
    expectation: Expectation | None = None
    rank: int | None = None
    note: str | None = None
    standard_error: float | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", float(self.value))
        if self.rank is not None and self.rank not in range(1, 6):
            raise ValueError(f"{self.sentence}: rank = {self.rank}: must be 1 to 5")
        if self.ci is not None:
            self._keep_or_remove(float(self.ci[0]), float(self.ci[1]))
        if self.ci is None and self.note is None:
            object.__setattr__(self, "note", EXACT if self.exact else SINGLE if self.n == 1 else None)

    def _keep_or_remove(self, lo: float, hi: float) -> None:
        """Keep an interval that contains the value; remove one that is not finite, or of width 0 if it is sampled."""
        object.__setattr__(self, "ci", (lo, hi))
        if not math.isfinite(lo) or not math.isfinite(hi) or not math.isfinite(self.value):
            object.__setattr__(self, "ci", None)
        elif not lo <= self.value <= hi:
            raise ValueError(
                f"{self.sentence}: the value {self.value} lies outside its interval [{lo}, {hi}]"
            )
        elif lo == hi and not self.exact:
            object.__setattr__(self, "ci", None)
            equal = f"no interval: all of {self.n} values are equal"
            object.__setattr__(self, "note", f"{self.note}; {equal}" if self.note else equal)

    @classmethod
    def from_estimate(cls, estimate: Estimate, unit: str, sentence: str, **others: Any) -> "Headline":
        """A headline with the value, interval, error and n of an estimate; `others` as for `Headline`."""
        return cls(
            estimate.value,
            estimate.ci,
            estimate.n,
            unit,
            sentence,
            standard_error=estimate.standard_error,
            **others,
        )
