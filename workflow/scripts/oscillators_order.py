"""Synchrony over time: reads trajectory.zarr, writes order.csv, chimera.csv and convergence.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import order

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    given = provenance.parameters(trajectory) | snakemake.params.analysis
    found, chimera = order.find(trajectory, given["local_radius"])
    settled = order.convergence(found, given["settled"])
    found.to_csv(snakemake.output.order, index=False)
    chimera.to_csv(snakemake.output.chimera, index=False)
    settled.to_csv(snakemake.output.convergence, index=False)
    store.write_summary(snakemake.output.summary, order.summarise(found, chimera, settled, given))
