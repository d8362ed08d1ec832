"""Leaders at the end and their followers: reads groups.zarr, writes leaders.csv."""

from emergent_dynamics import provenance, store
from emergent_dynamics.causal import leaders

with provenance.job(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    found = leaders.find(groups)
    found.to_csv(snakemake.output.leaders, index=False)
    store.write_summary(snakemake.output.summary, leaders.summarise(found, provenance.parameters(groups)))
