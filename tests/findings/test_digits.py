"""Numbers as text: equal digits in value, interval and expected value."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergent_dynamics.findings.digits import write, write_row

FINITE = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ((10.66, (10.55, 10.77), [10.7]), ["10.66", "10.55", "10.77", "10.70"]),
        ((0.5674, (0.5659, 0.5689), [0.5714]), ["0.5674", "0.5659", "0.5689", "0.5714"]),
        ((17.0, None, [17.0]), ["17", "17"]),
        ((-3.7e-17, None, [0.0]), ["0", "0"]),
        ((0.0, None, [2.861e-12]), ["0.000", "2.861e-12"]),
        ((-1e-5, (-0.31, 0.31), [0.0]), ["0.00", "-0.31", "0.31", "0.00"]),
        ((1234567.0, (1230000.0, 1239000.0), []), ["1234567", "1230000", "1239000"]),
        ((2.5e-6, (2.4e-6, 2.6e-6), [3e-6]), ["2.50e-6", "2.40e-6", "2.60e-6", "3.00e-6"]),
        ((0.123456, None, []), ["0.1235"]),
        ((math.nan, None, [1.5]), ["–", "1.500"]),
        ((None, None, [None]), ["–", "–"]),
        ((None, None, [2.5]), ["–", "2.500"]),
        ((100000.0, None, []), ["100000"]),
        ((1000000.0, None, []), ["1000000"]),
        ((1234567.5, None, []), ["1.235e6"]),
        ((0.0001, None, []), ["0.0001000"]),
        ((1.0, (1.0, 1.0), [1.0]), ["1", "1", "1", "1"]),
    ],
)
def test_a_row_is_written_with_the_digits_that_it_deserves(given, texts):
    """Two digits of the interval's half-width; four of a value without one; no dust, no -0."""
    assert write(*given) == texts


@given(FINITE, st.floats(1e-6, 1e6), FINITE)
def test_value_interval_and_expected_value_have_equal_digits(value, half, other):
    """And what is written is the number to within half a unit of its last digit."""
    texts = write(value, (value - half, value + half), [other])
    decimals = {len(t.partition("e")[0].partition(".")[2]) for t in texts}
    assert len(decimals) == 1
    assert float(texts[0]) == pytest.approx(value, abs=0.06 * half + 1e-9 * abs(value) + 1e-12)
    assert not any(t.startswith("-0") and float(t) == 0 for t in texts)


@pytest.mark.parametrize(
    ("expected", "error", "tolerance", "text"),
    [
        (0.639, 0.0, 1.5e-5, "0.639, tolerance 1.5e-5"),  # 0.000 with the digits of the value
        (0.6223, 0.0034, 0.0, "0.622 ± 0.003"),
        (0.9847, 0.0004, 0.0, "0.985 ± 0.0004"),
        (None, None, None, ""),
    ],
)
def test_no_error_and_no_tolerance_is_written_as_zero(expected, error, tolerance, text):
    row = {"value": 0.649, "lo": 0.628, "hi": 0.67, "relation": "=", "expected": expected}
    written = write_row({**row, "expected_error": error, "tolerance": tolerance})
    assert written == ("0.649", "[0.628, 0.670]", text)
