"""Births and merges of groups: reads groups.zarr, writes lineage.csv."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import lineage

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    tables = lineage.find(groups)
    findings.write(snakemake.output, tables, lineage.summarise(tables["lineage"], groups))
