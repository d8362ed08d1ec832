"""The value that a measurement is compared with, its standard error, and its source."""

import math
from dataclasses import dataclass

KINDS = {
    "exact": "a theorem, linear algebra or a closed form",
    "published": "a number printed in a paper",
    "second code": "an independent implementation of the same dynamics, whose script is kept",
    "identity": "must hold in every run",
}
RELATIONS = ("=", "<=", ">=")


@dataclass(frozen=True)
class Expectation:
    """A value that theory, the literature or a second program gives for a headline.

    value, standard_error : in the headline's unit; the error is that of the expected value itself, 0 if it has none.
    source : theorem, paper and figure, or script. kind : a key of `KINDS`.
    relation : "=" for a value, "<=" or ">=" where the value is a bound on the measurement.
    tolerance : a difference that is allowed beyond sampling error, shown with its reason; 0 if none.
    scale : the size that a noticeable difference is measured against; by default |value|.

    Raises ValueError for an unknown kind or relation, a tolerance without a reason, a value that is not finite, or a
    missing scale where the value is 0.

    >>> Expectation(1.5, "Harris 1963: critical Galton-Watson trees", "exact").relation
    '='
    """

    value: float
    source: str
    kind: str
    standard_error: float = 0.0
    relation: str = "="
    tolerance: float = 0.0
    reason: str = ""
    scale: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r}: must be one of {', '.join(KINDS)}")
        if self.relation not in RELATIONS:
            raise ValueError(f"relation = {self.relation!r}: must be one of {', '.join(RELATIONS)}")
        if not self.source:
            raise ValueError("an expected value needs a source")
        if not math.isfinite(self.value):
            raise ValueError(f"an expected value must be finite, not {self.value}")
        if not (self.standard_error >= 0 and self.tolerance >= 0):
            raise ValueError(
                f"standard_error = {self.standard_error}, tolerance = {self.tolerance}: neither may be negative or NaN"
            )
        if bool(self.tolerance) != bool(self.reason):
            raise ValueError("a tolerance needs a reason, and a reason a tolerance")
        if self.noticeable_scale == 0 and self.kind != "identity" and self.relation == "=":
            raise ValueError("an expected value of 0 needs a scale, the size of a large difference")

    @property
    def noticeable_scale(self) -> float:
        """The size that the smallest noticeable difference is measured against."""
        return abs(self.value) if self.scale is None else abs(self.scale)
