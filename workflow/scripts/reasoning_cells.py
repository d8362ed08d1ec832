"""The 2x2 of every table: cells, contrasts, areas, scalars, thresholds and every example's place."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.findings import cells
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = cells.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    for name, table in rows.items():
        table.to_csv(snakemake.output[name], index=False)
    store.write_summary(snakemake.output.summary, cells.summarise(diagnosed, rows))
