"""Every static figure is drawn from the tables of a small run, also where values are undefined."""

import numpy as np
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.branching import film, simulation
from emergent_dynamics.branching.figures import (
    collapse,
    distributions,
    graph,
    guessing,
    information,
    ratio,
    response,
)
from emergent_dynamics.branching.findings import analyse
from emergent_dynamics.branching.stored import Trajectory
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.plotting import style

pytestmark = pytest.mark.xdist_group("static figures")  # one worker draws them


def figures(run):
    t, tables = run.trajectory, run.tables
    sizes = t.graph_avalanches[0].reshape(3, -1)
    return {
        "distributions": distributions.draw(t.tallies, t.laws, tables["avalanches"], t.p),
        "collapse": collapse.draw(t.tallies[1], t.laws[1], tables["avalanches"].iloc[1], t.p),
        "information": information.draw(tables["information"], tables["information_curve"], t.p),
        "guessing": guessing.draw(t.joint, t.p),
        "ratio": ratio.draw(tables["ratio"]),
        "response": response.draw(tables["response"], tables["response_curves"]),
        "graph": graph.draw(tables["graph"], tables["graph_curves"], sizes, t.p.graph),
    }


def texts(drawing):
    return " ".join(text.get_text() for text in drawing.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.fixture(scope="module")
def drawings(run):
    return figures(run)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("distributions", ["size S (neurons)", "duration D (layers)", "exact here"]),
        ("collapse", ["Mean shapes", "mean field, D²"]),
        ("information", ["information (bit)", "chance", "Inputs 1 to 5, 8 layers"]),
        ("guessing", ["neurons excited", "σ = 0.7", "σ = 1.3"]),
        ("ratio", ["100 % of the neurons seen", "30 % of the neurons seen", "multistep (MR)"]),
        ("response", ["Dynamic range, exact", "Susceptibility", "dynamic range (dB)"]),
        ("graph", ["Mean activity of the recurrent graph", "size (spikes)"]),
    ],
)
def test_a_figure_is_saved_and_says_what_it_shows(drawings, name, words, tmp_path):
    style.save(drawings[name], tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").stat().st_size > 5000
    assert [word for word in words if word not in texts(drawings[name])] == []


def test_logarithmic_bins_hold_all_probability():
    """Counts of 1 to 99 in bins of whole numbers: mean per number, times the numbers in a bin, sums to all."""
    from emergent_dynamics.branching.histograms import log_bins

    histogram = np.append(0.0, np.full(99, 1 / 99))
    middle, density = log_bins(histogram)
    assert density == pytest.approx(np.full(density.size, 1 / 99)) and (np.diff(middle) > 0).all()
    assert middle[0] == 1.0 and middle[-1] < 100


def test_avalanches_that_all_reach_the_last_layer_have_no_sizes_to_draw(tmp_path):
    """One neuron that always excites the next: no avalanche ends before."""
    changes = {
        "layers": 2,
        "neurons": 1,
        "sigma": [1.0],
        "steps": 1000,
        "avalanches": 0,
        "trials": 0,
        "spontaneous": 0,
    }
    changes["graph"] = {"nodes": 2, "degree": 1, "sigma": [1.0], "drive": [0], "steps": 100, "avalanches": 1}
    parameters = resolve(read_schemas()[1]["branching"], changes)
    path = tmp_path / "trajectory.zarr"
    attributes = provenance.attributes("branching", "none", parameters, "")
    driver.run(simulation.build(parameters), tmp_path / "checkpoint", path, attributes)
    tables, _ = analyse(path, parameters)
    t = Trajectory(path)
    style.save(collapse.draw(t.tallies[0], t.laws[0], tables["avalanches"].iloc[0], t.p), tmp_path / "f.svg")
    assert "every avalanche reaches the last layer" in (tmp_path / "f.svg").read_text()


@pytest.mark.parametrize(("layers", "drive"), [(2, 0.01), (2, 0.0), (3, 0.01), (4, 0.01)])
def test_few_layers_and_a_single_drive_are_analysed_and_drawn(layers, drive, tmp_path):
    """What is undefined there is NaN with a reason; nothing ends the report."""
    graph_of = {"nodes": 60, "degree": 4, "sigma": [1.0], "drive": [drive], "steps": 200, "avalanches": 300}
    changes = {"layers": layers, "neurons": 6, "sigma": [0.7, 1.0], "steps": 2000, "avalanches": 2000}
    changes |= {"trials": 1000, "graph": graph_of | {"record": {"drive": 0.01, "steps": 3000}}}
    parameters = resolve(read_schemas()[1]["branching"], changes)
    path = tmp_path / "trajectory.zarr"
    attributes = provenance.attributes("branching", "small", parameters, "")
    driver.run(simulation.build(parameters), tmp_path / "checkpoint", path, attributes)
    tables, headlines = analyse(path, parameters)
    undefined = {name: h.note for name, h in headlines.items() if np.isnan(h.value)}
    assert undefined["graph_dynamic_range_max"] == "one drive has no dynamic range"
    assert all(undefined.values()) and "nothing was observed" not in undefined.values()
    t = Trajectory(path)
    assert t.p.layers == layers
    drawn = [
        distributions.draw(t.tallies, t.laws, tables["avalanches"], t.p),
        collapse.draw(t.tallies[1], t.laws[1], tables["avalanches"].iloc[1], t.p),
    ]
    drawn += (
        []
        if layers > 2
        else [
            information.draw(tables["information"], tables["information_curve"], t.p),
            guessing.draw(t.joint, t.p),
            ratio.draw(tables["ratio"]),
            response.draw(tables["response"], tables["response_curves"]),
            graph.draw(
                tables["graph"], tables["graph_curves"], t.graph_avalanches[0].reshape(1, -1), t.p.graph
            ),
        ]
    )
    for figure in drawn:
        style.save(figure, tmp_path / "figure.svg")
    frames = film.find(t.p, film.settings({"sigma": [1.0], "spontaneous": 0.01, "steps": 5, "trials": 2}))
    assert frames["mask"].shape == (1, 5, layers, 6)
