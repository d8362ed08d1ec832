"""Coarse-grain a user's recording: write tables and a figure."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching import recording
from emergent_dynamics.branching.figures import renormalisation as figure
from emergent_dynamics.branching.findings import renormalisation
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    found = recording.opened(snakemake.input.trajectory)
    settings = recording.Settings.from_config(snakemake.params.analysis)
    tables = renormalisation.find(found, settings)
    findings.write(snakemake.output, tables, renormalisation.summarise(tables))
    style.save(figure.draw(*tables.values()), snakemake.output.figure)
