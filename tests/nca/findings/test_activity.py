"""Evolutionary activity beside the neutral shadow, on frames worked out by hand and on small runs."""

import numpy as np
import pandas
import pytest

from emergent_dynamics.findings import Headline
from emergent_dynamics.nca.findings import activity
from emergent_dynamics.nca.parameters import Stage
from performance import nca_neutral
from tests.nca import planted
from tests.nca.worlds import GARDEN, board, datasets, drive, parameters

ASKED = {
    "seed": 3,
    "generations": 2,
    "shadow": "lattice",
    "inheritance": 0.3,
    "update": "sequential",
    "pickles": None,
}


@pytest.fixture(scope="module")
def world():
    p = parameters(runs=2, generations=40, inheritance=0.5)
    stored = drive(p)
    return p, stored, datasets(stored, p)


def test_activity_counts_the_generations_of_presence():
    """Presence 1, 2, 3 of a genome that stays: mean activity t + 1 while alone."""
    found = activity.find(board([1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]), ASKED)["activity"]
    assert found["mean_activity"].tolist() == [1, 2, 3]
    assert found["diversity"].tolist() == [1, 1, 1]
    assert found["shadow_mean_activity"].tolist() == [1, 2, 3]  # clones of one genome cannot drift apart
    assert (found["excess"] == 0).all()


def test_activity_without_genomes_is_undefined():
    """After extinction the means are NaN, not 0."""
    found = activity.find(board([1, 2, 0, 0], [0, 0, 0, 0]), ASKED)["activity"]
    assert found["diversity"].tolist() == [2, 0]
    assert np.isnan(found["mean_activity"].iloc[1])


def test_without_mutation_the_run_is_its_own_shadow_in_diversity_on_average():
    """PPP = 0 is drift on a lattice: no new genomes in either, and activities grow by one a generation."""
    p = parameters(mutation=0.0, generations=20, inheritance=0.5)
    found = activity.find(datasets(drive(p), p), ASKED | {"inheritance": 0.5, "generations": 20})["activity"]
    for name in ("diversity", "shadow_diversity"):
        assert (np.diff(found[name]) <= 0).all()
    assert found["mean_activity"].tolist() == list(range(1, 22))


def headline(low, high):
    return Headline((low + high) / 2, (low, high), 5, "generations", "An estimate")


@pytest.mark.parametrize(
    "excess, trend, expected",
    [
        ((-2, 1), (4, 6), 1),
        ((0, 1), (4, 6), 1),
        ((1, 3), (-0.2, 0.4), 2),
        ((1, 3), (0, 0.4), 2),
        ((1, 3), (0.05, 0.15), 3),
    ],
)
def test_the_class_needs_intervals_above_zero(excess, trend, expected):
    """Class 3 only where both excess and trend exceed 0 beyond doubt; a single run has no class."""
    assert activity.activity_class(headline(*excess), headline(*trend)) == expected
    alone = Headline(1.0, None, 1, "generations", "An estimate of one run")
    assert np.isnan(activity.activity_class(headline(*excess), alone))
    assert np.isnan(activity.activity_class(alone, headline(*trend)))


def rows(run, excess, **columns):
    generation = np.arange(len(excess))
    same = dict.fromkeys(("diversity", "clades", "dispersion", "new_activity"), 1.0)
    same |= {f"shadow_{name}": 1.0 for name in same} | columns
    return pandas.DataFrame({"run": run, "generation": generation, "excess": excess, **same})


def summarise(table, generations, shadow="lattice"):
    return activity.summarise(table, {"generations": generations, "shadow": shadow})


def test_headlines_are_of_the_second_half():
    """Two runs whose excess grows by 1 and by 3 per generation from generation 2 of 4 on; before, it is 100."""
    table = pandas.concat([rows(0, [100, 100, 1, 2, 3]), rows(1, [100, 100, 3, 6, 9], new_activity=3.0)])
    found = summarise(table, 4)
    assert found["excess_activity"].value == 4 and found["excess_activity"].n == 2
    assert found["excess_trend"].value == pytest.approx(2)
    assert found["new_activity"].value == 2 and found["new_activity"].ci[0] == 0
    assert found["activity_class"].value == 1 and found["activity_class"].note.startswith("1 none")
    odd = summarise(table[table["generation"] < 4], 3)
    assert odd["excess_activity"].value == 3  # generations 2 and 3 of 3


