"""`--sdm conda` for real: environments solved from a channel, created, activated, and rules that run in them.

The channel holds what is installed here (channel.py), the command is a stand-in (conda.py): this shows that the
files in envs/ can be solved together and are enough for their rules, not what conda-forge has today.
"""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version

import pytest

from tests.envs.channel import make_channel
from tests.envs.conda import write_commands
from tests.envs.test_envs import ENVIRONMENTS, PYPI, PYTHON, pins
from tests.workflow.project import copy_checkout, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(
        sys.version_info[:2] != tuple(map(int, PYTHON.split("."))),
        reason=f"the channel is made of this interpreter's packages, and the environments want Python {PYTHON}",
    ),
]

RING = {"causal": {"ring": {"runs": 2, "tokens": 12, "steps": 40, "save": {"every": 10}}}}
FROM_LOCK = [path for path in ENVIRONMENTS if path.stem != "manim"]  # of manim, Debian and PyPI have parts


@pytest.fixture(scope="module")
def conda(tmp_path_factory):
    """Variables with which Snakemake finds the command and the channels."""
    root = tmp_path_factory.mktemp("conda")
    names = {pypi: conda for conda, pypi in PYPI.items()}
    pinned = {name for path in FROM_LOCK for name in pins(path)} - {"python"}
    wanted = {PYPI.get(name, name) for name in pinned}
    system = {name for path in ENVIRONMENTS for name in pins(path)} - pinned - {"python", "pip"}
    make_channel(root / "channels" / "conda-forge", wanted | {"pip"}, names, system)
    make_channel(root / "channels" / "bioconda", [], names)
    return {
        "PATH": f"{write_commands(root)}:{os.environ['PATH']}",
        "CONDA_CHANNELS": str(root / "channels"),
        "CONDA_PKGS_DIRS": str(root / "packages"),
    }


@pytest.fixture(scope="module")
def workflow(tmp_path_factory):
    """The checkout, copied, and a configuration that uses every environment of the lock file."""
    folder = tmp_path_factory.mktemp("workflow")
    copy_checkout(folder)
    (folder / "config" / "ring.yaml").write_text(json.dumps({"experiments": RING}))
    return folder


@pytest.fixture(scope="module")
def finished(conda, workflow):
    """A run to the report in which every rule has its environment."""
    options = ["--sdm", "conda", "--cores", "2", "--configfile", "config/ring.yaml"]
    found = run(*options, cwd=workflow, **conda)
    assert found.status == 0, found.said[-5000:]
    return workflow / ".snakemake" / "conda"


def test_a_run_to_the_report_has_each_environment_created_once(finished):
    created = {path.read_text() for path in finished.glob("*.yaml")}
    assert created >= {path.read_text() for path in FROM_LOCK}
    assert (finished.parents[1] / "results" / "report.html").exists()


def test_an_environment_is_a_python_of_its_own_with_the_versions_of_its_file(finished):
    """Asked of its own interpreter, which sees nothing of the environment that runs the tests."""
    ask = (
        "import importlib.metadata, json, sys;"
        "print(json.dumps([sys.prefix, [importlib.metadata.version(name) for name in sys.argv[1:]]]))"
    )
    for file in finished.glob("*.yaml"):
        if "manim" in file.read_text():
            continue
        wanted = {PYPI.get(name, name): pin for name, pin in pins(file).items() if name != "python"}
        prefix = file.with_suffix("")
        command = [prefix / "bin" / "python", "-c", ask, *wanted]
        where, found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert where == str(prefix)
        assert [pin.partition("+")[0] for pin in found] == list(wanted.values())


def test_the_environment_of_the_optional_rule_is_created_when_its_film_is_asked_for(conda, workflow):
    """Of manim, that is: conda's part. Compilers and libraries are empty here, and pip's part is not installed."""
    options = [
        "--sdm",
        "conda",
        "--conda-create-envs-only",
        "--configfile",
        "config/tiny.yaml",
        "--cores",
        "1",
    ]
    text = "".join(path.read_text() for path in (workflow / "rules").glob("*.smk"))
    film = re.search(r'"(results/\w+/\{experiment\}/figures/\w+_manim\.mp4)"', text)[1]
    found = run(*options, film.format(experiment="tiny"), cwd=workflow, **conda)
    assert found.status == 0, found.said[-5000:]
    created = {path.read_text() for path in (workflow / ".snakemake" / "conda").glob("*.yaml")}
    assert created >= {path.read_text() for path in ENVIRONMENTS if path not in FROM_LOCK}


def test_a_version_that_the_channel_lacks_is_an_error_that_names_it(conda, workflow):
    wrong = workflow / "envs" / "cpu.yaml"
    kept = wrong.read_text()
    try:
        wrong.write_text(kept.replace(f"zarr ={version('zarr')}", "zarr =0.0.1"))
        options = [
            "--sdm",
            "conda",
            "--conda-create-envs-only",
            "--cores",
            "1",
            "--configfile",
            "config/ring.yaml",
        ]
        found = run(*options, cwd=workflow, **conda)
    finally:
        wrong.write_text(kept)
    assert found.status != 0 and "zarr" in found.said and "0.0.1" in found.said


def test_a_container_recipe_holds_every_environment(conda, workflow):
    """`snakemake --containerize`, as docs/scaling.md has it."""
    found = run("--containerize", "--configfile", "config/tiny.yaml", cwd=workflow, **conda)
    assert found.status == 0, found.said
    assert found.stdout.startswith("FROM condaforge/miniforge3")
    for path in FROM_LOCK:
        for name, number in pins(path).items():
            assert f"- {name} ={number}" in found.stdout
