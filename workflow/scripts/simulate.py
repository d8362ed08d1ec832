"""Simulate one experiment of any system into trajectory.zarr, from its checkpoint if there is one."""

import importlib

from emergent_dynamics.runtime import job
from emergent_dynamics import driver

with job.logged(snakemake):
    system, parameters = snakemake.params.system, snakemake.params.parameters
    simulation = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(parameters)
    driver.run(simulation, **job.trajectory(system, snakemake))
