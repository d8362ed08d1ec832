"""Avalanches: from single neurons against their exact law, between silent frames, and the mean-field reference."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.branching.findings import avalanches, mean_field, raster
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p = trajectory.p
    tables = avalanches.find(trajectory.tallies, trajectory.laws, p)
    tables |= raster.find(trajectory.activity, p) | mean_field.find(p.avalanches, p.seed, p.neurons)
    for name, table in tables.items():
        table.to_csv(output[name], index=False)
    store.write_summary(output.summary, avalanches.summarise(tables, p))
    store.write_summary(output.raster_summary, raster.summarise(tables, p))
    store.write_summary(output.mean_field_summary, mean_field.summarise(tables))
