"""The atlas on the front page: for each system a column of panels and a row of numbers, with one caption."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from emergent_dynamics import atlas
from emergent_dynamics.findings.digits import write
from emergent_dynamics.front import gather
from emergent_dynamics.front.gather import Figure
from emergent_dynamics.plotting.atlas import ROW

FOLDER = "results/atlas"
SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
DROPPED = ("metadata", "style")  # elements of an SVG file that would apply to the whole page


@dataclass(frozen=True)
class Sweeps:
    """The sweeps of all systems. titles : {system: its title}. rings : {system: the value of the control parameter
    that a ring marks, or None}. controls : {system: {experiment: its value of the control parameter}}.
    """

    titles: Mapping[str, str]
    rings: Mapping[str, float | None]
    controls: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Column:
    """One system: its name and title, its panels as SVG, and the entries of its row of the table as text."""

    name: str
    title: str
    panel: atlas.Panel
    drawing: str
    path: str
    data: str
    critical: str
    exact: str
    order: str
    growth: str
    amplification: str
    window: str


@dataclass(frozen=True)
class Section:
    """The section of the atlas. caption : of all columns. columns : one per system. settling : the figure of the times
    to settle. paper : path of the figure of all systems.
    """

    caption: str
    columns: Sequence[Column]
    settling: Figure
    paper: str


def anchor(system: str, experiment: str) -> str:
    """The id of an experiment's heading on the page."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{system}-{experiment}")


def section(paths: Sequence[str], captions: Path, sweeps: Sweeps) -> Section | None:
    """The atlas as the page shows it; None if it is not among the paths. captions : directory of `atlas.rst`."""
    pictures = [Path(path) for path in paths if Path(path).match(f"{FOLDER}/*/atlas.svg")]
    if not pictures:
        return None
    columns = [_column(path, sweeps) for path in pictures]
    caption = " ".join((captions / "atlas.rst").read_text().replace("*", "").split())
    text = "Time to settle against the control: points are measured with their intervals, dashed lines are theory."
    settling = gather.picture(Path(f"{FOLDER}/settling.svg"), "time to settle", text, f"{FOLDER}/atlas.csv")
    return Section(caption, columns, gather.embedded(settling), f"{FOLDER}/atlas-180mm.pdf")


def _column(path: Path, sweeps: Sweeps) -> Column:
    system = path.parent.name
    panel = atlas.Panel.load(path.with_name("panel.json"))
    table = atlas.join([path.with_suffix(".csv")])
    own = table[table["series"] == panel.series]
    critical = next((row for _, row in own[own["quantity"] == "critical"].iterrows()), None)
    growth, ring = _largest(own, "growth"), sweeps.rings.get(system)
    targets = {value: anchor(system, name) for name, value in sweeps.controls.get(system, {}).items()}
    label = f"{panel.title}. {panel.caption}"
    return Column(
        system, sweeps.titles.get(system, system), panel, inline(path.read_text(), label, own, targets),
        path.as_posix(), path.with_suffix(".csv").as_posix(),
        critical="none" if critical is None else _number(critical["value"], critical["lo"], critical["hi"]),
        exact="" if critical is None or math.isnan(critical["theory"]) else f"{critical['theory']:.4g}",
        order=_at(_largest(own[own["control"] == ring], "order")),
        growth=_at(growth),
        amplification=_at(_largest(own, "amplification")),
        window="" if growth is None else f"{growth['window']:g} natural times, {growth['average']}",
    )  # fmt: skip


def inline(text: str, label: str, rows: pd.DataFrame, targets: Mapping[float, str]) -> str:
    """A drawing as an element of the page. Each point shows its numbers, and links to the experiment with its control
    value.

    text : SVG in which the point of a row has the id `ROW` and its index. label : description for screen readers. rows
    : the rows. targets : {control: id of a heading}. All ids get a prefix, since two drawings may use the same ones.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", LINK)
    root = ElementTree.fromstring(text)
    prefix = f"{rows['system'].iloc[0]}-" if len(rows) else ""
    points = {f"{ROW}{index}": row for index, row in rows.iterrows()}
    for parent in list(root.iter()):
        parent[:] = [child for child in parent if child.tag.removeprefix(f"{{{SVG}}}") not in DROPPED]
        for place, child in enumerate(parent):
            if (row := points.get(child.get("id", ""))) is not None:
                ElementTree.SubElement(child, f"{{{SVG}}}title").text = hover_text(row)
                if row["control"] in targets:
                    link = ElementTree.Element(f"{{{SVG}}}a", {"href": f"#{targets[row['control']]}"})
                    link.append(child)
                    parent[place] = link
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, prefix + value)
            elif name != "href":
                element.set(name, value.replace("url(#", f"url(#{prefix}"))
        if used := element.get(f"{{{LINK}}}href"):
            element.set(f"{{{LINK}}}href", used.replace("#", f"#{prefix}", 1))
    root.attrib |= {"role": "group", "aria-label": label}
    return ElementTree.tostring(root, encoding="unicode")


def hover_text(row: pd.Series) -> str:
    """The text shown when the pointer is on a point: quantity, value, interval, control, size, n, theory, note."""
    size = f", {row['size']:g} {row['size_name']}" if math.isfinite(row["size"]) else ""
    lines = [
        f"{row['quantity']} {_number(row['value'], row['lo'], row['hi'])}",
        f"at {row['control_name']} {row['control']:g}{size}, n = {row['n']}",
    ]
    if not math.isnan(row["theory"]):
        lines.append(f"theory {row['theory']:.4g}: {row['source']}")
    return "\n".join([*lines, row["note"]] if row["note"] else lines)


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
