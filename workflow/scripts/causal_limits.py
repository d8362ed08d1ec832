"""Where tokens end, against theorem 4.1 and Table 1: reads the ends of trajectory.zarr, writes limits.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import limits

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory)
    value = limits.value_of(trajectory, parameters)
    tables = limits.find(trajectory, value)
    findings.write(snakemake.output, tables, limits.summarise(tables["limits"], parameters, value))
