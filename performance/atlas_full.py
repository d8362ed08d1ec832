"""Write docs/atlas_full.md: what the atlas gives at full size, from the tables of a finished run.

    snakemake --cores 2 --configfile config/config.yaml config/atlas.yaml --directory RUN
    PYTHONPATH=workflow/scripts python performance/atlas_full.py RUN > docs/atlas_full.md

Of each quantity of a series it shows the smallest, the largest and a middle control (the one nearest to the critical
point, where there is one), all sizes side by side. A member of a sweep does not depend on the others, so that a few of
them, computed again, give lines of this page (tests/atlas/test_full_size.py).
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

`config/atlas.yaml`, seed 1: what `performance/atlas_full.py` reads from the tables of one run. [The lens](atlas.md)
defines the quantities and says what they do not mean. Intervals are 95 %; n counts independent runs, worlds, trials
or samples, one number per size where sizes differ in it. *Theory* is that of the largest size.
"""


def measured(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with a value that have a control."""
    return table[(table["n"] > 0) & (table["quantity"] != "critical")]


def controls(rows: pd.DataFrame, critical: float) -> list[float]:
    """Both ends of the controls of measured rows, and the one nearest to `critical`, or the middle one for NaN."""
    values = np.sort(rows["control"].unique())
    middle = values[len(values) // 2] if np.isnan(critical) else values[np.abs(values - critical).argmin()]
    return sorted({float(values[0]), float(middle), float(values[-1])})


def line(rows: pd.DataFrame, sizes: list[float]) -> str:
    """One quantity at one control, a cell per size. rows : of different sizes."""
    first = rows.iloc[0]
    cells = [_cell(rows[rows["size"] == size]) for size in sizes] if sizes else [_cell(rows)]
    known = rows.sort_values("size")["theory"].iloc[-1]
    counts = [str(n) for n in rows.sort_values("size")["n"]]
    counts = counts[:1] if len(set(counts)) == 1 else counts
    given = [f"{first['quantity']}", f"{first['control']:g}", *cells, _number(known), ", ".join(counts)]
    return f"| {' | '.join(given)} |"


def lines(rows: pd.DataFrame, critical: float, sizes: list[float]) -> Iterator[str]:
    """The lines of a series, quantity by quantity, at the `controls` of each. rows : measured rows of the series."""
    for quantity in (name for name in atlas.QUANTITIES if name in set(rows["quantity"])):
        own = rows[rows["quantity"] == quantity]
        shown = controls(own, critical) if sizes else sorted(own["control"].unique())
        for control in shown:
            yield line(own[own["control"] == control], sizes)


def series(table: pd.DataFrame) -> Iterator[str]:
    """A table for each system and series; every control of a series that has no sizes, the checkpoints of a training.

    table : the rows of all systems.
    """
    for (system, name), rows in table.groupby(["system", "series"], sort=False):
        found = measured(rows)
        if found.empty:
            continue
        critical = table.loc[(table["system"] == system) & (table["quantity"] == "critical"), "value"]
        sizes = sorted(found["size"].dropna().unique())
        first = found.iloc[0]
        heads = [f"{size:,.0f} {first['size_name']}" for size in sizes] or ["value"]
        yield f"\n## {system}, {name}\n"
        yield f"| quantity | {first['control_name']} | {' | '.join(heads)} | theory | n |"
        yield "|" + "---|" * (len(heads) + 4)
        yield from lines(found, float(critical.iloc[0]) if len(critical) else np.nan, sizes)


def critical_points(table: pd.DataFrame) -> Iterator[str]:
    """A table of all critical rows."""
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
    """CPU seconds and memory of the systems' jobs, from the last lines of their logs."""
    yield "\n## Cost\n"
    yield "CPU seconds of one core with imports and compilation, and the most memory, from the logs of that run.\n"
    yield "| system | CPU s | MB |"
    yield "|---|---|---|"
    for path in sorted((run / "logs" / "atlas").glob("*.log")):
        took = json.loads(path.read_text().splitlines()[-1])
        yield f"| {path.stem} | {took['cpu_s']:.0f} | {took['peak_mb']:.0f} |"


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
