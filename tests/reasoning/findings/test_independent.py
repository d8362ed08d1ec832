"""The shared harness runs a training; here the same is asked of a capture map with two runs and of deposited files."""

import json
from fnmatch import fnmatchcase

import numpy as np
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.config import schema
from emergent_dynamics.findings import agrees
from emergent_dynamics.reasoning import findings, simulation
from tests.reasoning.findings import independent


def finished(experiment, folder):
    """Trajectory, complete parameters, and everything that the findings say."""
    parameters = schema.resolve(schema.read_schemas()[1]["reasoning"], experiment)
    attributes = provenance.attributes("reasoning", "small", parameters, "")
    driver.run(simulation.build(parameters), folder / "c", folder / "trajectory.zarr", attributes)
    return folder / "trajectory.zarr", parameters, findings.analyse(folder / "trajectory.zarr", parameters)


@pytest.fixture(scope="module")
def map_run(tmp_path_factory):
    return finished(independent.MAP, tmp_path_factory.mktemp("map"))


@pytest.fixture(scope="module")
def file_run(tmp_path_factory, deposit):
    """Two files, one of a published tag, and a series of two, at a pooled threshold."""
    folder, paths = tmp_path_factory.mktemp("files"), {}
    for seed, name in enumerate(("hrm26040_n8192", "mine", "s1", "s2")):
        np.savez(folder / f"{name}.npz", **deposit(n=120, seed=seed))
        paths[name] = str(folder / f"{name}.npz")
    series = {"late": [{"step": 9, "path": paths.pop("s1")}, {"step": 12, "path": paths.pop("s2")}]}
    experiment = {"source": "npz", "files": paths, "series": series, "compatibility": "seed", "resamples": 30}
    return finished({**experiment, "threshold": "pooled", "exponent_unit": "nat per ACT step"}, folder)


@pytest.mark.parametrize("source", ["map_run", "file_run"])
def test_every_headline_is_recomputed_from_the_store_by_another_path(source, request):
    trajectory, parameters, analysis = request.getfixturevalue(source)
    wrong = {}
    for name, headline in analysis.headlines.items():
        pattern = next(p for p in independent.RECOMPUTED if fnmatchcase(name, p))
        value = independent.RECOMPUTED[pattern](trajectory, analysis.tables, parameters, name)
        if not np.isclose(headline.value, value, rtol=1e-7, atol=1e-10, equal_nan=True):
            wrong[name] = (headline.value, value)
    assert wrong == {}, "headline, recomputed"


def test_the_capture_map_s_accuracy_is_the_measure_of_what_is_captured_first(map_run):
    """Followed piece by piece; the transfer operator may be off by its grid, 17 / 65536, which is its tolerance."""
    _, parameters, analysis = map_run
    expected = independent.captured(json.dumps(parameters))
    for run in ("run_0", "run_1"):
        headline = analysis.headlines[f"{run}_accuracy"]
        assert abs(headline.expectation.value - expected) < headline.expectation.tolerance == 17 / 65536
        assert headline.expectation.kind == "exact" and agrees(headline).outcome in ("agrees", "none")


def test_headlines_of_several_tables_bear_their_names_and_only_the_first_are_shown_first(map_run, file_run):
    for (_, _, analysis), first in ((map_run, "run_0_"), (file_run, "hrm26040_n8192_")):
        ranked = {name: headline.rank for name, headline in analysis.headlines.items() if headline.rank}
        assert ranked == {
            f"{first}auc_neg_lambda1_correct": 1,
            f"{first}auc_neg_log_drift_correct": 2,
            f"{first}auc_matched_drift_deciles": 3,
            f"{first}accuracy": 4,
            f"{first}wrong_that_settled": 5,
        }