def test_one_run_has_no_class_and_two_generations_no_trend():
    """Three generations are the fewest with a trend; NaN carries its reason."""
    found = summarise(rows(0, [1.0, 2.0, 4.0]), 0)
    assert found["excess_trend"].value == pytest.approx(1.5)
    assert np.isnan(found["activity_class"].value) and "no class" in found["activity_class"].note
    assert np.isnan(found["selection"].value) and found["selection"].note == "no verdict without several runs"
    few = summarise(rows(0, [1.0, np.nan, 4.0]), 0)
    assert np.isnan(few["excess_trend"].value) and "three generations" in few["excess_trend"].note


def test_differences_are_logarithms_of_ratios_to_the_shadow():
    """Twice the genomes, half the clades, e times the dispersion."""
    table = rows(0, [1.0, 3.0], diversity=2, shadow_diversity=1, clades=1.5, shadow_clades=3, dispersion=np.e)
    found = {name: values.tolist() for name, values in activity.differences(table).items()}
    assert found == {
        "excess_activity": [2.0],
        "excess_genomes": [pytest.approx(np.log(2))],
        "excess_clades": [pytest.approx(-np.log(2))],
        "unequal_survival": [pytest.approx(1)],
    }


def of_ten(mean, spread=1.0):
    """Ten runs whose unequal survival has this mean and a standard error of `spread` / sqrt(10)."""
    values = np.tile([-1.0, 1.0], 5)
    values = mean + values * spread / values.std(ddof=1)
    return pandas.concat([rows(run, [0.0, 0.0, 0.0], dispersion=np.exp(v)) for run, v in enumerate(values)])


@pytest.mark.parametrize("z, selected", [(0.0, 0), (3.68, 0), (3.70, 1), (-3.70, 1)])
def test_selection_needs_a_difference_that_is_rare_in_a_neutral_world(z, selected):
    """Student's t with 9 degrees of freedom exceeds 3.69 once in 200 times: one of four differences, 1 % together.

    Here one difference only varies, so that the bar for a single test stands: 3.25, p = 0.01.
    """
    bar = 3.2498  # two-sided 1 % of t with 9 degrees of freedom
    found = summarise(of_ten(z / 3.69 * bar / np.sqrt(10)), 2)["selection"]
    assert found.value == selected and found.n == 10 and "unequal survival" in found.note


def test_four_differences_share_the_false_alarms():
    """The same p = 0.005 is no verdict where four differences vary."""
    table = of_ten(3.69 / np.sqrt(10))
    assert summarise(table, 2)["selection"].value == 1
    noise = np.random.default_rng(0).normal(size=10)
    for name in ("excess", "diversity", "clades"):
        table[name] = np.exp(noise)[table["run"]] if name != "excess" else noise[table["run"]]
    assert summarise(table, 2)["selection"].value == 0


def test_the_well_mixed_shadow_gives_no_verdict_on_selection():
    """It measures lattice and budget too: strictly neutral worlds exceed it in every run."""
    found = summarise(of_ten(5.0).assign(clades=np.nan, shadow_clades=np.nan), 2, "well_mixed")
    assert np.isnan(found["selection"].value) and "neither lattice" in found["selection"].note
    assert np.isnan(found["excess_clades"].value) and found["excess_activity"].value == 0


def test_strictly_neutral_worlds_exceed_the_well_mixed_shadow():
    """Why it is no null of a lattice: the excess is positive in four of four experiments, and class 2 in most."""
    classes = []
    for seed in range(1, 5):
        asked = planted.WORLD | {"seed": seed, "shadow": "well_mixed"}
        found = activity.summarise(activity.find(planted.world(seed), asked)["activity"], asked)
        assert found["excess_activity"].value > 0 > found["excess_genomes"].value
        classes.append(found["activity_class"].value)
    assert classes.count(2) >= 3


