"""Simulate one nca experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics import driver, provenance
from emergent_dynamics.nca.model import Parameters
from emergent_dynamics.nca.simulation import NcaSimulation

with provenance.job(snakemake):
    simulation = NcaSimulation(Parameters.from_config(snakemake.params.parameters))
    driver.run(simulation, **provenance.trajectory("nca", snakemake))
