"""Synchrony over time: reads trajectory.zarr, writes order.csv, chimera.csv and convergence.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import order

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory) | snakemake.params.analysis
    tables = order.find(trajectory, config)
    findings.write(snakemake.output, tables, order.summarise(tables, config))
