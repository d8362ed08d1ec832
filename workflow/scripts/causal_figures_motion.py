"""The tokens of run 0 in motion: film, viewer with a time slider, and the space-time diagram."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal.figures import axes, film, spacetime, viewer
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.viewers import film_page

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory).isel(run=0)
    groups = store.open_complete(snakemake.input.groups).isel(run=0)
    beta, name = provenance.parameters(trajectory)["beta"], snakemake.wildcards.experiment
    x, labels, time = trajectory["x"].values, groups["label"].values, trajectory["time"].values
    clock = axes.clock(provenance.parameters(trajectory))
    write_film(film.frames(x, labels, time, beta, clock), snakemake.output.film, fps=15)
    Path(snakemake.output.film_page).write_text(film_page(snakemake.output.film, f"{name}: tokens of run 0"))
    page = viewer.page(x, labels, time, beta, f"{name}: tokens of run 0", clock)
    Path(snakemake.output.viewer).write_text(page)
    style.save(spacetime.diagram(x, labels, time, clock), snakemake.output.spacetime)
