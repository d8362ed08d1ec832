"""Rényi and strong Rényi centres at the start against the leaders at the end: writes centres.csv and its means."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import centres

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    groups = store.open_complete(snakemake.input.groups)
    parameters = provenance.parameters(groups)
    tables = centres.find(trajectory, groups, parameters["beta"], snakemake.params.analysis["centres"])
    findings.write(snakemake.output, tables, centres.summarise(tables["centres"], parameters))
