"""Number of groups over time, mean over runs: reads groups.zarr, writes counts.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import counts

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    headlines = counts.summarise(groups, provenance.parameters(groups))
    findings.write(snakemake.output, counts.find(groups), headlines)
