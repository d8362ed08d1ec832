"""Members of a sweep side by side: means over seeds with intervals, their headlines and their figure."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning.figures import seeds as figure
from emergent_dynamics.reasoning.findings import seeds

with job.logged(snakemake):
    unit = snakemake.params.unit
    members = zip(snakemake.params.members, snakemake.input, strict=True)
    values = seeds.gather({member: pd.read_csv(path) for member, path in members})
    rows = seeds.find(values)
    findings.write(snakemake.output, rows, seeds.summarise(rows, unit))
    style.save(figure.draw(values, rows["seeds"], unit), snakemake.output.figure)
