"""Phenotypic diversity of every generation."""

from emergent_dynamics.nca.findings import pd
from emergent_dynamics.nca.phenotype import VALUES
from tests.nca.worlds import datasets, drive, parameters


def test_the_table_counts_every_cell_once():
    """n_0.0 + ... + n_1.0 + n_above = cells, in every frame of every run; frame 0 has the founders at 1.0."""
    p = parameters(runs=2, generations=5)
    table = pd.find(datasets(drive(p), p))["pd"]
    assert (table[[*VALUES, "n_above"]].sum(axis=1) == p.cells).all()
    assert table.groupby("run")["n_1.0"].first().tolist() == [p.founders, p.founders]
    assert list(zip(table["run"], table["generation"], strict=True)) == [
        (r, g) for r in (0, 1) for g in range(6)
    ]
