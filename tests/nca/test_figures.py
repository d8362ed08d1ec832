"""Figures and films say what the tables say, and can be drawn of a dead world."""

import numpy as np
import pandas
import pytest

from emergent_dynamics.nca import (
    activity,
    clusters,
    families,
    figures,
    films,
    gd,
    lineage,
    pd,
    repeats,
    sensitivity,
    viewer,
)
from emergent_dynamics.nca.lineage import Tree
from tests.nca.worlds import datasets, drive, parameters

SETTINGS = {
    "channels": 2,
    "seed": 1,
    "clusters": 3,
    "generations": 12,
    "width": 20,
    "height": 20,
    "rwsp": None,
}
POSITIONS = gd.rwsp_positions(2, 1)


@pytest.fixture(scope="module", params=["living", "dead"])
def world(request):
    p = parameters(generations=12, inheritance=0.4 if request.param == "living" else 0.0)
    groups = datasets(drive(p), p)
    return groups[""], groups["genome"], families.find(groups[""], groups["genome"])


def test_a_node_stands_in_the_middle_of_its_children():
    """1 -> (2, 3), 3 -> (4, 5): tips 2, 4, 5 at 0, 1, 2; 3 at 1.5, 1 at 0.75; 6 is a root of its own at 3."""
    ancestor = np.array([0, 1, 1, 3, 3, 0])
    tree = Tree(np.arange(1, 7), ancestor, np.zeros(6, int), np.zeros(6, int), np.zeros(6, int), 1)
    height, root = figures.places(tree)
    assert height.tolist() == [0.75, 0, 1.5, 1, 2, 3]
    assert root.tolist() == [0, 0, 0, 0, 0, 1]


def test_every_figure_can_be_drawn(world):
    """Also where everybody died and there is nothing to show."""
    frames, log, found = world
    tree = lineage.collapse(lineage.tree(found.phylogeny, 12, run=0))
    known = {**SETTINGS, **parameters().__dict__, "catastrophe": {"every": 0}}
    table, sample = clusters.find(frames, log, SETTINGS)
    drawn = [
        figures.ctfp(pd.table(frames), 400),
        figures.phenotype(pd.table(frames), known),
        figures.genotype(gd.table(frames, log, 2, POSITIONS), known),
        figures.muller(found.clades),
        figures.phylogeny(tree),
        figures.activity(activity.table(frames, 1)),
        figures.clusters(table, sample),
        figures.sensitivity(sensitivity.table(parameters(inheritance=0.0), twins=2, generations=12)),
        figures.sweep(repeats.sweep({"budget=4": (pd.table(frames), gd.table(frames, log, 2, POSITIONS))})),
    ]
    for drawing in drawn:
        drawing.canvas.draw()
        assert all(axis.get_title(loc="left") or axis.get_title() or axis.texts for axis in drawing.axes)


def test_a_table_read_back_is_the_tree_that_was_written(world, tmp_path):
    """Through CSV: genome, ancestor, birth and last frame."""
    frames, log, found = world
    found.phylogeny.to_csv(tmp_path / "phylogeny.csv", index=False)
    read = lineage.tree(pandas.read_csv(tmp_path / "phylogeny.csv"), 12, run=0)
    tree = lineage.prune(lineage.read(frames, log, 0)[0])
    for name in ("genome", "ancestor", "birth", "last", "cell"):
        assert np.array_equal(getattr(read, name), getattr(tree, name)), name


def test_the_films_colours_are_those_of_the_table(world):
    """Colours on each frame, black left out, are as many as `gd.table` counts."""
    frames, log, _ = world
    maps = films.coloured(frames, log, SETTINGS)
    table = gd.table(frames, log, 2, POSITIONS)
    for i, generation in enumerate(maps.generations):
        row = table[table["generation"] == generation].iloc[0]
        black = int((maps.ghc[i] == 0).any())
        assert np.unique(maps.ghc[i]).size - black == row["ghc_colours"] - (
            row["nets"] and _black(maps.ghc[i], frames, i)
        )
    assert len(list(films.genome("GHC", maps.generations, maps.ghc))) == len(list(films.state(maps))) == 13


def _black(colours, frames, i):
    """Whether a living genome is black too: then the film's count is one lower."""
    return bool(((colours == 0) & (frames["gid"].values[0, i] > 0)).any())


def test_the_page_holds_every_genome_that_it_shows(world):
    """And their ancestors up to the founders; it is one file without a link."""
    frames, log, _ = world
    page = viewer.build(frames, log, lineage.read(frames, log, 0)[0], 2, POSITIONS, 0)
    assert "<script>" in page and "http" not in page.split("<main>")[1].split("</main>")[0]


@pytest.mark.parametrize(("damage", "said"), [([0.1, 0.2, 0.0], True), ([0.1, 0.2, 0.3], False)])
def test_a_twin_that_healed_is_said_to_have(damage, said):
    """A logarithmic axis shows no zero, and would look as if something were missing."""
    table = pandas.DataFrame({"twin": 0, "generation": [0, 1, 2], "damage": damage})
    table = table.assign(clades=table["damage"], unrelated=0.5, radius=1.0)
    drawing = figures.sensitivity(table)
    assert (
        "no cell differs after generation 1" in [text.get_text() for text in drawing.axes[0].texts]
    ) == said
