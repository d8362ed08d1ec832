"""A sixth system joins the atlas by a schema and a table, in the workflow itself, with no other file changed."""

import json

import pandas as pd
import pytest
import yaml

from tests.workflow.project import copy_checkout, run

pytestmark = pytest.mark.xdist_group("sixth system")  # one worker runs it

SCHEMA = {
    "title": "Toy walkers",
    "description": "Walkers with a drift",
    "type": "object",
    "additionalProperties": False,
    "properties": {},
    "atlas": {
        "description": "Distance against drift",
        "control": "drift",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "experiment": {"description": "Ringed", "type": ["string", "null"], "default": None},
            "drift": {
                "description": "Drifts",
                "type": "array",
                "items": {"type": "number"},
                "default": [1, 2],
            },
        },
    },
}
FINDING = """
import math

from emergent_dynamics.atlas import Panel, Row, headlines, tabulate

NAN = math.nan


def find(parameters, paths=()):
    rows = [
        Row("walkers", "walk", drift, "drift", 10.0, "walkers", quantity, drift / 10, drift / 20, drift / 5,
            drift / 9, 8, 5.0, "mean", "a theorem")
        for drift in parameters["drift"] for quantity in ("order", "growth")
    ]
    return {"atlas": tabulate(rows)}


def summarise(table):
    return {"distance": headlines.headline(headlines.select(table, "order"), "How far they walk", rank=1)}


def panel(table):
    return Panel("They walk", "walk", "drift", "distance", "one step", "A toy.")
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """results of `atlas: {walkers: {drift: [1, 3]}}` in a copy of the checkout that has the toy's two files."""
    folder = tmp_path_factory.mktemp("sixth")
    copy_checkout(folder / "workflow")
    library = folder / "workflow" / "workflow" / "scripts" / "emergent_dynamics"
    (library / "schemas" / "walkers.schema.json").write_text(json.dumps(SCHEMA))
    room = library / "walkers" / "findings"
    room.mkdir(parents=True)
    for package in (room.parent, room):
        (package / "__init__.py").write_text('"""A toy."""\n')
    (room / "atlas.py").write_text(FINDING)
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump({"experiments": {}, "atlas": {"walkers": {"drift": [1, 3]}}}))
    asked = ["--configfile", config, "--directory", folder, "--cores", "1"]
    found = run(*asked, "results/index.html", "results/headlines.csv", cwd=folder / "workflow")
    assert found.status == 0, found.said
    return folder / "results"


def test_its_rows_are_in_the_joined_table(finished):
    table = pd.read_csv(finished / "atlas" / "atlas.csv")
    assert set(table["system"]) == {"walkers"} and table["control"].tolist() == [1, 1, 3, 3]
    for ending in (".svg", ".png", "-180mm.pdf"):
        assert (finished / "atlas" / f"atlas{ending}").stat().st_size > 5000


def test_its_headline_has_a_verdict_beside_all_others(finished):
    rows = pd.read_csv(finished / "headlines.csv")
    own = rows[(rows["system"] == "atlas") & (rows["experiment"] == "walkers")]
    assert own["headline"].tolist() == ["distance"] and own["expected"].tolist() == [3 / 9]


def test_its_column_is_on_the_front_page(finished):
    page = (finished / "index.html").read_text()
    section = page.partition('<section id="atlas">')[2].partition("</section>")[0]
    assert "<h3>Toy walkers</h3>" in section and "They walk. A toy." in section
    assert "How far they walk" in page.partition('<section id="numbers">')[2]
