"""Every system: a run made longer ends with the bytes of one long run, and the old part is not computed again."""

import importlib
import json

import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.config import load
from emergent_dynamics.config.schema import read_schemas
from tests.driver.test_loop import digests
from tests.kept import SYSTEMS

CASES = {
    f"{system}, {name}": (system, *case)
    for system in SYSTEMS
    for name, case in importlib.import_module(f"tests.{system}.horizons").CASES.items()
}


def built(system, parameters):
    """The complete parameters of an experiment, and its simulation."""
    given = load({"experiments": {system: {"a": parameters}}}, ["test"]).simulation(system, "a")
    return given, importlib.import_module(f"emergent_dynamics.{system}.simulation").build(given)


def simulated(system, folder, parameters, before=0):
    """Digests of the store that a run in `folder` ends with, the number of calls of `advance`, and the last clock.

    Nothing before the clock value `before` may be computed again.
    """
    given, made = built(system, parameters)
    advance, starts = made.advance, []

    def counted(state, start, stop):
        starts.append(start)
        return advance(state, start, stop)

    made.advance = counted
    target = folder / f"{abs(hash(json.dumps(parameters)))}.zarr"
    driver.run(made, folder / "work", target, provenance.attributes(system, "a", given, "code"))
    assert not starts or min(starts) == before
    assert store.find_damage(target) is None
    return digests(target), len(starts), made.schedule[-1]


@pytest.mark.parametrize("case", CASES)
def test_a_longer_run_goes_on_and_a_shorter_one_is_cut(tmp_path, case):
    """Bytes equal to those of runs from the start."""
    system, parameters, short, long, cut = CASES[case]
    first, _, end = simulated(system, tmp_path / "one", parameters | short)
    longer, legs, _ = simulated(system, tmp_path / "one", parameters | long, before=end)
    alone, *_ = simulated(system, tmp_path / "alone", parameters | long)
    assert longer == alone and longer != first and legs > 0
    again, legs, _ = simulated(system, tmp_path / "one", parameters | short)
    assert again == first and (legs == 0 or not cut)


@pytest.mark.parametrize("case", CASES)
def test_what_only_a_later_job_reads_or_auto_decides_anyway_computes_nothing_again(tmp_path, case):
    """`auto` and the engine and device that it took are one; a network is trained once for all its examples."""
    system, parameters, short, *_ = CASES[case]
    if parameters.get("source") == "train":
        other = {"examples": 4 * parameters["examples"], "device": "cuda"}
    else:
        auto = built(system, parameters | short)[1].notes()
        other = {
            key: auto[key] for key in ("engine", "device") if key in read_schemas()[1][system]["properties"]
        }
    first, *_ = simulated(system, tmp_path, parameters | short)
    again, legs, _ = simulated(system, tmp_path, parameters | short | other)
    assert again == first and legs == 0
    back, legs, _ = simulated(system, tmp_path, parameters | short)
    assert back == first and legs == 0


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_a_system_calls_its_horizon_is_tried_here_or_it_has_none(system):
    """A parameter that changed more than the horizon would continue a wrong run."""
    made = built(system, {})[1]
    tried = {key for name, _, short, *_ in CASES.values() if name == system for key in short}
    assert set(made.horizon) - {"save", "archive"} <= tried
