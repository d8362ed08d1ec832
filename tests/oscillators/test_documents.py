"""Numbers of docs/oscillators.md that take a run of an experiment of config/seeds.yaml."""

import re
from pathlib import Path

import pytest
import yaml

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.oscillators import kuramoto, simulation, theory
from emergent_dynamics.oscillators.findings import order
from emergent_dynamics.store import open_complete
from tests.oscillators.experiments import complete

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "oscillators.md").read_text()
ROWS = re.findall(
    r"^\| ([\d.]+) \| (\.\d+) \[(\.\d+), (\.\d+)\] \| (\.\d+) \| (\.\d+)(?: \(one moment\))? \|$",
    PAGE,
    re.MULTILINE,
)


def rounded(value, printed):
    """A number as the page prints one: without the leading 0, to as many digits."""
    return f"{value:.{len(printed) - 1}f}".lstrip("0")


def test_the_table_of_kuramotos_transition_has_a_row_per_member():
    own = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]["oscillators"][
        "kuramoto"
    ]
    assert [float(row[0]) for row in ROWS] == own["sweep"]["coupling"]
    assert f"K_c = {theory.critical_coupling('gaussian', 1.0):.3f}" in PAGE


@pytest.mark.slow  # 10,000 steps of 10,000 units, eight samples: a minute each
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"K={row[0]}")
def test_the_table_of_kuramotos_transition_comes_out(row, tmp_path):
    """Value, interval, theory and the spread of a sample, as `kuramoto` of config/seeds.yaml gives them."""
    coupling, value, lo, hi, expected, spread = row
    own = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]["oscillators"][
        "kuramoto"
    ]
    own.pop("sweep")
    config = complete(**own | {"coupling": float(coupling)})
    attributes = provenance.attributes("oscillators", "kuramoto", config, "")
    driver.run(simulation.build(config), tmp_path / "c", tmp_path / "t.zarr", attributes)
    tables = order.find(open_complete(tmp_path / "t.zarr"), config)
    found = order.summarise(tables, config)["order_stationary"]
    assert (rounded(found.value, value), *(rounded(*pair) for pair in zip(found.ci, (lo, hi), strict=True))) == (
        value, lo, hi,
    )  # fmt: skip
    assert rounded(found.expectation.value, expected) == expected
    if float(coupling) > theory.critical_coupling("gaussian", 1.0):
        assert rounded(kuramoto.locked_spread("gaussian", 1.0, float(coupling), 10_000), spread) == spread
