"""The simulation as the driver runs it: equal on both engines, whatever the blocks, and after an interruption."""

import os
import signal
import threading

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics import driver, store
from emergent_dynamics.branching import alias, checks, ensembles, exact, film, model, recurrent, stored
from emergent_dynamics.branching.findings import avalanches, guessing, information, response
from emergent_dynamics.branching.parameters import Members, Parameters
from emergent_dynamics.branching.simulation import BranchingSimulation
from emergent_dynamics.config.schema import first_fault, read_schemas, resolve

SCHEMA = read_schemas()[1]["branching"]
SMALL = {
    "layers": 12,
    "neurons": 9,
    "sigma": [0.8, 1.0, 1.2],
    "steps": 2000,
    "avalanches": 1500,
    "trials": 1200,
    "runs": 2,
    "graph": {
        "nodes": 40,
        "degree": 4,
        "sigma": [0.9],
        "drive": [0.001, 0.1],
        "steps": 300,
        "avalanches": 70,
    },
}


def experiment(**changes):
    """A small one with every default filled in."""
    return resolve(SCHEMA, {**SMALL, **changes})


def digests(path):
    """content_sha256 of every array of a published store."""
    tree = xr.open_datatree(path, engine="zarr")
    return {
        f"{node.path}/{n}": v.attrs["content_sha256"]
        for node in tree.subtree
        for n, v in node.variables.items()
    }


def run(tmp_path, name, simulation):
    path = tmp_path / f"{name}.zarr"
    driver.run(simulation, tmp_path / f"{name}.checkpoint", path, {"parameters": "{}"})
    return path


def test_engines_and_blocks_leave_equal_stores(tmp_path):
    """Reference against kernels, 1 block against 20: every array has the same digest."""
    given = experiment(sigma=[1.1], spontaneous=0.01)
    found = [
        digests(run(tmp_path, "kernels", BranchingSimulation(given))),
        digests(run(tmp_path, "blocks", BranchingSimulation(given, block=100))),
        digests(
            run(
                tmp_path,
                "reference",
                BranchingSimulation({**given, "engine": "reference"}, block=500),
            )
        ),
    ]
    assert len(found[0]) > 15
    assert found[0] == found[1] == found[2]


def test_an_interrupted_run_goes_on_to_the_same_store(tmp_path):
    """SIGTERM in the middle, then again: digests of an unbroken run."""
    unbroken = digests(run(tmp_path, "unbroken", BranchingSimulation(experiment(), block=10)))

    class Interrupting(BranchingSimulation):
        def advance(self, state, start, stop):
            if start <= 60 < stop:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().advance(state, start, stop)

    assert threading.current_thread() is threading.main_thread()
    with pytest.raises(driver.Interrupted):
        run(tmp_path, "broken", Interrupting(experiment(), block=10))
    assert digests(run(tmp_path, "broken", BranchingSimulation(experiment(), block=10))) == unbroken


def test_the_store_reads_back_as_the_ensembles_it_was_made_of(tmp_path):
    """Activity, tallies, joint tables and exact laws through xarray, by address and by theory."""
    given = experiment()
    path = run(tmp_path, "read", BranchingSimulation(given))
    p = Parameters.from_config(given)
    table = alias.build(exact.transition(1.0, p.neurons, p.rule, p.spontaneous[1]))
    counts = ensembles.raster(table, p.layers, Members(p.seed, 1, 0, p.steps), "cpu")
    assert np.array_equal(stored.activity(store.open_complete(path, "stoch"))[1, 1], model.activity(counts))
    tallies = stored.tallies(store.open_complete(path, "aval"))
    assert [t.n for t in tallies] == [3000] * 3
    laws = stored.Trajectory(path).laws
    assert laws[2].size == pytest.approx(
        exact.avalanches(exact.transition(1.2, p.neurons, p.rule), p.layers).size
    )
    assert store.open_complete(path, "guess")["joint"].values.sum((2, 3)).tolist() == [[1200] * 2] * 3
    table = avalanches.find(tallies, laws, p)["avalanches"]
    assert (table["reason"] == "").all() and len(table) == 3


