"""The atlas on the front page: a system that no room knows gets a column and a row; without an atlas there is none."""

import numpy as np
import pytest

from emergent_dynamics import atlas
from emergent_dynamics.front import atlas as page
from emergent_dynamics.plotting import atlas as figure
from emergent_dynamics.plotting import style
from tests.atlas.rows import PANEL, row, toy


@pytest.fixture
def joined(tmp_path, monkeypatch):
    """results/atlas of the toy, as the rules leave it, and a caption."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "atlas" / "toy"
    folder.mkdir(parents=True)
    (tmp_path / "atlas.rst").write_text("What *growth*\nmeans.\n")
    rows = [
        *toy(),
        row(quantity="growth", control=2.0, value=0.4, lo=0.3, hi=0.5, window=5.0, average="log of mean"),
    ]
    table = atlas.tabulate(
        [*rows, row(series="other", quantity="growth", value=9.0, lo=9.0, hi=9.0, window=1.0)]
    )
    table.to_csv(folder / "atlas.csv", index=False)
    PANEL.save(folder / "panel.json")
    style.save(figure.column(table, PANEL, 1.0), folder / "atlas.svg")
    return tmp_path


def test_a_system_has_its_column_and_its_row(joined):
    """Critical point beside the exact one; the largest growth of the series that is drawn, with window and average."""
    section = page.section(
        ["results/atlas/atlas.csv", "results/atlas/toy/atlas.svg"], joined, {"toy": "Toy walkers"}
    )
    (column,) = section.columns
    assert (column.name, column.title) == ("toy", "Toy walkers")
    assert (column.critical, column.exact) == ("2.00 [1.50, 2.50]", "1.9")
    assert column.growth == "0.40 [0.30, 0.50] at 2, n = 8"
    assert (column.window, column.amplification) == ("5 natural times, log of mean", "")
    assert section.caption == "What growth means." and column.figure.kind == "picture"
    assert (
        column.figure.caption == "Walks further. A toy."
        and column.figure.data == "results/atlas/toy/atlas.csv"
    )


def test_what_is_not_there_is_not_said(joined):
    """No critical row: none; an undefined one: not known; a system without a title keeps its name."""
    path = joined / "results" / "atlas" / "toy" / "atlas.csv"
    paths = ["results/atlas/toy/atlas.svg"]
    atlas.tabulate([row()]).to_csv(path, index=False)
    (column,) = page.section(paths, joined, {}).columns
    assert (column.title, column.critical, column.growth, column.window) == ("toy", "none", "", "")
    lost = row(quantity="critical", control=np.nan, value=np.nan, lo=np.nan, hi=np.nan, note="never")
    atlas.tabulate([lost]).to_csv(path, index=False)
    (column,) = page.section(paths, joined, {}).columns
    assert (column.critical, column.exact) == ("not known", "")


def test_a_run_without_an_atlas_has_no_section(joined):
    assert page.section(["results/toy/walk/figures/paths.svg"], joined, {}) is None
