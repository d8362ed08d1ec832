"""Figures of one reasoning experiment, from the tables of its findings."""

import pandas as pd

from emergent_dynamics import provenance
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import figures, tables

with provenance.job(snakemake):
    found = tables.read(snakemake.input.diagnostics)
    made = {name: pd.read_csv(path) for name, path in snakemake.input.items() if name != "diagnostics"}
    for name, drawing in figures.drawings(found, made).items():
        style.save(drawing, snakemake.output[name])
    with open(snakemake.output.viewer, "w") as file:
        file.write(figures.viewer(found, made))
