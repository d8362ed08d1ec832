"""The atlas on the front page: for each system a column of panels and a row of numbers, with one caption."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from emergent_dynamics import atlas
from emergent_dynamics.findings.digits import write
from emergent_dynamics.front import gather
from emergent_dynamics.front.gather import Figure

FOLDER = "results/atlas"


@dataclass(frozen=True)
class Column:
    """One system: its name and title, its panels as a picture, and the entries of its row of the table as text."""

    name: str
    title: str
    panel: atlas.Panel
    figure: Figure
    critical: str
    exact: str
    growth: str
    amplification: str
    window: str


@dataclass(frozen=True)
class Section:
    """The atlas. caption : caption of all columns. columns : one per system. paper : path of the common figure."""

    caption: str
    columns: Sequence[Column]
    paper: str


def section(paths: Sequence[str], captions: Path, titles: Mapping[str, str]) -> Section | None:
    """The atlas as the page shows it; None if it is not among the paths. captions : directory of `atlas.rst`."""
    pictures = [Path(path) for path in paths if Path(path).match(f"{FOLDER}/*/atlas.svg")]
    if not pictures:
        return None
    columns = [_column(path, titles.get(path.parent.name, path.parent.name)) for path in pictures]
    caption = " ".join((captions / "atlas.rst").read_text().replace("*", "").split())
    return Section(caption, columns, f"{FOLDER}/atlas.pdf")


def _column(path: Path, title: str) -> Column:
    panel = atlas.Panel.load(path.with_name("panel.json"))
    table = atlas.join([path.with_suffix(".csv")])
    own = table[table["series"] == panel.series]
    figure = gather.picture(
        path, title, f"{panel.title}. {panel.caption}", path.with_suffix(".csv").as_posix()
    )
    critical = next((row for _, row in own[own["quantity"] == "critical"].iterrows()), None)
    growth = _largest(own, "growth")
    return Column(
        path.parent.name, title, panel, figure,
        critical="none" if critical is None else _number(critical["value"], critical["lo"], critical["hi"]),
        exact="" if critical is None or math.isnan(critical["theory"]) else f"{critical['theory']:.4g}",
        growth=_at(growth),
        amplification=_at(_largest(own, "amplification")),
        window="" if growth is None else f"{growth['window']:g} natural times, {growth['average']}",
    )  # fmt: skip


def _largest(rows: pd.DataFrame, quantity: str) -> pd.Series | None:
    """The row of a quantity with the largest measured value among the rows of the largest size; None without one."""
    found = rows[(rows["quantity"] == quantity) & rows["value"].notna()]
    if found.empty:
        return None
    found = found[(found["size"] == found["size"].max()) | found["size"].isna()]
    row: pd.Series = found.loc[found["value"].idxmax()]
    return row


def _at(row: pd.Series | None) -> str:
    if row is None:
        return ""
    text = _number(row["value"], row["lo"], row["hi"])
    return f"{text} at {row['control']:g}, n = {row['n']}"


def _number(value: float, lo: float, hi: float) -> str:
    if math.isnan(value):
        return "not known"
    texts = write(value, None if math.isnan(lo) else (lo, hi))
    return texts[0] if math.isnan(lo) else f"{texts[0]} [{texts[1]}, {texts[2]}]"
