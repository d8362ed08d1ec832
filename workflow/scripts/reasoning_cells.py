"""The 2x2 of every table: cells, contrasts, areas under the curve, scalars, and their sweep over
thresholds.
"""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.reasoning import findings, headlines, tables

with job.logged(snakemake):
    found = tables.read(snakemake.input.diagnostics)
    settings = findings.Settings(**snakemake.params.analysis)
    made = findings.two_by_two(found, settings) | {"examples": findings.examples(found, settings)}
    for name, table in made.items():
        table.to_csv(Path(snakemake.output[name]), index=False)
    store.write_summary(snakemake.output.summary, headlines.two_by_two(found, made))
