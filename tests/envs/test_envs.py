"""The conda environments: the lock file's versions, and everything that the rules using them import."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from emergent_dynamics.config.schema import read_schemas

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "workflow" / "scripts"
PYTHON = "3.11"  # of the environments
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
PYPI = {"matplotlib-base": "matplotlib", "pytorch": "torch", "snakemake-minimal": "snakemake"}
CONDA = {
    "PIL": "pillow",
    "cycler": "matplotlib-base",  # comes with it
    "imageio_ffmpeg": "imageio-ffmpeg",
    "matplotlib": "matplotlib-base",
    "mpl_toolkits": "matplotlib-base",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "snakemake": "snakemake-minimal",
    "torch": "pytorch",
    "yaml": "pyyaml",
}


def locked():
    """{package: version} of requirements.lock for Linux and the environments' Python."""
    marker = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.0", "sys_platform": "linux"}
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]
    holding = [r for r in found if r.marker is None or r.marker.evaluate(marker)]
    return {r.name: str(r.specifier).removeprefix("==") for r in holding}


def pins(path):
    """{package: version} of an environment; the version is "" where none is given (compilers, system libraries)."""
    listed = [line for line in yaml.safe_load(path.read_text())["dependencies"] if isinstance(line, str)]
    return {name: version for name, _, version in (line.partition(" =") for line in listed)}


def from_pypi(path):
    """Names of what an environment installs by pip."""
    listed = [line for line in yaml.safe_load(path.read_text())["dependencies"] if not isinstance(line, str)]
    return {line.split(" ==")[0] for section in listed for line in section["pip"]}


def environment_of_rules():
    """{rule: its environment file}, from the rules' text."""
    found = {}
    for file in (ROOT / "rules").glob("*.smk"):
        for block in re.split(r"^rule ", file.read_text(), flags=re.MULTILINE)[1:]:
            if env := re.search(r'conda:\s+"\.\./envs/(\w+\.yaml)"', block):
                found[block.split(":")[0]] = env[1]
    return found


RULES = environment_of_rules()


def when_imported(node):
    """The import statements that run when a file is imported: those inside functions and for type checkers do not."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        elif not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield from when_imported(child)


def file_of(module):
    """The file of a module of ours; None if the name is something else, such as a function in one."""
    place = SCRIPTS.joinpath(*module.split("."))
    return next((f for f in (place / "__init__.py", place.with_suffix(".py")) if f.is_file()), None)


def imported(*starts):
    """Packages of others that these files import, and the modules of ours that they import."""
    waiting, seen, packages = [Path(start) for start in starts], set(), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in when_imported(ast.parse(path.read_text())):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            names = [f"{module}.{alias.name}".strip(".") for alias in node.names]
            packages |= {name.split(".")[0] for name in names}
            parts = [name.rsplit(".", cut)[0] for name in names for cut in range(name.count(".") + 1)]
            waiting += [found for part in parts if (found := file_of(part))]
    return packages - set(sys.stdlib_module_names) - {"emergent_dynamics"}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_every_pin_is_the_version_in_the_lock_file(path):
    found = pins(path)
    assert found.pop("python") == PYTHON
    versions = locked()
    assert found == {name: versions.get(PYPI.get(name, name), "") for name in found}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_the_defaults_channel_is_never_used(path):
    channels = yaml.safe_load(path.read_text())["channels"]
    assert channels[0] == "conda-forge"
    assert channels[-1] == "nodefaults"
    assert "defaults" not in channels


def test_the_torch_environment_is_the_other_one_and_torch():
    assert pins(ROOT / "envs" / "torch.yaml").items() - pins(ROOT / "envs" / "cpu.yaml").items() == {
        ("pytorch", locked()["torch"])
    }


@pytest.mark.parametrize(("rule", "environment"), sorted(RULES.items()))
def test_an_environment_has_what_its_rules_import(rule, environment):
    path = ROOT / "envs" / environment
    if rule.endswith("_simulate"):  # one script for all systems, which imports the room by name
        system = rule.removesuffix("_simulate")
        wanted = imported(SCRIPTS / "simulate.py", file_of(f"emergent_dynamics.{system}.simulation"))
    else:
        wanted = imported(SCRIPTS / f"{rule}.py")
    if environment == "report.yaml":  # reads the Snakefile, and with it the configuration's checks
        rules = "".join(file.read_text() for file in (ROOT / "rules").glob("*.smk"))
        modules = re.findall(r"^from (emergent_dynamics\S*) import (\w+)", rules, re.MULTILINE)
        files = [file_of(f"{module}.{name}") or file_of(module) for module, name in modules]
        wanted |= imported(*files, *SCRIPTS.glob("*/*/checks.py"), *SCRIPTS.glob("*/*/resources.py"))
        wanted |= {"snakemake", "pygments"}
    assert {CONDA.get(name, name) for name in wanted} <= pins(path).keys() | from_pypi(path)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.endswith("_simulate")])
def test_a_simulation_that_may_use_torch_has_it(rule):
    schema = read_schemas()[1][rule.removesuffix("_simulate")]
    if "torch" in schema["properties"].get("engine", {}).get("enum", ()):
        assert RULES[rule] == "torch.yaml"
