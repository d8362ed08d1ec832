"""Number of groups over time, mean over runs: reads groups.zarr, writes counts.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import counts

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    counts.over_time(groups).to_csv(snakemake.output.counts, index=False)
    store.write_summary(snakemake.output.summary, counts.summarise(groups, provenance.parameters(groups)))
