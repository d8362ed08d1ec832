"""Figures that only a simulation has: energy, spikes and their film, pixels in the plane of the joint basis."""

from pathlib import Path

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import frames, theory
from emergent_dynamics.oscillators.figures import energy, film, spikes, trajectories
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.viewers import film_page

with job.logged(snakemake):
    trajectory, output = store.open_complete(snakemake.input.trajectory), snakemake.output
    config, name = provenance.parameters(trajectory), snakemake.wildcards.experiment
    proven = config["step_size"] <= theory.energy_bound(config)[0]
    style.save(energy.draw(pd.read_csv(snakemake.input.energy), proven), output.energy)
    raster = frames.raster(trajectory)
    drawing = spikes.draw(pd.read_csv(snakemake.input.spikes), raster, trajectory["time"].values)
    style.save(drawing, output.spikes)
    write_film(film.spike_frames(trajectory), output.spike, fps=20)
    Path(output.spike_page).write_text(film_page(output.spike, f"{name}: spikes of run 0"))
    projection = store.open_complete(snakemake.input.projection)
    method = snakemake.params.analysis["projection"]["method"]
    page = trajectories.page(projection, trajectory, method, f"{name}: pixels in the plane")
    Path(output.trajectories).write_text(page)
