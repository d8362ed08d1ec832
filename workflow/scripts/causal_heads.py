"""What every head does in every frame: reads trajectory.zarr, and Q, K and V from their files, writes heads.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import heads

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    tables = heads.find(trajectory, provenance.parameters(trajectory))
    findings.write(snakemake.output, tables, heads.summarise(tables["heads"]))
