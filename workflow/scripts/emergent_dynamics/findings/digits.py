"""Write a value, its interval and its expected value with the same number of digits, set by the interval's width."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

DUST = 1e-13  # below this a number computed in float64 is rounding, unless its interval is as small
LARGEST, SMALLEST = 1e6, 1e-4  # outside this range a number is written with a power of ten


def decimals(value: float, ci: tuple[float, float] | None) -> int:
    """Decimal places: two digits of the interval's half-width; without an interval four digits of the value.

    >>> decimals(1.463, (1.451, 1.475)), decimals(17.0, None), decimals(0.12345, None)
    (3, 0, 4)
    """
    if ci is not None and ci[1] > ci[0]:
        return 1 - math.floor(math.log10((ci[1] - ci[0]) / 2))
    if value == int(value) or abs(value) < DUST:
        return 0
    return 3 - math.floor(math.log10(abs(value)))


def write(
    value: float | None, ci: Sequence[float] | None = None, others: Sequence[float | None] = ()
) -> list[str]:
    """The value, both ends of its interval if there is one, and other numbers to be compared with it, as text.

    None and NaN are "–". All have the same decimals and the same power of ten; rounding dust and -0.0 are 0.

    >>> write(10.66, (10.55, 10.77), [10.7])
    ['10.66', '10.55', '10.77', '10.70']
    >>> write(-3.7e-17, None, [0.0])
    ['0', '0']
    """
    ends = tuple(ci) if ci is not None else ()
    numbers = [value, *ends, *others]
    known = [n for n in numbers if n is not None and math.isfinite(n)]
    if not known:
        return ["–"] * len(numbers)
    first = value if value is not None and math.isfinite(value) else known[0]
    places = decimals(first, (ends[0], ends[1]) if ends else None)
    if not ends:
        places = max(places, *(decimals(n, None) if abs(n) >= 1e-3 * abs(first) else 0 for n in known))
    counted = all(n == int(n) for n in known)  # whole numbers are written with all digits
    power = 0 if counted else _power(max(abs(n) for n in ([first, *ends] if ends else known)))
    return [_text(n, places, power) for n in numbers]


def write_row(record: Mapping[Any, Any]) -> tuple[str, str, str]:
    """The value, the interval and the expected value of a row of `table.tabulate`, as text; "" where there is none.

    A tolerance has two digits of its own, and so has an error that would be written as 0.

    >>> row = {"value": 0.61, "lo": 0.48, "hi": 0.73, "relation": "=", "expected": 0.6223}
    >>> write_row({**row, "expected_error": 0.0034, "tolerance": 1e-6})
    ('0.61', '[0.48, 0.73]', '0.62 ± 0.0034, tolerance 1e-6')
    """
    ci = None if record["lo"] is None else (record["lo"], record["hi"])
    value, *ends, expected, error = write(record["value"], ci, (record["expected"], record["expected_error"]))
    interval = f"[{', '.join(ends)}]" if ci else ""
    if record["expected"] is None:
        return value, interval, ""
    expected = {"<=": "≤ ", ">=": "≥ "}.get(record["relation"], "") + expected
    if record["expected_error"]:
        expected += f" ± {error if float(error) else _two_digits(record['expected_error'])}"
    if record["tolerance"]:
        expected += f", tolerance {_two_digits(record['tolerance'])}"
    return value, interval, expected


def _two_digits(number: float) -> str:
    return f"{number:.2g}".replace("e-0", "e-")


def _power(largest: float) -> int:
    """The exponent of the power of ten that is written after all numbers; 0 if the largest is from 1e-4 to 1e6."""
    if largest < DUST or SMALLEST <= largest < LARGEST:
        return 0
    return math.floor(math.log10(largest))


def _text(number: float | None, places: int, power: int) -> str:
    if number is None or not math.isfinite(number):
        return "–"
    shown = round(number / 10.0**power, max(0, min(places + power, 12)))
    text = f"{shown + 0.0:.{max(0, min(places + power, 12))}f}"
    return f"{text}e{power}" if power and float(text) else text
