"""Numbers that the model must reproduce: closed forms, and values published or measured with the original rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Anchor:
    """A number with its tolerance (half-width within which a measurement agrees) and where it comes from."""

    value: float
    tolerance: float
    source: str


def mean_field_alive(inheritance: float, budget: float) -> float:
    """Share of living cells when every cell always has a living neighbour: b / (1 / IP + b + 1).

    A cell waits 1 / IP generations for a net, spends one newborn and not yet alive, and lives b. An upper bound where
    life is sparse. Tends to 1 without a budget.
    """
    if inheritance == 0:
        return 0.0
    return 1.0 if np.isinf(budget) else budget / (1 / inheritance + budget + 1)


MEAN_FIELD = "mean field: waits 1/IP, one generation newborn, lives b"
MEAN_FIELD_TOLERANCE = 0.01  # where neighbours are dense, IP >= 0.5; sparser life stays below

# 200x200, seed_fraction 0.08, mutation 0.02, inheritance 0.1, budget 4, sigmoid, threshold 0.5 (experiment 5 of the
# thesis): mean over generations 500 to 1000 of runs with the original update rule.
STATIONARY_SOURCE = "original update rule, 200x200, generations 500-1000 (independent kernel)"
STATIONARY = {
    "ghc": Anchor(4790, 59, STATIONARY_SOURCE),
    "exact": Anchor(7889, 88, STATIONARY_SOURCE),
    "gep": Anchor(0.4647, 0.005, STATIONARY_SOURCE),
    "gcvp": Anchor(0.4621, 0.003, STATIONARY_SOURCE),
    "clogv": Anchor(0.1523, 0.002, STATIONARY_SOURCE),
    "rwsp": Anchor(2186, 34, STATIONARY_SOURCE),
}
RWSP_SHOWN = [3, 17, 30]  # the parameters behind that count of colours
STATIONARY_WORLD = {
    "width": 200,
    "height": 200,
    "channels": 2,
    "seed_fraction": 0.08,
    "mutation": 0.02,
    "inheritance": 0.1,
    "budget": 4,
    "board_activation": "sigmoid",
    "alive_threshold": 0.5,
    "rule": "thesis2024",
    "update": "sequential",
}

# The same world but for what the key says, generations 150 to 200, two seeds that differ by 0.0015 at most.
EARLY_SOURCE = "original update rule, 200x200, generations 150-200 (independent kernel)"
EARLY_KEYS = ("board_activation", "alive_threshold", "seed_fraction", "inheritance", "budget")
EARLY_ALIVE = {
    ("sigmoid", 0.5, 0.02, 0.1, 4): 0.2123,
    ("tanh", 0, 0.02, 0.1, 4): 0.2138,
    ("sigmoid", 0.5, 0.02, 0.1, 8): 0.410,
    ("sigmoid", 0.5, 0.08, 0.1, 4): 0.2123,
    ("sigmoid", 0.5, 0.08, 0.1, 8): 0.410,
    ("sigmoid", 0.5, 0.02, 0.5, 4): 0.5676,
    ("sigmoid", 0.5, 0.08, 0.5, 8): 0.7243,
    ("sigmoid", 0.5, 0.08, 0.1, "inf"): 0.999,
    ("sigmoid", 0.5, 0.02, 0.05, "inf"): 0.9887,
}
EARLY_TOLERANCE = 0.005

SETTLED = 150  # generations after which the share of living cells no longer drifts, whatever the founders


def stationary_values(parameters: Mapping[str, Any]) -> dict[str, Anchor]:
    """The stationary values known for this world; none for another, or for a run too short to have settled."""
    same = all(parameters[key] == value for key, value in STATIONARY_WORLD.items())
    if not same or parameters["generations"] < 1000:
        return {}
    shown = parameters.get("rwsp") == RWSP_SHOWN
    return {name: known for name, known in STATIONARY.items() if name != "rwsp" or shown}


def early_life(parameters: Mapping[str, Any]) -> Anchor | None:
    """The share of living cells known for generations 150 to 200 of some of the thesis' experiments."""
    known = EARLY_ALIVE.get(tuple(parameters[key] for key in EARLY_KEYS))
    others = STATIONARY_WORLD.keys() - EARLY_KEYS
    same = all(parameters[key] == STATIONARY_WORLD[key] for key in others)
    if known is None or not same or parameters["generations"] < 200:
        return None
    return Anchor(known, EARLY_TOLERANCE, EARLY_SOURCE)


def dense_life(parameters: Mapping[str, Any]) -> Anchor | None:
    """The mean-field share of living cells, where it is more than a bound: the published rule, IP at least 0.5."""
    settled = parameters["generations"] >= 2 * SETTLED and parameters["rule"] == "thesis2024"
    if not settled or parameters["inheritance"] < 0.5 or parameters["catastrophe"]["every"]:
        return None
    expected = mean_field_alive(parameters["inheritance"], float(parameters["budget"]))
    return Anchor(expected, MEAN_FIELD_TOLERANCE, MEAN_FIELD)


CLOGV_MAX = 0.25  # a local sd is at most 1/2, the sd of numbers in [0, 1/2] at most 1/4


def unchanged_births(mutation: float, genes: int) -> float:
    """Probability that a birth changes no gene, (1 - PPP)^G: 0.446 for the thesis' 0.02 and 40 genes."""
    return float((1 - mutation) ** genes)


# Published (test_GHC, pooled): share of mutants whose 44 unscaled hash bits all stay, by mutation probability.
SAME_HASH = {0.1: 9007 / 27500, 0.2: 2910 / 27500}
SAME_HASH_TRIALS = 27500
SAME_HASH_SOURCE = "published notebook test_GHC, pooled"


def same_unscaled_hash(mutation: float, parameters: int) -> float:
    """(1 - p/4)^P: the unscaled bit is the parity of trunc |w|, and U(-1,1) + U(-1,1) leaves (-1, 1) in a quarter."""
    return float((1 - mutation / 4) ** parameters)
