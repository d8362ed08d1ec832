"""The energy over time and whether it ever rose: reads trajectory.zarr, writes energy.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import energy

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory)
    tables = energy.find(trajectory, config)
    findings.write(
        snakemake.output, tables, energy.summarise(tables, config, energy.largest(trajectory, config))
    )
