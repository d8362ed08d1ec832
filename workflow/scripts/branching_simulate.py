"""Simulate one branching experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics import driver, provenance
from emergent_dynamics.branching.simulation import BranchingSimulation

with provenance.job(snakemake):
    simulation = BranchingSimulation(snakemake.params.parameters)
    driver.run(simulation, **provenance.trajectory("branching", snakemake))
