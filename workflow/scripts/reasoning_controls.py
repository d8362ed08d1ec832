"""What the exponent says beyond late drift: matched areas, gains in a regression, windows, the bias of QR."""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.reasoning import findings, headlines, tables

with job.logged(snakemake):
    found = tables.read(snakemake.input.diagnostics)
    made = findings.control(found, findings.Settings(**snakemake.params.analysis))
    for name, table in made.items():
        table.to_csv(Path(snakemake.output[name]), index=False)
    store.write_summary(snakemake.output.summary, headlines.control(found, made))
