"""Figures and films say what the tables say, and can be drawn of a dead world."""

import json

import numpy as np
import pandas
import pytest

from emergent_dynamics.findings import read_summary, write_summary
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
    viewer,
)
from emergent_dynamics.nca.findings import activity as of_activity
from emergent_dynamics.nca.findings import gd as of_gd
from emergent_dynamics.nca.findings import pd as of_pd
from emergent_dynamics.nca.findings import sensitivity as of_sensitivity
from emergent_dynamics.nca.parameters import Parameters
from tests.nca.worlds import datasets, drive, experiment

POSITIONS = rwsp_positions(2, 1)


def data_of(html):
    """The data of each run of a page."""
    return [json.loads(text.split("</script>")[0]) for text in html.split('class="data">')[1:]]


@pytest.fixture(scope="module", params=["living", "dead"])
def world(request):
    """The experiment, its trajectory and the tables of all findings."""
    settings = experiment(generations=12, inheritance=0.4 if request.param == "living" else 0.0, clusters=3)
    p = Parameters.from_config(settings)
    trajectory = datasets(drive(p), p)
    return settings, trajectory, analysis.tables(trajectory, settings)


@pytest.fixture(scope="module")
def headlines(world, tmp_path_factory):
    """The records of the headlines of all findings, as a job reads them."""
    settings, _, tables = world
    path = tmp_path_factory.mktemp("headlines") / "summary.json"
    found = of_pd.summarise(tables["pd"], settings) | of_gd.summarise(tables["gd"], settings)
    found |= of_activity.summarise(tables["activity"], settings)
    write_summary(path, found | of_sensitivity.summarise(tables["sensitivity"]))
    return read_summary(path)


def test_a_node_stands_in_the_middle_of_its_children():
    """1 -> (2, 3), 3 -> (4, 5): tips 2, 4, 5 at 0, 1, 2; 3 at 1.5, 1 at 0.75; 6 is a root of its own at 3."""
    ancestor = np.array([0, 1, 1, 3, 3, 0])
    tree = Tree(np.arange(1, 7), ancestor, np.zeros(6, int), np.zeros(6, int), np.zeros(6, int), 1)
    height, root = phylogeny.places(tree)
    assert height.tolist() == [0.75, 0, 1.5, 1, 2, 3]
    assert root.tolist() == [0, 0, 0, 0, 0, 1]


def test_every_figure_can_be_drawn(world, headlines):
    """Also where everybody died and there is nothing to show."""
    settings, _, tables = world
    drawings = [
        ctfp.draw(tables["pd"], 400),
        pd.draw(tables["pd"], settings, headlines),
        gd.draw(tables["gd"], settings, headlines),
        muller.draw(tables["clades"]),
        phylogeny.draw(descent.collapse(descent.tree(tables["phylogeny"], 12, run=0))),
        activity.draw(tables["activity"], headlines),
        clusters.draw(tables["clusters"], tables["clusters_sample"], tables["clusters_quality"]),
        sensitivity.draw(tables["sensitivity"], headlines),
    ]
    for drawing in drawings:
        drawing.canvas.draw()
        titled = (axis.get_title(loc="left") or axis.get_title() or axis.texts for axis in drawing.axes)
        assert drawing.get_suptitle() or all(titled)


def test_titles_state_headlines_with_their_intervals(world, headlines):
    """The number and the interval of the summary; of the last generation those over the runs of its table."""
    settings, _, tables = world
    assert (
        set(tables["pd"]["run"]) == {0}
        and "[" not in pd.draw(tables["pd"], settings, headlines).get_suptitle()
    )
    told = headlines | {"gep": headlines["gep"] | {"value": 0.5, "ci": [0.46, 0.54]}}
    assert "GEP 0.500 [0.460, 0.540], GCVP" in pd.draw(tables["pd"], settings, told).get_suptitle().replace(
        "\n", " "
    )
    frames = [tables["pd"].assign(run=run) for run in range(2)]
    for share, table in zip((0.5, 0.25), frames, strict=True):
        table[[f"n_{k / 10:.1f}" for k in range(11)]] = 0
        table["n_0.6"], table["n_0.7"] = 100 * share, 100 * (1 - share)
    title = ctfp.draw(pandas.concat(frames), 400).get_suptitle()
    assert (
        title == "In the last generation 62 [0, 100] % of the living cells have alpha 0.7"
    )  # 62.5, t of 2 runs
    clades = pandas.DataFrame(
        {
            "run": [0, 0, 0, 1, 1],
            "generation": [4, 5, 5, 5, 5],
            "founder": [0, 3, 0, 4, 0],
            "cells": [9, 30, 70, 50, 50],
        }
    )
    assert "holds 40 [0, 100] % of the cells" in muller.draw(clades).get_suptitle().replace("\n", " ")


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
    page = viewer.build(trajectory, 2, POSITIONS)
    assert "<script>" in page and "http" not in page.split("<main>")[1].split("</main>")[0]
    assert page.count('class="data"') == trajectory.frames.sizes["run"]


