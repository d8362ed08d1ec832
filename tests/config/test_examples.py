"""Every file of config/examples runs: checked, read, analysed; its data are what the script beside this test makes."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import yaml

import emergent_dynamics as ed
from emergent_dynamics import store
from emergent_dynamics.config import load
from tests.config import examples

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "config" / "examples").glob("*.yaml"))
EXPERIMENTS = [
    (path, system, name)
    for path in EXAMPLES
    for system, named in yaml.safe_load(path.read_text())["experiments"].items()
    for name in named
]


@pytest.mark.parametrize(
    ("path", "system", "name"), EXPERIMENTS, ids=lambda value: getattr(value, "stem", value)
)
def test_an_example_runs_from_its_file_to_headlines_without_expectations(
    path, system, name, tmp_path, monkeypatch
):
    """Paths in it start at the top of the checkout, where its first lines say to run it."""
    monkeypatch.chdir(ROOT)
    parameters = load(yaml.safe_load(path.read_text()), [path]).parameters(system, name)
    destination = tmp_path / "trajectory.zarr"
    settings = yaml.safe_load(path.read_text())["experiments"][system][name]
    ed.simulate(system, destination, **settings)
    assert store.find_damage(destination) is None
    found = importlib.import_module(f"emergent_dynamics.{system}.findings").analyse(destination, parameters)
    assert all(len(table) for table in found.tables.values())
    ranked = [headline for headline in found.headlines.values() if headline.rank]
    assert ranked and all(np.isfinite(headline.value) for headline in ranked)
    front = importlib.import_module(f"emergent_dynamics.{system}.front").FRONT
    assert "your own" in front.size(parameters).lower()


@pytest.mark.parametrize("name", sorted(examples.FILES))
def test_the_data_of_an_example_are_made_by_a_script(name):
    made, stored = examples.FILES[name](), examples.DATA / name
    if isinstance(made, str):
        assert stored.read_text() == made
    else:
        assert np.array_equal(np.load(stored)["x" if stored.suffix == ".npz" else ...], made)


def test_every_data_file_of_the_examples_is_used_by_one_of_them():
    text = "".join(path.read_text() for path in EXAMPLES)
    assert {path.name for path in examples.DATA.iterdir()} == set(examples.FILES)
    assert all(f"config/examples/data/{name}" in text for name in examples.FILES)
