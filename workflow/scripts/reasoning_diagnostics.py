"""All examples of all checkpoints, files or runs in one store, a group each: diagnostics.zarr."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import assemble, tables

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    found = assemble.of(snakemake.input.trajectory, snakemake.input.shards, snakemake.params.analysis)
    tables.write(
        snakemake.output.diagnostics, found, provenance.derived(trajectory, snakemake.params.analysis)
    )
