"""Leaders at the end and their followers: reads groups.zarr, writes leaders.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import leaders

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    tables = leaders.find(groups)
    headlines = leaders.summarise(tables["leaders"], provenance.parameters(groups))
    findings.write(snakemake.output, tables, headlines)
