"""The three sources through the driver: stores, resumption, and the tables that come out of them."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from emergent_dynamics import driver, store
from emergent_dynamics.config import schema
from emergent_dynamics.reasoning import analysis, assemble, checks, plan, simulation, tables
from emergent_dynamics.reasoning.findings import cells, compatibility, controls, evolution
from emergent_dynamics.reasoning.parameters import Diagnosis, Parameters, Settings

ABOUT = {"system": "reasoning", "experiment": "t", "software": "{}", "seed": "1"}


def parameters(**change):
    return schema.resolve(schema.read_schemas()[1]["reasoning"], change)


def run(given, tmp_path, **options):
    from emergent_dynamics.runtime import provenance

    target = tmp_path / "trajectory.zarr"
    attributes = {**ABOUT, "parameters": provenance.canonical(given)}
    driver.run(simulation.build(given), tmp_path / "checkpoint", target, attributes, **options)
    return str(target)


def test_the_capture_map_s_store_gives_its_tables(tmp_path):
    given = parameters(examples=64, runs=2)
    path = run(given, tmp_path)
    found = assemble.collect(path, [], {"exponent_unit": "unknown", "halted_zero": "keep"})
    assert list(found) == ["run_0", "run_1"]
    assert found["run_0"].sizes == {"example": 64, "act_step": 16, "exponent": 1, "lag": 1}
    assert store.find_damage(path) is None


PRESETS = yaml.safe_load((Path(__file__).parents[2] / "config" / "seeds.yaml").read_text())["experiments"]
TRAINED = {name: one for name, one in PRESETS["reasoning"].items() if one.get("source") == "train"}
SHRUNK = {
    "examples": 24,
    "exponents": 3,
    "checkpoints": [2, 6],
    "network": {"width": 16},
    "training": {"batch": 8},
    "task": {"puzzles": 200, "test": 24, "validation": 16},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_every_preset_trains_and_is_diagnosed(name, tmp_path):
    """Its model, task and estimators at a small size, from training to headlines."""
    pytest.importorskip("torch")
    asked = {key: value for key, value in TRAINED[name].items() if key != "seeds"}
    for key, value in SHRUNK.items():
        asked[key] = {**asked.get(key, {}), **value} if isinstance(value, dict) else value
    given = parameters(**asked)
    assert not list(checks.check(given))
    path = run(given, tmp_path)
    joined = analysis.diagnose(path, given)
    table = joined["step_6"]
    assert table.sizes["example"] == 24 and table.sizes["act_step"] == (given["roll_out"] or 16)
    assert np.isfinite(table["lyap_raw"].values).all() and np.isfinite(table["drift_zH"].values).all()
    assert np.isfinite(table["lyap_svd"].values).all() == ("svd" in given["estimator"])
    settings = Settings(4, "otsu", "qr", 20, 1)
    for finding in (cells, controls, evolution):
        assert finding.summarise(joined, finding.find(joined, settings))


def test_deposited_arrays_reach_the_tables_and_the_original_s_files_unchanged(tmp_path, deposit, saved):
    arrays = {name: deposit(n=60, seed=seed) for seed, name in enumerate(("main", "s1", "s2"))}
    paths = {name: str(saved(value, f"{name}.npz")) for name, value in arrays.items()}
    series = [{"step": i, "path": paths[f"s{i}"]} for i in (1, 2)]
    given = parameters(source="npz", files={"main": paths["main"]}, series={"trm": series})
    path = run(given, tmp_path)
    found = assemble.collect(path, [], {"exponent_unit": "nat per sub-update", "halted_zero": "never"})
    assert list(found) == ["main", "trm_1", "trm_2"]
    assert np.array_equal(found["main"]["lyap_raw"].values, arrays["main"]["lyap_spec"].astype(float))
    assert list(tables.steps(found)["trm"]) == [1, 2] and list(tables.primary(found)) == ["main"]
    stored = {tag: compatibility.arrays(store.open_complete(path, group=tag)) for tag in found}
    files = compatibility.files(stored, Parameters.from_config(given))
    assert set(files) == {
        "results_main.json",
        "cells_main.csv",
        "sweep_main.csv",
        "evolution_trm.csv",
        "results.md",
    }
    assert files["results_main.json"] == compatibility.as_json(
        compatibility.results(arrays["main"], paths["main"])
    )


def test_a_training_interrupted_at_every_checkpoint_has_the_digests_of_an_unbroken_one(tmp_path):
    """SIGTERM-like stops: the driver is made to stop after each leg and run again."""
    pytest.importorskip("torch")
    given = parameters(
        source="train",
        examples=12,
        act_steps=4,
        exponents=2,
        estimator=["qr", "svd"],
        network={"width": 8, "layers": 1},
        task={"puzzles": 60, "test": 12, "validation": 8},
        training={"batch": 8},
        checkpoints=[3, 7],
    )
    path = run(given, tmp_path / "whole")
    broken = tmp_path / "broken"

    class Stop(Exception):
        pass

    for allowed in range(1, 20):
        made, calls = simulation.build(given), [0]
        advance = made.advance

        def limited(state, start, stop, advance=advance, calls=calls, allowed=allowed):
            if calls[0] == 1 and allowed < 19:
                raise Stop
            calls[0] += 1
            return advance(state, start, stop)

        made.advance = limited
        from emergent_dynamics.runtime import provenance

        attributes = {**ABOUT, "parameters": provenance.canonical(given)}
        try:
            driver.run(made, broken / "c", broken / "trajectory.zarr", attributes, commit_seconds=0.0)
            break
        except Stop:
            continue
    for group in ("raw", "average", "test", None):
        first = store.open_complete(path, group=group)
        second = store.open_complete(broken / "trajectory.zarr", group=group)
        for name in first.variables:
            assert first[name].attrs["content_sha256"] == second[name].attrs["content_sha256"], name

    whole, average, test = (store.open_complete(path, group=group) for group in (None, "average", "test"))
    from emergent_dynamics.reasoning.diagnose import diagnose_shard

    wanted, shard = Diagnosis.from_config(given), plan.shards(given)[-1]
    found = diagnose_shard(whole, (average, test), Parameters.from_config(given), wanted, shard)
    table = found["step_7"]
    assert table.sizes["example"] == 12 and table.attrs["step"] == 7
    assert (table["lyap_svd"].values[:, 0] >= table["lyap_raw"].values[:, 0] - 1e-5).all()
