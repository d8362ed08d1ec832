"""Figures of one reasoning experiment, from the tables of its findings."""

from pathlib import Path

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.figures import panels, viewer

with job.logged(snakemake):
    found = tables.primary(tables.read(snakemake.input.diagnostics))
    chosen, unit = list(found), next(iter(found.values())).attrs["unit"]
    made = {name: pd.read_csv(path) for name, path in snakemake.input.items() if name != "diagnostics"}
    for name, drawing in panels.drawings(made, chosen, unit).items():
        style.save(drawing, snakemake.output[name])
    Path(snakemake.output.viewer).write_text(viewer.scatter(made["examples"], made["scalars"], chosen, unit))
