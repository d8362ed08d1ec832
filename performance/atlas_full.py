"""Write docs/atlas_full.md, the results of the atlas at full size, from the tables of a finished run.

    snakemake --cores 2 --configfile config/config.yaml config/atlas.yaml --directory RUN
    PYTHONPATH=workflow/scripts python performance/atlas_full.py RUN > docs/atlas_full.md

For each quantity of a series the page has the smallest, the largest and a middle control (the one nearest to the
critical point, where there is one), with all sizes side by side. A member of a sweep does not depend on the other
members, so tests/atlas/test_full_size.py computes a few of them again and compares them with lines of this page.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from emergent_dynamics import atlas
from emergent_dynamics.findings.digits import write

HEAD = """# The atlas at full size

`performance/atlas_full.py` wrote this page from the tables of one run of `config/atlas.yaml` with seed 1. [The
atlas](atlas.md) defines the quantities and says what they do not mean. Intervals are 95 %; n is the number of
independent runs, worlds, trials or samples, and has one number per size where they differ. The column *theory* has the
value for the largest size.
"""


def measured(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have both a value and a control."""
    return table[(table["n"] > 0) & (table["quantity"] != "critical")]


def controls(rows: pd.DataFrame, critical: float) -> list[float]:
    """Return the smallest and the largest control, and the one nearest to `critical` (NaN: the middle one)."""
    values = np.sort(rows["control"].unique())
    middle = values[len(values) // 2] if np.isnan(critical) else values[np.abs(values - critical).argmin()]
    return sorted({float(values[0]), float(middle), float(values[-1])})


def line(rows: pd.DataFrame, sizes: list[float]) -> str:
    """Return the line of one quantity at one control, with a cell per size. rows : one row per size."""
    first = rows.iloc[0]
    cells = [_cell(rows[rows["size"] == size]) for size in sizes] if sizes else [_cell(rows)]
    known = rows.sort_values("size")["theory"].iloc[-1]
    counts = [str(n) for n in rows.sort_values("size")["n"]]
    counts = counts[:1] if len(set(counts)) == 1 else counts
    columns = [f"{first['quantity']}", f"{first['control']:g}", *cells, _number(known), ", ".join(counts)]
    return f"| {' | '.join(columns)} |"


def lines(rows: pd.DataFrame, critical: float, sizes: list[float]) -> Iterator[str]:
    """Yield the lines of a series, quantity by quantity, at the `controls` of each. rows : its measured rows."""
    for quantity in (name for name in atlas.QUANTITIES if name in set(rows["quantity"])):
        own = rows[rows["quantity"] == quantity]
        shown = controls(own, critical) if sizes else sorted(own["control"].unique())
        for control in shown:
            yield line(own[own["control"] == control], sizes)


def series(table: pd.DataFrame) -> Iterator[str]:
    """Yield a table for each system and series. A series without sizes (checkpoints of a training) shows all controls.

    table : the rows of all systems.
    """
    for (system, name), rows in table.groupby(["system", "series"], sort=False):
        shown = measured(rows)
        if shown.empty:
            continue
        critical = table.loc[(table["system"] == system) & (table["quantity"] == "critical"), "value"]
        sizes = sorted(shown["size"].dropna().unique())
        first = shown.iloc[0]
        heads = [f"{size:,.0f} {first['size_name']}" for size in sizes] or ["value"]
        yield f"\n## {system}, {name}\n"
        yield f"| quantity | {first['control_name']} | {' | '.join(heads)} | theory | n |"
        yield "|" + "---|" * (len(heads) + 4)
        yield from lines(shown, float(critical.iloc[0]) if len(critical) else np.nan, sizes)


def critical_points(table: pd.DataFrame) -> Iterator[str]:
    """Yield the table of all critical points."""
    yield "\n## Critical points\n"
    yield "| system | series | larger size | measured | exact | n |"
    yield "|---|---|---|---|---|---|"
    for _, row in table[table["quantity"] == "critical"].iterrows():
        size = f"{row['size']:g} {row['size_name']}" if np.isfinite(row["size"]) else ""
        size += f", {row['note']}" if row["note"] and row["n"] else ""
        yield (
            f"| {row['system']} | {row['series']} | {size} | {_cell(pd.DataFrame([row]))} | {_number(row['theory'])} | "
            f"{row['n'] or 'exact'} |"
        )


def costs(run: Path) -> Iterator[str]:
    """Yield the table of CPU seconds and memory of the systems' jobs, from the last lines of their logs."""
    yield "\n## Cost\n"
    yield "CPU seconds of one core, with imports and compilation, and peak memory, from the logs of the same run.\n"
    yield "| system | CPU s | MB |"
    yield "|---|---|---|"
    for path in sorted((run / "logs" / "atlas").glob("*.log")):
        used = json.loads(path.read_text().splitlines()[-1])
        yield f"| {path.stem} | {used['cpu_s']:.0f} | {used['peak_mb']:.0f} |"


def _cell(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    row = rows.iloc[0]
    if np.isnan(row["value"]):
        return row["note"]
    text, *ends = write(row["value"], None if np.isnan(row["lo"]) else (row["lo"], row["hi"]))
    return f"{text} [{', '.join(ends)}]" if ends else text


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.5g}"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    joined = atlas.join([folder / "results" / "atlas" / "atlas.csv"])
    print("\n".join([HEAD.rstrip(), *critical_points(joined), *series(joined), *costs(folder)]))
