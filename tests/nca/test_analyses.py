"""Species, activity, clusters, bands and headlines, on families worked out by hand and on small runs."""

import numpy as np
import pandas
import pytest
import xarray as xr

from emergent_dynamics.nca import (
    activity,
    census,
    clusters,
    cnwa,
    families,
    pd,
    repeats,
    species,
    stationary,
    theory,
)
from emergent_dynamics.nca.lineage import Descent
from emergent_dynamics.statistics import Estimate
from tests.nca.worlds import datasets, drive, parameters

SETTINGS = {
    "width": 20,
    "height": 20,
    "seed_fraction": 0.2,
    "mutation": 0.05,
    "inheritance": 0.5,
    "budget": 4,
}


def board(*rows):
    """Frames of one run with four cells each."""
    gid = np.array(rows, np.int32)[None, :, None, :]
    return xr.Dataset(
        {"gid": (("run", "generation", "y", "x"), gid)}, {"run": [0], "generation": np.arange(gid.shape[1])}
    )


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_species_are_ranked_by_the_cells_they_held():
    """Genome 1 holds 2 + 1, genome 2 holds 1 + 2, genome 3 holds 1 cells; 2 is dominant, 1 and 3 rare at the end."""
    frames = board([1, 1, 2, 0], [1, 2, 2, 3])
    descent = Descent(
        *(np.array(a, np.int32) for a in ([-1, 0, 0, 2], [-1, 0, 0, 1], [-1, 0, 2, 3], [-1, 1, 1, 1])), 1
    )
    counted = census.take(frames, 0, np.array([0, 1, 2, 2], np.int32))
    assert counted.last.tolist()[1:] == descent.last.tolist()[1:]
    table, counts = species.table(counted, descent)
    assert table["genome"].tolist() == [1, 2, 3]
    assert table["cell_generations"].tolist() == [3, 3, 1]
    assert table["peak_cells"].tolist() == [2, 2, 1]
    assert table["status"].tolist() == ["rare", "dominant", "rare"]
    assert counts == {"extinct": 0, "rare": 2, "common": 0, "dominant": 1}


def test_activity_counts_the_generations_of_presence():
    """Presence 1, 2, 3 of a genome that stays: mean activity t + 1 while alone."""
    found = activity.table(board([1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]), seed=3)
    assert found["mean_activity"].tolist() == [1, 2, 3]
    assert found["diversity"].tolist() == [1, 1, 1]
    assert found["shadow_mean_activity"].tolist() == [1, 2, 3]  # clones of one genome cannot drift apart
    assert (found["excess"] == 0).all()


def test_activity_without_genomes_is_undefined():
    """After extinction the means are NaN, not 0."""
    found = activity.table(board([1, 2, 0, 0], [0, 0, 0, 0]), seed=3)
    assert found["diversity"].tolist() == [2, 0]
    assert np.isnan(found["mean_activity"].iloc[1])


def test_the_shadow_has_the_births_deaths_and_mutants_of_the_run(world):
    """As many individuals as cells with a net in every frame, and as many new labels as new genomes."""
    p, stored, groups = world
    known = set()
    for (generation, _, labels), gid in zip(
        activity.neutral(groups[""], 5, 1), stored["gid"][1], strict=True
    ):
        assert labels.size == np.count_nonzero(gid)
        newest = max(known, default=0)
        fresh = set(np.unique(labels).tolist()) - known
        born = int((np.unique(gid) > newest).sum()) if generation else p.founders
        assert len(fresh) == born
        known |= set(np.unique(gid[gid > 0]).tolist()) | fresh


def test_without_mutation_the_run_is_its_own_shadow_in_diversity_on_average():
    """PPP = 0 is drift on a lattice: no new genomes in either, and activities grow by one a generation."""
    p = parameters(mutation=0.0, generations=20, inheritance=0.5)
    found = activity.table(datasets(drive(p), p)[""], seed=1)
    for name in ("diversity", "shadow_diversity"):
        assert (np.diff(found[name]) <= 0).all()
    assert found["mean_activity"].tolist() == list(range(1, 22))


@pytest.mark.parametrize(
    "excess, trend, expected", [((-2, 1), (4, 6), 1), ((1, 3), (-0.2, 0.4), 2), ((1, 3), (0.05, 0.15), 3)]
)
def test_the_class_needs_intervals_above_zero(excess, trend, expected):
    """Class 3 only where both excess and trend exceed 0 beyond doubt; a single run has no class."""
    estimates = [Estimate(sum(ends) / 2, *ends, 5) for ends in (excess, trend)]
    assert activity.activity_class(*estimates) == expected
    assert np.isnan(activity.activity_class(estimates[0], Estimate(1.0, np.nan, np.nan, 1)))


