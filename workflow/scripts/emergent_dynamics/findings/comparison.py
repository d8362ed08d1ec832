"""Compare the members of a sweep: every headline of each, with the parameters in which the members differ."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

Parameters = Mapping[str, Any]
Curve = Callable[[Parameters, str, np.ndarray], Mapping[str, np.ndarray]]
PREFIX = "parameter."
POINTS = 200  # number of points of a curve
FIXED = [
    "headline",
    "sentence",
    "value",
    "lo",
    "hi",
    "n",
    "unit",
    "rank",
    "relation",
    "expected",
    "verdict",
    "note",
]


def varied(members: Sequence[Parameters]) -> list[str]:
    """The parameters whose values are not the same in all members, in the order of the configuration.

    >>> varied([{"beta": 9, "runs": 2}, {"beta": 16, "runs": 2}])
    ['beta']
    """
    keys = [key for key in members[0] if key != "inputs_sha256"]
    return [key for key in keys if len({json.dumps(member[key], sort_keys=True) for member in members}) > 1]


def tabulate(
    members: Sequence[Parameters], summaries: Sequence[Mapping[str, Mapping[str, Any]]]
) -> pd.DataFrame:
    """A row per member and headline: the varied parameters, then `FIXED`; sorted by headline, then by parameters.

    A parameter that has the name of one of `FIXED`, as `value` of causal, is the column `parameter.value`.
    members : all parameters of each member. summaries : the headlines of each, as `read_summary` gives them.
    The headlines are in the order of the first member that has them. A parameter with any value that is not a number
    is a column of text.
    """
    keys = [_column(key) for key in varied(members)]
    rows: list[dict[str, Any]] = []
    for member, summary in zip(members, summaries, strict=True):
        own = {key: _cell(_parameter(member, key)) for key in keys}
        rows += [own | {"headline": name} | _fields(record) for name, record in summary.items()]
    table = pd.DataFrame(rows, columns=[*keys, *FIXED])
    numbers = ["value", "lo", "hi", "expected", "rank"]
    table = table.astype(dict.fromkeys(numbers, float))
    for key in keys:
        if not pd.api.types.is_numeric_dtype(table[key]):
            table[key] = table[key].map(str)
    place = {name: i for i, name in enumerate(dict.fromkeys(table["headline"]))}
    ordered = table.assign(place=table["headline"].map(place)).sort_values(["place", *keys], kind="stable")
    return ordered.drop(columns="place").reset_index(drop=True)


def parameters_of(table: pd.DataFrame) -> list[str]:
    """The varied parameters: the columns before `headline`."""
    return list(table.columns[: table.columns.get_loc("headline")])


def axes(table: pd.DataFrame) -> tuple[str, list[str]]:
    """The swept parameter with the most values (if several have as many, one with numbers), and the others."""
    keys = parameters_of(table)
    along = max(keys, key=lambda key: (table[key].nunique(), pd.api.types.is_numeric_dtype(table[key])))
    return along, [key for key in keys if key != along]


def trace(table: pd.DataFrame, members: Sequence[Parameters], curve: Curve) -> pd.DataFrame:
    """Theoretical curves between the members: the other parameters, headline, the parameter along x, `expected`.

    table : from `tabulate`. curve : function of the system, called with the parameters of a member, the name of the
    parameter along x and values of it; returns {headline: expected values}. The table is empty if the parameter along x
    has no numbers or if the system has no curve.
    """
    along, others = axes(table)
    parts = []
    if pd.api.types.is_numeric_dtype(table[along]):
        values = np.linspace(table[along].min(), table[along].max(), POINTS)
        told = {tuple(str(_cell(_parameter(member, key))) for key in others): member for member in members}
        for member in told.values():
            own = {key: _cell(_parameter(member, key)) for key in others}
            for name, expected in curve(member, along.removeprefix(PREFIX), values).items():
                parts.append(pd.DataFrame({**own, "headline": name, along: values, "expected": expected}))
    return pd.concat(parts) if parts else pd.DataFrame(columns=[*others, "headline", along, "expected"])


def _column(key: str) -> str:
    """The column of a parameter."""
    return PREFIX + key if key in FIXED else key


def _parameter(member: Parameters, column: str) -> Any:
    """The parameter of a member that a column has."""
    return member[column.removeprefix(PREFIX)]


def _cell(value: Any) -> float | str:
    """The value of a parameter as a cell of a table: a number, text, or JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return value


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    lo, hi = record["ci"] or (None, None)
    fields = {key: record[key] for key in ("sentence", "value", "n", "unit", "rank", "note")} | {
        "lo": lo,
        "hi": hi,
    }
    if record["expectation"]:
        fields |= {"relation": record["expectation"]["relation"], "expected": record["expectation"]["value"]}
        fields["verdict"] = record["verdict"]["outcome"]
    return fields
