"""The multistep estimate of a driven process from 5 % of its units."""

import numpy as np
import pytest

from tests.branching.findings import independent as other
from tests.branching.findings.test_ratio import jackknife, without_each_block


def test_both_rows_are_recomputed_by_plain_sums(run):
    """m = 0.98, 5 % seen, 200,000 steps, 300 lags; the one-step slope has no target and is below 0.6."""
    table = run.tables["ratio_process"].set_index("estimator")
    series = [other.process()]
    left = without_each_block(series, 300)
    slope, m = table.loc["one_step"], table.loc["mr"]
    assert (slope["value"], slope["lo"], slope["hi"]) == pytest.approx(
        jackknife(other.correlations(series, 1)[1], left[:, 1]), rel=1e-8
    )
    expected = jackknife(
        other.decay(other.correlations(series, 300)), np.array([other.decay(x) for x in left])
    )
    assert (m["value"], m["lo"], m["hi"]) == pytest.approx(expected, rel=1e-6)
    assert np.isnan(slope["expected"]) and m["expected"] == 0.98 and slope["value"] < 0.6
    for r in (slope, m):
        assert (r["sigma"], r["seen"], r["n"], r["units"]) == (0.98, 0.05, 200_000, 20)


def test_the_headline_is_the_multistep_estimate_in_blocks(run):
    h, r = run.headlines["mr_process_m_0.98"], run.tables["ratio_process"].iloc[0]
    assert (h.value, h.ci, h.n, h.unit, h.rank) == (r["value"], (r["lo"], r["hi"]), 20, "1", 3)
    assert (
        h.sentence == "Multistep estimate of the branching ratio of a driven process, from 5 % of its units"
    )
