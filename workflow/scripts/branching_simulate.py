"""Simulate one branching experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics.runtime import job
from emergent_dynamics import driver
from emergent_dynamics.branching.simulation import BranchingSimulation

with job.logged(snakemake):
    simulation = BranchingSimulation(snakemake.params.parameters)
    driver.run(simulation, **job.trajectory("branching", snakemake))
