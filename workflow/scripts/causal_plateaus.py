"""Stretches of logarithmic time with a constant number of groups: reads groups.zarr, writes plateaus.csv."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import plateaus

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    tables = plateaus.find(groups)
    findings.write(snakemake.output, tables, plateaus.summarise(tables["plateaus"], groups))
