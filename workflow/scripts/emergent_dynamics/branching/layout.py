"""The layout of the branching store: its groups, variables and dimensions (docs/data-model.md).

Groups: stoch, the driven network; aval, single-root avalanches; guess, the guessing game; graph, the recurrent graph;
film, what films show; exact, the exact laws of the same network.
"""

from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.store import Variable

TALLY = {  # {field of tally.Tally: variable}
    "sizes": "hist_size",
    "durations": "hist_duration",
    "size_sum": "sum_size_by_duration",
    "size_square_sum": "sum_squared_size_by_duration",
    "profile": "profile",
}


LONGEST = 64  # steps; longer avalanches of the graph are not used for shapes


def variables(p: Parameters, block: int) -> dict[str, Variable]:
    """Return every variable by name; one frame of the stream has `block` diagonals."""
    return {**coordinates(p), **sampled(p, block), **exact_laws(p)}


def _lengths(p: Parameters) -> dict[str, int]:
    return {
        "sigma": len(p.sigma),
        "run": p.runs,
        "layer": p.layers,
        "neuron": p.neurons,
        "diagonal": p.steps,
        "size": 2 + (p.layers - 1) * p.neurons,
        "duration": p.layers + 1,
        "lag": p.layers,
        "k_in": p.neurons + 1,
        "k_out": p.neurons + 1,
        "coupling": len(p.graph.sigma),
        "drive": len(p.graph.drive),
        "step": p.graph.steps,
        "avalanche": p.graph.avalanches,
        "moment": p.graph.record.steps,
        "life": LONGEST + 1,
        "generation": LONGEST,
    }


def _coordinate(p: Parameters, dim: str, long_name: str) -> Variable:
    shape = (_lengths(p)[dim],)
    return Variable((dim,), shape, "float64", long_name, "1", kind="static", coordinate=True)


def _final(p: Parameters, dims: tuple[str, ...], dtype: str, long_name: str, units: str = "1") -> Variable:
    shape = tuple(_lengths(p)[d] for d in dims)
    return Variable(dims, shape, dtype, long_name, units, kind="final", codec="table")


def coordinates(p: Parameters) -> dict[str, Variable]:
    """Return the coordinates: the values of sigma, spontaneous rate, coupling and drive."""
    rate = "spontaneous spikes per neuron and step"
    return {
        "sigma": _coordinate(p, "sigma", "branching ratio"),
        "spontaneous": _coordinate(p, "sigma", rate),
        "graph/coupling": _coordinate(p, "coupling", "branching ratio of the graph"),
        "graph/drive": _coordinate(p, "drive", "drive per node and step"),
    }


def sampled(p: Parameters, block: int) -> dict[str, Variable]:
    """Return the variables that are sampled."""
    stoch = ("sigma", "run", "layer", "diagonal")
    of_size, of_duration = ("sigma", "run", "size"), ("sigma", "run", "duration")
    alone = ("coupling", "run", "avalanche")
    joint, drives = ("sigma", "run", "k_in", "k_out"), ("coupling", "drive", "run", "step")
    return {
        "stoch/counts": Variable(
            stoch,
            tuple(_lengths(p)[d] for d in stoch),
            "uint8" if p.neurons <= 255 else "uint16",
            "active neurons of layer l at step diagonal + l",
            "neuron",
            per_frame=block,
            codec="bits",
        ),
        "aval/hist_size": _final(p, of_size, "int64", "avalanches of this size"),
        "aval/hist_duration": _final(
            p, of_duration, "int64", "avalanches of this duration; the last: reached the last layer"
        ),
        "aval/sum_size_by_duration": _final(p, of_duration, "int64", "sum of sizes", "neuron"),
        "aval/sum_squared_size_by_duration": _final(
            p, of_duration, "int64", "sum of squared sizes", "neuron^2"
        ),
        "aval/profile": _final(p, (*of_duration, "layer"), "int64", "sum of active neurons", "neuron"),
        "guess/joint": _final(p, joint, "int64", "unselected trials with this input and output"),
        "graph/size": _final(p, alone, "int64", "spikes of an avalanche of the graph, without drive", "node"),
        "graph/duration": _final(
            p, alone, "int32", "steps of an avalanche of the graph, without drive", "step"
        ),
        "graph/profile": _final(
            p,
            ("coupling", "run", "life", "generation"),
            "int64",
            "sum of active nodes of an avalanche of the graph, by duration",
            "node",
        ),
        "graph/activity": _final(p, drives, "int32", "active nodes of the recurrent graph", "node"),
        "graph/record": _final(
            p, ("coupling", "run", "moment"), "int32", "active nodes under the record's weak drive", "node"
        ),
    }


def exact_laws(p: Parameters) -> dict[str, Variable]:
    """Return the variables of the exact laws, on the same axes as the sampled sums; `exact/p_size` is NaN where its
    computation would take too long.
    """
    named = {
        "p_size": (("size",), "probability of a size", "1"),
        "p_duration": (("duration",), "probability of a duration; the last: reaches the last layer", "1"),
        "mean_size": (("duration",), "mean size given the duration", "neuron"),
        "profile": (("duration", "layer"), "mean active neurons given the duration", "neuron"),
        "channel": (("k_in", "k_out"), "probability of k_out given k_in", "1"),
        "autocorrelation": (("lag",), "autocorrelation of the driven network's activity", "1"),
    }
    laws = {}
    for name, (dims, text, unit) in named.items():
        shape = (len(p.sigma), *(_lengths(p)[d] for d in dims))
        laws[f"exact/{name}"] = Variable(("sigma", *dims), shape, "float64", text, unit, kind="static")
    return laws
