"""Figures of one reasoning experiment, from the tables of its findings."""

from pathlib import Path

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.figures import areas, cells, drift, scatter

with job.logged(snakemake):
    shown = tables.primary(tables.read(snakemake.input.diagnostics))
    names, unit = list(shown), next(iter(shown.values())).attrs["unit"]
    rows = {name: pd.read_csv(path) for name, path in snakemake.input.items() if name != "diagnostics"}
    style.save(drift.draw(rows, names), snakemake.output.drift)
    style.save(cells.draw(rows, names, unit), snakemake.output.cells)
    style.save(areas.draw(rows, names, unit), snakemake.output.areas)
    page = scatter.draw(rows["examples"], rows["scalars"], names, unit)
    Path(snakemake.output.scatter).write_text(page)
