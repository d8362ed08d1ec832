"""docs/data-model.md says what the code writes: stores and tables of a small run, compared name by name."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, findings, store
from emergent_dynamics.causal import groups
from emergent_dynamics.causal.findings import (
    capture,
    centres,
    counts,
    heads,
    leaders,
    lifetime,
    limits,
    lineage,
    mask,
    order,
    plateaus,
    sweep,
    thresholds,
)
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.causal.simulation import CausalSimulation
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import table
from tests.findings.test_harness import stores_and_tables

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "data-model.md").read_text()
SYSTEMS = sorted(read_schemas()[1])
CAUSAL = PAGE.partition("\n## causal\n")[2].partition("\n## ")[0]
SMALL = {"runs": 2, "tokens": 8, "steps": 20, "end_time": 1.0, "save": {"log": 6}}


def documented(name):
    """{variable: (dims, dtype, units)} of the table below a store's heading."""
    section = CAUSAL.partition(f"`{name}`\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| (\w+) \| ([^|]+) \|", section, re.MULTILINE)
    return {variable: (tuple(dims.split(", ")), dtype, units) for variable, dims, dtype, units in rows}


def columns(table):
    """Columns of a table, from the last cell of its row."""
    cell = re.search(rf"^\| `{table}` \|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE)[1]
    return re.findall(r"`(\w+)`", cell)


def described(dataset):
    return {name: (v.dims, str(v.dtype), v.attrs["units"]) for name, v in dataset.variables.items()}


def simulated(folder, integrator):
    """A trajectory as the driver publishes it."""
    schema = read_schemas()[1]["causal"]
    parameters = resolve(schema, {**SMALL, "integrator": integrator})
    attributes = provenance.attributes("causal", "small", parameters, "")
    simulation = CausalSimulation(Parameters.from_config(parameters))
    driver.run(simulation, folder / "checkpoint", folder / "trajectory.zarr", attributes)
    return store.open_complete(folder / "trajectory.zarr")


@pytest.fixture(scope="module")
def trajectory(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("map"), "map")


@pytest.fixture(scope="module")
def tables(trajectory):
    """Every table of one experiment, and of a sweep with two members."""
    found = groups.compute(trajectory, 0.1)
    hotter = found.assign_attrs(parameters=json.dumps(provenance.parameters(found) | {"beta": 9.0}))
    unmasked = found.assign_attrs(parameters=json.dumps(provenance.parameters(found) | {"mask": "none"}))
    tables = {
        **leaders.find(found),
        **thresholds.find(trajectory, found, 49.0),
        **centres.find(trajectory, found, 49.0, [3.0]),
        **counts.find(found),
        **capture.find(capture.measure(trajectory, 49.0, 1.0)),
        **lineage.find(found),
        **plateaus.find(found),
        **lifetime.find(found, trajectory, provenance.parameters(trajectory)),
        **order.find(order.measure(trajectory, 49.0), provenance.parameters(trajectory)),
        **limits.find(trajectory, np.eye(2)),
        **heads.find(trajectory, provenance.parameters(trajectory)),
        **mask.find([found, unmasked]),
        **sweep.find([hotter, found]),
        **sweep.lives(
            [found], [lifetime.find(found, trajectory, provenance.parameters(trajectory))["survival"]]
        ),
    }
    return {f"{name}.csv": table for name, table in tables.items()}


def test_every_table_of_the_page_is_compared(tables):
    assert set(re.findall(r"^\| `(\w+\.csv)` \|", CAUSAL, re.MULTILINE)) == tables.keys()


@pytest.mark.parametrize("table", re.findall(r"^\| `(\w+\.csv)` \|", CAUSAL, re.MULTILINE))
def test_a_table_has_the_columns_of_the_page(tables, table):
    assert list(tables[table].columns) == columns(table)


def test_a_trajectory_has_the_variables_and_attributes_of_the_page(trajectory):
    expected = documented("trajectory.zarr")
    assert described(trajectory) == {k: v for k, v in expected.items() if k != "evaluations"}
    general = re.findall(r"^\| (`[^|]+`.*?) \| (?:every store|trajectory) \|", PAGE, re.MULTILINE)
    named = {name for cell in general for name in re.findall(r"`(\w+)`", cell)} | {"engine_reason"}
    assert trajectory.attrs.keys() == named
    assert all(
        v.attrs.keys() >= {"long_name", "units", "content_sha256"} for v in trajectory.variables.values()
    )
    assert provenance.sha256(provenance.parameters(trajectory)) == trajectory.attrs["parameters_sha256"]


def test_the_flow_also_says_what_it_cost(tmp_path):
    expected = documented("trajectory.zarr")
    assert described(simulated(tmp_path, "ode")) == {k: v for k, v in expected.items() if k != "step"}


@pytest.mark.parametrize("room", [groups, order])
def test_a_store_of_an_analysis_has_the_variables_of_the_page(trajectory, room, tmp_path):
    layout = room.variables(trajectory)
    found = {name: (v.dims, v.dtype, v.units) for name, v in layout.items()}
    assert found == documented(f"analysis/{room.__name__.rpartition('.')[2]}.zarr")


def test_headlines_have_the_keys_and_columns_of_the_page(tmp_path):
    findings.write_summary(tmp_path / "s.json", {"name": findings.Headline(1.0, None, 1, "1", "A number")})
    summary = findings.read_summary(tmp_path / "s.json")
    section = PAGE.partition("## Headlines")[2].partition("\n## ")[0]
    assert list(summary["name"]) == re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    listed = section.partition("`headlines.csv` has")[2]
    rows = table.tabulate({"results/causal/small/summary.json": summary})
    assert list(rows.columns) == re.findall(r"`(\w+)`", listed)


def test_the_page_opens_a_store_as_it_says(trajectory):
    path = trajectory.encoding["source"]
    assert xr.open_zarr(path, chunks=None).equals(trajectory)
    assert xr.open_datatree(path, engine="zarr", chunks=None).to_dataset().equals(trajectory)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_output_of_a_rule_is_on_the_page(system):
    text = "".join(path.read_text() for path in (ROOT / "rules").glob(f"{system}*.smk"))
    outputs = set(re.findall(rf'"results/{system}/\{{experiment\}}/([^"{{]+)"', text))
    section = stores_and_tables(system)
    assert section, f"neither docs/data-model.md nor docs/{system}.md has the stores and tables of {system}"
    written = {path for path in outputs if not path.endswith("summary.json")}  # these are under Headlines
    # a film and the page around it are one thing, so a figure's ending does not count
    names = {p: Path(p).stem if p.startswith("figures/") else Path(p).name for p in written}
    assert {
        p for p, name in names.items() if not re.search(rf"`(analysis/)?{name}(\.\w+|/)?`", section)
    } == set()
