"""Finite-size scaling: slopes of known powers, peaks of known parabolas, and the graph's own laws at small sizes."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from emergent_dynamics.branching import finite_size, recurrent, resources
from emergent_dynamics.branching.figures import scaling as figure
from emergent_dynamics.branching.findings import scaling
from emergent_dynamics.branching.finite_size import Sample, Sizes
from emergent_dynamics.branching.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.plotting import style
from emergent_dynamics.runtime.job import LIBRARY

SIZES = Sizes((100, 400, 1600), 100, (0.9, 1.0, 1.1, 1.2, 1.3), 0.1, 500)


def parameters(runs):
    experiment = {"runs": runs, "graph": {"nodes": 50, "degree": 4, "sigma": [1.0]}}
    return Parameters.from_config(resolve(read_schemas()[1]["branching"], experiment))


def lawful(noise):
    """<S> = N^.4 and <S^2> = N^1.3, so a cut-off of N^.9; fluctuations with a peak N^.45 at 1 + N^-.5."""

    def sample(graph, sizes, nodes, seed, run):
        wiggle = 1 + noise * math.sin(nodes + 7 * run)
        place = math.log((1 + nodes**-0.5) / np.array(sizes.sigma)[0])
        x = np.log(np.array(sizes.sigma) / sizes.sigma[0])
        return Sample(nodes**0.4, nodes**1.3 * wiggle, nodes**0.45 * wiggle * np.exp(-30 * (x - place) ** 2))

    return sample


def test_powers_and_parabolas_come_back(monkeypatch):
    """Without noise exactly, and the same in every run: an interval of length 0."""
    monkeypatch.setattr(finite_size, "sample", lawful(0.0))
    tables = scaling.find(parameters(3), SIZES)
    exponents = tables["scaling_exponents"].set_index("quantity")
    assert exponents["value"].tolist() == pytest.approx([0.9, 0.45], abs=1e-9)
    assert exponents["value_lo"].tolist() == pytest.approx([0.9, 0.45], abs=1e-9)
    assert exponents["mean_field"].tolist() == [1.0, 0.5]
    table = tables["scaling"]
    nodes = np.array(SIZES.nodes)
    assert table["cutoff"].tolist() == pytest.approx((nodes**0.9).tolist())
    assert table["mean_size"].tolist() == pytest.approx((nodes**0.4).tolist())
    assert table["peak"].tolist() == pytest.approx((nodes**0.45).tolist())
    assert table["place"].tolist() == pytest.approx((1 + nodes**-0.5).tolist())
    assert (table["runs"] == 3).all() and (table["avalanches"] == 300).all()
    assert len(tables["scaling_curves"]) == 15


def test_the_interval_is_a_jackknife_over_runs(monkeypatch):
    monkeypatch.setattr(finite_size, "sample", lawful(0.1))
    tables = scaling.find(parameters(5), SIZES)
    square = np.array([[lawful(0.1)(None, SIZES, n, 1, run).square for run in range(5)] for n in SIZES.nodes])

    def slope(runs):
        cutoff = square[:, runs].mean(1) / np.array(SIZES.nodes) ** 0.4
        return np.polyfit(np.log(SIZES.nodes), np.log(cutoff), 1)[0]

    left_out = np.array([slope([r for r in range(5) if r != out]) for out in range(5)])
    half = 2.7764451 * math.sqrt(4 / 5 * ((left_out - left_out.mean()) ** 2).sum())
    r = tables["scaling_exponents"].iloc[0]
    value = slope(list(range(5)))
    assert (r["value"], r["value_lo"], r["value_hi"]) == pytest.approx((value, value - half, value + half))
    headlines = scaling.summarise(tables)
    assert (headlines["scaling_cutoff_exponent"].n, headlines["scaling_cutoff_exponent"].ci) == (
        5, (r["value_lo"], r["value_hi"]),
    )  # fmt: skip
    assert headlines["scaling_peak_exponent"].note.startswith(
        "mean-field theory gives 0.5; 100 to 1600 nodes"
    )


def test_a_peak_at_an_end_of_the_sigmas_is_none_and_one_run_has_no_interval(monkeypatch, tmp_path):
    monkeypatch.setattr(finite_size, "sample", lawful(0.0))
    tables = scaling.find(parameters(1), replace(SIZES, sigma=(0.7, 0.8, 0.9)))
    headlines = scaling.summarise(tables)
    assert np.isnan(headlines["scaling_peak_exponent"].value)
    assert headlines["scaling_peak_exponent"].note == scaling.AT_AN_END
    assert headlines["scaling_cutoff_exponent"].value == pytest.approx(0.9)
    assert (
        headlines["scaling_cutoff_exponent"].ci is None
        and scaling.ALONE in headlines["scaling_cutoff_exponent"].note
    )
    style.save(figure.draw(*tables.values()), tmp_path / "none.svg")


def test_a_sample_has_the_moments_of_avalanches_that_end(run):
    """None is stopped at the number of nodes; the fluctuation is that of nine tenths of a record from silence."""
    g, sizes = run.trajectory.p.graph, Sizes((20, 30, 40), 200, (0.9, 1.2), 0.2, 400)
    found = finite_size.sample(g, sizes, 30, 7, 2)
    synapses = recurrent.build(replace(g, nodes=30, sigma=(1.0, 0.9, 1.2)), 7, 2)
    size, duration = [], []
    for i in range(200):
        one, steps = plain_avalanche(synapses[0], 7, 2, i)
        size.append(one)
        duration.append(steps)
    assert max(size) > 30
    assert (found.size, found.square) == (np.mean(size), np.mean(np.square(size)))
    for value, one in zip(found.fluctuation, synapses[1:], strict=True):
        active, ready, counts = np.zeros(30, bool), np.zeros(30, np.int64), []
        for time in range(400):
            words = recurrent.random_words(7, 2, time, 30, g.degree)
            driven = recurrent.driven_nodes(7, 2, time, 30, 0.2 / 30)
            active = recurrent.step(one, active, ready, time, words, driven)
            counts.append(active.sum())
        kept = np.array(counts[40:])
        assert value == pytest.approx(kept.var() / kept.mean())


def plain_avalanche(synapses, seed, run, number):
    """Spikes and steps by the reference step, with the words of the avalanche."""
    from emergent_dynamics import streams

    nodes = len(synapses.reach)
    root = int(streams.uniform(seed, recurrent.ROOT, run, 0, number + 1)[number] * nodes)
    active, ready, time = np.arange(nodes) == root, np.zeros(nodes, np.int64), (number + 1) << 32
    ready[root], spikes, steps = time + 1 + synapses.refractory, 0, 0
    while active.any():
        spikes, steps = spikes + int(active.sum()), steps + 1
        quads = -(-synapses.reach.shape[1] // 4)
        words = streams.bits(seed, "branching.graph_avalanche", run, time + steps, 4 * nodes * quads)
        words = words.reshape(nodes, 4 * quads)[:, : synapses.reach.shape[1]]
        active = recurrent.step(synapses, active, ready, time + steps, words, np.zeros(nodes, bool))
    return spikes, steps


def test_the_figure_shows_both_powers_beside_mean_field(monkeypatch):
    monkeypatch.setattr(finite_size, "sample", lawful(0.05))
    drawing = figure.draw(*scaling.find(parameters(4), SIZES).values())
    left, middle, right = drawing.axes
    assert "mean field, exponent 1" in [text.get_text() for text in left.get_legend().get_texts()]
    assert len(middle.get_legend().get_texts()) == 3
    assert "mean field, exponent 0.5" in [text.get_text() for text in right.get_legend().get_texts()]
    assert "mean field: 1" in drawing.get_suptitle()


@pytest.mark.slow  # a process with 400,000 nodes: 10 s
def test_a_large_graph_needs_no_more_memory_than_its_job_asks_for():
    experiment = {"graph": {"nodes": 50, "degree": 20, "sigma": [1.0]}}
    experiment["scaling"] = {"nodes": [100, 200, 400_000], "avalanches": 100, "steps": 100}
    complete = resolve(read_schemas()[1]["branching"], experiment)
    code = (
        "import json, resource, sys; from emergent_dynamics.branching.parameters import Parameters; "
        "from emergent_dynamics.branching.findings import scaling; "
        "from emergent_dynamics.branching.finite_size import Sizes; x = json.loads(sys.argv[1]); "
        "scaling.find(Parameters.from_config(x), Sizes.from_config(x['scaling'])); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY.parent)}
    ran = subprocess.run(
        [sys.executable, "-c", code, json.dumps(complete)],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    asked = resources.scaling_mb(complete)
    assert 0.3 * asked < float(ran.stdout) < asked


@pytest.mark.slow  # 40 experiments of eight runs at three sizes: a minute
def test_the_interval_of_the_cut_off_covers_its_mean():
    """100 to 400 nodes: the mean of 40 exponents, known to a sixth of one's error, lies in nine of ten intervals."""
    sizes = Sizes((100, 200, 400), 2000, (1.0, 1.1, 1.2), 0.1, 1000)
    rows = []
    for seed in range(40):
        p = replace(parameters(8), seed=seed)
        rows.append(scaling.find(p, sizes)["scaling_exponents"].iloc[0][["value", "value_lo", "value_hi"]])
    value, lo, hi = np.array(rows, float).T
    assert np.mean((lo <= value.mean()) & (value.mean() <= hi)) >= 0.85
