"""One finished run of a small configuration, shared by all tests of this folder; who changes a file puts it back."""

import copy

import pytest

from tests.workflow.project import Project, Warm, copy_checkout, write_config

EXPERIMENTS = {
    "ring": {"runs": 3, "tokens": 16, "steps": 60, "save": {"every": 10}},
    "scan": {"runs": 2, "tokens": 12, "steps": 40, "save": {"every": 10}, "sweep": {"beta": [9, 25]}},
}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """One worker for this folder: its tests share a finished run."""
    for item in items:
        if "/tests/workflow/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("workflow"))


@pytest.fixture
def experiments():
    """The finished run's experiments, to be changed."""
    return copy.deepcopy(EXPERIMENTS)


@pytest.fixture(scope="session")
def warm():
    """Snakemake, imported once."""
    process = Warm()
    yield process
    process.close()


@pytest.fixture(scope="session")
def project(tmp_path_factory, warm):
    """A copy of the checkout with a configuration, nothing run yet."""
    folder = tmp_path_factory.mktemp("project")
    copy_checkout(folder / "workflow")
    (folder / "here").mkdir()
    config = write_config(folder / "config.yaml", EXPERIMENTS)
    return Project(folder / "workflow", folder / "here", config, warm)


@pytest.fixture(scope="session")
def finished(project):
    """The project after one run of everything: `ring`, and `scan` for two values of beta."""
    found = project.run("--cores", "2")
    assert found.status == 0, found.said
    return project


@pytest.fixture
def configure(tmp_path):
    """Write a configuration of causal experiments; its path."""
    return lambda experiments: write_config(tmp_path / "config.yaml", experiments)
