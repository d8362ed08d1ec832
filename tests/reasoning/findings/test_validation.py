"""The estimator on systems whose exponents are known."""

import pytest

from emergent_dynamics.reasoning.findings import validation


@pytest.mark.parametrize("system", list(validation.SYSTEMS))
def test_the_estimator_finds_known_exponents(system):
    table = validation.table(validation.SYSTEMS[system](1))
    assert table["passed"].all(), table.to_string()


def test_a_missed_exponent_stops_everything_in_one_line():
    good = validation.Check("good", 1.0, 1.0, 1e-3, "x")
    bad = validation.Check("bad", float("nan"), 1.0, 1e-3, "x")
    validation.require(validation.table([good]))
    with pytest.raises(ValueError, match="bad = nan, expected 1 within"):
        validation.require(validation.table([good, bad]))
