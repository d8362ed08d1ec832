"""docs/atlas_full.md, what the atlas gives at full size: members of the sweeps computed again give its lines."""

import importlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from emergent_dynamics import atlas
from emergent_dynamics.config.schema import read_schemas, resolve
from performance import atlas_full
from tests.atlas.rows import row, toy

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "atlas_full.md"
FULL = yaml.safe_load((ROOT / "config" / "atlas.yaml").read_text())["atlas"]
SYSTEMS = sorted(name for name, schema in read_schemas()[1].items() if "atlas" in schema)


def members(system):
    """The keys of the configuration that are cut down to the members that are computed again."""
    return importlib.import_module(f"tests.{system}.findings.independent_atlas").MEMBERS


def test_a_line_has_a_cell_for_each_size():
    rows = [row(size=20.0, theory=0.25, source="s"), row(n=4, value=0.55)]
    table = atlas.tabulate([*rows, row(control=2.0), row(control=3.0), row(control=9.0, size=20.0)])
    found = list(atlas_full.lines(table, 2.9, [10.0, 20.0]))
    assert found == [
        "| order | 1 | 0.55 [0.40, 0.60] | 0.50 [0.40, 0.60] | 0.25 | 4, 8 |",
        "| order | 3 | 0.50 [0.40, 0.60] |  |  | 8 |",
        "| order | 9 |  | 0.50 [0.40, 0.60] |  | 8 |",
    ]
    assert atlas_full.controls(table, np.nan) == [1.0, 3.0, 9.0]


def test_a_page_is_made_from_the_tables_and_logs_of_a_run(tmp_path):
    """Critical points, a table for each series, and what each job took."""
    log = tmp_path / "logs" / "atlas" / "toy.log"
    log.parent.mkdir(parents=True)
    log.write_text("begun\n" + json.dumps({"mem_mb": 500, "peak_mb": 211.4, "cpu_s": 12.6}) + "\n")
    table = atlas.tabulate(toy())
    text = "\n".join(
        [*atlas_full.critical_points(table), *atlas_full.series(table), *atlas_full.costs(tmp_path)]
    )
    assert "| toy | walk | 10 walkers | 2.00 [1.50, 2.50] | 1.9 | 8 |" in text
    assert "## toy, walk" in text and "| growth | 1 | 0.10 [0.00, 0.20] |  | 8 |" in text
    assert "| toy | 13 | 211 |" in text


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_page_has_the_sizes_and_controls_of_the_configuration(system):
    """Both ends of each sweep stand on the page: a changed configuration needs a new run."""
    page = PAGE.read_text()
    given = resolve(read_schemas()[1][system]["atlas"], FULL[system])
    control = next(iter(members(system)))  # the first key is the control
    for end in (min(given[control]), max(given[control])):
        assert f"| order | {end:g} |" in page.partition(f"\n## {system}, ")[2].partition("\n## ")[0]


@pytest.mark.slow  # about two minutes: members at full size
@pytest.mark.parametrize("system", SYSTEMS)
def test_members_that_are_computed_again_give_lines_of_the_page(system):
    """Cell by cell, since a line has sizes that are not computed here; digits are those of the page."""
    finding = importlib.import_module(f"emergent_dynamics.{system}.findings.atlas")
    table = finding.find(resolve(read_schemas()[1][system]["atlas"], {**FULL[system], **members(system)}))[
        "atlas"
    ]
    series = finding.panel(table).series
    section = PAGE.read_text().partition(f"\n## {system}, {series}\n")[2].partition("\n## ")[0].splitlines()
    cells = {tuple(line.split(" | ")[:2]): line.split(" | ")[2:] for line in section if line.startswith("| ")}
    own = atlas_full.measured(table)
    own = own[own["series"] == series]
    compared = 0
    for (quantity, control, _), rows in own.groupby(["quantity", "control", "size"]):
        line = cells.get((f"| {quantity}", f"{control:g}"))
        if line is not None:
            assert atlas_full._cell(pd.DataFrame(rows)) in line
            compared += 1
    assert compared >= 6