def test_without_every_generation_there_is_no_shadow():
    p = parameters(generations=200, archive="checkpoint", inheritance=0.5, runs=2)
    asked = ASKED | {"generations": 200}
    table = activity.find(datasets(drive(p), p), asked)["activity"]
    assert (
        table["excess"].isna().sum() == 4 and (table["shadow_diversity"][table["generation"] > 0] == 0).all()
    )
    found = activity.summarise(table, asked)
    assert np.isnan(found["excess_activity"].value) and "every hundredth" in found["excess_activity"].note


def test_the_effective_number_of_clades_by_hand():
    """Shares 1/2, 1/4, 1/4: 1 / (1/4 + 1/16 + 1/16) = 8/3; cells without a clade do not count."""
    assert activity.effective(np.array([0, 7, 7, 3, 9, 0])) == pytest.approx(8 / 3)
    assert np.isnan(activity.effective(np.zeros(3, int))) and np.isnan(activity.effective(np.zeros(0, int)))


def test_dispersion_of_deaths_by_hand():
    """Two clades of four cells, of which 3 and 1 die: p = 1/2, ((3 - 2)^2 + (1 - 2)^2) / (8 / 4) = 1."""
    assert activity.dispersion(activity.Survival(np.array([0, 4, 4]), np.array([0, 3, 1]))) == 1
    assert activity.dispersion(activity.Survival(np.array([0, 4, 4]), np.array([0, 2, 2]))) == 0
    assert np.isnan(activity.dispersion(activity.Survival(np.array([0, 8]), np.array([0, 3]))))  # one clade
    for died in ([0, 0, 0], [0, 4, 4]):
        assert np.isnan(activity.dispersion(activity.Survival(np.array([0, 4, 4]), np.array(died))))


def test_deaths_are_counted_by_the_clade_of_the_frame_before():
    none = activity.Survival(np.zeros(1, int), np.zeros(1, int))
    clades, before, now = np.array([1, 1, 2, 0]), np.array([5, 6, 7, 0]), np.array([5, 0, 0, 8])
    once = activity._survive(none, clades, before, now)
    assert once.exposed.tolist() == [0, 2, 1] and once.died.tolist() == [0, 1, 1]
    twice = activity._survive(once, np.array([3, 0]), np.array([9, 0]), np.array([9, 9]))
    assert twice.exposed.tolist() == [0, 2, 1, 1] and twice.died.tolist() == [0, 1, 1, 0]
    assert activity._survive(once, clades[:0], before, now) is once


def test_of_pickles_every_genome_is_a_clade_of_its_own():
    found = activity.find(
        board([1, 2, 2, 0], [1, 2, 2, 0]), ASKED | {"pickles": {"weights": "", "grids": ""}}
    )
    assert found["activity"]["clades"].tolist() == [pytest.approx(9 / 5)] * 2


def verdicts(seeds, gain=0.0):
    """How many of these experiments, eight worlds each, are called selected."""
    called = 0
    for seed in seeds:
        asked = planted.WORLD | {"seed": seed}
        table = activity.find(planted.world(seed, gain, share=0.1), asked)["activity"]
        called += activity.summarise(table, asked)["selection"].value
    return called


def test_a_neutral_world_is_called_neutral_and_a_planted_advantage_selected():
    """Four experiments each; the shares are those of the slow test."""
    assert verdicts(range(4)) == 0
    assert verdicts(range(4), gain=0.15) >= 3


HALVES = ({"from": 0, "mutation": [0.0, 0.3]},)


@pytest.mark.parametrize("landscape", [(), HALVES], ids=["same everywhere", "mutation on one side only"])
def test_a_runs_own_shadow_taken_as_a_run_is_called_neutral(landscape):
    """The null of this room on its own lattices; where all mutants are born on one side the shadow's are too."""
    stages = tuple(Stage(0, None, tuple(stage["mutation"]), None) for stage in landscape)
    p = parameters(runs=8, generations=80, width=30, height=20, inheritance=0.5, landscape=stages)
    asked = ASKED | {"seed": 7, "inheritance": 0.5, "generations": 80, "landscape": list(landscape)}
    trajectory = datasets(drive(p), p)
    table = nca_neutral.table(trajectory, asked, seed=8)  # other draws than those that made the shadows
    found = activity.summarise(table, asked)
    assert found["selection"].value == 0 and found["selection"].n == 8
    p_values = activity.p_values(activity.differences(table.query("generation >= 40")))
    assert min(p_values.values()) > 0.01 and len(p_values) == 4


