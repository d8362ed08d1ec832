"""Where tokens end, against theorem 4.1 and Table 1: reads the ends of trajectory.zarr, writes limits.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import limits, presets

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory)
    found = limits.find(trajectory, presets.matrix(parameters["value"], parameters["dimension"]))
    found.to_csv(snakemake.output.limits, index=False)
    store.write_summary(snakemake.output.summary, limits.summarise(found, parameters))
