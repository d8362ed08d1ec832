"""The atlas on the front page: a system that no room knows gets a column and a row; without an atlas there is none."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from emergent_dynamics import atlas
from emergent_dynamics.front import atlas as page
from emergent_dynamics.plotting import atlas as figure
from emergent_dynamics.plotting import style
from tests.atlas.rows import PANEL, row, toy

SWEEPS = page.Sweeps({"toy": "Toy walkers"}, {"toy": 1.0}, {"toy": {"walk": 1.0}})
NOTHING = page.Sweeps({}, {}, {})


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
    style.save(figure.settling(table, {"toy": PANEL}), folder.parent / "settling.svg")
    return tmp_path


def test_a_system_has_its_column_and_its_row(joined):
    """Critical point beside the exact one; the largest growth of the series that is drawn, with window and average."""
    section = page.section(["results/atlas/atlas.csv", "results/atlas/toy/atlas.svg"], joined, SWEEPS)
    (column,) = section.columns
    assert (column.name, column.title) == ("toy", "Toy walkers")
    assert (column.critical, column.exact) == ("2.00 [1.50, 2.50]", "1.9")
    assert column.growth == "0.40 [0.30, 0.50] at 2, n = 8"
    assert (column.window, column.amplification) == ("5 natural times, log of mean", "")
    assert column.order == "0.50 [0.40, 0.60] at 1, n = 8"
    assert section.caption == "What growth means." and section.settling.kind == "picture"
    assert 'aria-label="Walks further. A toy."' in column.drawing
    assert column.data == "results/atlas/toy/atlas.csv"


def test_a_point_of_the_drawing_says_its_numbers_and_leads_to_its_experiment(joined):
    """The order at drift 1 is that of the experiment `walk`; the growth at drift 2 is nobody's."""
    (column,) = page.section(["results/atlas/toy/atlas.svg"], joined, SWEEPS).columns
    root = ElementTree.fromstring(column.drawing)
    links = root.findall(f".//{{{page.SVG}}}a")
    assert {link.get("href") for link in links} == {"#toy-walk"}
    told = [point.findtext(f"{{{page.SVG}}}title") for link in links for point in link]
    assert told[0] == "order 0.50 [0.40, 0.60]\nat drift 1, 10 walkers, n = 8"
    alone = root.find(f".//*[@id='toy-row-3']/{{{page.SVG}}}title").text
    assert alone == "growth 0.40 [0.30, 0.50]\nat drift 2, 10 walkers, n = 8"
    assert root.find(".//*[@id='toy-row-4']") is None  # another series, not drawn
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert all(name.startswith("toy-") for name in ids) and "<style" not in column.drawing
    for used in re.findall(r"(?:url\(|href=\")#([^)\"]+)", column.drawing):
        assert used in ids or used == "toy-walk"


def test_times_to_settle_are_drawn_of_the_systems_that_have_them():
    settles = row(quantity="relaxation", value=2.0, lo=1.0, hi=3.0)
    drawn = figure.settling(atlas.tabulate([settles]), {"toy": PANEL})
    assert [axis.get_title(loc="left") for axis in drawn.axes] == ["toy"]
    assert any(list(line.get_ydata()) == [1.0, 3.0] for line in drawn.axes[0].lines)
    none = figure.settling(atlas.tabulate(toy()), {"toy": PANEL})
    assert [text.get_text() for text in none.axes[0].texts] == ["no system of this run has a time to settle"]


def test_what_is_not_there_is_not_said(joined):
    """No critical row: none; an undefined one: not known; a system without a title keeps its name."""
    path = joined / "results" / "atlas" / "toy" / "atlas.csv"
    paths = ["results/atlas/toy/atlas.svg"]
    atlas.tabulate([row()]).to_csv(path, index=False)
    (column,) = page.section(paths, joined, NOTHING).columns
    assert (column.title, column.critical, column.growth, column.window) == ("toy", "none", "", "")
    lost = row(quantity="critical", control=np.nan, value=np.nan, lo=np.nan, hi=np.nan, note="never")
    atlas.tabulate([lost]).to_csv(path, index=False)
    (column,) = page.section(paths, joined, NOTHING).columns
    assert (column.critical, column.exact) == ("not known", "")


def test_a_run_without_an_atlas_has_no_section(joined):
    assert page.section(["results/toy/walk/figures/paths.svg"], joined, NOTHING) is None
