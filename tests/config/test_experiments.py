"""Experiments of a configuration: complete, canonical, swept; and the files that a user brings."""

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import types

import pytest
import yaml

from emergent_dynamics.config import ConfigError, load
from emergent_dynamics.config.schema import DIRECTORY
from emergent_dynamics.inputs.content import content_sha256

ROOT = DIRECTORY.parents[3]


def toy(schemas, **experiments):
    return load({"experiments": {"toy": experiments}}, schemas=schemas)


def test_an_empty_experiment_has_every_default_also_inside_mappings_and_alternatives(schemas):
    assert toy(schemas, plain={}).parameters("toy", "plain") == {
        "neurons": 20,
        "budget": "inf",
        "rate": 0.5,
        "name": "plain",
        "open": False,
        "training": {"rate": 0.001, "epochs": 10},
        "input": {"source": "digits", "count": 10},
        "files": {},
        "series": {},
        "inputs_sha256": {},
    }


def test_nothing_is_an_experiment_with_the_defaults_and_off_is_none(schemas):
    experiments = toy(schemas, plain=None, other=False)
    assert experiments.names("toy") == ["plain"]
    assert experiments.parameters("toy", "plain") == toy(schemas, plain={}).parameters("toy", "plain")
    for nothing in (None, False, {}):
        empty = load({"experiments": {"toy": nothing}}, schemas=schemas)
        assert empty.names("toy") == empty.names("absent") == empty.systems == []
        assert empty.groups("toy") == empty.groups("absent") == {}


def test_a_part_of_a_mapping_keeps_the_defaults_of_the_rest(schemas):
    found = toy(schemas, a={"training": {"epochs": 3}}).parameters("toy", "a")
    assert found["training"] == {"rate": 0.001, "epochs": 3}


def test_equal_numbers_give_equal_parameters_in_any_order_of_keys(schemas):
    """20 and 20.0, 1 and 1.0: a rerun must not depend on how a number was written."""
    one = toy(schemas, a={"neurons": 20.0, "rate": 1}).parameters("toy", "a")
    two = toy(schemas, a={"rate": 1.0, "neurons": 20}).parameters("toy", "a")
    assert json.dumps(one) == json.dumps(two)
    assert isinstance(one["neurons"], int) and isinstance(one["rate"], float)


def test_parameters_are_the_callers_own(schemas):
    experiments = toy(schemas, a={})
    experiments.parameters("toy", "a")["training"]["epochs"] = 99
    assert experiments.parameters("toy", "a")["training"]["epochs"] == 10


def test_a_sweep_is_one_member_per_combination_named_after_its_values(schemas):
    experiments = toy(schemas, scan={"rate": 0.25, "sweep": {"neurons": [9, 16.0], "budget": ["inf", 3]}})
    members = [f"scan/budget={b},neurons={n}" for b, n in itertools.product(("inf", 3), (9, 16))]
    assert experiments.names("toy") == members
    assert experiments.groups("toy") == {"scan": members}
    found = experiments.parameters("toy", "scan/budget=3,neurons=16")
    assert (found["budget"], found["neurons"], found["rate"]) == (3, 16, 0.25)
    assert "sweep" not in found


def test_a_pattern_matches_the_experiments_in_which_a_key_is_set_whole_and_nothing_else(schemas):
    """Names are literal text in it; without any such experiment it matches no name at all."""
    scan = {"open": True, "sweep": {"rate": [0.5, 0.25]}}
    experiments = toy(schemas, scan=scan, last={"open": True}, lasting={}, shut={"sweep": {"rate": [0.5]}})
    pattern = experiments.pattern("toy", "open")
    matched = [name for name in experiments.names("toy") if re.fullmatch(pattern, name)]
    assert matched == ["scan/rate=0.5", "scan/rate=0.25", "last"]
    assert not re.fullmatch(pattern, "scan/rate=0x5")
    assert not re.search(toy(schemas, shut={}).pattern("toy", "open"), "shut")


def test_a_members_name_does_not_depend_on_the_order_of_keys_and_a_new_value_keeps_the_old_members(schemas):
    one = toy(schemas, s={"sweep": {"rate": [0.1], "neurons": [2]}}).names("toy")
    two = toy(schemas, s={"sweep": {"neurons": [2, 3], "rate": [0.1]}}).names("toy")
    assert one == ["s/neurons=2,rate=0.1"] and set(one) < set(two)


