"""Experiments in which the coverage of intervals is counted that the room's own experiment does not have."""

import tempfile
from pathlib import Path

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.oscillators import classification
from emergent_dynamics.oscillators.findings import lyapunov, order, ring, training
from performance.interval_coverage import simulated
from tests.oscillators.experiments import KURAMOTO, complete

UNITS = {**KURAMOTO, "channels": 1, "input": {"source": "uniform"}, "evolve_input": False, "runs": 8,
         "integrator": "heun", "step_size": 0.1}  # fmt: skip
RING = {**UNITS, "topology": "ring", "natural": {"distribution": "none"}, "height": 1, "width": 64, "coupling": 1,
        "start": {"form": "bump"}, "lag": np.pi / 2 - 0.18, "step_size": 0.2, "runs": 16, "steps": 1500,
        "save": {"every": 15}}  # fmt: skip # by time 100 some runs still have an order of 0.9
LORENTZIAN = {
    "natural": {"distribution": "lorentzian"},
    "start": {"form": "clustered", "order": 0.95},
    "lag": 0.5,
}
REDUCED = {
    **UNITS,
    **LORENTZIAN,
    "height": 20,
    "width": 40,
    "coupling": 4,
    "steps": 200,
    "save": {"every": 2},
}
INCOHERENT = {**UNITS, "height": 20, "width": 20, "coupling": 0.75, "steps": 200, "save": {"every": 4}}
FEW = {**UNITS, "height": 2, "width": 4, "coupling": 1.2, "steps": 100, "save": {"every": 20},
       "lyapunov": {"enabled": True, "exponents": 8, "end_time": 40}}  # fmt: skip
LEARNT = {"height": 6, "width": 6, "channels": 2, "steps": 20, "step_size": 0.1, "frequency": 0, "evolve_input": False,
          "training": {"enabled": True, "images": 100, "splits": 3, "noise": [0.4], "blur": [1], "epochs": 2,
                       "trained": {"enabled": True, "steps": 3}}}  # fmt: skip
OF_MEANS = {  # that of a finite ring; the exact values are those of infinitely many units
    name: lambda means, name=name: means[name]
    for name in ("chimera_order", "chimera_unevenness", "chimera_rotation")
}
REPEATS = 100


def of(finding, experiment, only=""):
    """The headlines of one finding of an experiment, by seed, whose names begin with `only`."""

    def headlines(seed):
        config = complete(**experiment, seed=seed)
        with tempfile.TemporaryDirectory() as folder:
            stored = store.open_complete(simulated("oscillators", config, folder))
            found = finding.summarise(finding.find(stored, config), config)
        return {name: headline for name, headline in found.items() if name.startswith(only)}

    return headlines


def learnt(seed):
    """The gains of a trained field."""
    config = complete(**LEARNT, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        ledger = classification.Ledger(Path(folder), "")
        found = training.summarise(training.find(classification.run(config, ledger)), config)
    return {name: headline for name, headline in found.items() if name.startswith("trained")}


VARIANTS = {
    "ring": of(ring, RING),
    "reduced": of(order, REDUCED, "order_"),
    "incoherent": of(order, INCOHERENT, "order_stationary"),
    "exponents": of(lyapunov, FEW),
    "trained": learnt,
}
