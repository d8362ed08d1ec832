"""Stretches of logarithmic time with a constant number of groups: reads groups.zarr, writes plateaus.csv."""

from emergent_dynamics import provenance, store
from emergent_dynamics.causal import plateaus

with provenance.job(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    found = plateaus.find(groups)
    found.to_csv(snakemake.output.plateaus, index=False)
    store.write_summary(snakemake.output.summary, plateaus.summarise(found, groups))
