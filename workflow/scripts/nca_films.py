"""Films of run 0: state, RWSP, GHC."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import films
from emergent_dynamics.plotting import film, viewers

FPS = 10
QUALITY = 30  # half the bytes of 22, and still legible

with job.logged(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    shown = parameters["films"]
    seen = films.coloured(frames, log, parameters, shown["frames"])
    pictures = {
        snakemake.output.state: films.state(seen, shown["annotations"]),
        snakemake.output.rwsp: films.genome("RWSP", seen.generations, seen.rwsp),
        snakemake.output.ghc: films.genome("GHC", seen.generations, seen.ghc),
    }
    for path, drawn in pictures.items():
        film.write_film(drawn, path, FPS, quality=QUALITY)
    page = viewers.film_page(snakemake.output.state, "State", "alpha of run 0")
    Path(snakemake.output.page).write_text(page)
