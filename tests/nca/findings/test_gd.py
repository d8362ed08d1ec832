"""Counts and effective numbers of genomes."""

import numpy as np
import pytest

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import theory
from emergent_dynamics.nca.colouring import ghc_colours, rwsp_colours, rwsp_positions
from emergent_dynamics.nca.findings import gd
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import datasets, drive, parameters


@pytest.mark.parametrize("probability", theory.SAME_HASH)
def test_a_mutation_keeps_the_unscaled_hash_as_often_as_published(probability):
    """44 parameters U(-1, 1), + U(-1, 1) with probability p: P(all hash bits stay), 27,500 trials there and here."""
    published = theory.SAME_HASH[probability]
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
    assert gd.summarise(table, settings)["alive_later"].ok
    assert not gd.summarise(table, settings | {"budget": 2})["alive_later"].ok
    assert "alive_later" not in gd.summarise(table, settings | {"inheritance": 0.1})
