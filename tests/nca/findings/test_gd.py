"""Counts and effective numbers of genomes."""

from dataclasses import replace

import numpy as np
import pandas
import pytest

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import agrees
from emergent_dynamics.nca import theory
from emergent_dynamics.nca.colouring import colour_marks, ghc_colours, rwsp_colours, rwsp_positions
from emergent_dynamics.nca.findings import gd
from emergent_dynamics.nca.genomes import Births, Living
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import GARDEN, datasets, drive, experiment, parameters


@pytest.mark.parametrize("probability", theory.SAME_HASH)
def test_a_mutation_keeps_the_unscaled_hash_as_often_as_published(probability):
    """44 parameters U(-1, 1), + U(-1, 1) with probability p: P(all hash bits stay), 27,500 trials there and here."""
    published = theory.SAME_HASH[probability] / theory.SAME_HASH_TRIALS
    same = gd.same_hash(probability, seed=2, trials=27_500).value
    assert abs(same - published) < 4 * np.sqrt(2 * published * (1 - published) / 27_500)
    exact = theory.same_unscaled_hash(probability, 44)
    assert abs(same - exact) < 4 * np.sqrt(exact * (1 - exact) / 27_500)


def test_without_mutation_every_hash_is_kept():
    """A parameter that rounds to 1.00 has another bit than its neighbours, before and after."""
    assert gd.same_hash(0.0, seed=1, trials=100).value == 1


def test_hill_numbers_of_equally_common_genomes_are_their_number():
    """D_1 = D_2 = n for n equal shares; 1 for a monoculture; D_2 = 1 / sum p^2; undefined without genomes."""
    assert gd.hill(np.full(7, 3), 1) == pytest.approx(7, abs=1e-12)
    assert gd.hill(np.full(7, 3), 2) == pytest.approx(7, abs=1e-12)
    assert gd.hill(np.array([9]), 1) == 1
    assert gd.hill(np.array([2, 1, 1]), 2) == pytest.approx(8 / 3)
    assert np.isnan(gd.hill(np.array([], int), 1))


def test_the_table_equals_counting_the_dense_weights():
    """rwsp, ghc, exact and alive of every frame and run, recounted from the weights of every cell."""
    p = parameters(runs=2, archive="dense", generations=20)
    stored = drive(p)
    groups = datasets(stored, p)
    positions = rwsp_positions(2, p.seed)
    table = gd.find(groups, {"channels": 2, "seed": p.seed, "rwsp": None})["gd"].set_index(
        ["run", "generation"]
    )
    for (run, generation), row in table.iterrows():
        nets = stored["weights"][run, generation].reshape(p.cells, -1)
        assert row["ghc"] == np.unique(ghc_colours(nets)).size - 1
        assert row["rwsp"] == np.unique(rwsp_colours(nets, positions, 2)).size - 1
        living = nets[nets.any(axis=1)]
        assert row["exact"] == np.unique(living, axis=0).shape[0]
        assert row["nets"] == len(living)
        assert row["alive"] == (stored["alpha"][run, generation] > 0).sum()


def test_without_inheritance_nobody_outlives_the_budget():
    """All founders are gone after generation 4; a budget of 2 would not be agreed with."""
    _, schemas = read_schemas()
    settings = resolve(schemas["nca"], {"width": 20, "height": 20, "inheritance": 0, "generations": 10})
    p = Parameters.from_config(settings)
    groups = datasets(drive(p), p)
    table = gd.find(groups, settings)["gd"]
    assert agrees(gd.summarise(table, settings)["alive_later"]).outcome == "agrees"
    assert agrees(gd.summarise(table, settings | {"budget": 2})["alive_later"]).outcome == "disagrees"
    assert "alive_later" not in gd.summarise(table, settings | {"inheritance": 0.1})


def table(**columns):
    """Two runs of 5 generations; a column that is not given is 1."""
    frame = pandas.DataFrame({"run": np.repeat([0, 1], 6), "generation": np.tile(np.arange(6), 2)})
    names = ("exact", "hill_1", "hill_2", "ghc", "rwsp", "alive")
    return frame.assign(**dict.fromkeys(names, 1.0) | columns)


def test_headlines_are_means_of_the_second_half():
    """Generations 3 to 5 of 5: 2 and 6 on average; 20 x 20 cells; units, ranks and ranges."""
    values = np.array([9, 9, 9, 1, 2, 3, 9, 9, 9, 5, 6, 7.0])
    found = gd.summarise(table(exact=values, alive=40 * values, hill_2=values), experiment(generations=5))
    assert found["exact"].value == found["hill_2"].value == 4
    assert found["alive_share"].value == pytest.approx(0.4) and found["alive_share"].unit == "share"
    assert found["exact"].ci[0] == 0 and found["hill_2"].ci[0] == 1 and found["alive_share"].ci == (0, 1)
    assert found["rwsp"].value == 1 and "no interval" in found["rwsp"].note
    assert (found["exact"].rank, found["alive_share"].rank, found["ghc"].rank) == (1, 2, None)
    assert [found[name].unit for name in ("exact", "hill_1", "hill_2", "ghc", "rwsp")] == [
        "genomes", "genomes", "genomes", "colours", "colours",
    ]  # fmt: skip
    assert all(headline.n == 2 and headline.expectation is None for headline in found.values())
    wide = gd.summarise(table(ghc=values, rwsp=values, hill_1=values), experiment(generations=5))
    assert wide["ghc"].ci[0] == wide["rwsp"].ci[0] == 0 and wide["hill_1"].ci[0] == 1


