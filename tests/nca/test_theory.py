"""Closed forms by a second evaluation, recorded numbers by their record, and when each is expected."""

import csv
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas
import pytest
import yaml

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import Headline, agrees
from emergent_dynamics.nca import theory, window
from tests.nca.worlds import experiment

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("second_code.csv")  # what performance/nca_second_code.py printed
GARDEN = experiment(width=60, height=60, seed_fraction=0.08, mutation=0.02, inheritance=0.5, generations=300)
THESIS = GARDEN | {"width": 200, "height": 200, "inheritance": 0.1, "generations": 1000}
# the experiments of the thesis by their numbers, as changes of its fifth
WORLDS = {
    "garden": GARDEN,
    "experiment5": THESIS,
    "early1": THESIS | {"seed_fraction": 0.02},
    "early2": THESIS | {"seed_fraction": 0.02, "board_activation": "tanh", "alive_threshold": 0},
    "early3": THESIS | {"seed_fraction": 0.02, "budget": 8},
    "early5": THESIS,
    "early7": THESIS | {"budget": 8},
    "early9": THESIS | {"seed_fraction": 0.02, "inheritance": 0.5},
    "early15": THESIS | {"inheritance": 0.5, "budget": 8},
    "early19": THESIS | {"budget": "inf"},
    "early21": THESIS | {"seed_fraction": 0.02, "inheritance": 0.05, "budget": "inf"},
}


def recorded():
    """{world: [(measure, value, error, runs, first, last)]} as printed."""
    rows = {}
    with RECORD.open(newline="") as file:
        for row in csv.DictReader(file):
            numbers = (
                float(row["value"]),
                float(row["error"]),
                int(row["runs"]),
                int(row["first"]),
                int(row["last"]),
            )
            rows.setdefault(row["world"], []).append((row["measure"], *numbers))
    return rows


def cycle(inheritance, budget, cells=4000, generations=3000):
    """Share of time alive of cells that wait with probability 1 - IP, are newborn, live for the budget, are cleared."""
    rng, age, alive = np.random.default_rng(1), np.zeros(cells, int), 0  # age 0: without a net
    for generation in range(generations):
        inherits = (age == 0) & (rng.random(cells) < inheritance)
        age = np.where(age > 0, age + 1, np.where(inherits, 1, 0))
        age[age > budget + 2] = 0  # newborn, b times alive, cleared: then waiting begins again
        age[age == budget + 2] = -1
        age = np.where(age == -1, 0, age)
        if generation >= 300:
            alive += (age > 1).sum()
    return alive / cells / (generations - 300)


@pytest.mark.parametrize(("inheritance", "budget"), [(0.5, 4), (0.1, 8), (1.0, 1)])
def test_the_most_that_can_be_alive_is_the_share_of_a_cycle(inheritance, budget):
    """Against a simulation of the cycle, cell by cell, and the closed form in exact fractions."""
    exact = Fraction(budget) / (1 / Fraction(inheritance).limit_denominator(100) + budget + 1)
    assert theory.most_alive(inheritance, budget) == pytest.approx(float(exact), abs=1e-15)
    assert cycle(inheritance, budget) == pytest.approx(float(exact), abs=4e-3)


def test_the_most_that_can_be_alive_has_its_limits():
    """4 / 7 and 8 / 11 are the thesis' dense worlds; everything without a budget; nothing without inheritance."""
    assert theory.most_alive(0.5, 4) == pytest.approx(4 / 7) and theory.most_alive(0.5, 8) == pytest.approx(
        8 / 11
    )
    assert theory.most_alive(0.1, math.inf) == 1 and theory.most_alive(0.1, 1e9) == pytest.approx(1, abs=1e-7)
    assert theory.most_alive(0, 4) == 0 and theory.most_alive(0, math.inf) == 0


def test_a_birth_changes_nothing_as_often_as_no_coin_of_forty_falls():
    """0.98^40 = 0.4457 by multiplication; certain without mutation, impossible when every gene changes."""
    assert theory.unchanged_births(0.02, 40) == pytest.approx(math.prod([0.98] * 40), rel=1e-13)
    assert theory.unchanged_births(0, 40) == 1 and theory.unchanged_births(1, 40) == 0


