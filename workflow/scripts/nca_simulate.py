"""Simulate one nca experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics.runtime import job
from emergent_dynamics import driver
from emergent_dynamics.nca.model import Parameters
from emergent_dynamics.nca.simulation import NcaSimulation

with job.logged(snakemake):
    simulation = NcaSimulation(Parameters.from_config(snakemake.params.parameters))
    driver.run(simulation, **job.trajectory("nca", snakemake))
