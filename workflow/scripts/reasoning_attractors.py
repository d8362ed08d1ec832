"""The points at which other starts of every example end, and whether trajectories return after disturbances."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import tables
from emergent_dynamics.reasoning.figures import attractors as figure
from emergent_dynamics.reasoning.findings import attractors
from emergent_dynamics.reasoning.parameters import Settings

with job.logged(snakemake):
    diagnosed = tables.read(snakemake.input.diagnostics)
    rows = attractors.find(diagnosed, Settings.from_config(snakemake.params.analysis))
    headlines = attractors.summarise(diagnosed, rows)
    findings.write(snakemake.output, rows, headlines)
    style.save(figure.draw(rows, headlines), snakemake.output.figure)
