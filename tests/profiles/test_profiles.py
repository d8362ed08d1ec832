"""Profiles without a cluster: they name rules that exist, and Snakemake takes them."""

import re
from pathlib import Path

import pytest
import yaml

from tests.workflow.project import CHECKOUT, run

PROFILES = CHECKOUT / "profiles"
ON_SLURM = ["slurm", "ex3"]
SITE = re.compile(r"# -+ (your|the) site -+\n.*?# -{60,}\n", re.DOTALL)


def settings(name: str) -> dict:
    """A profile's options."""
    return yaml.safe_load((PROFILES / name / "config.yaml").read_text())


@pytest.mark.parametrize("name", ON_SLURM)
def test_every_job_is_told_of_its_time_limit(name):
    """Two minutes are time for a checkpoint, which takes seconds; no list of rules that a new system would extend."""
    assert settings(name)["default-resources"]["slurm_extra"] == "'--signal=TERM@120'"
    assert "set-resources" not in settings(name)


def test_the_worked_example_is_the_slurm_profile_but_for_the_site():
    """What is below the first comment and outside the block of site values is equal, letter by letter."""
    slurm, ex3 = (SITE.sub("", (PROFILES / name / "config.yaml").read_text()) for name in ON_SLURM)
    assert slurm[slurm.index("executor:") :] == ex3[ex3.index("executor:") :]


@pytest.mark.parametrize("name", ON_SLURM)
def test_partitions_have_a_place_for_jobs_with_a_gpu_and_for_jobs_without(name):
    found = yaml.safe_load((PROFILES / name / "partitions.yaml").read_text())["partitions"].values()
    assert {bool(limits.get("max_gpu")) for limits in found} == {True, False}


@pytest.mark.parametrize("name", ["slurm", "profiles/slurm", "profiles/ex3", "profiles/local"])
def test_snakemake_takes_the_profile(name, tmp_path):
    """A dry run with results elsewhere: files that a profile names are found all the same."""
    options = ["--profile", name, "--configfile", "config/tiny.yaml", "--directory", tmp_path, "--dry-run"]
    found = run(*options, "--quiet", "all", cwd=CHECKOUT, PWD=str(CHECKOUT))
    assert found.status == 0, found.said


def test_the_literal_command_finds_the_profile():
    assert (CHECKOUT / "slurm").readlink() == Path("profiles/slurm")
