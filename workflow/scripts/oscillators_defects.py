"""Vortices and the conservation of their charge: reads trajectory.zarr, writes defects.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import defects

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    given = provenance.parameters(trajectory)
    found = defects.find(trajectory, given["boundary"])
    found.to_csv(snakemake.output.defects, index=False)
    store.write_summary(snakemake.output.summary, defects.summarise(found, given))