def test_numbers_read_back_from_a_members_name_and_paths_and_lists_are_hashed(schemas, tmp_path):
    values = [1e-5, 0.1, 1, 0.30000000000000004]
    names = toy(schemas, s={"sweep": {"rate": values}}).names("toy")
    assert [float(name.partition("rate=")[2]) for name in names] == values
    inputs = [{"source": "digits"}, {"source": "digits", "count": 3}]
    names = toy(schemas, s={"sweep": {"input": inputs}}).names("toy")
    assert len(set(names)) == 2 and all(len(name.partition("input=")[2]) == 8 for name in names)


def test_a_sixth_system_is_one_schema_file(schemas):
    assert toy(schemas, a={}).systems == ["toy"]
    with pytest.raises(ConfigError, match=r"experiments\.other: unknown system; allowed: toy$"):
        load({"experiments": {"other": {}}}, schemas=schemas)


def test_files_enter_the_parameters_by_content_at_any_depth(schemas, tmp_path):
    file = tmp_path / "w.npz"
    file.write_bytes(b"weights")
    given = {
        "input": {"source": "image", "path": str(file)},
        "files": {"trm": str(file)},
        "series": {"long": [{"step": 1, "path": str(file)}]},
    }
    found = toy(schemas, a=given).parameters("toy", "a")["inputs_sha256"]
    assert found == dict.fromkeys(
        ["input.path", "files.trm", "series.long[0].path"], hashlib.sha256(b"weights").hexdigest()
    )


def test_a_touched_file_keeps_its_hash_and_a_changed_one_does_not(tmp_path):
    file = tmp_path / "x.npy"
    file.write_bytes(b"one")
    first = content_sha256(str(file))
    os.utime(file, (1, 1))
    assert content_sha256(str(file)) == first
    file.write_bytes(b"three")
    assert content_sha256(str(file)) != first


def test_a_directory_is_hashed_by_names_and_contents(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "chunk").write_bytes(b"0")
    first = content_sha256(str(tmp_path / "a"))
    assert content_sha256(str(tmp_path / "b")) == first
    (tmp_path / "b" / "deep" / "chunk").rename(tmp_path / "b" / "deep" / "moved")
    assert content_sha256(str(tmp_path / "b")) != first


def test_a_rooms_checks_see_the_complete_experiment_of_every_member(schemas, monkeypatch):
    seen = []

    def check(experiment):
        seen.append(dict(experiment))
        if experiment["neurons"] * experiment["training"]["epochs"] > 100:
            yield "training.epochs", experiment["training"]["epochs"], "at most 100 / neurons"

    module = types.ModuleType("emergent_dynamics.toy.checks")
    module.check = check
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(ConfigError) as caught:
        toy(schemas, s={"sweep": {"neurons": [10, 11]}})
    where, said = (
        "config: experiments.toy.s.training.epochs = 10",
        "must be at most 100 / neurons (in s/neurons=11)",
    )
    assert str(caught.value) == f"{where}: {said}"
    assert [found["neurons"] for found in seen] == [10, 11] and seen[0]["rate"] == 0.5


@pytest.mark.parametrize("file", ["config.yaml", "tiny.yaml", "seeds.yaml"])
def test_the_configurations_that_come_with_the_workflow_are_valid(file):
    path = ROOT / "config" / file
    experiments = load(yaml.safe_load(path.read_text(encoding="utf-8")), [str(path)])
    for system in experiments.systems:
        for name in experiments.names(system):
            json.dumps(experiments.parameters(system, name), allow_nan=False)


def test_the_room_imports_no_array_library_and_little_else():
    """The Snakefile and every job of a cluster import it. Measured 0.2 s of CPU, most of it jsonschema."""
    code = (
        "import sys, time; start = time.process_time(); import emergent_dynamics.config; "
        "cost = time.process_time() - start; heavy = {'torch', 'numba', 'zarr', 'xarray', 'pandas'}; "
        "print(cost, *(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow" / "scripts")}
    answers = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(5)
    ]
    costs, heavy = zip(*((float(a.stdout.split()[0]), a.stdout.split()[1:]) for a in answers), strict=True)
    assert not any(heavy)
    assert min(costs) < 0.3


