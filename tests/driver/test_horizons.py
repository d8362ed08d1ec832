"""Every system: a run made longer ends with the bytes of one long run, and the old part is not computed again."""

import importlib
import json

import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.config import load
from tests.driver.test_loop import digests

CASES = {  # a system and its parameters, the horizon before, and the one after
    "causal map": ("causal", {"tokens": 16, "runs": 2, "save": {"every": 10}}, {"steps": 40}, {"steps": 75}),
    "causal flow": (
        "causal",
        {"tokens": 16, "runs": 2, "integrator": "ode", "save": {"every": 0.5}},
        {"end_time": 2.0},
        {"end_time": 3.5},
    ),
    "oscillators": (
        "oscillators",
        {"height": 6, "width": 7, "runs": 2, "save": {"every": 4}},
        {"steps": 20},
        {"steps": 50},
    ),
    "nca": (
        "nca",
        {"width": 12, "height": 10, "runs": 2, "seed_fraction": 0.4},
        {"generations": 30},
        {"generations": 130},
    ),
    "nca, every hundredth": (
        "nca",
        {"width": 12, "height": 10, "seed_fraction": 0.4, "archive": "checkpoint"},
        {"generations": 150},
        {"generations": 230},
    ),
    "reasoning": ("reasoning", {"examples": 50}, {"act_steps": 8}, {"act_steps": 16}),
}
SLOW = {
    "reasoning, training": (
        "reasoning",
        {
            "source": "train",
            "task": {"kind": "sudoku", "size": 4, "puzzles": 40, "test": 8},
            "network": {"width": 8, "layers": 1},
            "training": {"batch": 8},
        },
        {"checkpoints": [2, 4]},
        {"checkpoints": [2, 4, 7]},
    )
}
CUT = (
    "causal map",
    "nca",
    "nca, every hundredth",
    "reasoning",
    "reasoning, training",
)  # nothing is written at the end


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


@pytest.mark.parametrize("case", [*CASES, *SLOW])
def test_a_longer_run_goes_on_and_a_shorter_one_is_cut(tmp_path, case):
    """Bytes equal to those of runs from the start."""
    system, parameters, short, long = (CASES | SLOW)[case]
    (key, end), *_ = short.items()
    last = end[-1] if isinstance(end, list) else end
    first, _ = simulated(system, tmp_path / "one", parameters | short)
    longer, _ = simulated(system, tmp_path / "one", parameters | long, before=last)
    alone, _ = simulated(system, tmp_path / "alone", parameters | long)
    assert longer == alone and longer != first
    if case in CUT:
        again, legs = simulated(system, tmp_path / "one", parameters | short)
        assert again == first and legs == 0