def test_clusters_partition_the_living_and_keep_their_labels(world):
    """Cells and genomes over the clusters add up to those with a net; a sampled genome has one label."""
    _, stored, groups = world
    table, sample = clusters.find(groups[""], groups["genome"], {"channels": 2, "clusters": 3, "seed": 1})
    cells = table.groupby(["run", "generation"])["cells"].sum().to_numpy()
    assert np.array_equal(cells, np.count_nonzero(stored["gid"], axis=(2, 3)).reshape(-1))
    kinds = table.groupby(["run", "generation"])["genomes"].sum().loc[(1, 40)]
    assert kinds == np.unique(stored["gid"][1, 40]).size - (0 in stored["gid"][1, 40])
    assert not sample.duplicated(["run", "genome"]).any()


def test_well_separated_weights_are_told_apart():
    """Three blobs of weights, ten standard deviations apart, get three labels in the order of their frequency."""
    rng = np.random.default_rng(0)
    centres = np.repeat([0.0, 10.0, 20.0], [60, 30, 10])
    weights = (centres[:, None] + rng.normal(0, 1, (100, 40))).astype(np.float32)
    log = xr.Dataset(
        {
            "run": ("genome", np.zeros(100, np.uint16)),
            "parent": ("genome", np.zeros(100, np.int32)),
            "changes": ("genome", np.full(100, 40, np.uint16)),
            "gene": ("change", np.tile(np.arange(40, dtype=np.uint16), 100)),
            "value": ("change", weights.reshape(-1)),
        }
    )
    frames = board(*np.arange(1, 101).reshape(25, 4))
    basis = clusters.fit(frames, log, 40, 3, seed=1)
    seen = basis.sample["genome"].to_numpy() - 1
    counts = np.bincount(np.searchsorted([59, 89], seen, side="left"), minlength=3)
    assert np.array_equal(np.bincount(basis.sample["cluster"]), np.sort(counts)[::-1])
    assert np.array_equal(clusters.label(weights[seen], basis), basis.sample["cluster"])


def test_too_few_genomes_make_no_clusters():
    """Fewer than k living genomes: empty tables with their columns."""
    frames = board([0, 0, 0, 0])
    names = ("run", "parent", "birth", "cell", "changes")
    log = xr.Dataset({name: ("genome", np.zeros(1, np.int32)) for name in names})
    log = log.assign(gene=("change", np.zeros(0, np.uint16)), value=("change", np.zeros(0, np.float32)))
    for find in (clusters.find, cnwa.find):
        table, sample = find(frames, log, {"channels": 2, "clusters": 3, "seed": 1})
        assert table.empty and sample.empty and list(table) == clusters.TABLE


def test_a_basis_a_frame_clusters_all_cells(world):
    """CNWA: empty cells are among the clusters' cells but no genomes; every cell is nearest to its own centroid."""
    p, stored, groups = world
    table, sample = cnwa.find(groups[""], groups["genome"], {"channels": 2, "clusters": 3})
    totals = table.groupby(["run", "generation"])[["cells", "genomes"]].sum()
    assert (totals["cells"] == p.cells).all()
    held = [np.unique(gid[gid > 0]).size for run in stored["gid"] for gid in run]
    assert totals["genomes"].tolist() == held
    assert sample["generation"].unique().tolist() == [p.generations]
    points = np.random.default_rng(1).normal(size=(60, 4)) + np.repeat([-20, 0, 20], 20)[:, None]
    labels = cnwa.label(points, points[[0, 25, 50]] + 1, different=60)
    assert labels.tolist() == np.repeat([0, 1, 2], 20).tolist()
    assert cnwa.label(points[:2], points[[0, 25, 50]], different=2).tolist() == [0, 0]


def test_bands_are_least_mean_and_most_of_the_runs():
    """Two runs, one generation: 1 and 3 give 1, 2, 3."""
    one = pandas.DataFrame({"run": [0, 1], "generation": 0, "gep": [1.0, 3.0], "gcvp": 0.0, "clogv": 0.0})
    two = pandas.DataFrame({"run": [0, 1], "generation": 0, "rwsp": 0, "ghc": 0, "exact": 0, "alive": 0})
    row = repeats.bands(one, two).set_index("measure").loc["gep"]
    assert (row["min"], row["mean"], row["max"], row["runs"]) == (1, 2, 3, 2)


