"""Further experiments in which coverage is counted: lifetimes, noise, heads, a normalisation, the exponent.

Of each only the headlines that the original study's model leaves unsaid, or that rest on what the variant changes.
"""

import itertools
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.causal import groups
from emergent_dynamics.causal.findings import sweep
from emergent_dynamics.causal.parameters import chord_gap
from emergent_dynamics.config.schema import read_schemas, resolve
from performance import interval_coverage

LIVES = ("collapsed", "log_collapse_time", "log_group_lifetime", "centres_stay", "log_stay_ratio")
ORDER = ("n_clusters_end", "leaders_mean", "largest_group", "resultant_end", "energy_end", "aligned_end")
FLOW = {"integrator": "ode", "tolerance": 1e-4, "beta": 4, "save": {"log": 60}}
PAIRS = {**FLOW, "tokens": 2, "runs": 50, "end_time": 300}
FEW = {**FLOW, "tokens": 32, "runs": 30, "end_time": 1000}
NOISE = {
    "mask": "none",
    "beta": 1,
    "noise": 0.2,
    "tokens": 64,
    "runs": 16,
    "steps": 1000,
    "save": {"log": 20},
}
STREAM = {"normalisation": "peri", "beta": 9, "tokens": 64, "runs": 16, "steps": 400, "save": {"log": 20}}
MANY = {
    "integrator": "ode",
    "tolerance": 1e-4,
    "tokens": 128,
    "runs": 10,
    "end_time": 100,
    "save": {"log": 10},
}
BETAS, DIMENSIONS = (16, 36, 64), (2, 3)


def chosen(headlines, patterns):
    return {
        name: headline for name, headline in headlines.items() if any(fnmatchcase(name, p) for p in patterns)
    }


def model(experiment, patterns):
    """The function that gives these headlines of an experiment with a seed."""
    return lambda seed: chosen(interval_coverage.analysed("causal", {**experiment, "seed": seed}), patterns)


def heads(seed):
    """Two heads whose Q, K and V are drawn once, in three dimensions."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f"{name}.npy") for name in ("value", "query", "key")}
        for path in files.values():
            np.save(path, 0.5 * rng.normal(size=(2, 3, 3)))
        own = {name: {"file": str(path)} for name, path in files.items()}
        experiment = {"heads": 2, "dimension": 3, "beta": 9, "tokens": 64, "runs": 16, "steps": 400}
        return model({**experiment, **own, "save": {"log": 20}}, (*ORDER, "heads_*"))(seed)


def exponent(seed):
    """The sweep over beta on the circle and on the sphere."""
    members = []
    with tempfile.TemporaryDirectory() as folder:
        for dimension, beta in itertools.product(DIMENSIONS, BETAS):
            own = {**MANY, "dimension": dimension, "beta": beta, "seed": seed}
            parameters = resolve(read_schemas()[1]["causal"], own)
            Path(folder, f"{dimension} {beta}").mkdir()
            path = interval_coverage.simulated("causal", parameters, str(Path(folder, f"{dimension} {beta}")))
            members.append(groups.compute(store.open_complete(path), chord_gap(parameters["gap"], beta)))
        return sweep.summarise(members)


VARIANTS = {
    "pairs": model(PAIRS, LIVES[:-1]),  # too few centres leave their place here
    "lifetime": model(FEW, LIVES),
    "noise": model(NOISE, ORDER),
    "normalisation": model(STREAM, ORDER),
    "heads": heads,
    "exponent": exponent,
}
REPEATS = {"pairs": 60, "normalisation": 60, "lifetime": 300, "noise": 300, "heads": 300, "exponent": 200}
# the mean-field density is that of infinitely many tokens, of which 64 fall short
OF_MEANS = {"resultant_end": lambda means: means["resultant_end"]}
