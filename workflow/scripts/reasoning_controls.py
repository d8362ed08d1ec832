"""Information of the exponent beyond late drift: matched areas, gains in a regression, windows, the bias of QR."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.findings import controls
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = controls.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    findings.write(snakemake.output, rows, controls.summarise(diagnosed, rows))
