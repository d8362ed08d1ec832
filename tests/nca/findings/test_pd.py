"""Phenotypic diversity of every generation."""

import numpy as np
import pandas
import pytest
import xarray as xr

from emergent_dynamics.nca import theory
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.findings import pd
from emergent_dynamics.nca.phenotype import VALUES
from tests.nca.worlds import GARDEN, datasets, drive, experiment, parameters


def test_the_table_counts_every_cell_once():
    """n_0.0 + ... + n_1.0 + n_above = cells, in every frame of every run; frame 0 has the founders at 1.0."""
    p = parameters(runs=2, generations=5)
    table = pd.find(datasets(drive(p), p))["pd"]
    assert (table[[*VALUES, "n_above"]].sum(axis=1) == p.cells).all()
    assert table.groupby("run")["n_1.0"].first().tolist() == [p.founders, p.founders]
    assert list(zip(table["run"], table["generation"], strict=True)) == [
        (r, g) for r in (0, 1) for g in range(6)
    ]


def test_the_measures_have_their_units_and_ranges():
    """Two runs of 5 generations, measured in generations 3 to 5 (the second half); ranges cut the intervals."""
    table = pandas.DataFrame({"run": np.repeat([0, 1], 6), "generation": np.tile(np.arange(6), 2)})
    values = np.array([9, 9, 9, 1, 2, 3, 9, 9, 9, 5, 6, 7.0])
    table = table.assign(gep=values / 10, gcvp=values / 10, clogv=values / 40, zlib=values)
    found = pd.summarise(table, experiment(generations=5))
    assert [found[name].value for name in ("gep", "gcvp", "clogv", "zlib")] == pytest.approx(
        [0.4, 0.4, 0.1, 4]
    )
    assert found["gep"].ci == found["gcvp"].ci == (0, 1) and found["clogv"].ci == (0, 0.25)
    assert found["zlib"].ci[0] == 0 and found["zlib"].ci[1] > 20
    assert [found[name].unit for name in ("gep", "gcvp", "clogv", "zlib")] == ["1", "1", "1", "bit"]
    assert found["gep"].rank == 3 and found["gcvp"].rank is found["clogv"].rank is found["zlib"].rank is None
    assert all(headline.n == 2 and headline.expectation is None for headline in found.values())


def test_known_values_stand_beside_the_measures_of_their_world():
    """The world of the default configuration: what the second code found, and nothing for the deflated size."""
    settings = experiment(**GARDEN)
    table = pandas.DataFrame(
        {"run": [0], "generation": 200, "gep": 0.5, "gcvp": 0.5, "clogv": 0.1, "zlib": 1.0}
    )
    found = pd.summarise(table, settings)
    known = theory.stationary_values(settings)
    assert all(found[name].expectation == known[name] for name in ("gep", "gcvp", "clogv"))
    assert found["zlib"].expectation is None


def test_the_entropy_over_all_values_divides_by_ln_11():
    """One run, two values in equal shares: GEP 1, gep_possible ln 2 / ln 11, sd of 0 and 0.8."""
    alpha = np.repeat(np.array([0, 8], np.uint8), 8).reshape(1, 1, 4, 4)
    frames = xr.Dataset({"alpha": (("run", "generation", "y", "x"), alpha)}, {"run": [0], "generation": [7]})
    (row,) = pd.find(Trajectory(frames, xr.Dataset(), xr.Dataset()))["pd"].to_dict("records")
    assert row["gep"] == 1 and row["gep_possible"] == pytest.approx(np.log(2) / np.log(11))
    assert row["alpha_sd"] == pytest.approx(0.4) and (row["n_0.0"], row["n_0.8"], row["n_above"]) == (8, 8, 0)
    bright = frames.assign(alpha=frames["alpha"] + 11)
    assert pd.find(Trajectory(bright, xr.Dataset(), xr.Dataset()))["pd"]["n_above"].tolist() == [16]
