"""Births and merges of groups: reads groups.zarr, writes lineage.csv."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.causal import lineage

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    found = lineage.find(groups)
    found.to_csv(snakemake.output.lineage, index=False)
    store.write_summary(snakemake.output.summary, lineage.summarise(found, groups))
