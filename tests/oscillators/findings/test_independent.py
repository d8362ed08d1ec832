"""The harness's second paths on more experiments than the one that stands for the room."""

import importlib

import numpy as np
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.findings import agrees
from emergent_dynamics.oscillators import simulation
from emergent_dynamics.oscillators.findings import analyse
from tests.findings.test_harness import by_another_path, differs
from tests.oscillators.experiments import KURAMOTO, complete
from tests.oscillators.findings import independent

UNITS = {**KURAMOTO, "channels": 1, "height": 15, "width": 20, "input": {"source": "uniform"}, "runs": 8,
         "step_size": 0.05, "steps": 400, "save": {"every": 4}}  # fmt: skip
RING = {"topology": "ring", "normalise": "mean", "height": 1, "channels": 1, "width": 64, "coupling": 1, "bias": 0,
        "frequency": 0, "evolve_input": False, "input": {"source": "uniform"}, "start": {"form": "bump"},
        "lag": np.pi / 2 - 0.18, "integrator": "heun", "step_size": 0.2}  # fmt: skip
REDUCED = {**KURAMOTO, "channels": 1, "height": 10, "width": 60, "coupling": 4, "lag": 0.5, "integrator": "heun",
           "natural": {"distribution": "lorentzian", "spaced": True}, "start": {"form": "clustered", "order": 0.3},
           "step_size": 0.05, "input": {"source": "uniform"}}  # fmt: skip
EXPERIMENTS = {
    "a ring": RING | {"steps": 150, "runs": 3, "save": {"every": 5}},
    "clustered units": REDUCED | {"steps": 100, "runs": 8, "save": {"every": 2}},
    "coherent units": UNITS | {"coupling": 3},
    "incoherent units": UNITS | {"coupling": 0.75, "local_radius": 4},
    "a row of pixels": {"height": 1, "width": 12, "steps": 30, "runs": 2, "save": {"every": 7}},
    "one run of a torus": {
        "height": 5, "width": 6, "channels": 3, "steps": 25, "frequency": 0, "save": {"every": 1},
        "boundary": {"channel": "periodic", "y": "periodic"}, "settled": 100,
        "lyapunov": {"enabled": True, "end_time": 0.8, "exponents": 3, "every": 7},
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=EXPERIMENTS)
def finished(request, tmp_path_factory):
    folder, config = tmp_path_factory.mktemp("run"), complete(**EXPERIMENTS[request.param])
    attributes = provenance.attributes("oscillators", "x", config, "")
    driver.run(simulation.build(config), folder / "checkpoint", folder / "t.zarr", attributes)
    return request.param, folder / "t.zarr", config, analyse(folder / "t.zarr", config)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_headlines_and_expected_values_come_out_by_another_path(finished):
    _, path, config, (tables, headlines) = finished
    wrong = {}
    for name, headline in headlines.items():
        pairs = {"value": (headline.value, independent.RECOMPUTED)}
        if headline.expectation is not None:
            pairs["expected"] = (headline.expectation.value, independent.EXPECTED)
        for what, (value, entries) in pairs.items():
            other = by_another_path(entries, name)
            again = other(path, tables, config) if callable(other) else other
            if differs(value, float(again)):
                wrong[name, what] = (value, again)
    assert wrong == {}


def test_every_headline_has_a_verdict_or_a_reason(finished):
    case, _, _, (_, headlines) = finished
    verdicts = {name: agrees(headline) for name, headline in headlines.items()}
    assert all(v.outcome != "disagrees" for v in verdicts.values() if v)
    assert all(v.outcome == "agrees" or v.reason for v in verdicts.values() if v)
    if case in ("coherent units", "clustered units"):
        assert verdicts["order_stationary"].outcome == "agrees"
    assert (headlines["energy_rises"].expectation is not None) == (case == "one run of a torus")


def test_what_one_run_or_a_row_of_pixels_cannot_say_is_said(finished):
    case, _, _, (tables, headlines) = finished
    if case == "one run of a torus":
        alone = {name for name, h in headlines.items() if h.note == "no interval: one run"}
        assert {"order_end", "energy_end", "phase_locking", "spike_rate", "defect_fraction_end"} <= alone
        assert headlines["projection_explained"].note == "no interval: one run"
        assert headlines["convergence_time"].value == pytest.approx(
            0.01
        )  # all but the start, without a speed
    if case == "a row of pixels":
        assert np.isnan(tables["defects"]["fraction"]).all()
        assert headlines["defect_fraction_start"].note == "no square of four pixels"
        assert headlines["defect_fraction_start"].expectation is None
        assert headlines["spike_rate"].note == "as seen in frames every 7 steps"


def test_findings_find_their_analysis_by_name():
    """`analyse` imports no finding until it runs, so that a rule's code is its own finding's."""
    module = importlib.import_module("emergent_dynamics.oscillators.findings")
    assert module.analyse is analyse
