"""Simulate one causal experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics import driver, provenance
from emergent_dynamics.causal.model import Parameters
from emergent_dynamics.causal.simulation import CausalSimulation

with provenance.job(snakemake):
    simulation = CausalSimulation(Parameters.from_config(snakemake.params.parameters))
    driver.run(simulation, **provenance.trajectory("causal", snakemake))
