"""One harness over all findings of all systems, on a small run of each.

A room brings tests/<system>/findings/independent.py: `EXPERIMENT`, a configuration of seconds in which every finding
says something, and `brought(folder)` where a second one is needed: data that it writes there, or another world;
`RECOMPUTED`, {headline or pattern: function(trajectory, tables, parameters)}, the value by another path
from the stored data; `EXPECTED`, the same for expected values; `REASONS`, {pattern: why it cannot be recomputed};
`UNCOVERED`, {pattern: why the coverage of its interval is not in coverage.csv}.

A system of the atlas brings tests/<system>/findings/independent_atlas.py with the same names; nothing is stored there,
so that its functions draw the same random numbers and compute from these.
"""

import ast
import importlib
import math
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import agrees
from emergent_dynamics.runtime.job import LIBRARY

ROOT = Path(__file__).resolve().parents[2]
COVERAGE = pd.read_csv(ROOT / "tests" / "findings" / "coverage.csv")
DOCS = ROOT / "docs"
SYSTEMS = sorted(read_schemas()[1])
MODULES = {
    system: [path for path in sorted((LIBRARY / system / "findings").glob("*.py")) if path.stem != "__init__"]
    for system in SYSTEMS
}
EVERY_MODULE = [path for modules in MODULES.values() for path in modules]
RANGES = {"share": (0, 1), "probability": (0, 1), "accuracy": (0, 1), "correlation": (-1, 1)}  # by unit


class Run(NamedTuple):
    """A finished small run of one system with everything that its findings say."""

    system: str
    independent: Any
    trajectory: Path
    parameters: dict
    tables: dict
    headlines: dict


def kinds(system):
    """What the harness runs of a system: its model, data that somebody brings where its room has a `brought`, and its
    sweep for the atlas where it has one.
    """
    page = (ROOT / "tests" / system / "findings" / "independent.py").read_text()
    brings = ["brought"] if re.search(r"^def brought\(", page, re.M) else []
    return ["model", *brings, *(["atlas"] if "atlas" in read_schemas()[1][system] else [])]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((system, kind), id=f"{system}-{kind}", marks=pytest.mark.xdist_group(f"{system} {kind}"))
        for system in SYSTEMS
        for kind in kinds(system)
    ],
)
def run(request, tmp_path_factory):
    system, kind = request.param
    if kind == "atlas":
        return swept(system)
    independent = importlib.import_module(f"tests.{system}.findings.independent")
    folder = tmp_path_factory.mktemp(system)
    experiment = independent.EXPERIMENT if kind == "model" else independent.brought(folder)
    parameters = resolve(read_schemas()[1][system], experiment)
    trajectory = folder / "trajectory.zarr"
    simulation = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(parameters)
    attributes = provenance.attributes(system, "small", parameters, "")
    driver.run(simulation, folder / "checkpoint", trajectory, attributes)
    analysis = importlib.import_module(f"emergent_dynamics.{system}.findings").analyse(trajectory, parameters)
    return Run(system, independent, trajectory, parameters, *analysis)


def swept(system):
    """The system's small sweep for the atlas; there is no store."""
    independent = importlib.import_module(f"tests.{system}.findings.independent_atlas")
    finding = importlib.import_module(f"emergent_dynamics.{system}.findings.atlas")
    parameters = resolve(read_schemas()[1][system]["atlas"], independent.EXPERIMENT)
    tables = finding.find(parameters)
    return Run(system, independent, Path(), parameters, tables, finding.summarise(tables["atlas"]))


def by_another_path(entries, name):
    """The entry of a headline's own name, or of the first pattern that matches it; None without one."""
    return entries.get(name) or next((entries[p] for p in entries if fnmatchcase(name, p)), None)


