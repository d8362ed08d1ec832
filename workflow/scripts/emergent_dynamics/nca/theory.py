"""Values that the model must reproduce, each with its source, its error, and the worlds in which it is expected."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from emergent_dynamics.findings import Expectation
from emergent_dynamics.nca.parameters import AS_RUN
from emergent_dynamics.nca.resources import values

CLOGV_MAX = 0.25  # a local sd is at most 1/2, and the sd of numbers in [0, 1/2] is at most 1/4
SETTLED = 150  # generations after which the share of living cells no longer drifts, whatever the founders


# Closed forms


def most_alive(inheritance: float, budget: float) -> float:
    """Return an upper bound on the long-run share of living cells under the rule of the thesis, b / (1 / IP + b + 1).

    A cell without a net gets one with probability at most IP in each generation, so it waits at least 1 / IP
    generations on average, the last of them as a newborn that is not alive yet. It lives b generations at most, and
    is cleared in one more. By renewal-reward (Ross 1996, Stochastic Processes, 3.6) the share is at most b over the
    length of this cycle, and equal to it where every cell always has a living neighbour and every net keeps its cell
    alive. 1 without a budget.
    """
    if inheritance == 0:
        return 0.0
    return 1.0 if math.isinf(budget) else budget / (1 / inheritance + budget + 1)


def unchanged_births(mutation: float, genes: int) -> float:
    """Return the probability that a birth changes no gene, (1 - PPP)^G: 0.446 for 0.02 and 40 genes as in the
    thesis.
    """
    return float((1 - mutation) ** genes)


def same_unscaled_hash(mutation: float, parameters: int) -> float:
    """Return the probability (1 - p/4)^P that no bit of the unscaled hash changes.

    The bit is the parity of trunc |w|, and the sum of two numbers U(-1, 1) lies outside (-1, 1) with probability 1/4.
    """
    return float((1 - mutation / 4) ** parameters)


# Published (test_GHC, pooled): {mutation probability: mutants out of 27,500 whose 44 unscaled hash bits are unchanged}.
SAME_HASH = {0.1: 9007, 0.2: 2910}
SAME_HASH_TRIALS = 27500


# A second code


class Known(NamedTuple):
    """Means over the generations of a window and over runs of the second, independent code, with their standard
    errors.
    """

    world: Mapping[str, Any]  # parameters that differ from THESIS
    window: tuple[int, int]
    runs: int
    values: Mapping[str, tuple[float, float]]


SCRIPT = "performance/nca_second_code.py"
THESIS = {
    "width": 200,
    "height": 200,
    "channels": 2,
    "seed_fraction": 0.08,
    "mutation": 0.02,
    "inheritance": 0.1,
    "budget": 4,
    "activation": "sigmoid",
    "board_activation": "sigmoid",
    "alive_threshold": 0.5,
    "alive_rounding": "1",
    "rule": "thesis2024",
    "update": "sequential",
}
RWSP_SHOWN = [3, 17, 30]  # the three parameters that RWSP shows in the second code
GARDEN = {"width": 60, "height": 60, "inheritance": 0.5}  # parameters of the world of config/config.yaml
STATIONARY = (
    Known(
        GARDEN,
        (150, 300),
        64,
        {
            "alive_share": (0.567424, 0.00012),
            "gep": (0.79993, 0.0024),
            "gcvp": (0.891372, 0.0021),
            "clogv": (0.0590797, 0.00058),
            "exact": (1070.08, 0.59),
            "ghc": (539.125, 0.79),
            "rwsp": (203.362, 0.87),
        },
    ),
    Known(
        {},
        (500, 1000),
        8,
        {
            "alive_share": (0.213586, 0.00011),
            "gep": (0.46711, 0.00046),
            "gcvp": (0.462146, 0.00012),
            "clogv": (0.152983, 6.3e-05),
            "exact": (7898.95, 3.7),
            "ghc": (4793.84, 2.8),
            "rwsp": (2195.68, 4.4),
        },
    ),
)
EARLY = (
    Known({"seed_fraction": 0.02, "inheritance": 0.5}, (150, 200), 4, {"alive_share": (0.566977, 0.00019)}),
    Known({"inheritance": 0.5, "budget": 8}, (150, 200), 4, {"alive_share": (0.723452, 0.00037)}),
)


# The conditions under which these values are expected; none is of a user's own arrays, whose rule is not known


def stationary_values(parameters: Mapping[str, Any]) -> dict[str, Expectation]:
    """Return the expected means over the second half of a run by measure; none for a world that the second code did
    not run.

    Diversity still drifts in that window, so the window must be the same: the generations 500 to 1000, or 150 to 300.
    """
    for known in STATIONARY:
        if _is_world(parameters, known.world) and _window(parameters) == known.window:
            shown = parameters.get("rwsp") == RWSP_SHOWN
            names = [name for name in known.values if name != "rwsp" or shown]
            return {name: _second_code(known, name) for name in names}
    return {}


def alive_share(parameters: Mapping[str, Any]) -> Expectation | None:
    """Return the expected share of living cells in a settled world: that of the second code, or else the bound
    `most_alive`.

    The bound holds for the published rule with a budget. It would also hold with catastrophes, but would be far from
    reached.
    """
    known = stationary_values(parameters).get("alive_share")
    settled = parameters["generations"] >= 2 * SETTLED and parameters["rule"] == "thesis2024"
    changes = parameters["catastrophe"]["every"] or parameters["landscape"] or parameters.get("recording")
    if known or not settled or changes or parameters["budget"] == "inf":
        return known
    most = most_alive(parameters["inheritance"], float(parameters["budget"]))
    source = "renewal: a cell waits 1/IP at least, lives b at most, is cleared in one more generation"
    return Expectation(most, source, "exact", relation="<=", scale=1.0)


def region_alive(parameters: Mapping[str, Any], budget: float) -> Expectation | None:
    """Return the bound `most_alive` for a region of a landscape with its own budget; None if the budget is infinite.

    It holds for every cell, whatever the rules of its neighbours are, once nothing has changed for `SETTLED`
    generations.
    """
    changes = max(stage["from"] for stage in parameters["landscape"])
    settled = _window(parameters)[0] >= changes + SETTLED and parameters["rule"] == "thesis2024"
    if (
        not settled
        or parameters["catastrophe"]["every"]
        or math.isinf(budget)
        or not parameters["inheritance"]
    ):
        return None
    source = (
        "renewal: a cell waits 1/IP at least, lives its region's b at most, is cleared in one more generation"
    )
    most = most_alive(parameters["inheritance"], budget)
    return Expectation(most, source, "exact", relation="<=", scale=1.0)


def early_alive_share(parameters: Mapping[str, Any]) -> Expectation | None:
    """Return the share of living cells in generations 150 to 200 for the experiments of the thesis that the second
    code ran.
    """
    for known in EARLY:
        if _is_world(parameters, known.world) and parameters["generations"] >= known.window[1]:
            return _second_code(known, "alive_share")
    return None


def same_hash(parameters: Mapping[str, Any]) -> Expectation | None:
    """Return the published share of mutants that keep every unscaled hash bit, for the mutation probabilities tried
    there.
    """
    kept = SAME_HASH.get(parameters["mutation"])
    if kept is None or parameters.get("recording"):
        return None
    share = kept / SAME_HASH_TRIALS
    error = math.sqrt(share * (1 - share) / SAME_HASH_TRIALS)
    return Expectation(share, "published notebook test_GHC, pooled", "published", standard_error=error)


def founders(parameters: Mapping[str, Any]) -> Expectation:
    """Return the number of founders, int(W H p), which is fixed and not random."""
    cells = parameters["width"] * parameters["height"]
    return Expectation(int(cells * parameters["seed_fraction"]), "int(W H p) distinct cells", "identity")


def new_genomes(parameters: Mapping[str, Any]) -> Expectation | None:
    """Return the expectation of no new genome without inheritance or without mutation; None otherwise."""
    stages = [parameters, *parameters["landscape"]]
    mutated = any(value for stage in stages for value in values(stage, "mutation", 0))
    if parameters["inheritance"] and mutated:
        return None
    return Expectation(0, "a new genome is inherited and mutated", "identity")


def oldest(parameters: Mapping[str, Any]) -> Expectation | None:
    """Return the bound on the age of a cell: no cell is alive for more generations in a row than the budget."""
    stages = [parameters, *parameters["landscape"]]
    budgets = [value for stage in stages for value in values(stage, "budget", 0)]
    if "inf" in budgets or parameters["rule"] == "run2023":
        return None
    return Expectation(max(budgets), "the budget clears older cells", "identity", relation="<=")


def alive_later(parameters: Mapping[str, Any]) -> Expectation | None:
    """Return the expectation that no cell is alive after the founders' budget, in a world without inheritance; else
    None.
    """
    if parameters["inheritance"] or parameters["budget"] == "inf" or parameters["landscape"]:
        return None
    if parameters.get("recording"):
        return None
    return Expectation(0, "without births nobody outlives the budget", "identity")


def _is_world(parameters: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    board = parameters["board_activation"]
    same = {**parameters, "board_activation": AS_RUN.get(board, board)}
    changed = parameters["catastrophe"]["every"] or parameters["landscape"] or parameters.get("recording")
    return not changed and all(same[key] == value for key, value in {**THESIS, **changes}.items())


def _window(parameters: Mapping[str, Any]) -> tuple[int, int]:
    """Return the first and last generation of the second half of a run, up to generation 1000; see `window.late`."""
    end = min(parameters["generations"], 1000)
    return -(-end // 2), end


def _second_code(known: Known, name: str) -> Expectation:
    value, error = known.values[name]
    first, last = known.window
    source = f"{SCRIPT}: {known.runs} runs, generations {first} to {last}"
    return Expectation(value, source, "second code", standard_error=error)
