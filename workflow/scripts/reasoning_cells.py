"""The 2x2 of every table: cells, contrasts, areas, scalars, thresholds and every example's place."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.findings import cells
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = cells.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    findings.write(snakemake.output, rows, cells.summarise(diagnosed, rows))
