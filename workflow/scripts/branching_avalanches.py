"""Avalanches from single neurons beside their exact law, those between silent frames, and the mean-field reference."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.exponents import Windows
from emergent_dynamics.branching.findings import avalanches, mean_field, raster
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p, analysis = trajectory.p, snakemake.params.analysis
    windows = Windows.of_network(p.layers, p.cells, analysis["windows"])
    tables = avalanches.find(trajectory.tallies, trajectory.laws, p, windows)
    tables |= raster.find(trajectory.activity, p, analysis["raster"], windows)
    tables |= mean_field.find(p.avalanches, p.seed, p.neurons)
    findings.write(output, tables, avalanches.summarise(tables, p))
    findings.write(output, {}, raster.summarise(tables, p), "raster_summary")
    findings.write(output, {}, mean_field.summarise(tables), "mean_field_summary")
