"""Stretches of logarithmic time with a constant number of groups: reads groups.zarr, writes plateaus.csv."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.causal import plateaus

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    found = plateaus.find(groups)
    found.to_csv(snakemake.output.plateaus, index=False)
    store.write_summary(snakemake.output.summary, plateaus.summarise(found, groups))
