"""Every system: a run made longer ends with the bytes of one long run, and the old part is not computed again."""

import importlib
import json

import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.config import load
from tests.driver.test_loop import digests
from tests.kept import SYSTEMS

CASES = {
    f"{system}, {name}": (system, *case)
    for system in SYSTEMS
    for name, case in importlib.import_module(f"tests.{system}.horizons").CASES.items()
}


def simulated(system, folder, parameters, before=0):
    """Digests of the store that a run in `folder` ends with; no clock value below `before` may be computed again."""
    given = load({"experiments": {system: {"a": parameters}}}, ["test"]).simulation(system, "a")
    made = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(given)
    advance, starts = made.advance, []

    def counted(state, start, stop):
        starts.append(start)
        return advance(state, start, stop)

    made.advance = counted
    target = folder / f"{abs(hash(json.dumps(parameters)))}.zarr"
    driver.run(made, folder / "work", target, provenance.attributes(system, "a", given, "code"))
    assert not starts or min(starts) == before
    assert store.find_damage(target) is None
    return digests(target), len(starts)


@pytest.mark.parametrize("case", CASES)
def test_a_longer_run_goes_on_and_a_shorter_one_is_cut(tmp_path, case):
    """Bytes equal to those of runs from the start."""
    system, parameters, short, long, cut = CASES[case]
    (end,) = short.values()
    last = end[-1] if isinstance(end, list) else end
    first, _ = simulated(system, tmp_path / "one", parameters | short)
    longer, _ = simulated(system, tmp_path / "one", parameters | long, before=last)
    alone, _ = simulated(system, tmp_path / "alone", parameters | long)
    assert longer == alone and longer != first
    again, legs = simulated(system, tmp_path / "one", parameters | short)
    assert again == first and (legs == 0 or not cut)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_a_system_calls_its_horizon_is_tried_here_or_it_has_none(system):
    """A parameter that changed more than the horizon would continue a wrong run."""
    made = importlib.import_module(f"emergent_dynamics.{system}.simulation")
    given = load({"experiments": {system: {"a": {}}}}, ["test"]).simulation(system, "a")
    tried = {key for name, _, short, *_ in CASES.values() if name == system for key in short}
    assert set(made.build(given).horizon) - {"save", "archive"} <= tried