@pytest.mark.slow  # the default experiment, eight worlds of 60 x 60 cells
def test_the_default_world_shows_selection_in_survival_alone():
    """As docs/nca.md says: activity, genomes and clades are those of the shadow, clades survive unequally."""
    p = parameters(**GARDEN, runs=8)
    asked = ASKED | {"seed": 1, "inheritance": 0.5, "generations": 300}
    found = activity.summarise(activity.find(datasets(drive(p), p), asked)["activity"], asked)
    assert found["selection"].value == 1 and found["activity_class"].value == 1
    for name in ("excess_activity", "excess_genomes", "excess_clades"):
        assert found[name].ci[0] < 0 < found[name].ci[1]
    assert [round(v, 2) for v in (found["unequal_survival"].value, *found["unequal_survival"].ci)] == [
        1.41,
        1.01,
        1.82,
    ]
    assert [round(v, 2) for v in (found["excess_activity"].value, *found["excess_activity"].ci)] == [
        0.01,
        -0.09,
        0.12,
    ]


@pytest.mark.slow  # 140 experiments of eight worlds
def test_neutral_worlds_are_called_neutral_in_95_of_100_and_the_power_is_as_documented():
    """False alarms are set to 1 %: more than 5 in 100 come once in 2,000 times. Of forty each, as docs/nca.md says."""
    assert verdicts(range(100)) <= 5
    assert [verdicts(range(40), gain) for gain in (0.05, 0.1, 0.15)] == [4, 35, 34]


def test_presence_counts_every_genome_once_per_frame():
    """Genome 2 held twice counts once; the empty net never; ids come in the order of appearance."""
    counter = np.array([0, 5, 6, 7], np.int32)
    assert activity._present(counter, np.array([2, 0, 2, 3], np.int32)).tolist() == [2, 3]
    assert counter.tolist() == [0, 5, 7, 8]
    assert activity._present(counter, np.zeros(3, np.int32)).size == 0


def test_measures_of_a_frame_by_hand():
    """Activities 1, 3 (twice) and 6: diversity 4, mean 13/4, and within [3, 6) two of 3."""
    kinds, genomes = activity._occurrences(np.array([3, 1, 6, 3]))
    assert kinds.tolist() == [1, 3, 6] and genomes.tolist() == [1, 2, 1]
    assert activity._measures(kinds, genomes, 3.0) == (4, 13 / 4, 6 / 4)
    diversity, mean, new = activity._measures(*activity._occurrences(np.array([], np.int64)), 3.0)
    assert diversity == 0 and np.isnan(mean) and np.isnan(new)


def test_a_counter_doubles_when_an_id_is_beyond_its_end():
    counter = np.arange(4, dtype=np.int32)
    assert activity._reaching(counter, 3) is counter
    assert activity._reaching(counter, 4).tolist() == [0, 1, 2, 3, 0, 0, 0, 0]
    assert activity._reaching(counter, 20).size == 21 and activity._reaching(counter, 20).dtype == np.int32


def test_the_bar_is_the_quantile_of_the_shadow_at_the_end():
    """One genome for 40 frames: its shadow ends with activity 40, and no new activity lies beyond it before."""
    found = activity.find(board(*[[1, 1, 0, 0]] * 40), ASKED)["activity"]
    assert (found["threshold"] == 40).all()
    assert found["new_activity"].tolist() == [0.0] * 39 + [40.0] == found["shadow_new_activity"].tolist()
    assert found["run"].unique().tolist() == [0] and found["generation"].tolist() == list(range(40))
    dead = activity.find(board([0, 0], [0, 0]), ASKED)["activity"]
    assert dead["threshold"].isna().all() and (dead["shadow_diversity"] == 0).all()