def test_the_other_runs_share_what_the_first_one_leaves_of_a_page():
    """40 frames of 600 kB: 15 kB each, 21 kB where they are few; seven runs share the other 750 kB."""
    assert viewer.rest(600_000, 40, 7) == int(750_000 / 7 / 21_000) == 5
    assert viewer.rest(600_000, 40, 0) == 35 and viewer.rest(1_400_000, 40, 7) <= 0


@pytest.mark.parametrize("share", [0.6, 0.1])
def test_the_first_run_has_fewer_frames_where_it_would_fill_more_than_a_page(world, monkeypatch, share):
    """Worlds of 300 x 300 cells and long budgets made pages that no report shows; one frame, the last, always stays."""
    _, trajectory, _ = world
    whole = data_of(viewer.build(trajectory, 2, POSITIONS))[0]
    monkeypatch.setattr(viewer.page, "LARGEST", int(share * len(viewer.page.encode(whole))))
    first = data_of(viewer.build(trajectory, 2, POSITIONS))[0]
    times, before = viewer.page.unpack(first["time"]), viewer.page.unpack(whole["time"])
    assert times[-1] == before[-1] and 1 <= times.size < before.size
    assert times.size == 1 or len(viewer.page.encode(first)) <= viewer.page.LARGEST


def test_a_world_too_large_for_a_page_is_shown_around_its_middle(world, monkeypatch):
    """Of one frame that does not fit, the page has a square of cells, and says which."""
    _, trajectory, _ = world
    last = trajectory.frames["generation"].values[-1:]
    whole = viewer.lineages(trajectory, 0, last, (2, POSITIONS))
    part = viewer.lineages(trajectory, 0, last, (2, POSITIONS), 6)
    top, left = ((trajectory.frames.sizes[axis] - 6) // 2 for axis in "yx")
    assert np.array_equal(part["alpha"], whole["alpha"][:, top : top + 6, left : left + 6])
    least = len(viewer.page.encode(part))
    if least < len(viewer.page.encode(whole)):  # not of a dead world, which takes no more for more cells
        monkeypatch.setattr(viewer.page, "LARGEST", least)
        html = viewer.build(trajectory, 2, POSITIONS)
        side = data_of(html)[0]["index"]["shape"][1]
        assert f"Of the world the {side} x {side} cells in its middle" in html and side < min(
            whole["alpha"].shape[1:]
        )


def test_the_pages_curves_are_those_of_the_tables(world):
    """Living cells, nets and genomes of the table gd; clades counted from the parents of every genome."""
    _, trajectory, tables = world
    family, _ = descent.read(trajectory.frames, trajectory.log, 0)
    gid, alpha = trajectory.frames["gid"].values[0], trajectory.frames["alpha"].values[0]
    found = viewer.counts(gid, alpha, descent.founders(family.parent))
    for name, column in (("living", "alive"), ("nets", "nets"), ("genomes", "exact")):
        assert found[name].tolist() == tables["gd"][column].tolist()
    for frame, clades in zip(gid, found["clades"], strict=True):
        roots = set()
        for genome in set(frame[frame > 0].tolist()):
            while family.parent[genome] > 0:
                genome = family.parent[genome]
            roots.add(genome)
        assert len(roots) == clades
    assert "page.trace(main" in viewer.build(trajectory, 2, POSITIONS)


@pytest.mark.parametrize(("damage", "healed"), [([0.1, 0.2, 0.0], True), ([0.1, 0.2, 0.3], False)])
def test_a_twin_that_healed_is_pointed_out(damage, healed):
    """A logarithmic axis shows no zero, and would look as if something were missing."""
    table = pandas.DataFrame({"twin": 0, "generation": [0, 1, 2], "damage": damage})
    table = table.assign(clades=table["damage"], unrelated=0.5, radius=1.0)
    told = {name: {"value": None, "ci": None} for name in ("twin_damage", "twin_damage_relative")}
    drawing = sensitivity.draw(table, told)
    remarks = [text.get_text() for text in drawing.axes[0].texts]
    assert ("no cell differs after generation 1" in remarks) == healed
