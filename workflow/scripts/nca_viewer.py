"""The page that walks through the generations of run 0 and tells the ancestors of every cell's genome."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import gd, lineage, viewer

with job.logged(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    positions = gd.rwsp_positions(parameters["channels"], parameters["seed"], parameters["rwsp"])
    descent, _ = lineage.read(frames, log, 0)
    page = viewer.build(frames, log, descent, parameters["channels"], positions, 0)
    Path(snakemake.output.viewer).write_text(page)