def test_seeds_of_a_sweep_are_one_band():
    """Two seeds of one setting, 1 and 3, and another setting: two members, the first from 1 to 3."""
    two = pandas.DataFrame({"run": [0], "generation": 0, "rwsp": 0, "ghc": 0, "exact": 0, "alive": 0})
    one = pandas.DataFrame({"run": [0], "generation": 0, "gep": 1.0, "gcvp": 0.0, "clogv": 0.0})
    tables = {
        "seed=1,budget=4": (one, two),
        "seed=2,budget=4": (one.assign(gep=3.0), two),
        "budget=8": (one, two),
    }
    found = repeats.sweep(tables)
    rows = found[found["measure"] == "gep"].set_index("member")
    assert list(rows.index) == ["budget=4", "budget=8"]
    assert rows.loc["budget=4", ["min", "mean", "max", "runs"]].tolist() == [1, 2, 3, 2]


def test_known_values_are_claimed_for_their_own_world_only():
    """Anchors exist for experiment 5 of the thesis at 1,000 generations or more, and for nothing else."""
    same = theory.STATIONARY_WORLD | {"generations": 1000}
    drawn = {name: known for name, known in theory.STATIONARY.items() if name != "rwsp"}
    assert stationary.anchors(same) == drawn
    assert stationary.anchors(same | {"rwsp": theory.RWSP_SHOWN}) == theory.STATIONARY
    assert stationary.anchors(same | {"generations": 999}) == {}
    assert stationary.anchors(same | {"mutation": 0.03}) == {}


def test_nobody_is_older_than_the_budget():
    """Ages in the full states of 200 generations; a smaller budget in the summary is not agreed with."""
    p = parameters(generations=200, width=12, height=12, inheritance=0.5)
    groups = datasets(drive(p), p)
    oldest = families.oldest(groups["checkpoint"])
    found = families.find(groups[""], groups["genome"])
    settings = SETTINGS | {"width": 12, "height": 12}
    assert oldest == p.budget
    assert families.summarise(found, settings, oldest)["oldest"].ok
    assert not families.summarise(found, settings | {"budget": 3}, oldest)["oldest"].ok


def test_early_life_is_known_for_experiments_of_the_thesis_only():
    """Experiment 3 puts 0.410 of the cells alive; another size or a shorter run has no known value."""
    third = theory.STATIONARY_WORLD | {"seed_fraction": 0.02, "budget": 8, "generations": 200}
    assert stationary.early_life(third).value == 0.410
    assert stationary.early_life(third | {"generations": 199}) is None
    assert stationary.early_life(third | {"width": 100}) is None


def test_a_headline_says_whether_it_agrees():
    """Mean of two runs' means with Student's interval; ok by the anchor's tolerance; NaN carries a note."""
    window = pandas.DataFrame({"run": [0, 0, 1, 1], "gep": [1.0, 2.0, 3.0, 4.0]})
    found = stationary.headline(window, "gep", "1", theory.Anchor(2.6, 0.2, "a book"))
    assert found.value == 2.5 and found.n == 2 and found.ok
    empty = stationary.headline(window[:0], "gep", "1")
    assert np.isnan(empty.value) and empty.note


def test_families_of_several_runs_stand_in_one_table_each(world):
    """One row of statistics and one Newick line a run; ids are unique within a run."""
    _, _, groups = world
    found = families.find(groups[""], groups["genome"])
    assert found.lineage["run"].tolist() == [0, 1]
    assert found.newick.count("\n") == found.newick.count(";") == 2
    assert not found.phylogeny.duplicated(["run", "id"]).any()
    assert (found.lineage["extinct"] + found.lineage["tips"] == found.lineage["genomes"]).all()
    headlines = families.summarise(found, SETTINGS, families.oldest(groups["checkpoint"]))
    assert headlines["genomes"].value == found.lineage["genomes"].mean()
    assert headlines["founders"].ok and headlines["founders"].expected == 80


def test_a_dead_world_has_undefined_headlines_not_zeros():
    """IP = 0 and budget 4: nobody is left; Hill numbers and depth are NaN."""
    p = parameters(inheritance=0.0, generations=20)
    groups = datasets(drive(p), p)
    settings = SETTINGS | {"inheritance": 0}
    found = families.summarise(families.find(groups[""], groups["genome"]), settings, None)
    assert np.isnan(found["depth"].value) and found["depth"].note
    assert found["new_genomes"].ok and found["new_genomes"].value == 0
    assert pd.table(groups[""])["gep"].iloc[-1] == 0  # one value on the board is a measurement
