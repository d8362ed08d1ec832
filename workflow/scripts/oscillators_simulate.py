"""Simulate one oscillator experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics.runtime import job
from emergent_dynamics import driver
from emergent_dynamics.oscillators import simulation

with job.logged(snakemake):
    driver.run(simulation.build(snakemake.params.parameters), **job.trajectory("oscillators", snakemake))
