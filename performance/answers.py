"""Sentences that answer the question of an experiment, with numbers of a run, and conditions under which they hold.

A condition is `HEADLINE agrees`, or `LEFT < RIGHT`, `LEFT > RIGHT` or `LEFT = RIGHT`, where a side is a number, a
headline, or a headline of one member of a sweep, as in `leaders_mean@beta=256`. It holds if it holds for every member
that has the headline, and at least one has it. Intervals count: A < B holds if all of A's interval lies below all of
B's, A = B if one interval touches the other, so that an inequality with a wide interval fails.
"""

import re
from collections.abc import Iterator

import pandas as pd

from emergent_dynamics.findings.digits import write

NAMED = re.compile(r"(?P<headline>[A-Za-z][\w.]*?)(@(?P<member>\S+))?")
FIELD = re.compile(r"\{([^{}]+)\}")
Interval = tuple[float, float]


def holds(condition: str, rows: pd.DataFrame) -> bool:
    """Whether a condition holds. rows : the headlines of an experiment and of its members, of headlines.csv.

    >>> rows = pd.DataFrame([dict(experiment="one", headline="r", value=0.8, lo=0.7, hi=0.9, verdict="none")])
    >>> [holds(condition, rows) for condition in ("r > 0.5", "r < 0.85", "r = 0.75", "r agrees")]
    [True, False, True, False]
    """
    left, relation, *right = condition.split()
    if relation == "agrees":
        return bool((chosen(left, rows)["verdict"] == "agrees").all())
    pairs = list(_pairs(left, right[0], rows))
    compare = {
        "<": lambda a, b: a[1] < b[0],
        ">": lambda a, b: a[0] > b[1],
        "=": lambda a, b: a[0] <= b[1] and b[0] <= a[1],
    }[relation]
    return all(compare(a, b) for a, b in pairs)


def chosen(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `headline` or `headline@member`. KeyError if there is none."""
    found = NAMED.fullmatch(name)
    if not found:
        raise ValueError(f"{name}: neither a number, nor headline, nor headline@member")
    rows = rows[rows["headline"] == found["headline"]]
    if found["member"]:
        rows = rows[rows["experiment"].str.partition("/")[2] == found["member"]]
    if rows.empty:
        raise KeyError(name)
    return rows


def filled(sentence: str, rows: pd.DataFrame) -> str:
    """A sentence with the values of its {headline}s and their intervals; of several members the range of values."""
    return FIELD.sub(lambda found: _shown(chosen(found[1], rows)), sentence)


def named(sentence: str, conditions: list[str]) -> set[str]:
    """The headlines that a sentence and its conditions name."""
    sides = [side for condition in conditions for side in condition.split()[::2]]
    found = (NAMED.fullmatch(side) for side in FIELD.findall(sentence) + sides)
    return {each["headline"] for each in found if each}


def _pairs(left: str, right: str, rows: pd.DataFrame) -> Iterator[tuple[Interval, Interval]]:
    """The intervals to be compared: of one member on both sides unless a side names its own."""
    ours = chosen(left, rows)
    for _, row in ours.iterrows():
        try:
            other = float(right)
        except ValueError:
            own = rows if "@" in right or "@" in left else rows[rows["experiment"] == row["experiment"]]
            for _, against in chosen(right, own).iterrows():
                yield _interval(row), _interval(against)
        else:
            yield _interval(row), (other, other)


def _interval(row: pd.Series) -> Interval:
    value = float(row["value"])
    return (value, value) if pd.isna(row["lo"]) else (float(row["lo"]), float(row["hi"]))


def _shown(rows: pd.DataFrame) -> str:
    if rows["value"].min() < rows["value"].max():
        return " to ".join(write(float(rows["value"].min()), None, [float(rows["value"].max())]))
    row = rows.iloc[0]
    value, *ends = write(float(row["value"]), None if pd.isna(row["lo"]) else (row["lo"], row["hi"]))
    return f"{value} [{', '.join(ends)}]" if ends else value
