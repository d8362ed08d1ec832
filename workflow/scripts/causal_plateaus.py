"""Plateaus and lifetimes of groups: reads groups.zarr and trajectory.zarr, writes the tables of both findings."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import lifetime, plateaus

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory) | snakemake.params.analysis
    tables = plateaus.find(groups)
    findings.write(snakemake.output, tables, plateaus.summarise(tables["plateaus"], groups))
    tables = lifetime.find(groups, trajectory, parameters)
    headlines = lifetime.summarise(tables, groups, parameters)
    findings.write(snakemake.output, tables, headlines, "lifetime_summary")
