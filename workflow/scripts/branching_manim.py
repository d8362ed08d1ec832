"""The rearrangement film of one branching experiment, drawn by Manim: reads film.zarr, writes an MP4."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import manim_film

with job.logged(snakemake):
    windows = store.open_complete(snakemake.input.film)
    asked = snakemake.params.analysis
    seed = int(provenance.parameters(windows)["seed"])
    stretch, fps = asked["film"]["stretch"], asked["film"]["fps"]
    manim_film.render(windows, asked["smoothing"], stretch, fps, seed, snakemake.output.film)
