"""All headlines of a run as one table, and how many false alarms are expected among its comparisons."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from emergent_dynamics.findings.expectation import KINDS
from emergent_dynamics.findings.verdict import AGREES, DISAGREES

COLUMNS = [
    *("system", "experiment", "headline", "sentence", "value", "lo", "hi", "n", "unit", "rank", "note"),
    *("relation", "expected", "expected_error", "tolerance", "tolerance_reason", "kind", "source"),
    *("verdict", "z", "weak", "noticeable", "reason", "false_alarm"),
]


def tabulate(summaries: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> pd.DataFrame:
    """One row per headline. Argument: {results/<system>/<experiment>/summary.json: its content}, sweeps included."""
    rows = []
    for path, headlines in summaries.items():
        folder = Path(path).parent.as_posix().removesuffix("/analysis")
        system, experiment = folder.partition("results/")[2].split("/", 1)
        rows += [
            {"system": system, "experiment": experiment, "headline": name, **_row(record)}
            for name, record in headlines.items()
        ]
    return pd.DataFrame(rows, columns=COLUMNS)


def describe(table: pd.DataFrame) -> str:
    """A text: the number of comparisons of each kind, their outcomes, and the expected number of false alarms."""
    compared = table[table["kind"].notna()]
    if compared.empty:
        return f"{len(table)} headlines, none of them with an expected value."
    decided = compared[compared["verdict"].isin([AGREES, DISAGREES])]
    disagree = int((decided["verdict"] == DISAGREES).sum())
    weak = int(compared["weak"].astype(bool).sum())
    kinds = "; ".join(
        f"{kind} ({KINDS[kind]}): {int((compared['kind'] == kind).sum())}"
        for kind in KINDS
        if (compared["kind"] == kind).any()
    )
    return (
        f"{len(table)} headlines, {len(compared)} of them with an expected value. By kind: {kinds}. "
        f"{len(decided)} have a verdict: {len(decided) - disagree} agree, {disagree} disagree; {weak} are weak and "
        f"{len(compared) - len(decided) - weak} lack a sample or an interval, so these say nothing. "
        f"Were every expectation true, {decided['false_alarm'].sum():.2g} of the verdicts would be false alarms."
    )


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    lo, hi = record["ci"] or (None, None)
    row = {key: record[key] for key in ("sentence", "value", "n", "unit", "rank", "note")} | {
        "lo": lo,
        "hi": hi,
    }
    if expectation := record["expectation"]:
        row |= {key: expectation[key] for key in ("relation", "tolerance", "kind", "source")}
        row |= {
            "expected": expectation["value"],
            "expected_error": expectation["standard_error"],
            "tolerance_reason": expectation["reason"],
        }
    if verdict := record["verdict"]:
        row |= {key: verdict[key] for key in ("z", "weak", "noticeable", "reason", "false_alarm")}
        row["verdict"] = verdict["outcome"]
    return row
