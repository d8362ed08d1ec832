"""The 2x2 over training: every checkpoint at its own and at the pooled threshold, and the examples
followed.
"""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import findings, headlines, tables
from emergent_dynamics.reasoning.figures import panels

with job.logged(snakemake):
    found = tables.read(snakemake.input.diagnostics)
    made = findings.over_training(found, findings.Settings(**snakemake.params.analysis))
    for name, table in made.items():
        table.to_csv(Path(snakemake.output[name]), index=False)
    store.write_summary(snakemake.output.summary, headlines.over_training(made))
    style.save(panels.evolution(made, next(iter(found.values())).attrs["unit"]), snakemake.output.figure)
