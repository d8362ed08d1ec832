"""The rearrangement film of one branching experiment, drawn by Manim: reads film.zarr, writes an MP4."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching.figures import rearrangement_manim

with job.logged(snakemake):
    windows, shown = store.open_complete(snakemake.input.film), snakemake.params.analysis
    seed = int(provenance.parameters(windows)["seed"])
    stretch, fps = shown["film"]["stretch"], shown["film"]["fps"]
    rearrangement_manim.render(windows, shown["smoothing"], stretch, fps, seed, snakemake.output.film)