@pytest.mark.parametrize("mutation", [0.1, 0.2, 0.5])
def test_the_unscaled_hash_is_kept_with_the_probability_of_the_triangle(mutation):
    """P(|U + U'| > 1) of two U(-1, 1) by a sum over a grid: 1/4; a parameter changes its bit with a quarter of p."""
    u = (np.arange(2000) + 0.5) / 1000 - 1
    leaves = (np.abs(u[:, None] + u) > 1).mean()
    assert theory.same_unscaled_hash(mutation, 44) == pytest.approx((1 - mutation * leaves) ** 44, rel=2e-2)


def test_the_published_shares_of_the_hash_are_those_of_the_notebook():
    """9007 and 2910 of 27,500 (.3275 and .1058), with the error of a share; they agree with the closed form."""
    for mutation, share in ((0.1, 0.3275), (0.2, 0.1058)):
        known = theory.same_hash({"mutation": mutation})
        assert known.value == pytest.approx(share, abs=5e-5) and known.kind == "published"
        assert known.standard_error == pytest.approx(math.sqrt(share * (1 - share) / 27500), rel=1e-3)
        assert abs(known.value - theory.same_unscaled_hash(mutation, 44)) < 4 * known.standard_error
    assert theory.same_hash({"mutation": 0.15}) is None


@pytest.mark.parametrize("world", recorded())
def test_the_numbers_of_the_second_code_are_those_it_printed(world):
    """Every value and error of the worlds that it ran, with its runs and its window in the source."""
    early = world.startswith("early")
    settings = WORLDS[world] | {"rwsp": [3, 17, 30]} | ({"generations": 200} if early else {})
    known = (
        {"alive_share": theory.early_alive_share(settings)} if early else theory.stationary_values(settings)
    )
    printed = {row[0]: row[1:] for row in recorded()[world] if row[0] == "alive_share" or not early}
    assert known.keys() == printed.keys()
    for measure, (value, error, runs, first, last) in printed.items():
        assert (known[measure].value, known[measure].standard_error) == (value, error)
        assert known[measure].kind == "second code" and known[measure].relation == "="
        assert known[measure].source == f"{theory.SCRIPT}: {runs} runs, generations {first} to {last}"


def test_no_number_stands_in_the_theory_that_was_not_printed():
    assert len(theory.STATIONARY) + len(theory.EARLY) == len(recorded())


def test_the_default_configuration_runs_a_world_of_the_second_code():
    configured = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["experiments"]["nca"]["garden"]
    assert theory.stationary_values(resolve(read_schemas()[1]["nca"], configured))


@pytest.mark.parametrize("key", theory.THESIS)
def test_known_values_are_claimed_for_their_own_world_only(key):
    """One key that differs, and nothing is known."""
    assert theory.stationary_values(GARDEN)
    assert theory.stationary_values(GARDEN | {key: "other" if isinstance(GARDEN[key], str) else 3}) == {}


def test_known_values_are_those_of_the_same_window():
    """The means of generations 150 to 300 are those of a run of 300 only; a catastrophe makes another world."""
    for generations in (299, 301, 302, 1000):
        assert theory.stationary_values(GARDEN | {"generations": generations}) == {}
    assert theory.stationary_values(GARDEN | {"catastrophe": {"every": 5}}) == {}
    assert theory.stationary_values(GARDEN | {"landscape": [{"from": 5, "mutation": 0}]}) == {}
    assert theory.stationary_values(GARDEN | {"board_activation": "as_run_tanh"}) == {}


@pytest.mark.parametrize(
    ("generations", "first", "last"), [(300, 150, 300), (301, 151, 301), (1000, 500, 1000), (5000, 500, 1000)]
)
def test_a_window_is_known_by_the_generations_that_it_averages(generations, first, last, monkeypatch):
    """First and last generation are those of `window.late`; beyond 1000 the window stays."""
    known = theory.Known(theory.GARDEN, (first, last), 2, {"gep": (0.5, 0.1)})
    monkeypatch.setattr(theory, "STATIONARY", (known,))
    table = pandas.DataFrame({"generation": np.arange(generations + 1)})
    kept = window.late(table, {"generations": generations})["generation"]
    assert (kept.min(), kept.max()) == (first, last)
    (found,) = theory.stationary_values(GARDEN | {"generations": generations}).values()
    assert found.value == 0.5 and found.standard_error == 0.1
    assert found.source == f"{theory.SCRIPT}: 2 runs, generations {first} to {last}"


