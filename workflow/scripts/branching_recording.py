"""Avalanches and branching ratio of a user's recording."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching import recording
from emergent_dynamics.branching.findings import recorded_avalanches, recorded_ratio

with job.logged(snakemake):
    found = recording.opened(snakemake.input.trajectory)
    settings = recording.Settings.from_config(snakemake.params.analysis)
    tables = recorded_avalanches.find(found, settings)
    findings.write(snakemake.output, tables, recorded_avalanches.summarise(tables))
    tables = recorded_ratio.find(found, settings)
    findings.write(
        snakemake.output, tables, recorded_ratio.summarise(tables, found.time_unit), "ratio_summary"
    )
