"""Avalanches: from single neurons against their exact law, between silent frames, and the mean-field reference."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.findings import avalanches, mean_field, raster
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p = trajectory.p
    tables = avalanches.find(trajectory.tallies, trajectory.laws, p)
    tables |= raster.find(trajectory.activity, p) | mean_field.find(p.avalanches, p.seed, p.neurons)
    findings.write(output, tables, avalanches.summarise(tables, p))
    findings.write(output, {}, raster.summarise(tables, p), "raster_summary")
    findings.write(output, {}, mean_field.summarise(tables), "mean_field_summary")
