"""Simulate one oscillator experiment into trajectory.zarr, from its checkpoint if there is one."""

from emergent_dynamics import driver, provenance
from emergent_dynamics.oscillators import experiment
from emergent_dynamics.oscillators.simulation import OscillatorSimulation

with provenance.job(snakemake):
    simulation = OscillatorSimulation(experiment.from_config(snakemake.params.parameters))
    driver.run(simulation, **provenance.trajectory("oscillators", snakemake))
