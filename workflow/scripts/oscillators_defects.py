"""Vortices and the conservation of their charge: reads trajectory.zarr, writes defects.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import defects

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory)
    tables = defects.find(trajectory, config)
    findings.write(snakemake.output, tables, defects.summarise(tables, config))
