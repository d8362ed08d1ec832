"""Descent and species, on families worked out by hand and on small runs."""

import numpy as np
import pandas
import pytest
import xarray as xr

from emergent_dynamics.findings import agrees
from emergent_dynamics.nca import census
from emergent_dynamics.nca.descent import Descent
from emergent_dynamics.nca.findings import lineage, pd
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import board, datasets, drive, experiment, parameters


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_species_are_ranked_by_the_cells_they_held():
    """Genome 1 holds 2 + 1, genome 2 holds 1 + 2, genome 3 holds 1 cells; 2 is dominant, 1 and 3 rare at the end."""
    frames, _, _ = board([1, 1, 2, 0], [1, 2, 2, 3])
    descent = Descent(
        *(np.array(a, np.int32) for a in ([-1, 0, 0, 2], [-1, 0, 0, 1], [-1, 0, 2, 3], [-1, 1, 1, 1])), 1
    )
    counted = census.take(frames, 0, np.array([0, 1, 2, 2], np.int32))
    assert counted.last.tolist()[1:] == descent.last.tolist()[1:]
    table, counts = lineage.species(counted, descent)
    assert table["genome"].tolist() == [1, 2, 3]
    assert table["cell_generations"].tolist() == [3, 3, 1]
    assert table["peak_cells"].tolist() == [2, 2, 1]
    assert table["status"].tolist() == ["rare", "dominant", "rare"]
    assert counts == {"extinct": 0, "rare": 2, "common": 0, "dominant": 1}
    assert list(table) == [
        "run", "genome", "parent", "founder", "birth", "last", "cell_generations", "peak_cells", "cells", "status",
    ]  # fmt: skip
    assert table["parent"].tolist() == [0, 0, 2] and table["founder"].tolist() == [1, 2, 2]
    assert table["birth"].tolist() == [0, 0, 1] and table["last"].tolist() == [1, 1, 1]
    assert table["cells"].tolist() == [1, 2, 1]


def test_a_dominant_genome_is_listed_however_short_it_lived():
    """Of 400 nets at the end one hundredth is 4 cells: dominant from there on, common from 2, rare with 1."""
    cells = np.array([0, 4, 3, 2, 1, 0, 390], np.int32)
    assert lineage.status(cells).tolist() == [0, 3, 2, 2, 1, 0, 3]
    assert lineage.status(np.array([0, 3, 397], np.int32)).tolist() == [0, 2, 3]
    assert lineage.status(np.array([0, 1, 2, 0], np.int32)).tolist() == [
        0,
        1,
        3,
        0,
    ]  # never less than two cells
    assert lineage.status_counts(lineage.status(cells)) == {
        "extinct": 1,
        "rare": 1,
        "common": 2,
        "dominant": 2,
    }
    total = np.array([0, 4, 30, 20, 1, 7, 390], np.int32)
    counted = census.Census(0, np.arange(2), total, cells, cells, np.zeros(7, np.int32), [])
    family = Descent(*(np.zeros(7, np.int32) for _ in range(4)), 1)
    table, _ = lineage.species(counted, family, shown=2)
    assert table["genome"].tolist() == [6, 2, 1]  # the two with most cell-generations, and the dominant one
    unseen = census.Census(0, np.arange(2), np.where(total > 20, total, 0), *[cells] * 3, [])
    assert lineage.species(unseen, family)[0]["genome"].tolist() == [6, 2]  # held in no frame: not listed


def test_nobody_is_older_than_the_budget():
    """Ages in the full states of 200 generations; a smaller budget in the summary is not agreed with."""
    settings = experiment(generations=200, width=12, height=12, inheritance=0.5)
    p = Parameters.from_config(settings)
    table = lineage.find(datasets(drive(p), p))["lineage"]
    assert table["oldest"].tolist() == [p.budget]
    found = lineage.summarise(table, settings)["oldest"]
    assert (found.value, found.n, agrees(found).outcome) == (4, 1, "agrees")
    younger = lineage.summarise(table, settings | {"budget": 3})["oldest"]
    assert agrees(younger).outcome == "disagrees"
    assert "oldest" not in lineage.summarise(
        table, settings | {"generations": 99}
    )  # only founders were looked at
    assert "oldest" in lineage.summarise(table, settings | {"generations": 100})
    assert "oldest" not in lineage.summarise(table.assign(oldest=np.nan), settings)


def test_the_oldest_cell_is_the_oldest_of_its_own_run():
    """Two states of two runs of three cells, flattened: ages up to 3 and up to 9; without states it is undefined."""
    age = np.array([0, 1, 2, 0, 9, 0, 3, 0, 0, 0, 1, 2])
    states = xr.Dataset({"age": ("age_value", age)})
    states["age"].encoding["chunks"] = (5,)  # blocks that end inside a run
    assert lineage.oldest(states, 2, 3).tolist() == [3, 9]
    assert np.isnan(lineage.oldest(states.isel(age_value=slice(0)), 2, 3)).all()


def test_families_of_several_runs_stand_in_one_table_each(world):
    """One row of statistics and one Newick line per run; ids are unique within a run."""
    _, _, trajectory = world
    tables = lineage.find(trajectory)
    table, phylogeny = tables["lineage"], tables["phylogeny"]
    assert table["run"].tolist() == [0, 1]
    text = lineage.newick(phylogeny, 40, 2)
    assert text.count("\n") == text.count(";") == 2
    assert not phylogeny.duplicated(["run", "id"]).any()
    assert (table["extinct"] + table["tips"] == table["genomes"]).all()
    headlines = lineage.summarise(table, experiment())
    assert headlines["genomes"].value == table["genomes"].mean()
    assert headlines["founders"].exact and headlines["founders"].value == 80
    assert agrees(headlines["founders"]).outcome == "agrees"
    assert headlines["dominant"].ci[0] >= 0  # a count is not negative, whatever Student says


def test_the_worst_run_decides_whether_the_founders_are_right():
    """80 in one run and 79 in the other do not agree with 80, and 79 is what is shown."""
    table = pandas.DataFrame(
        {"run": [0, 1], "founders": [80.0, 79.0], "genomes": [90.0, 79.0], "oldest": 4.0}
    )
    for name in lineage.MEASURES.keys() - {"genomes"}:
        table[name] = 1.0
    found = lineage.summarise(table, experiment(mutation=0.0))
    assert (found["founders"].value, agrees(found["founders"]).outcome) == (79, "disagrees")
    assert (found["new_genomes"].value, agrees(found["new_genomes"]).outcome) == (10, "disagrees")


def test_a_dead_world_has_undefined_headlines_not_zeros():
    """IP = 0 and budget 4: nobody is left; Hill numbers and depth are NaN."""
    p = parameters(inheritance=0.0, generations=20)
    trajectory = datasets(drive(p), p)
    headlines = lineage.summarise(lineage.find(trajectory)["lineage"], experiment(inheritance=0.0))
    assert np.isnan(headlines["depth"].value)
    assert headlines["depth"].note == "undefined in 1 of 1 runs: no genome is alive in the last generation"
    assert headlines["new_genomes"].value == 0 and agrees(headlines["new_genomes"]).outcome == "agrees"
    assert pd.find(trajectory)["pd"]["gep"].iloc[-1] == 0  # one value on the board is a measurement


def test_of_equal_values_the_first_are_the_largest():
    values = np.array([3, 7, 7, 1, 7, 3], np.int32)
    for shown in range(8):
        expected = np.argsort(-values, kind="stable")[:shown]
        assert lineage.largest(values, shown).tolist() == expected.tolist()
