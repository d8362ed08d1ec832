"""Drift and growth by cell of the puzzle, and whether wrong cells move more than right ones."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.figures import positions as figure
from emergent_dynamics.reasoning.findings import positions
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = positions.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    headlines = positions.summarise(diagnosed, rows)
    findings.write(snakemake.output, rows, headlines)
    style.save(
        figure.draw(rows, headlines, next(iter(diagnosed.values())).attrs["unit"]), snakemake.output.figure
    )
