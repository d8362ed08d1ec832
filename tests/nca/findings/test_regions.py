"""Regions of a landscape: counts by hand, what cannot be known, and the figure."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from emergent_dynamics.config import load
from emergent_dynamics.findings import read_summary, write_summary
from emergent_dynamics.nca.figures import regions as figure
from emergent_dynamics.nca.findings import regions
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.resources import findings
from tests.nca.worlds import datasets, drive, experiment

ROOT = Path(__file__).resolve().parents[3]
HALVES = [{"from": 0, "budget": [2, 8], "mutation": [0.0, 0.2]}]


def test_a_frame_is_counted_by_hand():
    """Five columns, three and two: genomes 2 and 4 descend from founder 1, genome 3 is a founder of its own."""
    before = np.array([[0, 1, 1, 0, 0], [1, 0, 0, 3, 3]])
    gid = np.array([[2, 1, 0, 0, 3], [1, 4, 0, 0, 3]])
    alpha = np.array([[0, 6, 0, 0, 10], [8, 0, 0, 0, 0]])
    founder = np.array([0, 1, 1, 3, 1])
    found = regions.count(gid, alpha, before, np.array([0, 0, 0, 1, 1]), founder)
    told = {name: values.tolist() for name, values in found.items()}
    assert told["energy"] == pytest.approx([0.7, 1.0])
    del told["energy"]
    assert told == {
        "cells": [6, 4], "living": [2, 1], "nets": [4, 2], "births": [2, 1], "deaths": [1, 1], "genomes": [3, 1],
        "clades": [1, 1],
    }  # fmt: skip


@pytest.fixture(scope="module")
def halves():
    """Eight worlds of two halves: budget 2 and no mutation on the left, 8 and 0.2 on the right."""
    settings = experiment(
        width=24, height=16, generations=300, inheritance=0.5, runs=8, landscape=HALVES, rwsp=[3, 17, 30]
    )
    p = Parameters.from_config(settings)
    return settings, regions.find(datasets(drive(p), p), settings)["regions"]


def test_a_long_budget_fills_its_half_up_to_its_own_bound(halves, tmp_path):
    """At most 2 / 5 and 8 / 11 of the cells are alive (theory.most_alive); more genomes live where they mutate."""
    settings, table = halves
    told = regions.summarise(table, settings)
    for name, bound in (("first", 2 / 5), ("last", 8 / 11)):
        headline = told[f"region_alive_{name}"]
        assert headline.expectation.value == pytest.approx(bound)
        assert bound - 0.05 < headline.value < bound
    for name in ("living", "genomes"):
        assert told[f"region_{name}_contrast"].ci[0] > 0
    assert told["region_births_contrast"].ci[1] < 0  # a short budget: cells die and are born more often
    write_summary(tmp_path / "summary.json", told)
    drawing = figure.draw(regions.late_means(table, settings), read_summary(tmp_path / "summary.json"))
    assert drawing.get_suptitle().startswith("Share alive in the last region minus that in the first: 0.3")


@pytest.mark.slow  # 8 s: eight worlds of 64 x 64 cells, 400 generations
def test_the_terraces_are_as_documented():
    """Every number that docs/nca.md gives of this experiment, to its digits."""
    settings = load(yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text()), ["test"]).parameters(
        "nca", "terraces"
    )
    p = Parameters.from_config(settings)
    told = regions.summarise(regions.find(datasets(drive(p), p), settings)["regions"], settings)
    contrasts = [told[f"region_{name}_contrast"] for name in regions.MEASURES]
    digits = (3, 3, 3, 0, 1)
    stated = [
        f"{one.value:.{k}f} [{one.ci[0]:.{k}f}, {one.ci[1]:.{k}f}]"
        for one, k in zip(contrasts, digits, strict=True)
    ]
    shares = [
        part
        for name in ("first", "last")
        for part in (
            f"{told[f'region_alive_{name}'].value:.3f}",
            told[f"region_alive_{name}"].expectation.value,
        )
    ]
    section = (ROOT / "docs" / "nca.md").read_text().partition("### regions")[2].partition("\n### ")[0]
    page = " ".join(section.split())
    found = re.findall(r"-?[\d.]+ \[-?[\d.]+, -?[\d.]+\]", page)
    assert found == stated
    (alive,) = re.findall(
        r"only, .* is ([\d.]+), at most ([\d.]+) by .* eight, it is ([\d.]+), at most ([\d.]+)\.", page
    )
    assert alive == (shares[0], f"{shares[1]:.2f}", shares[2], f"{shares[3]:.3f}")


def test_births_between_frames_far_apart_are_not_known():
    settings = experiment(generations=200, archive="checkpoint", landscape=HALVES)
    p = Parameters.from_config(settings)
    table = regions.find(datasets(drive(p), p), settings)["regions"]
    assert table["births"].isna().all() and (table["living"] > 0).any()
    told = regions.summarise(table, settings)["region_births_contrast"]
    assert np.isnan(told.value) and "every generation" in told.note


def test_no_bound_is_expected_soon_after_a_change(halves):
    """The first half of 300 generations is less than SETTLED after a stage that begins in generation 1."""
    settings, table = halves
    later = settings | {"landscape": [{"from": 1, "budget": [2, 8]}]}
    assert regions.summarise(table, later)["region_alive_first"].expectation is None
    unlimited = settings | {"landscape": [{"from": 0, "budget": ["inf", 8]}]}
    assert regions.summarise(table, unlimited)["region_alive_first"].expectation is None
    assert regions.summarise(table, unlimited)["region_alive_last"].expectation


@pytest.mark.parametrize(
    ("stages", "has"), [([], False), ([{"from": 1, "budget": 2}], False), (HALVES, True)]
)
def test_regions_are_looked_for_where_there_are_some(stages, has):
    assert ("regions" in findings(experiment(landscape=stages))) == has


def test_a_dead_region_has_no_energy():
    table = pd.DataFrame(
        regions.count(np.zeros((2, 2), int), np.zeros((2, 2), int), None, np.array([0, 1]), np.zeros(1, int))
    )
    assert table["energy"].isna().all() and (table[["living", "genomes", "clades"]] == 0).all(axis=None)
