"""Selection against drift in every member of the sweeps of a finished run, as a table in Markdown.

    snakemake --cores 2 --configfile config/seeds.yaml nca
    PYTHONPATH=workflow/scripts python performance/nca_selection.py .

Reads results/nca/<sweep>/<member>/summary.json. The last line counts what the headlines `selection` and
`activity_class` say, and in how many members the interval of each difference from the shadow lies above or below 0.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics.findings import read_summary
from emergent_dynamics.findings.digits import write

SHOWN = {
    "alive_share": "alive",
    "excess_activity": "activity",
    "excess_genomes": "genomes, ln",
    "excess_clades": "clades, ln",
    "unequal_survival": "survival, ln",
}


def members(run: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(sweep, member) as text, and the headlines' records, in the order of the names."""
    for path in sorted(run.glob("results/nca/*/*=*/summary.json")):
        sweep, member = path.parts[-3:-1]
        yield f"{sweep} | {member.replace(',', ', ')}", read_summary(path)


def table(run: Path) -> str:
    """The lines of the table, and what they add up to."""
    rows = list(members(run))
    lines = [
        f"| sweep | member | {' | '.join(SHOWN.values())} | selected | class |",
        "|" + "---|" * (len(SHOWN) + 4),
    ]
    for name, headlines in rows:
        cells = [_stated(headlines[key]) for key in SHOWN]
        verdict = {1.0: "yes", 0.0: "no", None: "–"}[headlines["selection"]["value"]]
        kind = headlines["activity_class"]["value"]
        cells += [verdict, "–" if kind is None else f"{kind:.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", total([headlines for _, headlines in rows])])


def total(rows: list[Mapping[str, Any]]) -> str:
    """How many are selected, of each class, and beyond 0 in each difference."""
    selected = sum(row["selection"]["value"] == 1 for row in rows)
    classes = [row["activity_class"]["value"] for row in rows]
    told = [f"{selected} of {len(rows)} selected"]
    told += [f"class {kind}: {classes.count(float(kind))}" for kind in (1, 2, 3)]
    for key, name in list(SHOWN.items())[1:]:
        ends = [row[key]["ci"] for row in rows if row[key]["ci"]]
        above, below = sum(lo > 0 for lo, _ in ends), sum(hi < 0 for _, hi in ends)
        told.append(f"{name}: {above} above 0, {below} below")
    return "; ".join(told)


def _stated(headline: Mapping[str, Any]) -> str:
    value, *ends = write(headline["value"], headline["ci"])
    return f"{value} [{', '.join(ends)}]" if ends else value


if __name__ == "__main__":
    print(table(Path(sys.argv[1])))
