"""Leaders at the end and their followers: reads groups.zarr, writes leaders.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import leaders

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    found = leaders.find(groups)
    found.to_csv(snakemake.output.leaders, index=False)
    store.write_summary(snakemake.output.summary, leaders.summarise(found, provenance.parameters(groups)))
