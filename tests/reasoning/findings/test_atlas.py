"""The capture map of the atlas against its transfer operator and closed forms; a training against its own tables."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import agrees
from emergent_dynamics.reasoning import theory
from emergent_dynamics.reasoning.findings import atlas

SCHEMA = read_schemas()[1]["reasoning"]["atlas"]
SMALL = {"radius": [0.01, 0.04, 0.2], "act_steps": [16, 4], "examples": 512}
# radius -> share right, mean exponent, T = 16, by other code
EXACT = {
    0.001: (0.0227, 0.6538),
    0.01: (0.2152, 0.5199),
    0.04: (0.639041, 0.160796),
    0.05: (0.7420, 0.0549),
    0.1: (0.9232, -0.2230),
    0.2: (1.0000, -0.5652),
}


@pytest.fixture(scope="module")
def table():
    return atlas.find(resolve(SCHEMA, SMALL))["atlas"]


def rows(table, quantity, size=16.0, series="map"):
    found = table[(table["quantity"] == quantity) & (table["n"] > 0) & (table["series"] == series)]
    return (found if size is None else found[found["size"] == size]).sort_values("control")


@pytest.mark.parametrize(("radius", "numbers"), EXACT.items())
def test_share_right_and_mean_exponent_are_those_of_the_transfer_operator(radius, numbers):
    assert atlas.exact(radius, 16) == pytest.approx(numbers, abs=1e-4)


def test_one_step_without_a_window_is_a_closed_form():
    """Uniform start: mean of ln abs(4 (1 - 2x)) is ln 4 - 1, to 1e-4; the limit of many steps is ln 2."""
    assert theory.capture_growth(0.4, 0.0, 1, 0.5) == pytest.approx(np.log(4) - 1, abs=1e-4)
    assert theory.capture_growth(0.4, 0.0, 400, 0.5) == pytest.approx(np.log(2), abs=1e-3)


def test_all_inside_the_window_contract_from_the_first_step_on():
    """A window of the whole interval: ln a in every step."""
    assert theory.capture_growth(0.5, 0.5, 7, 0.25) == pytest.approx(np.log(0.25), abs=1e-12)


@pytest.mark.parametrize(("steps", "radius"), [(16, 0.06156), (64, 0.01883), (256, 0.00457)])
def test_the_neutral_radius_falls_as_one_over_the_steps(steps, radius):
    assert atlas.neutral_radius(steps) == pytest.approx(radius, abs=1e-4)
    assert 0.9 < atlas.neutral_radius(steps) * steps < 1.3


def test_what_is_simulated_agrees_with_the_operator(table):
    """512 starts at three radii and two windows, within 4 standard errors."""
    for quantity in ("order", "growth"):
        for steps in (4, 16):
            found = rows(table, quantity, steps)
            assert list(found["control"]) == [0.01, 0.04, 0.2]
            error = (found["hi"] - found["lo"]) / 2 / 1.96 + 1e-4
            assert (np.abs(found["value"] - found["theory"]) < 4 * error).all()
    assert set(rows(table, "growth", None)["window"]) == {4.0, 16.0}


def test_a_member_does_not_depend_on_which_others_are_asked_for(table):
    alone = atlas.find(resolve(SCHEMA, SMALL | {"radius": [0.04, 0.1], "act_steps": [16]}))["atlas"]
    for quantity in ("order", "growth"):
        own, other = (rows(t, quantity) for t in (alone, table))
        assert own[own["control"] == 0.04]["value"].item() == other[other["control"] == 0.04]["value"].item()


def test_the_slope_of_a_start_at_one_half_is_finite(monkeypatch):
    monkeypatch.setattr(atlas.capture_map, "initial", lambda p, run=0: np.full(p.examples, 0.5))
    _, exponents = atlas.simulated(1, 0.001, 4, 8)
    assert np.isfinite(exponents).all() and exponents.max() < atlas.FLOOR / 4 + 10


def test_classes_and_not_examples_are_what_is_independent():
    """Copies of every example in its class leave the interval; the value is the mean over examples."""
    rng = np.random.default_rng(1)
    values, classes = rng.normal(size=40), np.repeat(np.arange(20), 2)
    one = atlas.class_mean(values, classes, 1)
    many = atlas.class_mean(np.repeat(values, 9), np.repeat(classes, 9), 1)
    assert one.value == pytest.approx(values.mean(), rel=1e-12) and one.n == many.n == 20
    assert one.ci == pytest.approx(many.ci, rel=1e-9) and one.lo < one.value < one.hi


def test_checkpoints_of_a_training_join_as_a_series_of_their_own(tmp_path, monkeypatch, table):
    """Accuracy and exponent by hand from the examples; the window is the experiment's."""
    examples = pd.DataFrame(
        {
            "table": ["step_20"] * 4 + ["step_100"] * 4 + ["original"] * 2,
            "base_puzzle": [1, 1, 2, 3, 1, 1, 2, 3, 1, 2],
            "correct": [0, 0, 1, 0, 1, 1, 1, 0, 0, 0],
            "lambda1": [0.1, 0.2, 0.3, 0.4, -1.0, -2.0, -3.0, -4.0, 9.0, 9.0],
        }
    )
    examples.to_csv(tmp_path / "examples.csv", index=False)
    attributes = {"parameters": json.dumps({"act_steps": 8})}
    monkeypatch.setattr(store, "open_complete", lambda path: xr.Dataset(attrs=attributes))
    found = atlas.find(resolve(SCHEMA, SMALL), [str(tmp_path / "examples.csv"), "trajectory.zarr"])["atlas"]
    order, growth = (rows(found, q, None, "trained") for q in ("order", "growth"))
    assert order["control"].tolist() == growth["control"].tolist() == [20, 100]
    assert order["value"].tolist() == pytest.approx([0.25, 0.75])
    assert growth["value"].tolist() == pytest.approx([0.25, -2.5])
    assert set(growth["window"]) == {8.0} and set(order["n"]) == {3} and set(order["note"]) == {atlas.BIAS}
    assert atlas.panel(found) == atlas.panel(table)
    examples.assign(table="run_0").to_csv(tmp_path / "map.csv", index=False)
    with pytest.raises(ValueError, match=r"map\.csv: no checkpoints; atlas\.reasoning\.trained must name"):
        atlas.find(resolve(SCHEMA, SMALL), [str(tmp_path / "map.csv"), "trajectory.zarr"])


def test_headlines_and_panel_are_made_from_the_rows(table):
    found = atlas.summarise(table)
    assert all(agrees(found[name]).outcome != "disagrees" for name in ("right", "exponent"))
    assert found["right"].expectation.value == atlas.exact(0.04, 4)[0]
    assert found["right"].value == rows(table, "order", 4)["value"].iloc[1]
    assert found["exponent"].value == rows(table, "growth", 4)["value"].iloc[1]
    assert found["neutral_radius"].value == atlas.neutral_radius(4)
    assert atlas.panel(table).title == "Right more often with a wider window, and less sensitive"
    assert atlas.panel(table).order_label == "share right at the end"
    assert atlas.panel(table).zeros == [atlas.neutral_radius(4), atlas.neutral_radius(16)]
    alone = table[(table["size"] == 16) & (table["n"] > 0)]
    assert atlas.panel(alone).order_label == "share right after 16 steps"
    assert "zero at radius 0.062" in atlas.panel(alone).caption
    turned = table.assign(value=-table["value"])
    assert atlas.panel(turned).title == "Not right more often with a wider window, and not less sensitive"
