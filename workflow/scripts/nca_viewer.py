"""The page that steps through the generations of every run and shows the ancestors of the genome of every cell."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics.nca import archive, colouring
from emergent_dynamics.nca.figures import viewer

with job.logged(snakemake):
    trajectory = archive.read(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory.frames) | snakemake.params.analysis
    channels = parameters["channels"]
    positions = colouring.rwsp_positions(channels, parameters["seed"], parameters["rwsp"])
    Path(snakemake.output.viewer).write_text(viewer.build(trajectory, channels, positions))
