"""Chimeras on a ring: reads trajectory.zarr, writes ring.csv and profile.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import ring

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory)
    tables = ring.find(trajectory, config)
    findings.write(snakemake.output, tables, ring.summarise(tables, config))
