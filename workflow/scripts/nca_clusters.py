"""Clusters of neural weights, in one fixed basis or in one a frame: writes clusters.csv and a sample of genomes."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import clusters, cnwa

FIND = {"fixed": clusters.find, "per_frame": cnwa.find}

with job.logged(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    found, sample = FIND[parameters["cluster_basis"]](frames, log, parameters)
    found.to_csv(snakemake.output.clusters, index=False)
    sample.to_csv(snakemake.output.sample, index=False)
