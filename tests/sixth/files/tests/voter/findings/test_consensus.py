"""Disagreement against time."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.voter.findings import consensus


def test_runs_of_one_opinion_do_not_disagree_and_halves_disagree_half_the_time():
    share = xr.DataArray([[0.5, 0.0], [0.5, 1.0]], dims=("run", "time"), coords={"time": [0, 1]})
    table = consensus.find(xr.Dataset({"share": share}))["consensus"]
    assert table["disagreement"].tolist() == [0.5, 0.0] and table["n"].tolist() == [2, 2]


def test_headlines_are_those_of_the_last_step():
    share = xr.DataArray(np.array([[0.5, 0.2], [0.5, 0.4]]), dims=("run", "time"))
    found = consensus.summarise(
        xr.Dataset({"share": share}), {"voters": 10, "share": 0.5, "runs": 2, "steps": 1, "seed": 1}
    )
    assert found["share_end"].value == pytest.approx(0.3)
    assert found["disagreement_end"].value == pytest.approx((0.32 + 0.48) / 2)
    assert found["disagreement_end"].expectation.value == pytest.approx(0.45)
