"""docs/scaling.md has the tables of the last measurement, and the fit gives back a known law."""

import numpy as np
import pandas as pd
import pytest
import yaml

from performance import scaling, slurm
from tests.workflow.project import CHECKOUT

PAGE = (CHECKOUT / "docs" / "scaling.md").read_text()


@pytest.fixture(scope="module")
def measured():
    return pd.read_csv(scaling.MEASURED)


def test_every_series_has_four_sizes_that_grow(measured):
    assert list(measured["series"].unique()) == [series.name for series in scaling.SERIES]
    for _, own in measured.groupby("series"):
        assert len(own) == 4 and own["work"].is_monotonic_increasing
        assert (own["low"] <= own["median"]).all() and (own["median"] <= own["high"]).all()


def test_the_page_has_the_tables_of_the_measurement(measured):
    seeds = yaml.safe_load((CHECKOUT / "config" / "seeds.yaml").read_text())["experiments"]
    assert "\n".join(scaling.costs(measured)) in PAGE
    assert "\n".join(scaling.larger(measured, seeds)) in PAGE


def test_a_law_with_noise_is_found():
    """With 5 % of noise on each of four sizes the cost is right to 20 %."""
    work = np.array([1e6, 4e6, 16e6, 64e6])
    draw = np.random.default_rng(1)
    found = [scaling.line(work, (0.2 + 1e-8 * work) * draw.normal(1, 0.05, 4))[1] for _ in range(50)]
    assert np.allclose(found, 1e-8, rtol=0.2)


def test_the_page_has_what_slurm_adds_to_a_job():
    table = pd.read_csv(slurm.MEASURED)
    assert "\n".join(slurm.lines(table)) in PAGE
    here, chain, together = (own.median(numeric_only=True) for _, own in table.groupby("way", sort=False))
    added = chain["node_s"] - here["wall_s"]
    assert f"some\n{chain['wall_s'] - here['wall_s']:.0f} seconds longer per link" in PAGE
    assert f"all four took {together['wall_s'] * slurm.MEMBERS:.0f} seconds together" in PAGE
    assert f"about {1000 * added / 3600:.1f} hours more" in PAGE