def test_an_early_share_is_known_by_its_world_and_its_last_generation(monkeypatch):
    """The tanh of the published sweeps is a tanh; a run that is too short has no known value."""
    changes = {"board_activation": "tanh", "alive_threshold": 0}
    known = theory.Known(changes, (150, 200), 3, {"alive_share": (0.2, 0.01)})
    monkeypatch.setattr(theory, "EARLY", (known,))
    for board in ("tanh", "as_run_tanh"):
        found = theory.early_alive_share(THESIS | {"board_activation": board, "alive_threshold": 0})
        assert (found.value, found.standard_error) == (0.2, 0.01)
    assert theory.early_alive_share(THESIS) is None
    assert theory.early_alive_share(THESIS | changes | {"generations": 200})
    assert theory.early_alive_share(THESIS | changes | {"generations": 199}) is None


def test_colours_of_three_weights_are_known_for_the_weights_that_were_counted():
    assert "rwsp" not in theory.stationary_values(GARDEN)
    assert "rwsp" not in theory.stationary_values(GARDEN | {"rwsp": [3, 17, 31]})
    shown = theory.stationary_values(GARDEN | {"rwsp": [3, 17, 30]})
    assert shown.keys() - {"rwsp"} == theory.stationary_values(GARDEN).keys()


def test_the_share_alive_is_a_bound_where_nothing_better_is_known():
    """Below 4 / 7 in a world of its own mutation; the second code's number where it ran."""
    assert theory.alive_share(GARDEN).kind == "second code"
    bound = theory.alive_share(GARDEN | {"mutation": 0.5})
    assert (bound.value, bound.relation, bound.kind, bound.scale) == (pytest.approx(4 / 7), "<=", "exact", 1)
    alive = Headline(0.5574, (0.55, 0.564), 8, "share", "Alive", bound)
    assert agrees(alive).outcome == "agrees"  # "disagrees" when the bound was shown as an equality
    known = {"mutation": 0.5, "generations": 300}
    assert theory.alive_share(GARDEN | known)
    assert theory.alive_share(GARDEN | known | {"alive_threshold": 0.8})
    for changes in (
        {"generations": 299},
        {"rule": "april2024"},
        {"rule": "run2023"},
        {"catastrophe": {"every": 7}},
        {"budget": "inf"},
    ):
        assert theory.alive_share(GARDEN | known | changes) is None, changes
    assert theory.alive_share(GARDEN | known | {"inheritance": 0.25, "budget": 8}).value == pytest.approx(
        8 / 13
    )
    assert theory.alive_share(GARDEN | known | {"inheritance": 0}).value == 0


def test_identities_hold_in_their_worlds_only():
    """Founders are int(W H p); nothing is born without births or changes; nobody outlives the budget."""
    founders = theory.founders({"width": 31, "height": 17, "seed_fraction": 0.09})
    assert founders.value == 47 and founders.kind == "identity" and founders.relation == "="
    assert theory.new_genomes(GARDEN) is None
    for changes in ({"mutation": 0}, {"inheritance": 0}, {"mutation": 0.0, "inheritance": 0.0}):
        nothing = theory.new_genomes(GARDEN | changes)
        assert nothing.value == 0 and nothing.kind == "identity" and nothing.relation == "="
    oldest = theory.oldest(GARDEN | {"budget": 7})
    assert (oldest.value, oldest.relation, oldest.kind) == (7, "<=", "identity")
    assert theory.oldest(GARDEN | {"budget": "inf"}) is None
    assert theory.oldest(GARDEN | {"rule": "run2023"}) is None
    assert theory.oldest(GARDEN | {"rule": "april2024"}) is not None
    assert theory.alive_later(GARDEN) is None
    nobody = theory.alive_later(GARDEN | {"inheritance": 0})
    assert nobody.value == 0 and nobody.kind == "identity" and nobody.relation == "="
    assert theory.alive_later(GARDEN | {"inheritance": 0, "budget": "inf"}) is None


def test_a_landscape_that_changes_is_expected_to_do_little():
    """No bound for the share alive; nobody older than the largest budget; nothing new only without any mutation."""
    changing = GARDEN | {"landscape": [{"from": 5, "budget": 9}, {"from": 7, "mutation": 0}]}
    assert theory.alive_share(changing) is None and theory.early_alive_share(changing) is None
    assert theory.oldest(changing).value == 9
    assert theory.oldest(GARDEN | {"landscape": [{"from": 5, "budget": "inf"}]}) is None
    assert theory.new_genomes(changing) is None
    assert theory.new_genomes(changing | {"mutation": 0}).value == 0
    assert theory.new_genomes(GARDEN | {"mutation": 0, "landscape": [{"from": 5, "mutation": 0.1}]}) is None
    assert theory.alive_later(changing | {"inheritance": 0}) is None
