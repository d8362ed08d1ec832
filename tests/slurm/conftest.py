"""One cluster for all tests of this folder, and a copy of the checkout on it."""

import pytest

from tests.slurm.cluster import Cluster, Unavailable
from tests.slurm.runs import Run
from tests.workflow.project import copy_checkout


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Slurm, up; where it cannot be had the tests are skipped, and the reason is given."""
    cluster = Cluster(tmp_path_factory.mktemp("slurm"))
    try:
        cluster.up()
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield cluster
    cluster.down()


@pytest.fixture(scope="session")
def workflow(tmp_path_factory):
    """The checkout, copied."""
    folder = tmp_path_factory.mktemp("workflow")
    copy_checkout(folder)
    return folder


@pytest.fixture
def start(cluster, workflow, tmp_path):
    """Start `snakemake --profile slurm` on a configuration; whatever still runs at the end of the test is ended."""
    runs = []

    def started(experiments, *arguments):
        runs.append(Run(workflow, tmp_path, experiments, arguments))
        return runs[-1]

    yield started
    for run in runs:
        run.stop()
