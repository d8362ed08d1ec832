"""One reasoning experiment into trajectory.zarr: the map's positions, a training's weights, or deposited
arrays.
"""

from emergent_dynamics import driver, provenance
from emergent_dynamics.reasoning import simulation

with provenance.job(snakemake):
    driver.run(simulation.of(snakemake.params.parameters), **provenance.trajectory("reasoning", snakemake))
