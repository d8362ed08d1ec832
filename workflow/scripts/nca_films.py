"""Films of run 0: state, RWSP, GHC."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics.nca import archive
from emergent_dynamics.nca.figures import film as films
from emergent_dynamics.nca.figures import moments
from emergent_dynamics.plotting import film, viewers

FPS = 10
QUALITY = 34  # lower than usual, since cells that change at random compress badly

with job.logged(snakemake):
    trajectory = archive.read(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory.frames) | snakemake.params.analysis
    shown = parameters["films"]
    seen = moments.coloured(trajectory, parameters, shown["frames"])
    pictures = {
        snakemake.output.state: films.state(seen, shown["annotations"]),
        snakemake.output.rwsp: films.genome("RWSP", seen.generations, seen.rwsp),
        snakemake.output.ghc: films.genome("GHC", seen.generations, seen.ghc),
    }
    for path, drawn in pictures.items():
        film.write_film(drawn, path, FPS, quality=QUALITY)
    pages = {
        snakemake.output.page: (snakemake.output.state, "State", "alpha of run 0"),
        snakemake.output.rwsp_page: (
            snakemake.output.rwsp,
            "RWSP",
            "three weights of every net of run 0 as a colour",
        ),
        snakemake.output.ghc_page: (snakemake.output.ghc, "GHC", "a hash of every net of run 0 as a colour"),
    }
    for path, shown in pages.items():
        Path(path).write_text(viewers.film_page(*shown))
