"""Films of run 0: state, RWSP, GHC."""

from pathlib import Path

from emergent_dynamics import provenance, store
from emergent_dynamics.nca import films
from emergent_dynamics.plotting import film, viewers

FPS = 10
QUALITY = 30  # half the bytes of 22, and still legible

with provenance.job(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    shown = parameters["films"]
    film.write_film(
        films.state(frames, 0, shown["annotations"], shown["frames"]),
        snakemake.output.state,
        FPS,
        quality=QUALITY,
    )
    maps = films.coloured(frames, log, parameters, shown["frames"])
    film.write_film(
        films.genome("RWSP", maps.generations, maps.rwsp), snakemake.output.rwsp, FPS, quality=QUALITY
    )
    film.write_film(
        films.genome("GHC", maps.generations, maps.ghc), snakemake.output.ghc, FPS, quality=QUALITY
    )
    page = viewers.film_page(snakemake.output.state, "State", "alpha of run 0")
    Path(snakemake.output.page).write_text(page)