def test_a_world_without_nets_has_undefined_hill_numbers():
    dead = gd.summarise(table(hill_1=np.nan), experiment(generations=5))["hill_1"]
    assert np.isnan(dead.value) and "no cell has a net" in dead.note


def test_known_values_stand_beside_their_measures():
    """The world of the default configuration, one frame of the window."""
    settings = experiment(**GARDEN)
    rows = table()[:1].assign(generation=200, alive=720)
    found = gd.summarise(rows, settings)
    known = theory.stationary_values(settings)
    assert all(found[name].expectation == known[name] for name in ("exact", "ghc", "alive_share"))
    assert found["hill_1"].expectation is None and found["rwsp"].expectation is None
    assert found["alive_share"].value == pytest.approx(0.2)
    assert "early_alive_share" not in found


def test_the_early_share_alive_is_the_mean_of_generations_150_to_200(monkeypatch):
    """A quarter and three quarters of the cells alive within them, all cells just before and after."""
    keys = ("width", "height", "mutation", "seed_fraction", "inheritance")
    world = {key: experiment()[key] for key in keys}
    early = theory.Known(world, (150, 200), 3, {"alive_share": (0.5, 0.01)})
    monkeypatch.setattr(theory, "EARLY", (early,))
    rows = table()[:4].assign(generation=[149, 150, 200, 201], alive=[400, 100, 300, 400])
    found = gd.summarise(rows, experiment(generations=300))["early_alive_share"]
    assert found.value == 0.5 and found.unit == "share" and found.n == 1
    assert found.expectation.value == 0.5 and found.expectation.standard_error == 0.01


def test_who_is_alive_after_the_budget_is_counted_in_the_worst_frame():
    """Budget 3, generations 4 and 5 count, of both runs; without such a generation nothing is said."""
    settings = experiment(generations=5, budget=3, inheritance=0.0)
    alive = np.array([9, 9, 9, 9, 0, 2, 9, 9, 9, 9, 5, 0])
    found = gd.summarise(table(alive=alive), settings)["alive_later"]
    assert (found.value, found.n, found.unit, found.exact) == (5, 2, "cells", True)
    assert agrees(found).outcome == "disagrees"
    assert "alive_later" not in gd.summarise(table(alive=alive), settings | {"budget": 5})
    assert "alive_later" not in gd.summarise(table(alive=alive), settings | {"budget": "inf"})


@pytest.mark.parametrize("mutation", [0.1, 0.2])
def test_the_published_hash_is_compared_with_20_000_mutants(mutation):
    """Its share, its error and the 27,500 there; another mutation probability was not published."""
    found = gd.summarise(table(), experiment(generations=5, mutation=mutation))["same_unscaled_hash"]
    assert found.n == 20_000 and found.unit == "share" and found.ci[0] < found.value < found.ci[1]
    assert found.expectation == theory.same_hash({"mutation": mutation})
    assert agrees(found).outcome == "agrees"
    assert "same_unscaled_hash" not in gd.summarise(table(), experiment(generations=5, mutation=0.3))


def test_counts_of_a_frame_by_hand():
    """Rows 0 (empty), 1, 2, 3 of the table; five cells, one of them empty, row 3 is held by nobody.

    RWSP shows two colours and the black of the empty cell, minus one; GHC one colour, black too, and 1 - 1 + 1.
    """
    births = Births(*[np.zeros(2, np.int64)] * 7)
    cells = np.array([0, 3, 1, 0], np.int32)
    row = np.array([[0, 1, 1, 1, 2]], np.int32)
    living = Living(0, 4, row, row, np.zeros((4, 40), np.float32), np.arange(4), cells, cells, births)
    rwsp, ghc = np.array([0, 7, 9, 8], np.uint32), np.array([0, 0, 5, 6], np.uint32)
    found = gd.count(living, rwsp, ghc, colour_marks())
    assert (found["rwsp"], found["rwsp_colours"], found["ghc"], found["ghc_colours"]) == (2, 2, 1, 2)
    assert (found["exact"], found["nets"], found["born"]) == (2, 4, 2)
    assert found["hill_2"] == pytest.approx(16 / 10)
    assert found["hill_1"] == pytest.approx(np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))))
    full = replace(living, gid=row[:, 1:], row=row[:, 1:])
    assert gd.count(full, rwsp, ghc, colour_marks())["rwsp"] == 1  # no empty cell: two colours minus one
    assert gd.count(full, rwsp, ghc, colour_marks())["ghc"] == 1  # black is a colour of a genome here


def test_runs_follow_each_other_in_the_table(world_of_two):
    """Generation by generation, run after run; the cells alive are those of the same run."""
    trajectory, found = world_of_two
    assert found["run"].tolist() == [0] * 6 + [1] * 6 and found["generation"].tolist() == [*range(6)] * 2
    alive = (trajectory.frames["alpha"].values > 0).sum(axis=(2, 3))
    assert found["alive"].tolist() == alive.reshape(-1).tolist()
    log = trajectory.log
    born = [(log["run"].values == r) & (log["birth"].values == g) for r in (0, 1) for g in range(6)]
    assert found["born"].tolist() == [int(b.sum()) for b in born]


@pytest.fixture(scope="module")
def world_of_two():
    settings = experiment(runs=2, generations=5)
    p = Parameters.from_config(settings)
    trajectory = datasets(drive(p), p)
    return trajectory, gd.find(trajectory, settings)["gd"]
