"""Tokens in motion: film and space-time diagram of run 0, and a viewer of every run with a time slider."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import frames
from emergent_dynamics.causal.figures import axes, film, spacetime, viewer
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.viewers import film_page

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    groups = store.open_complete(snakemake.input.groups)
    beta, name = provenance.parameters(trajectory)["beta"], snakemake.wildcards.experiment
    clock = axes.clock(provenance.parameters(trajectory))
    page = viewer.page(trajectory, groups, beta, f"{name}: tokens", clock)
    Path(snakemake.output.viewer).write_text(page)
    shown = frames.spaced(trajectory["time"].values, frames.SHOWN)
    first = frames.read(trajectory[["x"]].assign(label=groups["label"]).isel(run=slice(1)), shown)
    x, labels, time = first["x"][0], first["label"][0], trajectory["time"].values[shown]
    write_film(film.frames(x, labels, time, beta, clock), snakemake.output.film, fps=15)
    Path(snakemake.output.film_page).write_text(film_page(snakemake.output.film, f"{name}: tokens of run 0"))
    style.save(spacetime.diagram(x, labels, time, clock), snakemake.output.spacetime)
