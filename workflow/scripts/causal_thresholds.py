"""Separations at the start that decide who leads, per run, in 1/sqrt(beta): writes thresholds.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import thresholds

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    groups = store.open_complete(snakemake.input.groups)
    parameters = provenance.parameters(groups)
    tables = thresholds.find(trajectory, groups, parameters["beta"])
    findings.write(snakemake.output, tables, thresholds.summarise(tables["thresholds"], parameters))
