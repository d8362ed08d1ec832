"""Films of one branching experiment: activity, guessing game, and the graph that falls into layers."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import films
from emergent_dynamics.plotting import film, viewers

with job.logged(snakemake):
    windows = store.open_complete(snakemake.input.film)
    asked = snakemake.params.analysis
    how, stretch, fps = asked["smoothing"], asked["film"]["stretch"], asked["film"]["fps"]
    seed = provenance.parameters(windows)["seed"]
    made = {
        "activity": ("The driven network", films.activity(windows, how, stretch)),
        "guessing_game": ("The guessing game", films.guessing(windows, how, stretch)),
        "rearrangement": ("A graph falls into layers", films.rearrangement(windows, how, stretch, seed)),
    }
    for name, (title, frames) in made.items():
        film.write_film(frames, snakemake.output[name], fps, quality=26, preset="ultrafast")
        page = viewers.film_page(snakemake.output[name], title)
        Path(snakemake.output[f"{name}_page"]).write_text(page, encoding="utf-8")
