"""Run 0 in motion: films of phases and spikes, a viewer of both, and pixels in the plane of the joint basis."""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.oscillators.figures import film, trajectories, viewer
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.viewers import film_page

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    name = snakemake.wildcards.experiment
    write_film(film.phase_frames(trajectory), snakemake.output.phase, fps=20)
    write_film(film.spike_frames(trajectory), snakemake.output.spike, fps=20)
    for film_of, what in (("phase", "phases"), ("spike", "spikes")):
        shown = film_page(snakemake.output[film_of], f"{name}: {what} of run 0")
        Path(snakemake.output[f"{film_of}_page"]).write_text(shown)
    Path(snakemake.output.viewer).write_text(viewer.page(trajectory, f"{name}: run 0"))
    projection = store.open_complete(snakemake.input.projection)
    method = snakemake.params.analysis["projection"]["method"]
    page = trajectories.page(projection, trajectory, method, f"{name}: pixels of run 0")
    Path(snakemake.output.trajectories).write_text(page)
