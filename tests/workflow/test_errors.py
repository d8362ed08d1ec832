"""What goes wrong costs one line that says where, what and how to go on; damage is never read as numbers."""

import dataclasses
import json
import re
import shutil

import pytest

from emergent_dynamics.store import find_damage

pytestmark = pytest.mark.inputs

TRAJECTORY = "results/causal/ring/trajectory.zarr"
NOTICE = "Using workflow specific profile"  # Snakemake's own line about profiles/default


def one_line(found):
    """The only line on standard error."""
    lines = [line for line in found.stderr.splitlines() if line and not line.startswith(NOTICE)]
    assert found.status == 1
    assert len(lines) == 1, found.stderr
    return lines[0]


MISTAKES = [
    ({"tokenz": 9}, "ring.tokenz: unknown key; did you mean tokens?"),
    ({"runs": "many"}, "ring.runs = many: must be an integer from 1 to 1000000"),
    ({"beta": 0}, "ring.beta = 0: must be a number greater than 0 and of at most 1000000"),
    ({"save": {"every": 61}}, "ring.save.every = 61.0: must be at most steps, 60"),
    (
        {"sweep": {"beta": [9, -1]}},
        "ring.sweep.beta[1] = -1: must be a number greater than 0 and of at most 1000000 (in ring/beta=-1)",
    ),
    (
        {"initial": "none.npy"},
        "ring.initial = none.npy: must be a file that exists; relative paths start in ",
    ),
]


@pytest.mark.parametrize("wrong, line", MISTAKES, ids=lambda value: next(iter(value), ""))
def test_a_mistake_in_the_configuration_is_one_line_before_any_job(
    project, experiments, configure, wrong, line
):
    """File, key, value, what is allowed; no traceback, no graph, no directory of results, with -n or without."""
    experiments["ring"] |= wrong
    config = configure(experiments)
    found = project.quick("--cores", "1", "--directory", config.parent, config=config)
    assert one_line(found).startswith(f"config.yaml: experiments.causal.{line}")
    assert "Building DAG" not in found.said and "Traceback" not in found.said
    assert not (config.parent / "results").exists()


def test_a_system_that_does_not_exist_is_named_with_those_that_do(project, tmp_path):
    """`casual` is no system."""
    (tmp_path / "c.yaml").write_text(json.dumps({"experiments": {"casual": {"ring": {}}}}))
    line = one_line(project.quick("-n", config=tmp_path / "c.yaml"))
    assert line.endswith("experiments.casual: unknown system; did you mean causal?")


def test_a_job_that_this_machine_cannot_hold_is_refused_before_any_runs(project, experiments, configure):
    """Sequences of 2.4e9 tokens: one line with the job, what it asks for and what there is."""
    experiments["ring"] |= {"tokens": 4000, "runs": 600_000, "steps": 10, "save": {"every": 10}}
    config = configure(experiments)
    found = project.quick("--cores", "1", "--directory", config.parent, config=config)
    line = found.stderr.splitlines()[-1]
    assert found.status == 1 and "Traceback" not in found.said
    assert re.fullmatch(
        r"\S+ ring \(and \d+ more\) needs [\d,]+ MiB of memory: this machine has [\d,]+", line
    ), line
    assert not (config.parent / "results").exists()


@pytest.fixture
def copied(finished, tmp_path):
    """The finished run in another directory, to be damaged."""
    shutil.copytree(finished.directory, tmp_path / "copy")
    return dataclasses.replace(finished, directory=tmp_path / "copy")


def delete(store):
    (store / "x/c/0/0/0/0").unlink()


def flip(store):
    file = store / "x/c/0/0/0/0"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 16
    file.write_bytes(bytes(content))


@pytest.mark.parametrize("damage, what", [(delete, "is missing"), (flip, "is damaged (crc32c)")])
def test_a_damaged_store_stops_its_readers_by_name(copied, damage, what):
    """Array, chunk and remedy in one line, in the terminal and in the log; no table is made from it."""
    damage(copied.path(TRAJECTORY))
    target = "results/causal/ring/analysis/order.csv"
    found = copied.quick("--cores", "1", "--forcerun", "causal_order", "--", target)
    line = f"{TRAJECTORY}: x, chunk (0, 0, 0, 0) {what}; delete {TRAJECTORY} and run again"
    assert found.status == 1 and not copied.path(target).exists()
    assert line in found.said.splitlines()
    assert line in copied.path("logs/causal/ring/order.log").read_text().splitlines()


def test_the_remedy_works(copied):
    """Deleting the damaged store and running again makes it anew, with the digests that it had."""
    store = copied.path(TRAJECTORY)
    before = json.loads((store / "x/zarr.json").read_text())["attributes"]["content_sha256"]
    flip(store)
    assert find_damage(store)
    shutil.rmtree(store)
    assert copied.quick("--cores", "1", TRAJECTORY).status == 0
    assert find_damage(store) is None
    assert json.loads((store / "x/zarr.json").read_text())["attributes"]["content_sha256"] == before


def test_a_library_from_elsewhere_is_refused(project, tmp_path):
    """An installed copy would shadow the one whose hash is on record: one line says which and what to do."""
    shutil.copytree(project.root / "workflow/scripts/emergent_dynamics", tmp_path / "old/emergent_dynamics")
    old = tmp_path / "old"
    found = project.run("--directory", tmp_path / "w", "--cores", "1", TRAJECTORY, PYTHONPATH=str(old))
    assert found.status == 1
    lines = [line for line in found.stderr.splitlines() if "is not the one of the workflow in" in line]
    assert lines and lines[0].startswith(f"{old}/emergent_dynamics: this emergent_dynamics is not")
    assert "pip uninstall emergent-dynamics" in lines[0]
    assert not (tmp_path / "w" / TRAJECTORY).exists()


def test_a_default_configuration_that_is_no_yaml_is_one_line_with_its_place(project, tmp_path):
    """Without --configfile the Snakefile reads it first; Snakemake would say neither which file nor which line."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text("experiments:\n  causal: {a: {beta: 9}\n")
    line = one_line(project.warm(["-n", "--directory", str(tmp_path)], project.root))
    assert line.endswith(
        "config.yaml: line 3, column 1: not YAML: expected ',' or '}', but got '<stream end>'"
    )
