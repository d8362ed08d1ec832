"""Avalanches of the recurrent graph without drive, each from a single node: exponents, their scaling relation, and
shapes.

Sizes are in spikes, durations in steps. An avalanche that reaches as many spikes as there are nodes is stopped and
has no duration. Short avalanches behave like those of a tree; long ones return to nodes that were active before,
which distorts every distribution.
"""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, recurrent, shapes, theory
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.parameters import Graph, Parameters
from emergent_dynamics.branching.resampling import jackknife
from emergent_dynamics.branching.tables import bounds, label, measured, row, shown
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, mean_interval, proportion_interval

ALONE = "one run has no interval: raise `runs`"
SHORTEST = 5  # shortest duration, in steps, whose mean shape enters the collapse


def windows(graph: Graph) -> Windows:
    """Return the windows of the fits: sizes up to a tenth of the nodes, and durations up to the square root of their
    number, beyond which avalanches return to nodes that were active before.
    """
    root = math.isqrt(graph.nodes)
    return Windows((5, max(10, graph.nodes // 10)), (5, max(10, root)), (3, max(5, root)))


def find(
    size: np.ndarray, duration: np.ndarray, profile: np.ndarray, p: Parameters
) -> dict[str, pd.DataFrame]:
    """Return the table `graph_avalanches`, one row per sigma.

    size, duration : (sigma, run, avalanche). profile : (sigma, run, life, generation).

    p_large : share of avalanches that were stopped because they reached as many spikes as there are nodes.
    p_childless : share of avalanches of size 1; its exact value is the mean over nodes of prod (1 - p), and 1 for
    inhibitory nodes. tau, alpha, gamma, dcc : exponents in `windows`, and the distance of gamma from (alpha - 1) /
    (tau - 1). <name>_tree : the value that the same estimator gives for the exact law of the infinite tree.
    gamma_collapse : the gamma for which the mean shapes agree best, with a jackknife over the runs (no interval for one
    run).
    """
    g, rows = p.graph, []
    graphs = zip(*(recurrent.build(g, p.seed, run) for run in range(p.runs)), strict=True)
    for i, (sigma, synapses) in enumerate(zip(g.sigma, graphs, strict=True)):
        sizes, durations = size[i].ravel(), duration[i].ravel()
        ended = sizes < g.nodes
        large = proportion_interval(int((~ended).sum()), sizes.size)
        childless = proportion_interval(int((sizes == 1).sum()), sizes.size)
        columns = {"sigma": sigma, "n": sizes.size, **bounds("p_large", large)}
        columns["p_large_tree"] = 1.0 - theory.extinction(sigma, g.degree) if is_tree(g) else np.nan
        columns |= bounds("p_childless", childless) | {"p_childless_exact": _childless(synapses, g.nodes)}
        columns["mean_duration"] = mean_interval(durations[ended]).value
        rows.append(columns | _exponents(sizes, durations, ended, g) | _tree(sigma, g))
        shape = _collapse(profile[i], np.where(size[i] < g.nodes, duration[i], 0), windows(g).alpha[1])
        rows[-1] |= bounds("gamma_collapse", shape) | {"runs": p.runs}
    return {"graph_avalanches": pd.DataFrame(rows)}


def is_tree(graph: Graph) -> bool:
    """Return whether short avalanches follow the law of a tree with binomial offspring: all synapses are equal and
    none inhibits.
    """
    return graph.weights == "equal" and not graph.inhibitory


def _childless(synapses: tuple[recurrent.Synapses, ...], nodes: int) -> float:
    """Return the probability that a random node has no offspring, averaged over the graphs of the runs."""
    alone = []
    for one in synapses:
        silent = np.broadcast_to((1.0 - one.probability).prod(1), nodes).copy()
        silent[: one.inhibiting] = 1.0
        alone.append(silent.mean())
    return float(np.mean(alone))


def _exponents(sizes: np.ndarray, durations: np.ndarray, ended: np.ndarray, g: Graph) -> dict[str, object]:
    """Return tau, alpha, gamma and the DCC with their intervals; sizes, durations, ended : (avalanche,)."""
    inside, used = windows(g), durations[ended]
    tau_fit = exponents.fit(np.bincount(np.minimum(sizes, g.nodes)), *inside.tau)
    alpha_fit = exponents.fit(np.bincount(used, minlength=2), *inside.alpha)
    gamma = _gamma(sizes[ended], used, inside.gamma)
    tau, alpha = tau_fit.estimate, alpha_fit.estimate
    often = np.bincount(used, minlength=2) >= exponents.FEWEST
    which = exponents.Used(
        _within(np.minimum(sizes, g.nodes), inside.tau),
        ended & _within(durations, inside.alpha),
        ended & _within(durations, inside.gamma) & often[np.minimum(durations, often.size - 1)],
    )
    distance = exponents.dcc_of_avalanches(sizes, durations, which, (tau, alpha, gamma))
    estimates = {"tau": tau, "alpha": alpha, "gamma": gamma, "dcc": distance}
    columns: dict[str, object] = {}
    for name, estimate in estimates.items():
        columns |= bounds(name, estimate)
    columns |= {"tau_n": tau.n, "alpha_n": alpha.n, "gamma_n": gamma.n, "dcc_n": distance.n}
    columns |= {f"{name}_window": f"{lo}-{hi}" for name, (lo, hi) in inside._asdict().items()}
    columns["gamma_predicted"] = theory.crackling(tau.value, alpha.value)
    return columns | {"reason": tau_fit.reason or alpha_fit.reason}


def _within(numbers: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    return (numbers >= window[0]) & (numbers <= window[1])


def _gamma(sizes: np.ndarray, durations: np.ndarray, window: tuple[int, int]) -> Estimate:
    """Estimate gamma from the durations of which there are at least 10 avalanches; n is the number of avalanches in
    the window.
    """
    seen = np.bincount(durations, minlength=window[1] + 1)
    often = seen >= exponents.FEWEST
    n = np.where(often, seen, 2)
    total, square = (np.bincount(durations, weights=w, minlength=seen.size) for w in (sizes, sizes**2.0))
    error = np.sqrt(np.maximum(square - total**2 / n, 0.0) / (n - 1) / n)
    mean = np.where(often, total / n, np.nan)
    fitted = exponents.size_against_duration(mean, *window, error=error)
    inside = slice(window[0], window[1] + 1)
    used = int(seen[inside][often[inside]].sum())
    return Estimate(fitted.value, fitted.lo, fitted.hi, used, fitted.standard_error)


def _tree(sigma: float, g: Graph) -> dict[str, float]:
    """Return the same exponents for the exact laws of the infinite tree; NaN where short avalanches are not those of
    a tree.
    """
    if not is_tree(g):
        return dict.fromkeys(("tau_tree", "alpha_tree", "gamma_tree", "dcc_tree"), np.nan)
    inside, longest = windows(g), windows(g).alpha[1]
    law = np.append(0.0, theory.otter_dwass(np.arange(1, inside.tau[1] + 1), sigma, g.degree))
    ends = np.append(0.0, -np.diff(theory.survival(longest, sigma, g.degree)))
    tau, alpha = exponents.fit(law, *inside.tau).exponent, exponents.fit(ends, *inside.alpha).exponent
    mean = theory.size_given_duration(longest, sigma, g.degree)
    gamma = exponents.size_against_duration(mean, *inside.gamma).value
    distance = abs(gamma - theory.crackling(tau, alpha))
    return {"tau_tree": tau, "alpha_tree": alpha, "gamma_tree": gamma, "dcc_tree": distance}


def _collapse(profile: np.ndarray, durations: np.ndarray, longest: int) -> Estimate:
    """Return the gamma for which the mean shapes agree best, over durations that at least 10 avalanches have.

    profile : (run, life, generation). durations : (run, avalanche), 0 for avalanches that were stopped.
    """
    lives = profile.shape[1]
    seen = np.array([np.bincount(run[run < lives], minlength=lives) for run in durations])
    seen[:, seen.sum(0) < exponents.FEWEST] = 0
    seen[:, 0] = 0

    def gamma(total: np.ndarray, counted: np.ndarray) -> float:
        return shapes.collapse(shapes.mean_profile(total, counted), SHORTEST, longest)

    whole, counted = profile.sum(0), seen.sum(0)
    value = gamma(whole, counted)
    if len(profile) < 2 or np.isnan(value):
        return Estimate(value, np.nan, np.nan, len(profile))
    return jackknife(
        value, np.array([gamma(whole - one, counted - own) for one, own in zip(profile, seen, strict=True)])
    )


def _note(r: Mapping[str, float], name: str) -> str:
    """Return the note of an exponent: that of the tree, and why the DCC has no interval where it has none."""
    tree = r[f"{name}_tree"]
    known = f"the infinite tree has {tree:.3g} there; a finite graph has no exact law"
    note = known if np.isfinite(tree) else "no exact law is known"
    return f"{note}; {exponents.FLAT}" if name == "dcc" and np.isnan(r["dcc_lo"]) else note


EXPONENTS = {
    "tau": "Exponent of avalanche sizes of the recurrent graph",
    "alpha": "Exponent of avalanche durations of the recurrent graph",
    "gamma": "Exponent of mean size against duration of avalanches of the recurrent graph",
    "dcc": "Distance of the measured gamma from (alpha - 1)/(tau - 1) on the recurrent graph",
}


def summarise(tables: Mapping[str, pd.DataFrame], p: Parameters) -> dict[str, Headline]:
    """Return headlines of the share of roots without offspring, with its exact value, and of the exponents near
    criticality.
    """
    headlines = {}
    for sigma in shown(p.graph.sigma):
        r = row(tables["graph_avalanches"], sigma=sigma)
        headlines[f"graph_p_childless_{label(sigma)}"] = measured(
            r,
            "p_childless",
            "share",
            f"Share of avalanches of the recurrent graph that end with their first spike at σ = {sigma:g}",
            expectation=theory.expected_childless(r["p_childless_exact"]),
        )
        if theory.near_critical(sigma):
            for name, sentence in EXPONENTS.items():
                headlines[f"graph_{name}_{label(sigma)}"] = measured(
                    r,
                    name,
                    "1",
                    f"{sentence} at σ = {sigma:g}",
                    n=f"{name}_n",
                    note=_note(r, name),
                )
            headlines[f"graph_gamma_collapse_{label(sigma)}"] = measured(
                r | {"reason": f"fewer than three durations of at least {SHORTEST} steps have 10 avalanches"},
                "gamma_collapse",
                "1",
                f"Gamma for which the mean shapes of avalanches of the recurrent graph agree best at σ = {sigma:g}",
                n="runs",
                note=ALONE if r["runs"] == 1 else "jackknife over the runs",
            )
    return headlines
