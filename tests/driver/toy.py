"""A sixth system for the tests: walkers with every kind of variable, addressed draws, and a slow clock.

Run as a script it is a job: `toy.py FOLDER DESTINATION [seconds per leg] [commit seconds]`.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from emergent_dynamics import driver, streams
from emergent_dynamics.store import Variable

RUNS, WALKERS, STEPS = 3, 5, 60
PARAMETERS = {"save": 7, "steps": STEPS}


class Walk:
    """x moves by a normal step; every time a walker is above 1 a record says so; `visits` counts them."""

    stream_dim = "time"
    horizon = ("save", "steps")

    def __init__(self, save=7, steps=STEPS, seconds=0.0, divisible=True):
        self.schedule = driver.every(save, steps)
        self.seconds = seconds
        self.divisible = divisible

    def variables(self):
        frames = self.schedule.size
        return {
            "x": Variable(("run", "time", "walker"), (RUNS, frames, WALKERS), "float64", "position", "1"),
            "high": Variable(
                ("run", "time", "walker"), (RUNS, frames, WALKERS), "bool", "above 1", "1", codec="bits"
            ),
            "pairs/pair": Variable(
                ("time", "run"), (2 * frames, RUNS), "int32", "two per frame", "1", per_frame=2
            ),
            "step": Variable(("time",), (frames,), "int64", "step", "1", kind="static", coordinate=True),
            "walker": Variable(("walker",), (WALKERS,), "int64", "walker", "1", "static", coordinate=True),
            "record/step": Variable(("record",), (0,), "int64", "when", "step", kind="log", codec="table"),
            "visits": Variable(("run",), (RUNS,), "int64", "records per run", "1", kind="final"),
        }

    def initial(self):
        return {
            "x": np.zeros((RUNS, WALKERS)),
            "visits": np.zeros(RUNS, np.int64),
            "now": np.array(0),
            "step": self.schedule,
            "walker": np.arange(WALKERS),
        }

    def advance(self, state, start, stop):
        time.sleep(self.seconds)
        records = []
        for step in range(start, stop):
            draws = [streams.normal(1, "toy.step", run, step, WALKERS) for run in range(RUNS)]
            state["x"] += 0.3 * np.stack(draws)
            above = (state["x"] > 1).sum(axis=1)
            state["visits"] += above
            records += [step] * int(above.sum())
        state["now"] = np.array(stop)
        state["record/step"] = np.array(records, np.int64)
        return state

    def observe(self, state):
        pair = np.stack([np.full(RUNS, state["now"], np.int32), state["visits"].astype(np.int32)])
        return {"x": state["x"], "high": state["x"] > 1, "pairs/pair": pair}

    def finish(self, state):
        return {"visits": state["visits"]}

    def notes(self):
        return {"engine": "reference", "engine_reason": "written to be read"}


def attributes(code="a", **parameters):
    """As `provenance.attributes` gives them."""
    found = {**PARAMETERS, **parameters}
    return {
        "system": "toy",
        "experiment": "walk",
        "seed": 1,
        "parameters": json.dumps(found),
        "code_sha256": code,
    }


def run(folder, destination, seconds=0.0, commit_seconds=30.0, code="a", simulation=None, **kwargs):
    """Walk to the end; keyword arguments are those of `Walk`."""
    simulation = simulation or Walk(seconds=seconds, **kwargs)
    driver.run(simulation, folder, destination, attributes(code, **kwargs), "toy/walk", commit_seconds)


if __name__ == "__main__":
    pace = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    try:
        run(Path(sys.argv[1]), Path(sys.argv[2]), pace, float(sys.argv[4]) if len(sys.argv) > 4 else 30.0)
    except driver.Interrupted as stopped:
        print(stopped)
        sys.exit(75)
