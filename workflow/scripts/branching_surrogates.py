"""Compare the avalanches of a user's recording with those of surrogates."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching import recording
from emergent_dynamics.branching.findings import surrogates

with job.logged(snakemake):
    found = recording.opened(snakemake.input.trajectory)
    settings = recording.Settings.from_config(snakemake.params.analysis)
    tables = surrogates.find(found, settings)
    findings.write(snakemake.output, tables, surrogates.summarise(tables))
