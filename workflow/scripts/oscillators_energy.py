"""The energy over time and whether it ever rose: reads trajectory.zarr, writes energy.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import energy

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    found = energy.find(trajectory)
    found.to_csv(snakemake.output.energy, index=False)
    store.write_summary(snakemake.output.summary, energy.summarise(found, provenance.parameters(trajectory)))
