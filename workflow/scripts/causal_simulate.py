"""Simulate one causal experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics.runtime import job
from emergent_dynamics import driver
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.causal.simulation import CausalSimulation

with job.logged(snakemake):
    simulation = CausalSimulation(Parameters.from_config(snakemake.params.parameters))
    driver.run(simulation, **job.trajectory("causal", snakemake))
