"""Headlines of a finding: a number beside what linear algebra or a closed form says, and whether they
agree.
"""

import numpy as np

from emergent_dynamics.store import Headline

AGREEMENT = 4.0  # standard errors; one false alarm in 16,000
NORMAL = 1.959964  # half width of a 95 % interval in standard errors
EXACT = "linear algebra on the transition matrix of this very network (branching.exact)"


def headline(
    value: float,
    ci: tuple[float, float] | None,
    n: int,
    unit: str,
    expected: float | None = None,
    source: str | None = None,
    note: str | None = None,
) -> Headline:
    """`ok` within 4 standard errors of the expected value; None where there is no interval or nothing to
    expect.
    """
    if ci is not None and not np.isfinite(ci).all():
        ci = None
    if expected is None or not np.isfinite(expected):
        return Headline(value, ci, n, unit, note=note)
    ok = None
    if ci is not None and np.isfinite(value):
        error = (ci[1] - ci[0]) / (2.0 * NORMAL)
        close = bool(np.isclose(value, expected, rtol=1e-9, atol=0.0))
        ok = (close or None) if error == 0.0 else bool(abs(value - expected) <= AGREEMENT * error)
    return Headline(value, ci, n, unit, float(expected), source, ok, note)


def computed(value: float, unit: str, expected: float, tolerance: float, source: str) -> Headline:
    """A number without chance beside another; `ok` within the tolerance given."""
    return Headline(value, None, 1, unit, expected, source, bool(abs(value - expected) <= tolerance))
