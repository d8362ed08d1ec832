"""The members of a sweep side by side: every headline of each, against the parameters in which members differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.findings import Headline
from emergent_dynamics.oscillators import theory

CURVE = 200  # points of a theory curve
Parameters = Mapping[str, Any]


def varied(members: Sequence[Parameters]) -> list[str]:
    """The parameters whose values are not the same in all members, in the order of the configuration."""
    return [key for key in members[0] if len({json.dumps(m[key], sort_keys=True) for m in members}) > 1]


def label(value: Any) -> float | str:
    """A parameter's value as a cell of a table: a number, a word, or JSON."""
    if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return value


def find(
    members: Sequence[Parameters], summaries: Sequence[Mapping[str, Mapping[str, Any]]]
) -> dict[str, pd.DataFrame]:
    """sweep, a row per member and headline, and stationary, r(K) of infinitely many all-to-all units.

    members : the complete experiment of each. summaries : the headlines of each.
    """
    return {"sweep": _sweep(members, summaries), "stationary": _stationary(members)}


def _sweep(
    members: Sequence[Parameters], summaries: Sequence[Mapping[str, Mapping[str, Any]]]
) -> pd.DataFrame:
    """sweep: the varied parameters, quantity, value, lo, hi, n, unit, expected, relation, verdict.

    A row per member and headline.
    """
    keys, rows = varied(members), []
    for member, summary in zip(members, summaries, strict=True):
        for name, headline in summary.items():
            row = {key: label(member[key]) for key in keys} | {"quantity": name, "value": headline["value"]}
            row["lo"], row["hi"] = headline["ci"] or (None, None)
            expectation, verdict = headline["expectation"] or {}, headline["verdict"] or {}
            row |= {"n": headline["n"], "unit": headline["unit"], "expected": expectation.get("value")}
            rows.append(row | {"relation": expectation.get("relation"), "verdict": verdict.get("outcome")})
    columns = [*keys, "quantity", "value", "lo", "hi", "n", "unit", "expected", "relation", "verdict"]
    table = pd.DataFrame(rows, columns=columns).astype(
        dict.fromkeys(("value", "lo", "hi", "expected"), float)
    )
    for key in keys:
        if not pd.api.types.is_numeric_dtype(table[key]):
            table[key] = table[key].map(str)  # numbers among words sort with them
    return table.sort_values(["quantity", *keys], ignore_index=True)


def _stationary(members: Sequence[Parameters]) -> pd.DataFrame:
    """stationary: distribution, scale, coupling, order of infinitely many all-to-all units; no row for a lattice.

    For each distribution of frequencies among the members, from K = 0 to their largest coupling.
    """
    largest: dict[tuple[str, float], float] = {}
    for member in members:
        natural = member["natural"]
        if theory.has_stationary_order(member) and member["normalise"] == "mean":
            key = natural["distribution"], natural["scale"]
            largest[key] = max(largest.get(key, 0.0), member["coupling"])
    rows = [
        (*key, coupling, theory.locked_order(*key, coupling))
        for key, most in largest.items()
        for coupling in np.linspace(0, most, CURVE)
    ]
    return pd.DataFrame(rows, columns=["distribution", "scale", "coupling", "order"])


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """How many members there are, and how many of their headlines agree with what is expected of them.

    Nothing is expected of the count: the comparisons are those of the members, and stand there.
    """
    sweep = tables["sweep"]
    keys = list(sweep.columns[: sweep.columns.get_loc("quantity")])
    members = len(sweep[keys].drop_duplicates()) if keys else 1
    judged = sweep[sweep["verdict"].isin(["agrees", "disagrees"])]
    differ = judged[judged["verdict"] == "disagrees"]
    text = ", ".join(sorted(set(differ["quantity"])))
    note = f"of {len(judged)} with a verdict" + (f"; not in agreement: {text}" if text else "")
    agree = len(judged) - len(differ)
    return {
        "sweep_members": Headline(members, None, members, "members", "Members of the sweep", exact=True),
        "sweep_agreement": Headline(
            agree, None, len(judged), "headlines", "Headlines of members that agree", note=note, exact=True
        ),
    }
