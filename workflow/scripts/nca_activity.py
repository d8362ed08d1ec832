"""Evolutionary activity beside a neutral shadow: reads the ids of trajectory.zarr, writes activity.csv."""

from emergent_dynamics import provenance, store
from emergent_dynamics.nca import activity

with provenance.job(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(frames)
    found = activity.table(frames, parameters["seed"])
    found.to_csv(snakemake.output.activity, index=False)
    store.write_summary(snakemake.output.summary, activity.summarise(found, parameters))
