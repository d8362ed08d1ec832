"""The phylogeny by other programs, as performance/nca_phylogeny.py times them, is the same."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.nca import descent
from performance import nca_phylogeny as ways
from tests.nca.worlds import datasets, drive, parameters


@pytest.mark.parametrize("way", ["phylotrackpy", "tskit"])
def test_another_program_finds_as_many_living_genomes_and_ancestors(tmp_path, way):
    """From births and deaths alone; ages of the ancestors agree too."""
    pytest.importorskip(way, reason=f"{way} is not installed")
    p = parameters(generations=60, inheritance=0.5, mutation=0.02)
    trajectory = datasets(drive(p), p)
    family, _ = descent.read(trajectory.frames, trajectory.log, 0)
    arrays = family.parent, family.birth, family.last, family.generations
    ours = ways.here(*arrays, tmp_path / "ours.csv")
    assert getattr(ways, way)(*arrays, tmp_path / "theirs.csv") == ours
    assert ours[0] == np.unique(trajectory.frames["gid"].values[0, -1]).size - 1 < ours[1]
    if way == "tskit":
        born = [pd.read_csv(tmp_path / f"{name}.csv")["origin_time"] for name in ("ours", "theirs")]
        assert np.array_equal(*map(np.sort, born))
