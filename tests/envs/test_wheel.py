"""The library as a wheel: what it needs, what it holds, and that it works in an environment of its own."""

import importlib
import json
import subprocess
import sys
import tomllib
import zipfile

import pytest

from emergent_dynamics.config.schema import read_schemas
from tests.workflow.project import CHECKOUT

SYSTEMS = sorted(read_schemas()[1])
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


def test_what_a_run_needs_is_the_library_with_two_extras():
    """requirements.in pins torch to a version whose CPU build is small; otherwise the lists are equal, name by name."""
    lines = (CHECKOUT / "requirements.in").read_text().splitlines()
    needed = {line.partition("==")[0] for line in lines if line and not line.startswith("#")}
    extras = PROJECT["optional-dependencies"]
    assert needed == {*PROJECT["dependencies"], *extras["workflow"], *extras["torch"]}


def small_experiment(system):
    """The harness's, or where that one trains a network, `NOTEBOOK` beside it."""
    independent = importlib.import_module(f"tests.{system}.findings.independent")
    return getattr(independent, "NOTEBOOK", independent.EXPERIMENT)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, CHECKOUT]
    subprocess.run(command, check=True, timeout=600)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_a_wheel_holds_every_module_schema_and_page_script(wheel):
    listed = set(zipfile.ZipFile(wheel).namelist())
    library = CHECKOUT / "workflow" / "scripts"
    files = [
        p for p in (library / "emergent_dynamics").rglob("*") if p.suffix in (".py", ".json", ".js", ".css")
    ]
    assert {path.relative_to(library).as_posix() for path in files} <= listed
    assert not [name for name in listed if name.startswith("tests")]


@pytest.mark.slow
def test_the_wheel_simulates_every_system_in_an_environment_of_its_own(wheel, tmp_path):
    """Neither torch nor Snakemake is installed there; the library's two lines run for every system."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        CHECKOUT / "requirements.lock",
        wheel,
    ]
    subprocess.run(install, check=True, timeout=900)
    code = """
import importlib.util, json, sys
assert not any(importlib.util.find_spec(name) for name in ("torch", "snakemake", "pytest"))
import emergent_dynamics as ed
for system, experiment in json.loads(sys.argv[1]).items():
    print(system, len(ed.analyse(ed.simulate(system, **experiment)).headlines) > 0)
"""
    command = [python, "-c", code, json.dumps({system: small_experiment(system) for system in SYSTEMS})]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=900)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [word for system in SYSTEMS for word in (system, "True")]
