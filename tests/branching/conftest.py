"""One small finished run with everything that its findings say."""

from typing import Any, NamedTuple

import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.branching import simulation
from emergent_dynamics.branching.findings import analyse
from emergent_dynamics.branching.stored import Trajectory
from emergent_dynamics.config.schema import read_schemas, resolve
from tests.branching.findings.independent import EXPERIMENT


class Run(NamedTuple):
    path: Any
    trajectory: Trajectory
    tables: dict
    headlines: dict


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("branching")
    parameters = resolve(read_schemas()[1]["branching"], EXPERIMENT)
    attributes = provenance.attributes("branching", "small", parameters, "")
    path = folder / "trajectory.zarr"
    driver.run(simulation.build(parameters), folder / "checkpoint", path, attributes)
    return Run(path, Trajectory(path), *analyse(path, parameters))
