"""Descent and species, on families worked out by hand and on small runs."""

import numpy as np
import pytest

from emergent_dynamics.nca import census
from emergent_dynamics.nca.descent import Descent
from emergent_dynamics.nca.findings import lineage, pd
from tests.nca.worlds import board, datasets, drive, parameters

SETTINGS = {
    "width": 20,
    "height": 20,
    "seed_fraction": 0.2,
    "mutation": 0.05,
    "inheritance": 0.5,
    "budget": 4,
}


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


def test_nobody_is_older_than_the_budget():
    """Ages in the full states of 200 generations; a smaller budget in the summary is not agreed with."""
    p = parameters(generations=200, width=12, height=12, inheritance=0.5)
    table = lineage.find(datasets(drive(p), p))["lineage"]
    settings = SETTINGS | {"width": 12, "height": 12}
    assert table["oldest"].tolist() == [p.budget]
    assert lineage.summarise(table, settings)["oldest"].ok
    assert not lineage.summarise(table, settings | {"budget": 3})["oldest"].ok


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
    headlines = lineage.summarise(table, SETTINGS)
    assert headlines["genomes"].value == table["genomes"].mean()
    assert headlines["founders"].ok and headlines["founders"].expected == 80


def test_a_dead_world_has_undefined_headlines_not_zeros():
    """IP = 0 and budget 4: nobody is left; Hill numbers and depth are NaN."""
    p = parameters(inheritance=0.0, generations=20)
    trajectory = datasets(drive(p), p)
    headlines = lineage.summarise(lineage.find(trajectory)["lineage"], SETTINGS | {"inheritance": 0})
    assert np.isnan(headlines["depth"].value) and headlines["depth"].note
    assert headlines["new_genomes"].ok and headlines["new_genomes"].value == 0
    assert pd.find(trajectory)["pd"]["gep"].iloc[-1] == 0  # one value on the board is a measurement
