"""Clusters of neural weights in one fixed basis: writes clusters.csv and the genomes on which they were fitted."""

from emergent_dynamics import provenance, store
from emergent_dynamics.nca import clusters

with provenance.job(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    found, sample = clusters.find(frames, log, parameters)
    found.to_csv(snakemake.output.clusters, index=False)
    sample.to_csv(snakemake.output.sample, index=False)
