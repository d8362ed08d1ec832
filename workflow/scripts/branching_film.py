"""The neurons that the films show, windows of the driven network and trials of the guessing game: writes film.zarr."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import film
from emergent_dynamics.branching.parameters import Parameters

with job.logged(snakemake):
    trajectory, shown = store.open_complete(snakemake.input.trajectory), snakemake.params.analysis
    p = Parameters.from_config(provenance.parameters(trajectory))
    windows = film.find(p, film.settings(shown["film"]))
    variables, frames = film.variables(windows), windows["mask"].shape[1]
    attributes = provenance.derived(trajectory, shown)
    with store.writing(snakemake.output.film, variables, "frame", frames, attributes) as stream:
        stream.append({"mask": windows.pop("mask")})
        for name, values in windows.items():
            stream.whole(name, values)
