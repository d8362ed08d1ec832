"""Lyapunov exponents of the field: reads trajectory.zarr, writes lyapunov.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import lyapunov

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory) | snakemake.params.analysis
    tables = lyapunov.find(trajectory, config)
    findings.write(snakemake.output, tables, lyapunov.summarise(tables, config))
