"""One reasoning experiment into trajectory.zarr: the map's positions, a training's weights, or deposited arrays."""

from emergent_dynamics.runtime import job
from emergent_dynamics import driver
from emergent_dynamics.reasoning import simulation

with job.logged(snakemake):
    driver.run(simulation.build(snakemake.params.parameters), **job.trajectory("reasoning", snakemake))
