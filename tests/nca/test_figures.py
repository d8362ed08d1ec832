"""Figures and films say what the tables say, and can be drawn of a dead world."""

import numpy as np
import pandas
import pytest

from emergent_dynamics.nca import analysis, descent
from emergent_dynamics.nca.colouring import rwsp_positions
from emergent_dynamics.nca.descent import Tree
from emergent_dynamics.nca.figures import (
    activity,
    clusters,
    ctfp,
    film,
    gd,
    moments,
    muller,
    pd,
    phylogeny,
    sensitivity,
    sweep,
    viewer,
)
from emergent_dynamics.nca.findings.sweep import find as compare
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import datasets, drive, experiment

POSITIONS = rwsp_positions(2, 1)


@pytest.fixture(scope="module", params=["living", "dead"])
def world(request):
    """The experiment, its trajectory and the tables of all findings."""
    settings = experiment(generations=12, inheritance=0.4 if request.param == "living" else 0.0, clusters=3)
    p = Parameters.from_config(settings)
    trajectory = datasets(drive(p), p)
    return settings, trajectory, analysis.tables(trajectory, settings)


def test_a_node_stands_in_the_middle_of_its_children():
    """1 -> (2, 3), 3 -> (4, 5): tips 2, 4, 5 at 0, 1, 2; 3 at 1.5, 1 at 0.75; 6 is a root of its own at 3."""
    ancestor = np.array([0, 1, 1, 3, 3, 0])
    tree = Tree(np.arange(1, 7), ancestor, np.zeros(6, int), np.zeros(6, int), np.zeros(6, int), 1)
    height, root = phylogeny.places(tree)
    assert height.tolist() == [0.75, 0, 1.5, 1, 2, 3]
    assert root.tolist() == [0, 0, 0, 0, 0, 1]


def test_every_figure_can_be_drawn(world):
    """Also where everybody died and there is nothing to show."""
    settings, _, tables = world
    drawings = [
        ctfp.draw(tables["pd"], 400),
        pd.draw(tables["pd"], settings),
        gd.draw(tables["gd"], settings),
        muller.draw(tables["clades"]),
        phylogeny.draw(descent.collapse(descent.tree(tables["phylogeny"], 12, run=0))),
        activity.draw(tables["activity"]),
        clusters.draw(tables["clusters"], tables["clusters_sample"], tables["clusters_quality"]),
        sensitivity.draw(tables["sensitivity"]),
        sweep.draw(compare({"budget=4": (tables["pd"], tables["gd"])})["sweep"]),
    ]
    for drawing in drawings:
        drawing.canvas.draw()
        titled = (axis.get_title(loc="left") or axis.get_title() or axis.texts for axis in drawing.axes)
        assert drawing.get_suptitle() or all(titled)


def test_a_table_read_back_is_the_tree_that_was_written(world, tmp_path):
    """Through CSV: genome, ancestor, birth and last frame."""
    _, trajectory, tables = world
    tables["phylogeny"].to_csv(tmp_path / "phylogeny.csv", index=False)
    read = descent.tree(pandas.read_csv(tmp_path / "phylogeny.csv"), 12, run=0)
    tree = descent.prune(descent.read(trajectory.frames, trajectory.log, 0)[0])
    for name in ("genome", "ancestor", "birth", "last", "cell"):
        assert np.array_equal(getattr(read, name), getattr(tree, name)), name


def test_the_films_colours_are_those_of_the_table(world):
    """Colours on each frame, black left out, are as many as the table gd counts."""
    settings, trajectory, tables = world
    maps = moments.coloured(trajectory, settings)
    table = tables["gd"]
    for i, generation in enumerate(maps.generations):
        row = table[table["generation"] == generation].iloc[0]
        black = int((maps.ghc[i] == 0).any())
        assert np.unique(maps.ghc[i]).size - black == row["ghc_colours"] - (
            row["nets"] and _black(maps.ghc[i], trajectory.frames, i)
        )
    assert len(list(film.genome("GHC", maps.generations, maps.ghc))) == len(list(film.state(maps))) == 13


def _black(colours, frames, i):
    """Whether a living genome is black too: then the film's count is one lower."""
    return bool(((colours == 0) & (frames["gid"].values[0, i] > 0)).any())


def test_the_page_holds_every_genome_that_it_shows(world):
    """And their ancestors up to the founders; it is one file without a link."""
    _, trajectory, _ = world
    family = descent.read(trajectory.frames, trajectory.log, 0)
    page = viewer.build(trajectory, family, 2, POSITIONS)
    assert "<script>" in page and "http" not in page.split("<main>")[1].split("</main>")[0]


@pytest.mark.parametrize(("damage", "healed"), [([0.1, 0.2, 0.0], True), ([0.1, 0.2, 0.3], False)])
def test_a_twin_that_healed_is_pointed_out(damage, healed):
    """A logarithmic axis shows no zero, and would look as if something were missing."""
    table = pandas.DataFrame({"twin": 0, "generation": [0, 1, 2], "damage": damage})
    table = table.assign(clades=table["damage"], unrelated=0.5, radius=1.0)
    drawing = sensitivity.draw(table)
    remarks = [text.get_text() for text in drawing.axes[0].texts]
    assert ("no cell differs after generation 1" in remarks) == healed
