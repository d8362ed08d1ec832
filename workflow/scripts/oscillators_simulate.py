"""Simulate one oscillator experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics.runtime import job
from emergent_dynamics import driver
from emergent_dynamics.oscillators import experiment
from emergent_dynamics.oscillators.simulation import OscillatorSimulation

with job.logged(snakemake):
    simulation = OscillatorSimulation(experiment.from_config(snakemake.params.parameters))
    driver.run(simulation, **job.trajectory("oscillators", snakemake))
