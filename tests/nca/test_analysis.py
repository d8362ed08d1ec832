"""All findings of one small world at once."""

import pandas
import pytest

from emergent_dynamics.nca import analysis
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import datasets, drive, experiment


@pytest.fixture(scope="module")
def tables():
    settings = experiment(runs=2, generations=12, clusters=3, sensitivity={"twins": 2, "generations": 6})
    p = Parameters.from_config(settings)
    return analysis.tables(datasets(drive(p), p), settings)


def test_rows_are_numbered_through_all_runs(tables):
    """A row's index is its number, so that parts joined from several runs cannot be mistaken for each other."""
    for name, table in tables.items():
        assert table.index.equals(pandas.RangeIndex(len(table))), name


def test_there_are_as_many_rows_as_the_data_model_says(tables):
    """Two runs of 13 frames; twelve clades and the others; two twins of seven frames; seven measures."""
    rows = {
        "pd": 26,
        "gd": 26,
        "activity": 26,
        "lineage": 2,
        "clades": 26 * 13,
        "sensitivity": 14,
        "bands": 7 * 13,
    }
    assert {name: len(tables[name]) for name in rows} == rows
