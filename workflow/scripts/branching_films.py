"""Films of one branching experiment: activity, guessing game, and the graph that falls into layers."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching.figures import activity, guessing_game, rearrangement
from emergent_dynamics.plotting import film, viewers

with job.logged(snakemake):
    windows, shown = store.open_complete(snakemake.input.film), snakemake.params.analysis
    smoothing, stretch, fps = shown["smoothing"], shown["film"]["stretch"], shown["film"]["fps"]
    seed = provenance.parameters(windows)["seed"]
    films = {
        "activity": ("The driven network", activity.frames(windows, smoothing, stretch)),
        "guessing_game": ("The guessing game", guessing_game.frames(windows, smoothing, stretch)),
        "rearrangement": (
            "A graph falls into layers",
            rearrangement.frames(windows, smoothing, stretch, seed),
        ),
    }
    for name, (title, frames) in films.items():
        film.write_film(frames, snakemake.output[name], fps)
        page = viewers.film_page(snakemake.output[name], title)
        Path(snakemake.output[f"{name}_page"]).write_text(page, encoding="utf-8")
