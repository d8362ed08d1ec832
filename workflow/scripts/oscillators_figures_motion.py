"""The field in motion: a film of the phases of run 0, and a viewer of every run."""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.oscillators.figures import film, viewer
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.viewers import film_page

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    name = snakemake.wildcards.experiment
    write_film(film.phase_frames(trajectory), snakemake.output.phase, fps=20)
    shown = film_page(snakemake.output.phase, f"{name}: phases of run 0")
    Path(snakemake.output.phase_page).write_text(shown)
    Path(snakemake.output.viewer).write_text(viewer.page(trajectory, f"{name}: phases and spikes"))
