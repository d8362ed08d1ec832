"""Separations at the start that decide who leads, per run, in 1/sqrt(beta): writes thresholds.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import thresholds

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    groups = store.open_complete(snakemake.input.groups)
    parameters = provenance.parameters(groups)
    found = thresholds.find(trajectory, groups, parameters["beta"])
    found.to_csv(snakemake.output.thresholds, index=False)
    store.write_summary(snakemake.output.summary, thresholds.summarise(found, parameters))
