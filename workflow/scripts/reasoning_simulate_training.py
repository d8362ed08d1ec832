"""Train a network into trajectory.zarr: weights at every checkpoint, from where an earlier job stopped."""

from emergent_dynamics import driver, provenance
from emergent_dynamics.reasoning.learning import Learning

with provenance.job(snakemake):
    driver.run(Learning(snakemake.params.parameters), **provenance.trajectory("reasoning", snakemake))
