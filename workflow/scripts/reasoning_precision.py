"""Effects of precision on the 2x2: float32 and bfloat16 beside float64, the floor of the drift, halting."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.findings import precision
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = precision.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    findings.write(snakemake.output, rows, precision.summarise(diagnosed, rows))
