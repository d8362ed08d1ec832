"""Neurons that the films show: windows of the driven network and trials of the guessing game, to
film.zarr.
"""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import film, model

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    p = model.parameters(provenance.parameters(trajectory))
    found = film.find(p, film.settings(snakemake.params.analysis["film"]))
    with store.writing(
        snakemake.output.film,
        film.variables(found),
        "frame",
        found["mask"].shape[1],
        provenance.derived(trajectory, snakemake.params.analysis),
    ) as stream:
        stream.append({"mask": found.pop("mask")})
        for name, values in found.items():
            stream.whole(name, values)
