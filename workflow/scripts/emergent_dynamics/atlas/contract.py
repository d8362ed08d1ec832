"""The form of a system's contribution to the atlas: a table with one row per number, and how its panels are drawn."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import pandas as pd

# {quantity: unit}; a rate is in nat per natural time of the system, which `Panel.clock` names
QUANTITIES = {
    "order": "1",
    "onset": "nat per natural time",
    "growth": "nat per natural time",
    "amplification": "nat",
    "susceptibility": "1",
    "relaxation": "natural times",
    "survival": "1",
    "critical": "1",
}
AVERAGES = ("mean", "log of mean", "mean of log", "fit", "exact")
NUMBERS = ("control", "size", "value", "lo", "hi", "theory", "window")


@dataclass(frozen=True)
class Row:
    """One number of one system.

    system, series : the system, and the family of its experiments, for example `map` or `linear`. control : value of
    the control parameter, which `control_name` describes; NaN for `critical`, whose value is a control. size : size of
    the system, which `size_name` describes; NaN where there is only one. quantity : a key of `QUANTITIES`. value, lo,
    hi : with its 95 % interval, NaN where there is none. theory : value of a closed form, NaN if there is none;
    `source` says which, and a row may have theory alone. n : independent units behind the value, never twins. window :
    natural times over which a rate was followed. average : one of `AVERAGES`; "log of mean" and "mean of log" differ
    by Jensen's inequality. note : why a value is undefined, or what a reader must know of it.
    """

    system: str
    series: str
    control: float
    control_name: str
    size: float
    size_name: str
    quantity: str
    value: float
    lo: float
    hi: float
    theory: float
    n: int
    window: float
    average: str
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """How a system's two panels are drawn, with their title and caption.

    title : what the rows say, one sentence. series : the one that is drawn. control_label, order_label : of the axes.
    clock : description of one natural time. caption : what is measured, and what it does not say. logarithmic :
    whether the control's axis is. inset : whether growth is drawn a second time on a scale of its own. settling : what
    the times to settle are, or why the system has none. zeros : controls at which growth is zero and nothing is
    critical, dotted and named by `zeros_label`.
    """

    title: str
    series: str
    control_label: str
    order_label: str
    clock: str
    caption: str
    logarithmic: bool = False
    inset: bool = False
    settling: str = ""
    zeros: list[float] = field(default_factory=list)
    zeros_label: str = ""

    def save(self, path: Path | str) -> None:
        """Write it as JSON."""
        Path(path).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> "Panel":
        """The panel that `save` wrote."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))


COLUMNS = [
    name
    for column in fields(Row)
    for name in ([column.name, "unit"] if column.name == "average" else [column.name])
]


def tabulate(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table with `COLUMNS`, checked. Raises ValueError as `check` does."""
    records = [asdict(row) | {"unit": QUANTITIES.get(row.quantity, "")} for row in rows]
    table = pd.DataFrame(records, columns=COLUMNS)
    check(table)
    return table


def check(table: pd.DataFrame) -> None:
    """Raise ValueError, one line that names the row, where a table breaks the contract.

    A number needs a known quantity, a unit, and n; an interval contains its value; an undefined value has a note or
    theory; theory has a source; a rate has a window and an average; `critical` has no control, all others have one.
    """
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise ValueError(f"atlas: columns missing: {', '.join(missing)}")
    for record in table.to_dict("records"):
        if fault := _fault(record):
            where = f"{record['system']}/{record['series']}, {record['quantity']} at {record['control']:g}"
            raise ValueError(f"atlas: {where}: {fault}")


def _fault(row: dict) -> str:
    measured, interval = not math.isnan(row["value"]), not math.isnan(row["lo"])
    rate = "per natural time" in QUANTITIES.get(row["quantity"], "")
    faults = {
        f"quantity must be one of {', '.join(QUANTITIES)}": row["quantity"] not in QUANTITIES,
        "unit is missing": not row["unit"],
        f"average must be one of {', '.join(AVERAGES)}": row["average"] not in AVERAGES,
        "control must be a number": math.isnan(row["control"]) != (row["quantity"] == "critical"),
        "an interval has two ends": interval == math.isnan(row["hi"]),
        "an interval needs n": interval and row["n"] < 1,
        "the value lies outside its interval": measured
        and interval
        and not row["lo"] <= row["value"] <= row["hi"],
        "an undefined value needs a note": not measured and math.isnan(row["theory"]) and not row["note"],
        "theory needs a source": not math.isnan(row["theory"]) and not row["source"],
        "a rate needs a window": rate and measured and not row["window"] > 0,
    }
    return next((text for text, wrong in faults.items() if wrong), "")
