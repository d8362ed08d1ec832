"""Phenotypic diversity of every generation: reads alpha of trajectory.zarr, writes pd.csv."""

from emergent_dynamics import provenance, store
from emergent_dynamics.nca import pd

with provenance.job(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    found = pd.table(frames)
    found.to_csv(snakemake.output.pd, index=False)
    store.write_summary(snakemake.output.summary, pd.summarise(found, provenance.parameters(frames)))
