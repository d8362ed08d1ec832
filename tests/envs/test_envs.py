"""The conda environments: the lock file's versions, and everything that the rules using them import."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from emergent_dynamics.config import modules_used

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
    """{package: version} of an environment."""
    return dict(line.split(" =") for line in yaml.safe_load(path.read_text())["dependencies"])


def environment_of_rules():
    """{rule: its environment file}, from the rules' text."""
    found = {}
    for file in (ROOT / "rules").glob("*.smk"):
        for block in re.split(r"^rule ", file.read_text(), flags=re.MULTILINE)[1:]:
            if env := re.search(r'conda:\s+"\.\./envs/(\w+\.yaml)"', block):
                found[block.split(":")[0]] = env[1]
    return found


def imports(path):
    """Packages of others that a file imports, by the name they are imported under."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).split(".")[0])
    return names - set(sys.stdlib_module_names) - {"emergent_dynamics"}


def imported(*starts):
    """The same, of scripts or modules and of all modules of ours that they use."""
    modules = {module for start in starts for module in modules_used(start)}
    files = [SCRIPTS.joinpath(*module.split(".")) for module in modules]
    files = [file / "__init__.py" if file.is_dir() else file.with_suffix(".py") for file in files]
    files += [start for start in starts if isinstance(start, Path)]
    return set().union(*map(imports, files))


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_every_pin_is_the_version_in_the_lock_file(path):
    found = pins(path)
    assert found.pop("python") == PYTHON
    versions = locked()
    assert found == {name: versions[PYPI.get(name, name)] for name in found}


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


@pytest.mark.parametrize(("rule", "environment"), sorted(environment_of_rules().items()))
def test_an_environment_has_what_its_rules_import(rule, environment):
    wanted = imported(SCRIPTS / f"{rule}.py")
    if environment == "report.yaml":  # reads the Snakefile, and with it the configuration's checks
        checks = [f"emergent_dynamics.{p.parent.name}.checks" for p in SCRIPTS.glob("*/*/checks.py")]
        rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
        wanted |= imported("emergent_dynamics.config", *checks)
        wanted |= imported(*re.findall(r"^from (emergent_dynamics\S*) import", rules, re.MULTILINE))
        wanted |= {"snakemake", "pygments"}
    assert {CONDA.get(name, name) for name in wanted} <= pins(ROOT / "envs" / environment).keys()
