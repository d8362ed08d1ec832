"""The 2x2 over training: every checkpoint at its own and at the pooled threshold, and the examples followed."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.figures import evolution as figure
from emergent_dynamics.reasoning.findings import evolution
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = evolution.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    findings.write(snakemake.output, rows, evolution.summarise(diagnosed, rows))
    style.save(figure.draw(rows, next(iter(diagnosed.values())).attrs["unit"]), snakemake.output.figure)