def test_unequal_widths_and_an_input_train_go_through_store_and_analyses(tmp_path):
    """Counts stay inside the layers, layer 0 holds the train, activity has its exact mean, all tables are finite."""
    widths = [6, 9, 4, 9, 7, 12, 5, 9, 9, 300]
    given = experiment(
        sigma=[1.0],
        layers=10,
        neurons=widths,
        train={"interval": 40, "neurons": 5},
        rule="noisy_or",
        steps=40_000,
    )
    assert not list(checks.check(given))
    path = run(tmp_path, "widths", BranchingSimulation(given))
    counts = store.open_complete(path, "stoch")["counts"].values
    assert counts.dtype == np.uint16 and (counts.max((0, 1, 3)) <= widths).all()
    assert np.array_equal(counts[0, 0, 0], np.where(np.arange(40_000) % 40 == 0, 5, 0))
    p = Parameters.from_config(given)
    laws = stored.Trajectory(path).laws
    table = avalanches.find(stored.tallies(store.open_complete(path, "aval")), laws, p)["avalanches"]
    assert (table["p_size"] > 1e-3).all()
    response_table = response.find(stored.activity(store.open_complete(path, "stoch")), p)["response"]
    error = (response_table["mean_activity_hi"] - response_table["mean_activity_lo"]) / 3.92
    assert (abs(response_table["mean_activity"] - response_table["mean_activity_exact"]) < 4 * error).all()
    joint = store.open_complete(path, "guess")["joint"].values.sum(1)
    assert guessing.find(joint, p)["guessing"]["accept_rate"].between(0, 1).all()
    assert (information.find(joint, p)["information"]["mi_exact"] > 0).all()


@pytest.mark.parametrize("engine", ["auto", "reference", "cpu"])
def test_the_engine_is_recorded_with_its_reason(engine):
    """`auto` is the kernels; the parameters that the ensembles read name the same engine."""
    simulation = BranchingSimulation(experiment(engine=engine))
    reason = "the fastest on a CPU" if engine == "auto" else "asked for"
    expected = "cpu" if engine == "auto" else engine
    assert simulation.notes() == {"engine": expected, "device": "cpu", "engine_reason": reason}
    assert simulation.p.engine == expected


def test_runs_differ_and_do_not_depend_on_their_number():
    """Run 0 of two is run 0 of one; run 1 is another."""
    both = BranchingSimulation(experiment()).initial()
    one = BranchingSimulation(experiment(runs=1)).initial()
    for name in ("aval/hist_size", "guess/joint"):
        assert np.array_equal(both[name][:, 0], one[name][:, 0])
        assert not np.array_equal(both[name][:, 0], both[name][:, 1])
    assert np.array_equal(both["graph/activity"][:, :, 0], one["graph/activity"][:, :, 0])


def test_films_show_the_neurons_of_the_stored_counts():
    """Sums over neurons of the film's window are the complete frames of run 0."""
    p = Parameters.from_config(experiment())
    shown = film.settings(experiment()["film"])
    found = film.find(p, shown)
    table = alias.build(exact.transition(shown.sigma[0], p.neurons, p.rule, shown.spontaneous[0]))
    counts = ensembles.raster(table, p.layers, Members(p.seed, 0, 0, shown.steps + p.layers - 1), "cpu")
    assert np.array_equal(found["mask"][0].sum(-1), model.frames(counts))
    assert found["accept_rate"][0].tolist() == [1.0] * 3 and (found["accept_rate"][1] < 1).all()
    selected = np.abs(found["excited"][1].astype(int) - found["reached"][1])
    assert (selected[found["excited"][1] >= 0] < 2).all()
    assert (found["excited"][0] == found["excited"][0][0]).all()  # the same unselected inputs for every sigma


def test_selection_that_finds_nothing_is_marked_not_invented():
    """sigma 0.1 with inputs 8 to 9 never ends within one neuron of the input: -1, no spikes, rate 0."""
    p = Parameters.from_config(experiment(inputs=[8, 9]))
    trials = film.guesses(0.1, True, p, film.settings(experiment()["film"]))
    assert (trials.excited == -1).all() and not trials.mask.any() and trials.accept_rate == 0.0


def test_impossible_combinations_are_refused_by_key():
    """One line per impossible pair of keys; the defaults are possible."""
    assert list(checks.check(resolve(SCHEMA, {}))) == []
    wrong = {
        "spontaneous": {"spontaneous": [0.1, 0.2]},
        "inputs": {"inputs": [3, 30]},
        "sigma": {"rule": "noisy_or", "sigma": [12.0]},
        "graph.sigma": {"graph": {"degree": 1, "sigma": [1.5]}},
        "film.spontaneous": {"film": {"spontaneous": [0.1]}},
        "steps": {"layers": 900, "steps": 3000},
        "neurons": {"neurons": [5, 6, 7]},
        "train.neurons": {"train": {"interval": 5, "neurons": 21}, "neurons": 20},
    }
    for key, change in wrong.items():
        found = [k for k, _, _ in checks.check(experiment(**change))]
        assert key in found, key
    assert first_fault(SCHEMA, {"neurons": 3000}) is not None


def test_a_graph_without_drive_and_activity_stays_silent():
    """Nothing comes from nothing."""
    synapses = recurrent.Synapses(recurrent.targets(1, 50, 5), np.full((1, 5), 0.3), 0, 1)
    silent = recurrent.advance(
        synapses, 0.0, Members(1, 0, 0, 200), np.zeros(50, bool), np.zeros(50, np.int64)
    )
    assert silent.max() == 0
