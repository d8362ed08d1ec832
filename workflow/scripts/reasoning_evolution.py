"""The 2x2 over training: every checkpoint at its own and at the pooled threshold, and the examples followed."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.figures import evolution as figure
from emergent_dynamics.reasoning.findings import evolution
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = evolution.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    for name, table in rows.items():
        table.to_csv(snakemake.output[name], index=False)
    store.write_summary(snakemake.output.summary, evolution.summarise(diagnosed, rows))
    style.save(figure.draw(rows, next(iter(diagnosed.values())).attrs["unit"]), snakemake.output.figure)
