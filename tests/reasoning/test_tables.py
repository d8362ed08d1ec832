"""Tables of diagnostics in one store, and which of them are headlines."""

import numpy as np
import pytest

from emergent_dynamics import store
from emergent_dynamics.reasoning import tables

ROOT = {"system": "reasoning", "experiment": "t", "parameters": "{}", "seed": "1", "software": "{}"}


def test_tables_survive_their_store(map_table, tmp_path):
    tables.write(tmp_path / "d.zarr", map_table, ROOT)
    back = tables.read(tmp_path / "d.zarr")
    assert list(back) == ["run_0"]
    for name, value in map_table["run_0"].variables.items():
        assert np.array_equal(back["run_0"][name].values, value.values, equal_nan=value.dtype.kind == "f"), (
            name
        )
        assert back["run_0"][name].dtype == value.dtype
    assert back["run_0"].attrs["unit"] == "nat per ACT step"
    assert back["run_0"].attrs["system"] == "reasoning"


def test_the_store_says_what_computed_its_tables(map_table, tmp_path):
    """Engine, device and reason stand in the root, where every store has them."""
    made = {"engine": "fused", "device": "cuda: a card", "engine_reason": "asked for"}
    tables.write(
        tmp_path / "d.zarr", {tag: table.assign_attrs(made) for tag, table in map_table.items()}, ROOT
    )
    root = store.open_complete(tmp_path / "d.zarr").attrs
    assert {name: root[name] for name in made} == made


def test_the_headline_checkpoint_is_chosen_on_validation_puzzles(map_table):
    table = map_table["run_0"]
    series = {
        f"step_{step}": table.assign_attrs(series="training", step=step, validation_accuracy=right)
        for step, right in ((100, 0.2), (200, 0.7), (300, 0.9))
    }
    assert list(tables.primary(series)) == ["step_200"]
    sudden = {tag: table for tag, table in series.items() if tag != "step_200"}
    sudden["step_300"] = sudden["step_300"].assign_attrs(validation_accuracy=0.99)
    assert list(tables.primary(sudden)) == ["step_300"]  # none from .6 to .9: the nearest to .75
    assert list(tables.steps(series)["training"]) == [100, 200, 300]


def test_shards_of_two_devices_are_not_joined(map_table):
    """A chaotic network differs between them."""
    table = next(iter(map_table.values())) if isinstance(map_table, dict) else map_table
    one, other = (table.assign_attrs(device=device) for device in ("cpu", "cuda: a card"))
    assert tables.join([one, one]).sizes["example"] == 2 * table.sizes["example"]
    with pytest.raises(ValueError, match="cpu and cuda: a card"):
        tables.join([one, other])
