"""Build the front page, one HTML file, from the collected content by a Jinja2 template."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from emergent_dynamics.findings.digits import write_row
from emergent_dynamics.findings.expectation import KINDS
from emergent_dynamics.findings.verdict import LIMIT
from emergent_dynamics.front.atlas import anchor
from emergent_dynamics.front.declaration import Answer, Front
from emergent_dynamics.front.gather import Figure, embedded

LARGEST = 25e6  # bytes: a browser opens a page of this size without delay
MARGIN = 1e6  # bytes reserved for the elements that show the figures
OUTCOMES = ("disagrees", "agrees", "weak", "no verdict")
SPAN = 2 * LIMIT  # standard errors that the axis of the forest plot extends to either side


@dataclass(frozen=True)
class Experiment:
    """One experiment of a system as the page shows it."""

    name: str
    size: str
    answer: Answer
    figures: Sequence[Figure]
    limits: Sequence[str]


@dataclass(frozen=True)
class System:
    """A system with its experiments; the card of the system shows the first one."""

    name: str
    title: str
    literature: str
    front: Front
    experiments: Sequence[Experiment]

    @property
    def sections(self) -> list[Experiment]:
        """The experiments in the order of the page: a sweep stands before its members."""
        names = list(dict.fromkeys(experiment.name.partition("/")[0] for experiment in self.experiments))
        return sorted(self.experiments, key=lambda e: (names.index(e.name.partition("/")[0]), "/" in e.name))

    @property
    def picture(self) -> Figure | None:
        """The figure that represents the system, else the first figure of its first experiment."""
        figures = self.experiments[0].figures
        return next((f for f in figures if f.stem == self.front.picture), next(iter(figures), None))

    @property
    def card(self) -> Figure | None:
        """The figure on the card: `picture`; if that is a page, the first drawing or film instead."""
        seen = [figure for figure in self.experiments[0].figures if figure.kind != "page"]
        picture = self.picture
        return picture if picture is None or picture.kind != "page" else next(iter(seen), picture)


def page(systems: Sequence[System], table: pd.DataFrame, head: Mapping[str, Any]) -> str:
    """The HTML of the whole page. table : every headline, from `findings.table.tabulate`. head : facts about the run.

    systems : with figures that have no content yet. The page has at most 25 MB: the figures that represent systems are
    included first, then the others in order; a figure that does not fit is replaced by a link to its file.
    """
    listed = rows(table, {system.name: system.front.checks for system in systems})
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"ranked": ranked, "anchor": anchor}
    template = environment.from_string(_source("index.html"))

    def written(systems: Sequence[System]) -> str:
        return template.render(
            systems=systems, rows=listed, counts=counts(listed), head=head, kinds=KINDS, limit=LIMIT, span=SPAN,
            style=_source("front.css"), script=_source("front.js"),
        )  # fmt: skip

    left = LARGEST - MARGIN - len(written(systems).encode())
    return written(within(systems, left))


def within(systems: Sequence[System], budget: float) -> list[System]:
    """The systems with the content of as many figures as have at most `budget` bytes in all."""
    pictures = [figure for system in systems for figure in (system.card, system.picture) if figure]
    others = [figure for system in systems for one in system.experiments for figure in one.figures]
    kept: dict[str, Figure] = {}
    for figure in [*pictures, *others]:
        full = figure if figure.path in kept else embedded(figure, budget)
        if full.content:
            kept[figure.path] = full
            budget -= len(full.content) + len(full.poster)

    def filled(experiment: Experiment) -> Experiment:
        return replace(experiment, figures=[kept.get(f.path, f) for f in experiment.figures])

    return [replace(s, experiments=[filled(experiment) for experiment in s.experiments]) for s in systems]


def rows(table: pd.DataFrame, checks: Mapping[str, Sequence[str]] | None = None) -> list[dict[str, Any]]:
    """All headlines as rows: by verdict (disagrees, agrees, none) and decreasing |z|; without a comparison, by rank.

    checks : {system: patterns of headlines that check an estimator}; these come last and have `check` set.
    """
    patterns = checks or {}
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    for record in records:
        own = patterns.get(record["system"], ())
        record["check"] = any(fnmatchcase(record["headline"], pattern) for pattern in own)
    return [_row(record) for record in sorted(records, key=lambda r: (r["check"], *_urgency(r)))]


def counts(listed: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """{kind of expectation: {outcome: number of rows}}, without kinds and outcomes that no row has."""
    found = {kind: Counter(row["outcome"] for row in listed if row["kind"] == kind) for kind in KINDS}
    return {kind: {name: own[name] for name in OUTCOMES if own[name]} for kind, own in found.items() if own}


def ranked(listed: Sequence[Mapping[str, Any]], system: str, experiment: str) -> list[Mapping[str, Any]]:
    """The rows of an experiment that have a rank, in its order."""
    own = (row for row in listed if (row["system"], row["experiment"]) == (system, experiment))
    return sorted((row for row in own if row["rank"]), key=lambda row: row["rank"])


def _urgency(record: Mapping[Any, Any]) -> tuple[float, float]:
    group = {"disagrees": 0, "agrees": 1, "none": 2}.get(record["verdict"], 3)
    distance = abs(record["z"]) if record["z"] is not None else 0.0
    return group, -distance if group < 3 else record["rank"] or math.inf


def _row(record: Mapping[Any, Any]) -> dict[str, Any]:
    shown, interval, expected = write_row(record)
    z = record["z"]
    return {
        **record,
        "shown": shown,
        "interval": interval,
        "expected": expected,
        "outcome": "weak"
        if record["weak"]
        else {"none": "no verdict"}.get(record["verdict"], record["verdict"] or ""),
        "position": None if z is None else 50 + 50 * max(-1.0, min(1.0, z / SPAN)),
        "unit": "" if record["unit"] == "1" else record["unit"],
        "why": "; ".join(
            text
            for text in (record["source"], record["tolerance_reason"], record["reason"], record["note"])
            if text
        ),
    }


def _source(name: str) -> str:
    return resources.files("emergent_dynamics.front").joinpath(name).read_text(encoding="utf-8")