def differs(one, other):
    """Beyond rounding of sums in another order."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) != math.isnan(other)
    return not math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-10)


def test_every_headline_is_recomputed_from_the_store_by_another_path(run):
    wrong = {}
    for name, headline in run.headlines.items():
        recompute = by_another_path(run.independent.RECOMPUTED, name)
        if recompute is None:
            assert by_another_path(run.independent.REASONS, name), f"{name}: neither recomputed nor a reason"
            continue
        arguments = (run.trajectory, run.tables, run.parameters)
        arguments += (name,) if "*" in pattern_of(run.independent.RECOMPUTED, name) else ()
        value = float(recompute(*arguments))
        if differs(headline.value, value):
            wrong[name] = (headline.value, value)
    assert wrong == {}, "headline, recomputed"


def pattern_of(entries, name):
    return name if name in entries else next(p for p in entries if fnmatchcase(name, p))


def test_every_expected_value_is_evaluated_a_second_time(run):
    wrong = {}
    for name, headline in run.headlines.items():
        if headline.expectation is None:
            continue
        expected = by_another_path(run.independent.EXPECTED, name)
        assert expected is not None, f"{name}: its expected value stands nowhere else"
        arguments = (run.trajectory, run.tables, run.parameters)
        arguments += (name,) if "*" in pattern_of(run.independent.EXPECTED, name) else ()
        value = float(expected(*arguments)) if callable(expected) else float(expected)
        if differs(headline.expectation.value, value):
            wrong[name] = (headline.expectation.value, value)
    assert wrong == {}, "expected, evaluated again"


def test_a_changed_expectation_turns_the_verdict(run):
    """By twice what would be noticed, on the side that a bound forbids; and what is expected of nothing has none."""
    for name, headline in run.headlines.items():
        verdict = agrees(headline)
        if headline.expectation is None:
            assert verdict is None
            continue
        if verdict.outcome != "agrees":
            assert verdict.outcome == "disagrees" or verdict.reason, name
            continue
        side = -1 if headline.expectation.relation == "<=" else 1
        wrong = headline.value + side * (2 * verdict.noticeable + abs(headline.value) * 1e-9 + 1e-9)
        other = replace(headline, expectation=replace(headline.expectation, value=wrong))
        assert agrees(other).outcome == "disagrees", name


def test_every_headline_says_what_it_is(run):
    """A sentence for people, a unit, an interval or the reason for none, and at most five that are shown first."""
    for name, headline in run.headlines.items():
        assert re.match(r"[A-Z0-9λσ]", headline.sentence) and "_" not in headline.sentence, name
        assert headline.unit and headline.n >= 0, name
        assert headline.ci or headline.note, f"{name}: no interval, no note"
        assert not math.isnan(headline.value) or headline.note, f"{name}: undefined without a reason"
    ranked = [headline.rank for headline in run.headlines.values() if headline.rank]
    assert 1 <= len(ranked) <= 5 and len(set(ranked)) == len(ranked)


def test_every_interval_lies_in_its_range(run):
    for name, headline in run.headlines.items():
        low, high = RANGES.get(headline.unit, (-math.inf, math.inf))
        if headline.ci is not None:
            assert low <= headline.ci[0] <= headline.value <= headline.ci[1] <= high, name


def stores_and_tables(system):
    """What the documents say of a system's files: its section of the data model, or of its own page."""
    page = (DOCS / f"{system}.md").read_text().partition("\n## Stores and tables\n")[2].partition("\n## ")[0]
    model = (DOCS / "data-model.md").read_text()
    return page + "".join(
        model.partition(f"\n## {part}\n")[2].partition("\n## ")[0] for part in (system, "Atlas")
    )


def test_the_coverage_of_every_interval_is_counted(run):
    """A row of tests/findings/coverage.csv, or a reason for none in `UNCOVERED` of the room's independent.py."""
    atlas = " atlas" if run.independent.__name__.endswith("_atlas") else ""
    counted = set(COVERAGE.loc[COVERAGE["system"] == run.system + atlas, "headline"])
    reasons = getattr(run.independent, "UNCOVERED", {})
    with_interval = [name for name, headline in run.headlines.items() if headline.ci is not None]
    assert with_interval
    assert [
        name for name in with_interval if name not in counted and not by_another_path(reasons, name)
    ] == []


def test_every_column_of_every_table_is_in_the_data_model(run):
    section = stores_and_tables(run.system)
    for name, table in run.tables.items():
        if isinstance(table, pd.DataFrame):
            missing = [c for c in map(str, table.columns) if not re.search(rf"`{re.escape(c)}`", section)]
            assert missing == [], (
                f"{name}: columns that neither docs/data-model.md nor docs/{run.system}.md names"
            )


@pytest.mark.parametrize("path", EVERY_MODULE, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_finding_has_the_two_functions_its_test_and_a_place_in_analyse(path):
    """`find` and `summarise`, tests/<system>/findings/test_<finding>.py, and its name in `analyse`."""
    system = path.parent.parent.name
    functions = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
    assert functions >= {"find", "summarise"}
    assert (ROOT / "tests" / system / "findings" / f"test_{path.stem}.py").is_file()
    assert re.search(rf"\b{path.stem}\b", (path.parent / "__init__.py").read_text())


def test_every_system_has_findings():
    assert all(MODULES.values()), {system for system, modules in MODULES.items() if not modules}
