"""The members of a sweep side by side: every headline of each, against the parameters in which members differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.oscillators import theory
from emergent_dynamics.store import Headline

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


def table(
    members: Sequence[Parameters], summaries: Sequence[Mapping[str, Mapping[str, Any]]]
) -> pd.DataFrame:
    """sweep.csv: the varied parameters, quantity, value, lo, hi, n, unit, expected, ok.

    A row per member and headline.
    """
    keys, rows = varied(members), []
    for member, summary in zip(members, summaries, strict=True):
        for name, headline in summary.items():
            row = {key: label(member[key]) for key in keys} | {"quantity": name, "value": headline["value"]}
            row["lo"], row["hi"] = headline["ci"] or (None, None)
            rows.append(row | {column: headline[column] for column in ("n", "unit", "expected", "ok")})
    columns = [*keys, "quantity", "value", "lo", "hi", "n", "unit", "expected", "ok"]
    found = pd.DataFrame(rows, columns=columns).astype(
        dict.fromkeys(("value", "lo", "hi", "expected"), float)
    )
    for key in keys:
        if not pd.api.types.is_numeric_dtype(found[key]):
            found[key] = found[key].map(str)  # numbers among words sort with them
    return found.sort_values(["quantity", *keys], ignore_index=True)


def stationary(members: Sequence[Parameters]) -> pd.DataFrame:
    """stationary.csv: distribution, scale, coupling, order of infinitely many all-to-all units; no row for a lattice.

    For each distribution of frequencies among the members, from K = 0 to their largest coupling.
    """
    found: dict[tuple[str, float], float] = {}
    for member in members:
        natural = member["natural"]
        known = (
            member["topology"] == "all_to_all" and natural["distribution"] != "none" and member["bias"] == 0
        )
        if known and member["normalise"] == "mean":
            key = natural["distribution"], natural["scale"]
            found[key] = max(found.get(key, 0.0), member["coupling"])
    rows = [
        (*key, coupling, theory.locked_order(*key, coupling))
        for key, most in found.items()
        for coupling in np.linspace(0, most, CURVE)
    ]
    return pd.DataFrame(rows, columns=["distribution", "scale", "coupling", "order"])


def summarise(found: pd.DataFrame) -> dict[str, Headline]:
    """How many members there are, and how many of their headlines agree with theory."""
    judged = found[found["ok"].notna()]
    agree, keys = (
        int(judged["ok"].astype(bool).sum()),
        list(found.columns[: found.columns.get_loc("quantity")]),
    )
    members = len(found[keys].drop_duplicates()) if keys else 1
    source = "every headline of a member that theory gives a number for"
    return {
        "sweep_members": Headline(members, None, members, "members"),
        "sweep_agreement": Headline(
            agree, None, len(judged), "headlines", len(judged), source, agree == len(judged)
        ),
    }