def test_seeds_are_a_sweep_of_the_seed():
    """Where a system has the key: the same members as `sweep: {seed: [...]}`, also beside another sweep."""

    def names(**given):
        return load({"experiments": {"reasoning": {"s": given}}}).names("reasoning")

    assert names(seeds=[1, 2]) == names(sweep={"seed": [1, 2]}) == ["s/seed=1", "s/seed=2"]
    assert names(seeds=[1, 2], sweep={"model": ["trm", "hrm"]})[0] == "s/model=trm,seed=1"
    assert names(seeds=[]) == ["s"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seeds": [1, 1]}, "experiments.reasoning.s.seeds"),
        ({"seeds": [-1]}, r"experiments.reasoning.s.seeds\[0\]|experiments.reasoning.s.seeds.0"),
        ({"seeds": [1], "sweep": {"seed": [2]}}, "experiments.reasoning.s.sweep.seed"),
    ],
)
def test_a_fault_in_seeds_is_named(given, message):
    with pytest.raises(ConfigError, match=message):
        load({"experiments": {"reasoning": {"s": given}}})


LENS = {
    "control": "training.rate",
    "reads": {"model": ["analysis/a.csv"]},
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "experiment": {"type": ["string", "null"], "default": None},
        "model": {"type": ["string", "null"], "default": None},
        "runs": {"type": "integer", "minimum": 2, "default": 8},
    },
}


@pytest.fixture
def lens(schemas, tmp_path):
    """The toy's schemas, its system with a part in the atlas, and one without."""
    toy = json.loads((schemas / "toy.schema.json").read_text())
    for name, schema in {"toy": {**toy, "atlas": LENS}, "mute": toy}.items():
        (tmp_path / f"{name}.schema.json").write_text(json.dumps(schema))
    (tmp_path / "config.schema.json").write_text((schemas / "config.schema.json").read_text())
    return tmp_path


def test_a_system_joins_the_atlas_by_its_schema(lens):
    """With defaults, with the control value of the experiment that it names, and not where it is off."""
    given = {"experiments": {"toy": {"a": {"training": {"rate": 0.25}}}}}
    found = load({**given, "atlas": {"toy": {"experiment": "a", "model": "a"}}}, (), lens)
    view = found.atlas["toy"]
    assert dict(view.parameters) == {"experiment": "a", "model": "a", "runs": 8} and view.mem_mb == 500
    assert (view.reads, found.ring("toy")) == (("a/analysis/a.csv",), 0.25)
    alone = load({**given, "atlas": {"toy": None}}, (), lens)
    assert (alone.atlas["toy"].reads, alone.ring("toy")) == ((), None)
    assert not load({**given, "atlas": {"toy": False}}, (), lens).atlas
    assert not load(given, (), lens).atlas


@pytest.mark.parametrize(
    ("atlas", "said"),
    [
        ({"toi": {}}, "atlas.toi: not a system of the atlas; did you mean toy?"),
        ({"mute": {}}, "atlas.mute: not a system of the atlas; allowed: toy"),
        ({"toy": {"runs": 1}}, "atlas.toy.runs = 1: must be an integer of at least 2"),
        ({"toy": {"run": 1}}, "atlas.toy.run: unknown key; did you mean runs?"),
        (
            {"toy": {"experiment": "b"}},
            "atlas.toy.experiment = b: must be an experiment of toy; allowed: a",
        ),
        ({"toy": {"model": "aa"}}, "atlas.toy.model = aa: must be an experiment of toy; did you mean a?"),
        ({"toy": 3}, "atlas.toy = 3: must be the parameters of a sweep, {runs: 16}, or off"),
    ],
)
def test_a_mistake_in_the_atlas_is_one_line(lens, atlas, said):
    with pytest.raises(ConfigError) as caught:
        load({"experiments": {"toy": {"a": {}}}, "atlas": atlas}, (), lens)
    assert str(caught.value).endswith(said) and "\n" not in str(caught.value)
