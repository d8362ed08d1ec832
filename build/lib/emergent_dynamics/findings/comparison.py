"""The members of a sweep side by side: every headline of each, against the parameters in which members differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

Parameters = Mapping[str, Any]
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

    members : all parameters of each member. summaries : the headlines of each, as `read_summary` gives them.
    The headlines are in the order of the first member that has them. Numbers among words are words.
    """
    keys = varied(members)
    rows: list[dict[str, Any]] = []
    for member, summary in zip(members, summaries, strict=True):
        own = {key: _cell(member[key]) for key in keys}
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


def _cell(value: Any) -> float | str:
    """A parameter's value as a cell of a table: a number, a word, or JSON."""
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
