"""Where other starts of every example end, and whether disturbances return."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.findings import attractors
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = attractors.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    findings.write(snakemake.output, rows, attractors.summarise(diagnosed, rows))
