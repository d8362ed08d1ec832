"""`exponents: 0`: drift, answers and cells are measured as ever, and nothing is said about exponents."""

import numpy as np
import pytest

from emergent_dynamics.config import schema
from emergent_dynamics.reasoning import checks, front
from emergent_dynamics.reasoning.figures import areas, scatter
from emergent_dynamics.reasoning.figures import cells as cells_figure
from emergent_dynamics.reasoning.findings import cells, controls
from emergent_dynamics.reasoning.parameters import Settings

SETTINGS = Settings(4, "otsu", "qr", 20, 1)
UNIT = "nat per ACT step"


@pytest.fixture
def without(map_table):
    """The map's table as a diagnosis without exponents leaves it."""
    found = {}
    for name, table in map_table.items():
        found[name] = table.copy()
        for array in ("lyap_raw", "lyap_sorted", "logR"):
            found[name][array] = table[array] * np.nan
    return found


def test_headlines_are_those_of_drift_and_the_same_numbers(map_table, without):
    rows = cells.find(without, SETTINGS)
    found = cells.summarise(without, rows)
    assert set(found) == cells.WITHOUT_EXPONENTS
    every = cells.summarise(map_table, cells.find(map_table, SETTINGS))
    assert all(found[name].value == every[name].value for name in found)
    made = controls.find(without, SETTINGS)
    assert controls.summarise(without, made) == {}
    assert (made["increments"]["note"] == "a predictor was not computed").all()
    assert rows["contrasts"][["p", "shift", "cliffs_delta"]].isna().all(axis=None)


def test_figures_say_that_there_are_no_exponents(without):
    rows = cells.find(without, SETTINGS) | controls.find(without, SETTINGS)
    said = {text.get_text() for axis in cells_figure.draw(rows, ["run_0"], UNIT).axes for text in axis.texts}
    assert "no exponents were computed" in said
    assert len(areas.draw(rows, ["run_0"], UNIT).axes) == 4
    assert "No exponents were computed" in scatter.draw(rows["examples"], rows["scalars"], ["run_0"], UNIT)


def test_the_front_page_speaks_of_drift_alone():
    area = {"value": 0.75, "ci": [0.7, 0.8], "n": 80, "unit": "probability"}
    answer = front.FRONT.answer({"auc_neg_log_drift_correct": area})
    assert answer.text.startswith("No exponents were computed; late drift") and "0.75" in answer.text


def test_exact_exponents_need_some():
    asked = {"source": "train", "exponents": 0, "examples": 64}
    settings = schema.read_schemas()[1]["reasoning"]
    assert list(checks.check(schema.resolve(settings, asked))) == []
    faults = list(checks.check(schema.resolve(settings, asked | {"estimator": ["qr", "svd"]})))
    assert [fault[:2] for fault in faults] == [("exponents", 0)]
