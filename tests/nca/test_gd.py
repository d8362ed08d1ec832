"""Colours, counts and effective numbers of genomes."""

import numpy as np
import pytest

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import gd, theory
from emergent_dynamics.nca.model import Parameters
from tests.nca.worlds import datasets, drive, parameters


def by_python(weights):
    """GHC as its authors compute it: Python's hash of ten times the weight rounded to two decimals, modulo 2."""
    colours = []
    for net in weights:
        bits = [hash(round(float(w), 2) * 10) % 2 for w in net[:24]]
        colours.append(int("".join(map(str, bits)), 2))
    return np.array(colours, np.uint32)


def test_the_closed_form_of_ghc_is_pythons_hash():
    """100,000 genomes with weights in [-10, 10], and every hundredth in that range: no mismatch."""
    weights = np.random.default_rng(1).uniform(-10, 10, (100_000, 24)).astype(np.float32)
    assert np.array_equal(gd.ghc_colours(weights), by_python(weights))
    hundredths = np.zeros((2001, 24), np.float32)
    hundredths[:, 0] = np.arange(-1000, 1001) / 100
    assert np.array_equal(gd.ghc_colours(hundredths), by_python(hundredths))


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


def test_rwsp_colours_wrap_as_a_cast_to_bytes():
    """w = 0.2, 1.0, -0.1 and 1.2 rounded to a decimal: 51, 255, trunc(-25.5) mod 256 = 231, 306 mod 256 = 50."""
    weights = np.zeros((1, 40), np.float32)
    weights[0, [0, 1, 2, 3]] = 0.21, 0.98, -0.12, 1.19
    assert gd.rwsp_colours(weights, [0, 1, 2], 2)[0] == (51 << 16) + (255 << 8) + 231
    assert gd.rwsp_colours(weights, [3, 36, 37], 2)[0] == 50 << 16  # parameters 36 and 37 are biases: black


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
    positions = gd.rwsp_positions(2, p.seed)
    table = gd.table(groups[""], groups["genome"], 2, positions).set_index(["run", "generation"])
    for (run, generation), row in table.iterrows():
        nets = stored["weights"][run, generation].reshape(p.cells, -1)
        assert row["ghc"] == np.unique(gd.ghc_colours(nets)).size - 1
        assert row["rwsp"] == np.unique(gd.rwsp_colours(nets, positions, 2)).size - 1
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
    table = gd.table(groups[""], groups["genome"], 2, np.array([0, 5, 39]))
    assert gd.summarise(table, settings)["alive_later"].ok
    assert not gd.summarise(table, settings | {"budget": 2})["alive_later"].ok
    assert "alive_later" not in gd.summarise(table, settings | {"inheritance": 0.1})
