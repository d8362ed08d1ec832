"""A few frames of a long trajectory: which, and that they are the stored ones."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics import store
from emergent_dynamics.causal import frames


def test_all_frames_are_shown_if_they_are_few():
    assert frames.spaced(np.arange(7.0), 7).tolist() == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_of_many_the_first_and_the_last_are_shown_and_steps_of_the_logarithm_between(start):
    """Of 1 ... 10,000 in 62 steps of a factor 10^(4/61): no gap is larger than that factor and one frame."""
    time = np.concatenate([[start], np.arange(1.0, 10_001.0)])
    shown = frames.spaced(time, 64)
    assert shown.size <= 64 and shown[0] == 0 and shown[-1] == 10_000
    later = time[shown[1:]]
    factor = (10_000 / (start or 1.0)) ** (1 / 61)
    assert (later[1:] <= later[:-1] * factor + 1.0).all()


def test_frames_are_read_across_the_stored_blocks(tmp_path, monkeypatch):
    """Seven frames in blocks of two: wanted ones of each block, of the same, and of none."""
    monkeypatch.setattr(store.layout, "BLOCK_BYTES", 2 * 2 * 3 * 8)
    x = np.arange(42.0).reshape(2, 7, 3)
    variables = {"x": store.Variable(("run", "time", "token"), x.shape, "float64", "position", "1")}
    with store.writing(tmp_path / "x.zarr", variables, "time", 7, {"system": "toy"}) as stream:
        stream.append({"x": x})
    stored = store.open_complete(tmp_path / "x.zarr")
    assert stored["x"].encoding["chunks"][1] == 2
    for wanted in ([0, 1, 6], [3], [0, 1, 2, 3, 4, 5, 6]):
        assert np.array_equal(frames.read(stored, np.array(wanted))["x"], x[:, wanted])


def test_a_table_is_read_at_the_frames_that_are_shown(tmp_path):
    """Of 3,000 frames of two kinds at most 1,000 each, the first and the last among them; of 100 all."""
    for n in (3000, 100):
        time = np.arange(n) / 7
        whole = pd.DataFrame(
            {"kind": np.repeat(["a", "b"], n), "time": np.tile(time, 2), "value": np.arange(2.0 * n)}
        )
        whole.to_csv(tmp_path / "t.csv", index=False)
        shown = frames.spaced(time, frames.SHOWN)
        found = frames.rows(tmp_path / "t.csv", time)
        assert found["value"].tolist() == [*shown, *(n + shown)]
        assert shown.size <= 1000 and found["time"].max() == time[-1]
