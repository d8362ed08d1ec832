"""All examples of all checkpoints, files or runs in one store, a group each: diagnostics.zarr."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import assemble, tables

with job.logged(snakemake):
    path, declared = snakemake.input.trajectory, snakemake.params.analysis
    diagnosed = assemble.collect(path, snakemake.input.shards, declared)
    attributes = provenance.derived(store.open_complete(path), declared)
    tables.write(snakemake.output.diagnostics, diagnosed, attributes)
